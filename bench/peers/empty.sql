-- title: empty C function: the protocol's limit
-- role: limit
-- uses: seat_table
-- claim: SELECT peer.claim($1, $2, $3)

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer)
RETURNS uuid LANGUAGE C VOLATILE AS '$libdir/bench_server', 'bench_empty';
