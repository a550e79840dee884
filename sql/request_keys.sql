-- request keys: a repeated call gets its first answer
SELECT seatlock.create_event('keys', 'hall');
SELECT seatlock.create_event('keys too', 'hall');

-- replay: the same outcome, token and seats, and nothing new is written
SELECT t.show(c) AS answer, c.token AS first FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', 600, request_key => 'k1') c \gset
\echo :answer
SELECT t.digest() AS digest \gset
SELECT t.show(c), c.token = :'first' AS same_token, c.expires_in_seconds BETWEEN 590 AND 600 AS same_end
  FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', 600, request_key => 'k1') c;
-- the seat set is compared, not its spelling; the ttl is not
SELECT t.show(c), c.token = :'first' AS same_token FROM seatlock.claim('keys', '{A-2,A-1,A-2}', 'ann', 60, request_key => 'k1') c;
SELECT t.show(c), c.token = :'first' AS same_token FROM seatlock.claim('keys', ARRAY['A-2', 'A-1'], 'ann', NULL, request_key => 'k1') c;
SELECT t.digest() = :'digest' AS unchanged;

-- another request under the key: other seats, holder, token, verb
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'A-1', 'ann', request_key => 'k1') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', '["A-1","A-3"]', 'ann', request_key => 'k1') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', '["A-1","A-2"]', 'bob', request_key => 'k1') c$$);
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L, NULL, %L, %L) c', 'keys', '["A-1","A-2"]', 'ann', :'first', 'k1'));
SELECT t.try($$SELECT t.show(c) FROM seatlock.book('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 2, 'ann', request_key => 'k1') c$$);
-- an unknown seat under a used key is another request too
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', '["A-1","Z-2"]', 'ann', request_key => 'k1') c$$);

-- and so it is when another role asks: the answer has the token
CREATE ROLE regress_stranger;
GRANT USAGE ON SCHEMA seatlock TO regress_stranger;
GRANT EXECUTE ON FUNCTION seatlock.claim(text, text, text, bigint, text, text, text) TO regress_stranger;
SET ROLE regress_stranger;
SELECT c.outcome, c.token FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
RESET ROLE;
DROP OWNED BY regress_stranger;
DROP ROLE regress_stranger;

-- the key belongs to the event
SELECT t.show(c) FROM seatlock.claim('keys too', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
-- keys are bytes: case, blanks and Unicode count
SELECT t.show(c) FROM seatlock.claim('keys', 'A-4', 'ann', request_key => 'K1') c;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-5', 'ann', request_key => 'k1 ') c;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-6', 'ann', request_key => 'ключ') c;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-6', 'ann', request_key => 'ключ') c;

-- refusals are not stored: the same request may succeed later
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'A-1', 'bob', request_key => 'k2') c$$);
SELECT t.show(c) FROM seatlock.claim('keys', 'A-7', 'bob', request_key => 'k2') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'A-1', 'bob', request_key => 'k2') c$$);
-- nor is what was rolled back
BEGIN;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-8', 'bob', request_key => 'k3') c;
ROLLBACK;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-9', 'bob', request_key => 'k3') c;
BEGIN;
SAVEPOINT s;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-8', 'bob', request_key => 'k4') c;
ROLLBACK TO s;
SELECT t.show(c) FROM seatlock.claim('keys', 'A-10', 'bob', request_key => 'k4') c;
COMMIT;

-- twice in one transaction
BEGIN;
SELECT t.show(c) AS answer, c.token AS twice FROM seatlock.claim('keys', 'B-1', 'ann', request_key => 'k5') c \gset
\echo :answer
SELECT t.show(c), c.token = :'twice' AS same_token FROM seatlock.claim('keys', 'B-1', 'ann', request_key => 'k5') c;
COMMIT;

