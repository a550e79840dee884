-- The seats of all nights in one table, of one narrow row per seat.  expires_at alone tells
-- whether a seat may be claimed: a lapsed hold may, a sale would be 'infinity'.
CREATE TABLE peer.seat (
    event_id   integer,
    seat_id    integer,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    token      uuid,
    holder     text,
    PRIMARY KEY (event_id, seat_id)
) WITH (fillfactor = 50);

CREATE FUNCTION peer.open_house(num_seats integer) RETURNS void LANGUAGE sql AS 'SELECT';

CREATE FUNCTION peer.create_event(event integer, num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.seat (event_id, seat_id) SELECT event, n FROM generate_series(1, num_seats) n;
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT seat_id::text FROM peer.seat WHERE event_id = 1 ORDER BY seat_id;
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text, event text) LANGUAGE sql AS $$
    SELECT seat_id::text, token::text, event_id::text FROM peer.seat
     WHERE expires_at > clock_timestamp();
$$;

CREATE FUNCTION peer.take(seats integer[], event integer) RETURNS void LANGUAGE sql AS $$
    UPDATE peer.seat SET expires_at = clock_timestamp() + interval '2 hours',
           token = gen_random_uuid(), holder = 'early'
     WHERE event_id = event AND seat_id = ANY (seats);
$$;
