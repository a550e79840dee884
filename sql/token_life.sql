-- the life of a token: every verb in every state of the hold
SELECT seatlock.create_event('life', 'hall');

-- One hold per state and verb, so that no cell disturbs another: row A held,
-- B lapsed, C booked, D 1-5 released, D 6-10 cancelled.
CREATE TEMP TABLE life (seat text PRIMARY KEY, state text, token text);
INSERT INTO life SELECT 'A-' || n, 'held', c.token
  FROM generate_series(1, 10) n, seatlock.claim('life', 'A-' || n, 'ann') c;
INSERT INTO life SELECT 'B-' || n, 'lapsed', c.token
  FROM generate_series(1, 10) n, seatlock.claim('life', 'B-' || n, 'ann', 1) c;
INSERT INTO life SELECT 'C-' || n, 'booked', c.token
  FROM generate_series(1, 10) n, seatlock.book('life', 'C-' || n, 'ann', 'first order') c;
INSERT INTO life SELECT 'D-' || n, CASE WHEN n <= 5 THEN 'released' ELSE 'cancelled' END, c.token
  FROM generate_series(1, 10) n, seatlock.claim('life', 'D-' || n, 'ann') c;
SELECT state, c.outcome, count(*) FROM life, seatlock.release('life', token) c WHERE state = 'released' GROUP BY 1, 2;
SELECT state, c.outcome, count(*) FROM life, seatlock.confirm('life', token, 'first order') c WHERE state = 'cancelled' GROUP BY 1, 2;
SELECT state, c.outcome, count(*) FROM life, seatlock.cancel('life', token) c WHERE state = 'cancelled' GROUP BY 1, 2;
SELECT t.wait_expiry('life');

CREATE FUNCTION pg_temp.life_token(wanted text) RETURNS text LANGUAGE sql AS $$
SELECT token FROM life WHERE seat = wanted
$$;

-- confirm
SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('A-1'), 'order 1') c;
SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('B-1'), 'order 2') c;
SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('C-1'), 'second order') c;
SELECT order_ref FROM seatlock.holds WHERE token = pg_temp.life_token('C-1');
SELECT t.try($$SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('D-1')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('D-6')) c$$);
-- twice
SELECT t.show(c) FROM seatlock.confirm('life', pg_temp.life_token('A-1'), 'order 9') c;
SELECT order_ref FROM seatlock.holds WHERE token = pg_temp.life_token('A-1');

-- extend
SELECT t.show(c), c.expires_in_seconds FROM seatlock.extend('life', pg_temp.life_token('A-2'), 3000) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.extend('life', pg_temp.life_token('B-2'), 3000) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.extend('life', pg_temp.life_token('C-2'), 3000) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.extend('life', pg_temp.life_token('D-2'), 3000) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.extend('life', pg_temp.life_token('D-7'), 3000) c$$);
-- never shorter, at most the cap of its life, and then no more
SELECT t.show(c), c.expires_in_seconds > 2900 AS kept FROM seatlock.extend('life', pg_temp.life_token('A-2'), 10) c;
SELECT t.show(c), c.expires_in_seconds BETWEEN 7190 AND 7200 AS capped FROM seatlock.extend('life', pg_temp.life_token('A-2'), 2000000000) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.extend('life', pg_temp.life_token('A-2'), 7200) c$$);
SELECT h.expires_at - h.created_at AS life FROM seatlock.holds h WHERE h.token = pg_temp.life_token('A-2');

-- release
SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('A-3')) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('A-3')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('B-3')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('C-3')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('D-3')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('life', pg_temp.life_token('D-8')) c$$);

-- cancel
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('A-4')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('B-4')) c$$);
SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('C-4')) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('C-4')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('D-4')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('life', pg_temp.life_token('D-9')) c$$);

-- claim with the token: adds, and the countdown goes on
SELECT expires_at AS before FROM seatlock.hold('life', pg_temp.life_token('A-5')) \gset
SELECT t.show(c), c.token = pg_temp.life_token('A-5') AS same_token, c.expires_at = :'before' AS same_end
  FROM seatlock.claim('life', '["C-4","A-5"]', 'ann', 5000, pg_temp.life_token('A-5')) c;
SELECT t.show(c), c.expires_at = :'before' AS same_end
  FROM seatlock.claim('life', 'A-5', 'ann', NULL, pg_temp.life_token('A-5')) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', '["D-1","C-5"]', 'ann', NULL, pg_temp.life_token('A-5')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', 'D-1', 'ann', NULL, pg_temp.life_token('B-5')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', 'D-1', 'ann', NULL, pg_temp.life_token('C-5')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', 'D-1', 'ann', NULL, pg_temp.life_token('D-5')) c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', 'D-1', 'ann', NULL, pg_temp.life_token('D-10')) c$$);
