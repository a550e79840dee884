-- the best 4 that are free
SELECT token, outcome, seats FROM seatlock.claim_best_now('on-sale', 4, :client_id::text, ttl_seconds => 900);
