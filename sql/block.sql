-- block and unblock: free <-> not for sale, all or nothing
SELECT seatlock.create_event('block', 'hall');
SELECT t.show(c) FROM seatlock.block('block', '["A-1","A-2"]', 'camera') c;
SELECT t.show(c) FROM seatlock.block('block', 'A-3') c;
SELECT label, status, version FROM seatlock.seat_map('block') WHERE label IN ('A-1', 'A-2', 'A-3', 'A-4');
-- again: fine, and nothing changes
SELECT t.digest() AS digest \gset
SELECT t.show(c) FROM seatlock.block('block', '["A-1","A-2"]') c;
SELECT t.digest() = :'digest' AS unchanged;
SELECT t.show(c) FROM seatlock.block('block', '["A-2","A-5"]') c;
SELECT label, status, version FROM seatlock.seat_map('block') WHERE label IN ('A-2', 'A-5');
SELECT t.show(c) FROM seatlock.unblock('block', 'B-1') c;
SELECT version FROM seatlock.seat_map('block') WHERE label = 'B-1';
-- blocked seats cannot be bought
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('block', '["A-1","A-9"]', 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.book('block', 'A-1', 'ann') c$$);
-- live holds, sales and unknown seats stand in the way of both
SELECT t.show(c) FROM seatlock.claim('block', 'C-1', 'ann') c;
SELECT t.show(c) FROM seatlock.book('block', 'C-2', 'ann') c;
SELECT t.try($$SELECT t.show(c) FROM seatlock.block('block', '["C-1","C-2","C-3","Z-1"]') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.unblock('block', '["A-1","C-1","C-2","Z-1"]') c$$);
-- an expired hold counts as free, and its lapse is recorded
SELECT token AS lapsing FROM seatlock.claim('block', '["D-1","D-2"]', 'ann', 1) \gset
SELECT t.wait_expiry('block');
SELECT t.show(c) FROM seatlock.unblock('block', 'D-1') c;
SELECT t.show(c) FROM seatlock.block('block', 'D-2') c;
SELECT action, label, version FROM t.history WHERE event = 'block' AND label LIKE 'D-%' ORDER BY seq, label;
-- back on sale
SELECT t.show(c) FROM seatlock.unblock('block', '["A-1","A-2","A-3","A-4","A-5","D-2"]') c;
SELECT status, count(*) FROM seatlock.seat_map('block') GROUP BY status ORDER BY status;
SELECT t.show(c) FROM seatlock.claim('block', '["A-1","D-2"]', 'bob') c;
-- the reason is kept
SELECT DISTINCT reason FROM seatlock.change WHERE action = 'blocked' AND event_id = (SELECT event_id FROM seatlock.event WHERE name = 'block') ORDER BY 1;
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
