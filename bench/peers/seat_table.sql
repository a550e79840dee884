-- What most peers sell from: one narrow row per seat.  expires_at alone tells
-- whether a seat may be claimed: a lapsed hold may, a sale would be 'infinity'.
CREATE TABLE peer.seat (
    seat_id    integer PRIMARY KEY,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    token      uuid,
    holder     text
) WITH (fillfactor = 50);

CREATE FUNCTION peer.fill(num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.seat (seat_id) SELECT generate_series(1, num_seats);
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT seat_id::text FROM peer.seat ORDER BY seat_id;
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text) LANGUAGE sql AS $$
    SELECT seat_id::text, token::text FROM peer.seat WHERE expires_at > clock_timestamp();
$$;

CREATE FUNCTION peer.take(seats integer[]) RETURNS void LANGUAGE sql AS $$
    UPDATE peer.seat SET expires_at = clock_timestamp() + interval '2 hours',
           token = gen_random_uuid(), holder = 'early'
     WHERE seat_id = ANY (seats);
$$;
