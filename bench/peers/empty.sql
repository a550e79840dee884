-- title: empty call: the protocol's limit
-- role: limit
-- uses: seat_table
-- claim: SELECT peer.claim($1, $2, $3)

-- the server has it inline, so that nothing is called at all
CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer)
RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