-- only by its holder
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('life', 'D-1', 'eve', NULL, pg_temp.life_token('A-5')) c$$);
-- claim_best adds in the same way
SELECT t.show(c), c.expires_at = :'before' AS same_end
  FROM seatlock.claim_best('life', 1, 'ann', token => pg_temp.life_token('A-5')) c;

-- wrong tokens: nonsense, another event's, a stranger's
SELECT seatlock.create_event('life elsewhere', 'hall');
SELECT token AS stranger FROM seatlock.claim('life elsewhere', 'A-6', 'eve') \gset
SELECT verb, t.try(format('SELECT t.show(c) FROM seatlock.%s c', replace(verb, '?', quote_literal(token))))
  FROM unnest(ARRAY['nonsense', '00000000-0000-0000-0000-000000000000', 'é', repeat('x', 10000), :'stranger']) WITH ORDINALITY AS w(token, n),
       unnest(ARRAY['confirm(''life'', ?)', 'extend(''life'', ?, 60)', 'release(''life'', ?)', 'cancel(''life'', ?)',
                    'claim(''life'', ''D-1'', ''ann'', NULL, ?)', 'claim_best(''life'', 1, ''ann'', token => ?)',
                    'set_holder(''life'', ?, ''eve'')', 'hold(''life'', ?)']) AS verb
 ORDER BY verb, n;

-- some of the seats: those that are named and the token has, or nothing
SELECT token AS four FROM seatlock.claim('life', '["D-1","D-2","D-3","D-4"]', 'ann') \gset
SELECT t.show(c) FROM seatlock.release('life', :'four', '["D-2"]') c;
SELECT t.show(c) FROM seatlock.hold('life', :'four') c;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.release(%L, %L, %L) c', 'life', :'four', '["D-1","D-2"]'));
SELECT t.try(format('SELECT t.show(c) FROM seatlock.release(%L, %L, %L) c', 'life', :'four', '["D-1","Z-1"]'));
SELECT t.show(c) FROM seatlock.confirm('life', :'four', 'order 4') c;
SELECT t.show(c) FROM seatlock.cancel('life', :'four', 'D-4') c;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.cancel(%L, %L, %L) c', 'life', :'four', '["D-4","D-3"]'));
SELECT t.show(c) FROM seatlock.confirm('life', :'four', 'order 5') c;
SELECT event, status, seats, order_ref FROM seatlock.holds WHERE token = :'four';
SELECT t.show(c) FROM seatlock.cancel('life', :'four', '{D-1,D-3}') c;
SELECT t.show(c) FROM seatlock.hold('life', :'four') c;
SELECT count(*) FROM seatlock.holds WHERE token = :'four';
-- the last seat released one by one ends the hold
SELECT token AS two FROM seatlock.claim('life', '["D-1","D-2"]', 'ann') \gset
SELECT t.show(c) FROM seatlock.release('life', :'two', 'D-1') c;
SELECT t.show(c) FROM seatlock.release('life', :'two', 'D-2') c;
SELECT t.show(c) FROM seatlock.release('life', :'two') c;

