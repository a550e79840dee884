-- title: C function that answers a constant refusal
-- role: yardstick
-- uses: seatlock
-- claim: SELECT token, outcome FROM peer.claim('on-sale', $1::text[], $2, $3)

CREATE FUNCTION peer.claim(event text, seat_labels text[], holder text,
    ttl_seconds integer DEFAULT NULL, token text DEFAULT NULL, request_key text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS '$libdir/bench_server', 'bench_refusal';
