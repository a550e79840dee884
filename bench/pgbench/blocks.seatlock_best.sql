-- the best 4 that are free
SELECT token, outcome, seats FROM seatlock.claim_best('on-sale', 4, :client_id::text, ttl_seconds => 900);
