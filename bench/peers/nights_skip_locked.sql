-- title: FOR UPDATE SKIP LOCKED
-- role: peer
-- uses: nights_seat_table
-- claim: SELECT peer.claim($1, $2, $3, $4)

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer, event integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    new_token uuid;
    num_locked bigint;
BEGIN
    -- a look without locks first: most refusals need no more
    IF EXISTS (SELECT FROM peer.seat s WHERE s.event_id = event
                  AND s.seat_id = ANY (seats) AND s.expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM peer.seat s
      WHERE s.event_id = event AND s.seat_id = ANY (seats) AND s.expires_at <= clock_timestamp()
      ORDER BY s.seat_id FOR UPDATE SKIP LOCKED;
    GET DIAGNOSTICS num_locked = ROW_COUNT;
    IF num_locked < cardinality(seats) THEN
        RETURN NULL;
    END IF;
    new_token := gen_random_uuid();
    UPDATE peer.seat s
       SET expires_at = clock_timestamp() + make_interval(secs => ttl_seconds),
           token = new_token, holder = claim.holder
     WHERE s.event_id = event AND s.seat_id = ANY (seats);
    RETURN new_token;
END
$$;
