-- a transaction holds at most 32 locks on seats and names; what it has given
-- back does not count
SELECT seatlock.create_event('bound', 'hall', max_seats_per_holder => 1000);
SELECT seatlock.create_event('bound too', 'hall');

-- locks of this transaction on seats, on single names, and on stripes of names
CREATE FUNCTION pg_temp.locks(OUT seats bigint, OUT names bigint, OUT stripes bigint) LANGUAGE sql AS $$
SELECT count(*) FILTER (WHERE objsubid = 24231 AND objid <> 0),
       count(*) FILTER (WHERE objsubid IN (24232, 24233) AND objid::bigint > 128),
       count(*) FILTER (WHERE objsubid IN (24232, 24233) AND objid::bigint BETWEEN 1 AND 128 AND mode = 'ExclusiveLock')
  FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
$$;
CREATE FUNCTION pg_temp.claim(event text, seats text, holder text) RETURNS text LANGUAGE sql AS $$
SELECT c.outcome FROM seatlock.claim(claim.event, (SELECT array_agg(label) FROM seatlock.seat_map(claim.event) WHERE label ~ claim.seats), holder) c
$$;

BEGIN;
SELECT pg_temp.claim('bound too', '.', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- a savepoint that is rolled back gives its locks back, also those of its children
BEGIN;
SELECT pg_temp.claim('bound too', '^A', 'ann');
SAVEPOINT s;
SELECT pg_temp.claim('bound too', '^B', 'ann');
SAVEPOINT s2;
SELECT pg_temp.claim('bound too', '^C', 'ann');
RELEASE s2;
SELECT * FROM pg_temp.locks();
ROLLBACK TO s;
SELECT * FROM pg_temp.locks();
SELECT pg_temp.claim('bound too', '^[BD]', 'ann');
SELECT * FROM pg_temp.locks();
SELECT pg_temp.claim('bound too', '^C', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- the locks on names as well
BEGIN;
SAVEPOINT s;
SELECT outcome FROM seatlock.claim('bound', 'A-1', 'ann', request_key => 'key');
SELECT * FROM pg_temp.locks();
ROLLBACK TO s;
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- one that is released hands them on
BEGIN;
SAVEPOINT s;
SELECT pg_temp.claim('bound too', '^[ABC]', 'ann');
RELEASE s;
SELECT pg_temp.claim('bound too', '^D', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- after many blocks that ended badly there is room as in the beginning
BEGIN;
DO $$
BEGIN
    FOR n IN 1..50 LOOP
        BEGIN
            PERFORM pg_temp.claim('bound too', '^A', 'ann');
            RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN
        END;
    END LOOP;
END
$$;
SELECT * FROM pg_temp.locks();
SELECT pg_temp.claim('bound too', '.', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- a refused call gives back its own, and leaves what was there
BEGIN;
SELECT pg_temp.claim('bound too', '^A', 'ann');
SELECT count(*), min(c.outcome), max(c.outcome)
  FROM generate_series(1, 50) n, seatlock.claim('bound too', 'A-1', 'bob', request_key => 'key ' || n) c;
SELECT * FROM pg_temp.locks();
SELECT pg_temp.claim('bound too', '^[BCD]', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- so does one that had locked some of its seats before it met a busy one
BEGIN;
SELECT pg_temp.claim('bound too', '^A-2', 'bob');
PREPARE TRANSACTION 'lock bound';
BEGIN;
SET LOCAL seatlock.lock_wait = 0;
SELECT count(*), min(c.outcome), max(c.outcome)
  FROM generate_series(1, 50) n, seatlock.claim('bound too', '["A-1","A-2","A-3"]', 'ann ' || n) c;
SELECT * FROM pg_temp.locks();
SELECT pg_temp.claim('bound too', '^[BCD]', 'ann');
SELECT * FROM pg_temp.locks();
ROLLBACK;
ROLLBACK PREPARED 'lock bound';

-- a holder's name is one lock, however often he buys; and who has it before the
-- bound is reached needs no lock over all holders afterwards
BEGIN;
SELECT count(*), min(c.outcome), max(c.outcome)
  FROM seatlock.seat_map('bound') s, seatlock.claim('bound', s.label, 'ann') c;
SELECT * FROM pg_temp.locks();
ROLLBACK;
-- who comes later does
BEGIN;
SELECT pg_temp.claim('bound', '^[ABCD]-.$', 'ann');
SELECT pg_temp.claim('bound', '^A-10', 'bob');
SELECT * FROM pg_temp.locks();
ROLLBACK;

-- many names in many events take no more stripes than one event has: then one
-- lock covers all names of an event
SELECT seatlock.create_grid('booth', 'S', 1, 1, 'c');
SELECT sum(seatlock.create_event('booth ' || n, 'booth')) FROM generate_series(1, 6) n;
BEGIN;
CREATE TEMP TABLE booth_token ON COMMIT DROP AS
SELECT n, c.token FROM generate_series(1, 6) n, LATERAL seatlock.claim('booth ' || n, 'A-1', 'ann') c;
SELECT count(*), min(c.outcome), max(c.outcome)
  FROM booth_token b, generate_series(1, 200) key,
       LATERAL seatlock.claim('booth ' || b.n, 'A-1', 'ann', token => b.token, request_key => 'key ' || key) c;
SELECT count(DISTINCT (classid, objid, objsubid)) <= 2 * 32 + 2 * 128 + 2 * 6 AS few
  FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
-- which repeat their answers as any
SELECT count(*), min(c.outcome), max(c.outcome)
  FROM booth_token b, generate_series(1, 200) key,
       LATERAL seatlock.claim('booth ' || b.n, 'A-1', 'ann', token => b.token, request_key => 'key ' || key) c
 WHERE c.replayed;
ROLLBACK;
SELECT * FROM pg_temp.locks();

-- beyond the bound a seat is locked by its row: with what a savepoint leaves
-- there the transaction does not stand in its own way
BEGIN;
SELECT count(*) FROM seatlock.lock('bound too', (SELECT array_agg(label)::text FROM seatlock.seat_map('bound too'))) l WHERE l.locked;
SELECT * FROM pg_temp.locks();
SAVEPOINT s;
SELECT pg_temp.claim('bound too', '^D', 'ann');
ROLLBACK TO s;
SELECT pg_temp.claim('bound too', '^D', 'ann');
ROLLBACK TO s;
SELECT pg_temp.claim('bound too', '^D', 'bob');
COMMIT;
SELECT * FROM pg_temp.locks();

SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
