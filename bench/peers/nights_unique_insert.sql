-- title: INSERT ON CONFLICT
-- role: peer
-- uses: nights_claimed_table
-- claim: SELECT peer.claim($1, $2, $3, $4)
-- options: -c enable_seqscan=off
-- (plans are made while the table is empty, and kept)

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
