-- rename_holder: a person under another name, in holds, sales, history and keys
SELECT seatlock.create_event('people', 'hall', max_seats_per_holder => 4);
SELECT seatlock.create_event('people too', 'hall');
CREATE VIEW pg_temp.rows_of AS
SELECT v.name AS event, n.holder, n.kind, count(*)
  FROM (SELECT event_id, holder, 'hold ' || state::text AS kind FROM seatlock.hold
        UNION ALL SELECT event_id, holder, 'change ' || action FROM seatlock.change) n JOIN seatlock.event v USING (event_id)
 GROUP BY 1, 2, 3;

-- live, sold, expired, given back, cancelled; handed over to another; and another person's
SELECT token AS lapsed FROM seatlock.claim('people too', 'C-1', 'eve', 1) \gset
SELECT token AS gone FROM seatlock.claim('people', 'D-1', 'eve', NULL, NULL, 'click 3') \gset
SELECT t.show(c) FROM seatlock.release('people', :'gone') c;
SELECT token AS undone FROM seatlock.book('people', 'D-2', 'eve') \gset
SELECT t.show(c) FROM seatlock.cancel('people', :'undone') c;
SELECT token AS held FROM seatlock.claim('people', '["A-1","A-2"]', 'eve', 600, request_key => 'click 1') \gset
SELECT token AS sold FROM seatlock.book('people', '["B-1","B-2"]', 'eve', 'order 7', 'click 2') \gset
SELECT token AS given FROM seatlock.claim('people', 'D-3', 'guest', NULL, NULL, 'click 4') \gset
SELECT t.show(c) FROM seatlock.set_holder('people', :'given', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('people', '["A-5","A-6","A-7"]', 'ann') c;
SELECT t.wait_expiry('people too');

SELECT max(seq) AS before FROM seatlock.changes('people', 0, 100) \gset
SELECT sum(version) AS version FROM seatlock.seat_map('people') WHERE label IN ('A-1', 'A-2', 'B-1', 'B-2') \gset
-- more than the cap is no matter: the person is one, whatever staff call him
SELECT c.ok, c.outcome, c.token, c.expires_at, c.seats, c.conflicts FROM seatlock.rename_holder('people', 'eve', 'ann') c;
SELECT holder, status, seats, order_ref FROM seatlock.holds WHERE event = 'people' ORDER BY seats;
SELECT * FROM pg_temp.rows_of WHERE event = 'people' AND holder IN ('eve', 'ann', 'guest') ORDER BY 1, 2, 3;
-- a row for each live token, all of its seats a version later
SELECT action, token = CASE action WHEN 'held' THEN :'held' ELSE :'sold' END AS is_its, holder, seats, order_ref, reason
  FROM seatlock.changes('people', :before, 100) ORDER BY action;
SELECT sum(version) - :version AS versions FROM seatlock.seat_map('people') WHERE label IN ('A-1', 'A-2', 'B-1', 'B-2');
SELECT action, status, version, holder FROM seatlock.seat_history('people', 'B-1');
-- the cap counts them now
SELECT t.show(c) FROM seatlock.claim('people', 'A-9', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('people', 'A-9', 'eve') c;

-- his keys match no more, under the old name or the new one, and are not decided anew
SELECT t.show(c) FROM seatlock.claim('people', '["A-1","A-2"]', 'eve', 600, request_key => 'click 1') c;
SELECT t.show(c) FROM seatlock.claim('people', '["A-1","A-2"]', 'ann', 600, request_key => 'click 1') c;
SELECT t.show(c) FROM seatlock.book('people', '["B-1","B-2"]', 'eve', 'order 7', 'click 2') c;
SELECT t.show(c) FROM seatlock.claim('people', 'D-1', 'eve', NULL, NULL, 'click 3') c;
-- nor do those of tokens that he handed over
SELECT t.show(c) FROM seatlock.claim('people', 'D-3', 'guest', NULL, NULL, 'click 4') c;
SELECT c.outcome, c.seats FROM seatlock.rename_holder('people', 'guest', 'nobody') c;
SELECT t.show(c) FROM seatlock.claim('people', 'D-3', 'guest', NULL, NULL, 'click 4') c;
SELECT holder, seats FROM seatlock.holds WHERE event = 'people' AND token = :'given';

-- tokens and orders are what they were
SELECT t.show(c) FROM seatlock.extend('people', :'held', 900) c;
SELECT t.show(c) FROM seatlock.confirm('people', :'held', 'order 8') c;
SELECT t.show(c), c.order_ref FROM seatlock.hold('people', :'sold') c;
SELECT t.show(c) FROM seatlock.cancel('people', :'sold', NULL, 'order 7') c;

-- a lapse that nobody has recorded keeps its seats free, and a late payment is the new name's
SELECT c.outcome, c.seats FROM seatlock.rename_holder('people too', 'eve', 'erased 1') c;
SELECT t.show(c) FROM seatlock.confirm('people too', :'lapsed') c;
SELECT action, holder FROM seatlock.changes('people too', 0, 100);

-- nothing of that name; the same name; other events
SELECT t.show(c) FROM seatlock.rename_holder('people too', 'eve', 'ann') c;
SELECT c.outcome, c.seats FROM seatlock.rename_holder('people', 'eve', 'eve') c;
SELECT count(*) FROM seatlock.changes('people', 0, 100) WHERE holder = 'eve';
-- more seats than a transaction locks, and back
SELECT count(*) FROM seatlock.seat_map('people too') m, seatlock.book('people too', m.label, 'club') c WHERE m.status = 'free' AND c.ok;
SELECT jsonb_array_length(c.seats) FROM seatlock.rename_holder('people too', 'club', 'erased 2') c;
SELECT holder, count(*) FROM seatlock.holds WHERE event = 'people too' GROUP BY 1 ORDER BY 1;
-- rolled back
BEGIN;
SELECT jsonb_array_length(c.seats) FROM seatlock.rename_holder('people too', 'erased 2', 'other') c;
ROLLBACK;
SELECT DISTINCT holder FROM seatlock.changes('people too', 0, 1000) ORDER BY 1;
SELECT * FROM seatlock.check_integrity('people') UNION ALL SELECT * FROM seatlock.check_integrity('people too');
SELECT * FROM t.broken_history() WHERE event ~ '^people';
