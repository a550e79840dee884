-- What inserting peers sell many nights from: a row for each seat that somebody has.
CREATE TABLE peer.seat (event_id integer, seat_id integer, PRIMARY KEY (event_id, seat_id));
-- A seat is whose row is here; no foreign key, which would cost a lookup.
CREATE TABLE peer.claimed (
    event_id   integer,
    seat_id    integer,
    expires_at timestamptz NOT NULL,
    token      uuid NOT NULL,
    holder     text NOT NULL,
    PRIMARY KEY (event_id, seat_id)
);

CREATE FUNCTION peer.open_house(num_seats integer) RETURNS void LANGUAGE sql AS 'SELECT';

CREATE FUNCTION peer.create_event(event integer, num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.seat SELECT event, n FROM generate_series(1, num_seats) n;
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT seat_id::text FROM peer.seat WHERE event_id = 1 ORDER BY seat_id;
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text, event text) LANGUAGE sql AS $$
    SELECT seat_id::text, token::text, event_id::text FROM peer.claimed
     WHERE expires_at > clock_timestamp();
$$;

CREATE FUNCTION peer.take(seats integer[], event integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.claimed
    SELECT event, seat_id, clock_timestamp() + interval '2 hours', gen_random_uuid(), 'early'
      FROM unnest(seats) seat_id;
$$;
