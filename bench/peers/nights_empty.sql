-- title: empty call: the protocol's limit
-- role: limit
-- claim: SELECT peer.claim($1, $2, $3, $4)
-- read: SELECT peer.claim('{}', 'nobody', 0, $1::integer)

CREATE FUNCTION peer.open_house(num_seats integer) RETURNS void LANGUAGE sql AS $$
    CREATE TABLE peer.seat AS SELECT n AS seat_id FROM generate_series(1, num_seats) n;
$$;

CREATE FUNCTION peer.create_event(event integer, num_seats integer) RETURNS void LANGUAGE sql AS 'SELECT';

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT seat_id::text FROM peer.seat ORDER BY seat_id;
END
$$;

-- as if nights had been asked for that are taken
CREATE TABLE peer.early (seat text, event text);

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text, event text) LANGUAGE sql AS $$
    SELECT seat, 'early', event FROM peer.early;
$$;

CREATE FUNCTION peer.take(seats integer[], event integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.early SELECT unnest(seats), event;
$$;

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer, event integer)
RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