-- late confirm: all the seats are still free, or it is expired and says what is gone
SELECT token AS late FROM seatlock.claim('life', '["D-1","D-2","D-3"]', 'ann', 1) \gset
SELECT token AS late2 FROM seatlock.claim('life', '["D-4","D-5"]', 'ann', 1) \gset
SELECT token AS late3 FROM seatlock.claim('life', '["D-6","D-7"]', 'ann', 1) \gset
SELECT token AS late4 FROM seatlock.claim('life', '["D-8","D-9"]', 'ann', 1) \gset
SELECT token AS late5 FROM seatlock.claim('life', 'D-10', 'ann', 1) \gset
SELECT t.wait_expiry('life');
-- reads show an expired hold as free before anybody has recorded it
SELECT status, count(*) FROM seatlock.seat_map('life') WHERE label LIKE 'D-%' GROUP BY 1;
SELECT t.show(c) FROM seatlock.hold('life', :'late') c;
SELECT t.show(c) FROM seatlock.claim('life', 'D-2', 'bob') c;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.confirm(%L, %L) c', 'life', :'late'));
SELECT label, status, version FROM seatlock.seat_map('life') WHERE label IN ('D-1', 'D-2', 'D-3');
SELECT ok FROM seatlock.block('life', 'D-4', 'broken');
SELECT t.try(format('SELECT t.show(c) FROM seatlock.confirm(%L, %L) c', 'life', :'late2'));
SELECT ok FROM seatlock.book('life', 'D-6', 'box office');
SELECT t.try(format('SELECT t.show(c) FROM seatlock.confirm(%L, %L) c', 'life', :'late3'));
-- taken over and given back in between: free again, so it is sold
SELECT token AS between FROM seatlock.claim('life', 'D-9', 'bob') \gset
SELECT t.show(c) FROM seatlock.release('life', :'between') c;
SELECT t.show(c) FROM seatlock.confirm('life', :'late4', 'late order') c;
SELECT t.show(c) FROM seatlock.confirm('life', :'late4', 'late order') c;
-- a lapse stays a lapse after it was recorded, whoever asks
SELECT t.show(c) FROM seatlock.claim('life', 'D-10', 'bob') c;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.%s(%L, %L) c', verb, 'life', :'late5')) FROM unnest(ARRAY['confirm', 'release', 'cancel', 'hold']) verb;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.extend(%L, %L, 60) c', 'life', :'late5'));
SELECT action, string_agg(label || ':' || version, ' ' ORDER BY seat_no) FROM t.history
 WHERE event = 'life' AND token IN (:'late', :'late2', :'late3', :'late4', :'late5', :'between') GROUP BY seq, action ORDER BY action = 'expired', CASE WHEN action = 'expired' THEN min(seat_no) END, seq;

-- set_holder: a live hold only
SELECT t.show(c) FROM seatlock.set_holder('life', pg_temp.life_token('A-7'), 'anna') c;
SELECT holder FROM seatlock.holds WHERE token = pg_temp.life_token('A-7');
SELECT t.try($$SELECT t.show(c) FROM seatlock.set_holder('life', pg_temp.life_token('B-7'), 'anna') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.set_holder('life', pg_temp.life_token('C-7'), 'anna') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.set_holder('life', pg_temp.life_token('D-10'), 'anna') c$$);
SELECT t.show(c) FROM seatlock.claim('life', 'C-4', 'ann', NULL, pg_temp.life_token('A-7')) c;

-- a hold whose first length is already its cap
SELECT seatlock.create_event('life short', 'hall', hold_seconds => 60, max_hold_seconds => 60);
SELECT token AS short FROM seatlock.claim('life short', 'A-1', 'ann', 600) \gset
SELECT expires_in_seconds FROM seatlock.claim('life short', 'A-2', 'ann', 600);
SELECT t.try(format('SELECT t.show(c) FROM seatlock.extend(%L, %L, 60) c', 'life short', :'short'));
-- a longer cap comes too late for holds that live, or not: the event decides at each call
SELECT seatlock.alter_event('life short', max_hold_seconds => 120);
SELECT t.show(c), c.expires_in_seconds BETWEEN 110 AND 120 AS capped FROM seatlock.extend('life short', :'short', 600) c;

SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();

-- which order a sale is of
SELECT seatlock.create_event('orders', 'hall');
SELECT c.token AS paid FROM seatlock.claim('orders', '["A-1","A-2"]', 'ann') c \gset
SELECT c.ok, c.outcome, c.replayed, c.order_ref FROM seatlock.confirm('orders', :'paid', 'order 1') c;
SELECT c.ok, c.outcome, c.replayed, c.order_ref FROM seatlock.confirm('orders', :'paid', 'order 1') c;
SELECT c.ok, c.outcome, c.replayed, c.order_ref FROM seatlock.confirm('orders', :'paid') c;
SELECT c.ok, c.outcome, c.replayed, c.order_ref, c.seats FROM seatlock.confirm('orders', :'paid', 'order 2') c;
SELECT c.outcome, c.order_ref FROM seatlock.hold('orders', :'paid') c;
SELECT c.ok, c.outcome, c.order_ref FROM seatlock.cancel('orders', :'paid', order_ref => 'order 2') c;
SELECT c.ok, c.outcome, c.order_ref FROM seatlock.cancel('orders', :'paid', 'A-1', 'order 1') c;
SELECT c.ok, c.outcome, c.order_ref FROM seatlock.cancel('orders', :'paid') c;
SELECT c.token AS free FROM seatlock.claim('orders', 'B-1', 'ann') c \gset
SELECT c.ok, c.outcome, c.order_ref FROM seatlock.confirm('orders', :'free') c;
SELECT c.ok, c.outcome, c.order_ref FROM seatlock.confirm('orders', :'free', 'order 3') c;
SELECT c.ok, c.outcome FROM seatlock.cancel('orders', :'free', order_ref => 'order 3') c;
SELECT seatlock.drop_event('orders', 'yes');
