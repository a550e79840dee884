-- a single seat out of :seats, which are all taken
\set seat random(1, :seats)
SELECT token, outcome FROM peer.claim('on-sale', ARRAY[:seat]::text[], :client_id::text, 900);
