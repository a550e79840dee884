-- title: SKIP LOCKED with holds and history
-- role: like
-- uses: seat_table, full_tables
-- claim: SELECT peer.claim($1, $2, $3)

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    new_token uuid;
    until timestamptz;
    num_locked bigint;
    old_tokens uuid[];
BEGIN
    -- a look without locks first: most refusals need no more
    IF EXISTS (SELECT FROM peer.seat s
                WHERE s.seat_id = ANY (seats) AND s.expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    SELECT count(*), array_agg(l.token) FILTER (WHERE l.token IS NOT NULL)
      INTO num_locked, old_tokens
      FROM (SELECT s.token FROM peer.seat s
             WHERE s.seat_id = ANY (seats) AND s.expires_at <= clock_timestamp()
             ORDER BY s.seat_id FOR UPDATE SKIP LOCKED) l;
    IF num_locked < cardinality(seats) THEN
        RETURN NULL;
    END IF;
    IF old_tokens IS NOT NULL THEN
        PERFORM peer.lapse(old_tokens);
    END IF;
    new_token := gen_random_uuid();
    until := clock_timestamp() + make_interval(secs => ttl_seconds);
    WITH h AS (INSERT INTO peer.hold VALUES (new_token, holder, seats, until)),
         c AS (INSERT INTO peer.history (change, token, holder, seats) VALUES ('claimed', new_token, holder, seats))
    UPDATE peer.seat s SET expires_at = until, token = new_token, holder = claim.holder
     WHERE s.seat_id = ANY (seats);
    RETURN new_token;
END
$$;