-- adding seats, best available, box office
SELECT t.show(c), c.token = :'twice' AS same_token FROM seatlock.claim('keys', 'B-2', 'ann', NULL, :'twice', 'k6') c;
SELECT t.show(c), c.token = :'twice' AS same_token FROM seatlock.claim('keys', 'B-2', 'ann', NULL, :'twice', 'k6') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'B-2', 'ann', NULL, NULL, 'k6') c$$);
SELECT c.seats AS best, c.token AS best_token, c.together FROM seatlock.claim_best('keys', 2, 'cat', request_key => 'k7') c \gset
SELECT c.outcome, c.replayed, c.token = :'best_token' AS same_token, c.seats = :'best' AS same_seats, c.together::text = :'together'::boolean::text AS same_together
  FROM seatlock.claim_best('keys', 2, 'cat', request_key => 'k7') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 3, 'cat', request_key => 'k7') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 2, 'cat', section => 'Stalls', request_key => 'k7') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 2, 'cat', category => 'Standard', request_key => 'k7') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 2, 'cat', request_key => 'k7', adjacency => 'any') c$$);
SELECT t.show(c) AS answer, c.token AS sale FROM seatlock.book('keys', 'B-10', 'box', 'order 1', 'k8') c \gset
\echo :answer
SELECT t.show(c), c.token = :'sale' AS same_token FROM seatlock.book('keys', 'B-10', 'box', 'order 1', 'k8') c;

-- a replay tells how the hold stands now
SELECT t.show(c) FROM seatlock.extend('keys', :'first', 3000) c;
SELECT t.show(c), c.expires_in_seconds > 2900 AS as_now FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
SELECT t.show(c) FROM seatlock.confirm('keys', :'first') c;
SELECT t.show(c), c.expires_at FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
SELECT t.show(c) FROM seatlock.cancel('keys', :'first') c;
SELECT c.outcome, c.replayed, c.token = :'first' AS same_token, c.expires_at FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;

-- before token, sale window and seats in the order of decisions, after errors
SELECT seatlock.alter_event('keys', closes_at => '-infinity');
SELECT c.outcome, c.replayed FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'A-3', 'ann', request_key => 'k1') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', 'A-3', 'ann', request_key => 'k9') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('keys', '[', 'ann', request_key => 'k1') c$$);

-- errors come before what a key says
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 1, 'ann', section => 'nowhere', request_key => 'k1') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('keys', 1, 'ann', category => 'nothing', request_key => 'k1') c$$);

-- pruning keeps the last 24 hours' keys, whatever it is told
SELECT seatlock.prune('keys', 'infinity');
SELECT c.outcome, c.replayed FROM seatlock.claim('keys', '["A-1","A-2"]', 'ann', request_key => 'k1') c;
-- and forgets older ones: those of a hold when all are old
SELECT seatlock.create_event('carts', 'hall');
SELECT token AS cart FROM seatlock.claim('carts', 'A-1', 'ann', request_key => 'cart 1') \gset
SELECT outcome FROM seatlock.claim('carts', 'A-2', 'ann', token => :'cart', request_key => 'cart 2');
-- also of a claim that took nothing new
SELECT outcome FROM seatlock.claim('carts', '["A-1", "A-2"]', 'ann', token => :'cart', request_key => 'cart 3');
SELECT token AS other FROM seatlock.claim('carts', 'A-3', 'bob', request_key => 'other 1') \gset
SELECT outcome FROM seatlock.release('carts', :'other');
CREATE FUNCTION pg_temp.age(pattern text) RETURNS void LANGUAGE sql AS $$
    UPDATE seatlock.request SET created_at = created_at - interval '25 h' WHERE key ~ pattern;
    UPDATE seatlock.hold h SET created_at = least(h.created_at, r.created_at), ended_at = h.ended_at - interval '25 h'
      FROM seatlock.request r WHERE r.event_id = h.event_id AND r.token = h.token AND r.key ~ pattern;
