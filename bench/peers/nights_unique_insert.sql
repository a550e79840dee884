-- title: INSERT ON CONFLICT
-- role: peer
-- claim: SELECT peer.claim($1, $2, $3, $4)
-- options: -c enable_seqscan=off
-- (plans are made while the table is empty, and kept)

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

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer, event integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    new_token uuid;
    num_claimed bigint;
BEGIN
    -- a look without locks first: a party refused half way costs an insert and a delete
    IF EXISTS (SELECT FROM peer.claimed c WHERE c.event_id = event
                  AND c.seat_id = ANY (seats) AND c.expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    new_token := gen_random_uuid();
    INSERT INTO peer.claimed AS c
    SELECT event, seat_id, clock_timestamp() + make_interval(secs => ttl_seconds), new_token,
           claim.holder
      FROM unnest(seats) seat_id
    ON CONFLICT (event_id, seat_id) DO UPDATE
       SET expires_at = excluded.expires_at, token = excluded.token, holder = excluded.holder
     WHERE c.expires_at <= clock_timestamp();
    GET DIAGNOSTICS num_claimed = ROW_COUNT;
    IF num_claimed = cardinality(seats) THEN
        RETURN new_token;
    END IF;
    IF num_claimed > 0 THEN
        DELETE FROM peer.claimed c
         WHERE c.event_id = event AND c.seat_id = ANY (seats) AND c.token = new_token;
    END IF;
    RETURN NULL;
END
$$;
