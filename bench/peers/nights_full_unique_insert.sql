-- title: INSERT ON CONFLICT with holds and history
-- role: like
-- uses: nights_claimed_table, nights_full_tables
-- claim: SELECT peer.claim($1, $2, $3, $4)
-- options: -c enable_seqscan=off
-- (plans are made while the table is empty, and kept)

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer, event integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    new_token uuid;
    until timestamptz;
    num_claimed bigint;
    is_taken boolean;
    old_tokens uuid[];
BEGIN
    -- a look without locks first, which also finds whose lapsed seats will be taken over
    SELECT bool_or(c.expires_at > clock_timestamp()), array_agg(c.token)
      INTO is_taken, old_tokens
      FROM peer.claimed c WHERE c.event_id = event AND c.seat_id = ANY (seats);
    IF is_taken THEN
        RETURN NULL;
    END IF;
    new_token := gen_random_uuid();
    until := clock_timestamp() + make_interval(secs => ttl_seconds);
    INSERT INTO peer.claimed AS c
    SELECT event, seat_id, until, new_token, claim.holder FROM unnest(seats) seat_id
    ON CONFLICT (event_id, seat_id) DO UPDATE
       SET expires_at = excluded.expires_at, token = excluded.token, holder = excluded.holder
     WHERE c.expires_at <= clock_timestamp();
    GET DIAGNOSTICS num_claimed = ROW_COUNT;
    IF num_claimed > 0 AND old_tokens IS NOT NULL THEN
        PERFORM peer.lapse(old_tokens);
    END IF;
    IF num_claimed < cardinality(seats) THEN
        IF num_claimed > 0 THEN
            DELETE FROM peer.claimed c WHERE c.event_id = event AND c.seat_id = ANY (seats) AND c.token = new_token;
        END IF;
        RETURN NULL;
    END IF;
    INSERT INTO peer.hold VALUES (new_token, holder, event, seats, until);
    INSERT INTO peer.history (change, token, holder, event_id, seats)
    VALUES ('claimed', new_token, holder, event, seats);
    RETURN new_token;
END
$$;
