-- a single seat out of :seats, which are all taken
\set seat random(1, :seats)
SELECT peer.claim(ARRAY[:seat]::integer[], :client_id::text, 900);
