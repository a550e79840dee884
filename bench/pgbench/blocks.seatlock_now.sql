-- 4 neighbours out of :seats, none asked for twice
\set asked :asked + 1
\set first 1 + 4 * permute((:asked - 1) * :clients + :client_id, :seats / 4, :seed)
\set b :first + 1
\set c :first + 2
\set d :first + 3
SELECT token, outcome FROM seatlock.claim_now('on-sale', ARRAY[:first, :b, :c, :d]::text[], :client_id::text, 900);
