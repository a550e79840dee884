-- check_integrity() finds what breaks an invariant: here each is broken by
-- direct SQL on the tables, which only their owner may do.
SELECT seatlock.create_grid('integrity', 'Stalls', 3, 10, 'Standard');
SELECT seatlock.create_event('integrity', 'integrity', max_seats_per_holder => 20);

-- a history with every action
SELECT token AS sale FROM seatlock.claim('integrity', '["A-1", "A-2"]', 'ann', request_key => 'k') \gset
SELECT outcome FROM seatlock.confirm('integrity', :'sale');
SELECT outcome FROM seatlock.cancel('integrity', :'sale', 'A-1');
SELECT token AS hold FROM seatlock.claim('integrity', '["A-3", "A-4", "A-5"]', 'bob') \gset
SELECT outcome FROM seatlock.release('integrity', :'hold', 'A-4');
SELECT outcome FROM seatlock.extend('integrity', :'hold', 3600);
SELECT outcome FROM seatlock.set_holder('integrity', :'hold', 'carl');
SELECT outcome FROM seatlock.block('integrity', '["B-1", "B-2"]');
SELECT outcome FROM seatlock.unblock('integrity', 'B-1');
SELECT outcome FROM seatlock.claim('integrity', 'C-1', 'dora', 1);
DO $$
BEGIN
    WHILE (SELECT status FROM seatlock.seat_map('integrity') WHERE label = 'C-1') = 'held' LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END
$$;
SELECT count(*) FROM seatlock.check_integrity();
SELECT outcome FROM seatlock.claim('integrity', 'C-1', 'emil');
SELECT DISTINCT action FROM seatlock.changes('integrity', 0, 100) ORDER BY action;
SELECT count(*) FROM seatlock.check_integrity();

-- tokens and numbers of changes differ from run to run
CREATE FUNCTION pg_temp.broken() RETURNS TABLE (event text, invariant text, detail text) LANGUAGE sql AS $$
SELECT event, invariant,
       regexp_replace(regexp_replace(regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', '<token>', 'g'),
                      'change \d+', 'change <seq>', 'g'), '(layout|stands at) \d+', '\1 <n>', 'g')
  FROM seatlock.check_integrity() ORDER BY 1, 2, 3
$$;
SELECT event_id AS event, layout_id AS layout, (SELECT s.seat_no FROM seatlock.seat s WHERE s.layout_id = e.layout_id AND label = 'A-1') AS a1
  FROM seatlock.event e WHERE name = 'integrity' \gset
\set a2 (:a1 + 1)
\set a3 (:a1 + 2)
\set a9 (:a1 + 8)
\set b2 (:a1 + 11)
\set here 'WHERE event_id = ' :event
\set in_layout 'WHERE layout_id = ' :layout

-- event_exists
BEGIN;
INSERT INTO seatlock.seat_state (event_id, seat_no) VALUES (999999, 1);
UPDATE seatlock.event SET venue_id = 999999 :here;
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- seat_state
BEGIN;
DELETE FROM seatlock.seat_state :here AND seat_no = :a9;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
DELETE FROM seatlock.seat :in_layout AND seat_no = :a9;
SELECT event, invariant, replace(detail, 'state ' || :a9, 'state n') AS detail FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET status = 'q' :here AND seat_no = :a9;
SELECT * FROM pg_temp.broken() WHERE invariant = 'seat_state';
ROLLBACK;

-- seat_plan
BEGIN;
UPDATE seatlock.seat SET section_no = 77 :in_layout AND seat_no = :a9;
SELECT event, invariant FROM pg_temp.broken();
ROLLBACK;

-- layout
BEGIN;
UPDATE seatlock.layout SET is_final = false :in_layout;
INSERT INTO seatlock.layout (layout_id, width, height) VALUES (999999, 1, 1);
INSERT INTO seatlock.layout_section (layout_id, section_no, name, general_admission) VALUES (888888, 1, 's', false);
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat SET seat_no = seat_no + 1000 :in_layout AND seat_no = :a9 + 11;
SELECT DISTINCT event, invariant FROM pg_temp.broken();
ROLLBACK;
BEGIN;
DELETE FROM seatlock.layout :in_layout;
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- seat_owner
BEGIN;
UPDATE seatlock.seat_state SET token = :'hold' :here AND seat_no = :a9;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET expires_at = 'tomorrow' :here AND seat_no = :b2;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET token = NULL :here AND seat_no = :a3;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET token = gen_random_uuid() :here AND seat_no = :a3;
SELECT * FROM pg_temp.broken() WHERE invariant = 'seat_owner';
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET status = 'b', expires_at = NULL :here AND seat_no = :a3;
SELECT * FROM pg_temp.broken() WHERE invariant = 'seat_owner';
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET status = 'h', token = :'hold', version = 1 :here AND seat_no = :a9;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET expires_at = expires_at + interval '1 ms' :here AND seat_no = :a3;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET expires_at = 'tomorrow' :here AND seat_no = :a2;
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- hold_seats
BEGIN;
UPDATE seatlock.hold SET seats = seats || :a9 :here AND token = :'hold';
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.hold SET seats = seats || seats :here AND token = :'hold';
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.hold SET state = 'z' :here AND token = :'hold';
SELECT * FROM pg_temp.broken() WHERE invariant = 'hold_seats';
ROLLBACK;