$$;
CREATE FUNCTION pg_temp.pruned() RETURNS text LANGUAGE sql AS $$
    SELECT seatlock.prune('carts', clock_timestamp() - interval '24 h');
    SELECT concat_ws(', ', string_agg(key, ', ' ORDER BY key),
                     (SELECT count(*) FROM seatlock.hold JOIN seatlock.event e USING (event_id) WHERE e.name = 'carts') || ' holds')
      FROM seatlock.request JOIN seatlock.event e USING (event_id) WHERE e.name = 'carts';
$$;
SELECT pg_temp.pruned();
SELECT pg_temp.age('[12]$');
SELECT pg_temp.pruned();
SELECT pg_temp.age('cart 3');
SELECT count(*) FROM seatlock.check_integrity();
SELECT pg_temp.pruned();
-- a pruned key is no key, and begins anew
SELECT outcome, replayed FROM seatlock.claim('carts', 'A-1', 'ann', token => :'cart', request_key => 'cart 1');
SELECT count(*) FROM seatlock.check_integrity();
SELECT pg_temp.age('cart');
SELECT pg_temp.pruned();
SELECT seatlock.drop_event('carts', 'yes');

SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();

-- a replay tells what has become of the success
SELECT seatlock.create_event('by now', 'hall');
CREATE FUNCTION pg_temp.again(seats text, holder text, key text) RETURNS TABLE (ok boolean, outcome text, seats jsonb, replayed boolean, token boolean, order_ref text) LANGUAGE sql AS $$
SELECT c.ok, c.outcome, c.seats, c.replayed, c.token IS NOT NULL, c.order_ref FROM seatlock.claim('by now', seats, holder, request_key => key) c
$$;
SELECT t.show(c) AS answer, c.token AS gone FROM seatlock.claim('by now', '["A-1","A-2"]', 'ann', request_key => 'n1') c \gset
SELECT * FROM pg_temp.again('["A-1","A-2"]', 'ann', 'n1');
-- a part given back, and a seat added
SELECT t.show(c) FROM seatlock.release('by now', :'gone', 'A-2') c;
SELECT * FROM pg_temp.again('["A-1","A-2"]', 'ann', 'n1');
SELECT t.show(c) FROM seatlock.claim('by now', 'A-3', 'ann', token => :'gone') c;
SELECT * FROM pg_temp.again('["A-1","A-2"]', 'ann', 'n1');
-- all given back, and another has it
SELECT t.show(c) FROM seatlock.release('by now', :'gone') c;
SELECT t.show(c) FROM seatlock.claim('by now', 'A-1', 'bob') c;
SELECT * FROM pg_temp.again('["A-1","A-2"]', 'ann', 'n1');
-- sold, then cancelled
SELECT t.show(c) AS answer, c.token AS sold FROM seatlock.claim('by now', 'B-1', 'ann', request_key => 'n2') c \gset
SELECT t.show(c) FROM seatlock.confirm('by now', :'sold', 'order 7') c;
SELECT * FROM pg_temp.again('B-1', 'ann', 'n2');
SELECT t.show(c) FROM seatlock.cancel('by now', :'sold') c;
SELECT * FROM pg_temp.again('B-1', 'ann', 'n2');
SELECT t.show(c) AS answer, c.token AS till FROM seatlock.book('by now', 'B-2', 'till', 'order 8', 'n3') c \gset
SELECT c.ok, c.outcome, c.seats, c.replayed, c.order_ref FROM seatlock.book('by now', 'B-2', 'till', 'order 8', 'n3') c;
SELECT t.show(c) FROM seatlock.cancel('by now', :'till', order_ref => 'order 8') c;
SELECT c.ok, c.outcome, c.seats, c.replayed, c.order_ref FROM seatlock.book('by now', 'B-2', 'till', 'order 8', 'n3') c;
-- lapsed
SELECT t.show(c) FROM seatlock.claim('by now', 'B-3', 'ann', 1, request_key => 'n4') c;
SELECT t.wait_expiry('by now');
SELECT * FROM pg_temp.again('B-3', 'ann', 'n4');
SELECT seatlock.drop_event('by now', 'yes');
