-- What inserting peers sell from: a row for each seat that somebody has.
CREATE TABLE peer.seat (seat_id integer PRIMARY KEY);
-- A seat is whose row is here; no foreign key, which would cost a lookup.
CREATE TABLE peer.claimed (
    seat_id    integer PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    token      uuid NOT NULL,
    holder     text NOT NULL
);

CREATE FUNCTION peer.fill(num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.seat SELECT generate_series(1, num_seats);
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT seat_id::text FROM peer.seat ORDER BY seat_id;
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text) LANGUAGE sql AS $$
    SELECT seat_id::text, token::text FROM peer.claimed WHERE expires_at > clock_timestamp();
$$;

CREATE FUNCTION peer.take(seats integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.claimed
    SELECT seat_id, clock_timestamp() + interval '2 hours', gen_random_uuid(), 'early'
      FROM unnest(seats) seat_id
    ON CONFLICT DO NOTHING;
$$;
