-- title: naive: check, then update
-- role: naive
-- uses: seat_table
-- claim: SELECT peer.claim($1, $2, $3)

CREATE FUNCTION peer.claim(seats integer[], holder text, ttl_seconds integer)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    new_token uuid;
BEGIN
    IF EXISTS (SELECT FROM peer.seat s
                WHERE s.seat_id = ANY (seats) AND s.expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    new_token := gen_random_uuid();
    UPDATE peer.seat s
       SET expires_at = clock_timestamp() + make_interval(secs => ttl_seconds),
           token = new_token, holder = claim.holder
     WHERE s.seat_id = ANY (seats);
    RETURN new_token;
END
$$;
