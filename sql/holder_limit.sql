-- max_seats_per_holder: live held and booked seats of one holder in one event
SELECT seatlock.create_event('limit', 'hall', max_seats_per_holder => 4);
SELECT seatlock.create_event('limit too', 'hall', max_seats_per_holder => 4);

SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', '["A-1","A-2","A-3","A-4","A-5"]', 'ann') c$$);
SELECT t.show(c) AS answer, c.token AS ann FROM seatlock.claim('limit', '["A-1","A-2","A-3"]', 'ann') c \gset
\echo :answer
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', '["A-4","A-5"]', 'ann') c$$);
SELECT t.show(c) FROM seatlock.claim('limit', 'A-4', 'ann') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', 'A-5', 'ann') c$$);
-- adding to a hold and best available count too
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L, NULL, %L) c', 'limit', 'A-5', 'ann', :'ann'));
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('limit', 1, 'ann') c$$);
-- seats already its own are not new
SELECT t.show(c) FROM seatlock.claim('limit', '["A-1","A-2"]', 'ann', NULL, :'ann') c;
-- taken is decided before the limit
SELECT t.show(c) FROM seatlock.claim('limit', 'B-1', 'bob') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', '["A-5","B-1"]', 'ann') c$$);
-- others, and other events, are counted apart; names are bytes
SELECT t.show(c) FROM seatlock.claim('limit', '["B-2","B-3","B-4","B-5"]', 'Ann') c;
SELECT t.show(c) FROM seatlock.claim('limit too', '["A-1","A-2","A-3","A-4"]', 'ann') c;

-- a sale counts, a release or cancel gives room again
SELECT t.show(c) FROM seatlock.confirm('limit', :'ann') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', 'A-5', 'ann') c$$);
SELECT t.show(c) FROM seatlock.cancel('limit', :'ann', '["A-1","A-2"]') c;
SELECT t.show(c) FROM seatlock.claim('limit', '["A-5","A-6"]', 'ann') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', 'A-7', 'ann') c$$);

-- an expired hold does not count from the moment it expires
SELECT t.show(c) FROM seatlock.claim('limit', '["C-1","C-2","C-3","C-4"]', 'cat', 1) c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', 'C-5', 'cat') c$$);
SELECT t.wait_expiry('limit');
SELECT t.show(c) FROM seatlock.claim('limit', '["C-5","C-6","C-7","C-8"]', 'cat') c;

-- set_holder hands over the count as well
SELECT t.show(c) AS answer, c.token AS guest FROM seatlock.claim('limit', '["D-1","D-2"]', 'guest') c \gset
SELECT t.try(format('SELECT t.show(c) FROM seatlock.set_holder(%L, %L, %L) c', 'limit', :'guest', 'cat'));
SELECT t.show(c) FROM seatlock.set_holder('limit', :'guest', 'dan') c;
SELECT t.show(c) FROM seatlock.claim('limit', '["D-3","D-4","D-5","D-6"]', 'guest') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit', '["D-7","D-8","D-9"]', 'dan') c$$);
SELECT t.show(c) FROM seatlock.claim('limit', '["D-7","D-8"]', 'dan') c;

-- a cap that comes later counts what is there
SELECT seatlock.create_event('limit later', 'hall');
SELECT t.show(c) FROM seatlock.claim('limit later', '["A-1","A-2","A-3"]', 'ann') c;
SELECT seatlock.alter_event('limit later', max_seats_per_holder => 2);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit later', 'A-4', 'ann') c$$);

-- a hold counts while it is alive: not once its lapse is recorded, again after a late confirm
SELECT seatlock.create_event('limit late', 'hall', max_seats_per_holder => 2);
CREATE VIEW pg_temp.counted AS SELECT state, capped FROM seatlock.hold h JOIN seatlock.event v USING (event_id)
 WHERE name = 'limit late' AND holder = 'ann';
BEGIN; -- nobody records a lapse that he cannot see
SELECT t.show(c) AS answer, c.token AS late FROM seatlock.claim('limit late', '["A-1","A-2"]', 'ann', 1) c \gset
SELECT * FROM pg_temp.counted;
COMMIT;
SELECT t.wait_expiry('limit late');
SELECT t.show(c) FROM seatlock.block('limit late', 'A-1') c;
SELECT t.show(c) FROM seatlock.unblock('limit late', 'A-1') c;
SELECT * FROM pg_temp.counted;
SELECT t.show(c) FROM seatlock.confirm('limit late', :'late') c;
SELECT * FROM pg_temp.counted;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit late', 'A-3', 'ann') c$$);
SELECT t.show(c) FROM seatlock.cancel('limit late', :'late') c;
SELECT * FROM pg_temp.counted;

SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();

-- no way round the cap: by another's hold, or by an expired one
SELECT seatlock.create_event('limit round', 'hall', max_seats_per_holder => 4);
SELECT t.show(c) FROM seatlock.claim('limit round', '["A-1","A-2","A-3","A-4"]', 'ann') c;
SELECT c.token AS gift FROM seatlock.claim('limit round', '["B-1","B-2"]', 'bob') c \gset
SELECT t.try(format('SELECT t.show(c) FROM seatlock.set_holder(%L, %L, %L) c', 'limit round', :'gift', 'ann'));
SELECT t.show(c) FROM seatlock.set_holder('limit round', :'gift', 'eve') c;
SELECT c.token AS slow FROM seatlock.claim('limit round', '["C-1","C-2","C-3"]', 'cat', 1) c \gset
SELECT t.wait_expiry('limit round');
SELECT c.token AS other FROM seatlock.claim('limit round', '["D-1","D-2"]', 'cat') c \gset
SELECT t.try(format('SELECT t.show(c) FROM seatlock.confirm(%L, %L) c', 'limit round', :'slow'));
SELECT t.show(c) FROM seatlock.release('limit round', :'other', 'D-1') c;
SELECT t.show(c) FROM seatlock.confirm('limit round', :'slow') c;
SELECT holder, sum(cardinality(seats)) FROM seatlock.holds WHERE event = 'limit round' GROUP BY 1 ORDER BY 1;
-- the box office stands above it, and what it sells counts
SELECT t.show(c) FROM seatlock.book('limit round', 'A-5', 'ann') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('limit round', 'A-6', 'ann') c$$);
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
SELECT seatlock.drop_event('limit round', 'yes');