-- hold_cap
BEGIN;
UPDATE seatlock.hold SET capped = false :here AND token = :'hold';
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.hold SET capped = true :here AND state = 'l';
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- one_hold
BEGIN;
UPDATE seatlock.hold SET seats = seats || :a2 :here AND token = :'hold';
SELECT * FROM pg_temp.broken() WHERE invariant = 'one_hold';
ROLLBACK;

-- request_hold
BEGIN;
UPDATE seatlock.request SET token = gen_random_uuid() :here;
SELECT * FROM pg_temp.broken();
ROLLBACK;

BEGIN;
UPDATE seatlock.hold SET request_key = NULL :here;
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- change_row
BEGIN;
UPDATE seatlock.change SET versions = versions || 1::bigint :here AND action = 'released';
SELECT * FROM pg_temp.broken() WHERE invariant = 'change_row';
ROLLBACK;
BEGIN;
UPDATE seatlock.change SET action = 'lost' :here AND action = 'released';
SELECT * FROM pg_temp.broken() WHERE invariant = 'change_row';
ROLLBACK;

-- last_change: version, status, token
BEGIN;
UPDATE seatlock.seat_state SET version = version + 1 :here AND seat_no = :b2;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.seat_state SET status = 'f' :here AND seat_no = :b2;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.change SET token = gen_random_uuid() :here AND action = 'held' AND holder = 'emil';
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- change_versions: a gap, a repetition; an extension that does not keep its version
BEGIN;
UPDATE seatlock.change SET versions = '{5}' :here AND action = 'cancelled';
UPDATE seatlock.seat_state SET version = 5 :here AND seat_no = :a1;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.change SET versions = '{1}' :here AND action = 'unblocked';
UPDATE seatlock.seat_state SET version = 1 :here AND seat_no = :b2 - 1;
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.change SET versions = '{2,2}' :here AND action = 'extended';
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- change_order: a change that does not follow from the one before it
BEGIN;
UPDATE seatlock.change SET action = 'released' :here AND action = 'cancelled';
SELECT * FROM pg_temp.broken();
ROLLBACK;
BEGIN;
UPDATE seatlock.change SET action = 'booked' :here AND action = 'blocked';
SELECT * FROM pg_temp.broken() WHERE invariant = 'change_order';
ROLLBACK;

-- one_owner: a seat changes hands without having been given back
BEGIN;
DELETE FROM seatlock.change :here AND action = 'expired';
SELECT * FROM pg_temp.broken();
ROLLBACK;

-- sequence: as after a restore that forgot the sequences
BEGIN;
UPDATE seatlock.change SET seq = seq + 1000000 :here AND action = 'held' AND holder = 'emil';
SELECT event, invariant FROM pg_temp.broken();
ROLLBACK;

-- of one event: what is broken of it, and of its layout, and of no other event
SELECT seatlock.create_event('integrity 2', 'integrity');
SELECT outcome FROM seatlock.book('integrity 2', 'A-1', 'ann', request_key => 'k');
BEGIN;
UPDATE seatlock.seat_state SET version = version + 1 WHERE seat_no IN (:a9, :a1);
UPDATE seatlock.hold SET request_key = NULL;
UPDATE seatlock.change SET versions = '{3}' WHERE action = 'expired';
SELECT c.* FROM unnest(array['integrity', 'integrity 2', NULL]) e, LATERAL (
    SELECT coalesce(e, 'all') AS asked, b.event, b.invariant, count(*) FROM seatlock.check_integrity(e) b
     WHERE b.event ~ '^integrity' GROUP BY 1, 2, 3) c ORDER BY 1, 2, 3;
ROLLBACK;
BEGIN;
UPDATE seatlock.seat SET section_no = 77 WHERE seat_no = :a9 AND layout_id = (SELECT layout_id FROM seatlock.event :here);
SELECT e, (SELECT count(*) FROM seatlock.check_integrity(e) b WHERE b.invariant = 'seat_plan') FROM unnest(array['integrity', 'integrity 2', NULL]) e;
ROLLBACK;
-- a venue that has had another plan since
BEGIN;
SELECT seatlock.create_grid('integrity', 'Circle', 1, 10, 'Standard');
SELECT seatlock.create_event('integrity 3', 'integrity');
SELECT e, (SELECT count(*) FROM seatlock.check_integrity(e)) FROM unnest(array['integrity', 'integrity 2', 'integrity 3', NULL]) e;
ROLLBACK;
SELECT seatlock.drop_event('integrity 2', 'yes');

-- the oldest part of the history may be gone
BEGIN;
DELETE FROM seatlock.change :here AND action IN ('held', 'blocked') AND holder IS DISTINCT FROM 'emil'
   AND seq < (SELECT max(seq) FROM seatlock.change :here AND action = 'booked');
SELECT * FROM pg_temp.broken();
ROLLBACK;

SELECT * FROM pg_temp.broken();
SELECT seatlock.drop_event('integrity', 'yes');
SELECT seatlock.drop_venue('integrity');
SELECT * FROM pg_temp.broken();
