-- 4 neighbours out of :seats, none asked for twice
\set asked :asked + 1
\set first 1 + 4 * permute((:asked - 1) * :clients + :client_id, :seats / 4, :seed)
\set b :first + 1
\set c :first + 2
\set d :first + 3
SELECT peer.claim(ARRAY[:first, :b, :c, :d]::integer[], :client_id::text, 900);
