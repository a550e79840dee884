-- parties of 1 to 4 random seats out of :seats, none asked for twice
\set asked :asked + 1
\set next 4 * ((:asked - 1) * :clients + :client_id)
\set a 1 + permute(:next, :seats, :seed)
\set b 1 + permute(:next + 1, :seats, :seed)
\set c 1 + permute(:next + 2, :seats, :seed)
\set d 1 + permute(:next + 3, :seats, :seed)
\set party random(1, 4)
SELECT peer.claim((ARRAY[:a, :b, :c, :d]::integer[])[1 : :party], :client_id::text, 900);
