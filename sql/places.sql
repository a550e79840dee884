-- what a backend remembers of labels and places never decides: rows move under it
SELECT seatlock.create_event('places', 'hall') > 0 AS made;
CREATE TABLE t.house AS SELECT label, NULL::text AS token FROM seatlock.seat_map('places');
SELECT count(*) FROM t.house;

/*
 * One session claims and gives back, and commits each time, so that dead row
 * versions are pruned and their places taken by other seats.  Every answer
 * must be the one that a plain table gives.
 */
CREATE PROCEDURE t.play(steps integer) LANGUAGE plpgsql AS $$
DECLARE
    seat record;
    answer seatlock.claim_result;
    wrong integer := 0;
BEGIN
    FOR step IN 1..steps LOOP
        SELECT * INTO seat FROM t.house ORDER BY hashint4extended(step, hashtext(label)) LIMIT 1;
        SELECT * INTO answer FROM seatlock.claim('places', seat.label, 'ann');
        IF answer.ok IS DISTINCT FROM (seat.token IS NULL) THEN
            wrong := wrong + 1;
        END IF;
        IF answer.ok THEN
            UPDATE t.house SET token = answer.token WHERE label = seat.label;
        ELSE
            SELECT * INTO answer FROM seatlock.release('places', seat.token);
            IF answer.outcome <> 'released' THEN
                wrong := wrong + 1;
            END IF;
            UPDATE t.house SET token = NULL WHERE label = seat.label;
        END IF;
        COMMIT;
    END LOOP;
    RAISE NOTICE '% wrong answers', wrong;
END
$$;
CALL t.play(600);

CREATE VIEW t.differences AS
SELECT label FROM seatlock.seat_map('places') m FULL JOIN t.house h USING (label)
 WHERE (m.status = 'held') IS DISTINCT FROM (h.token IS NOT NULL);
TABLE t.differences;

-- all rows at new places, in a new file
VACUUM (FULL) seatlock.seat_state, seatlock.event, seatlock.seat;
CALL t.play(60);
TABLE t.differences;

-- the same name, other numbers: nothing of the old event is believed
SELECT seatlock.drop_event('places', 'yes');
SELECT count(*) FROM seatlock.create_grid('rows', 'Rows', 3, 3, 'Standard');
SELECT seatlock.create_event('places', 'rows') > 0 AS made;
SELECT ok, outcome, conflicts FROM seatlock.claim('places', '["A-1", "B-1", "D-1"]', 'bob');
SELECT ok, outcome FROM seatlock.claim('places', '["A-1", "B-1"]', 'bob');
SELECT label FROM seatlock.seat_map('places') WHERE status = 'held';

-- and of an event that never was, since its transaction rolled back
BEGIN;
SELECT seatlock.create_event('never', 'hall') > 0 AS made;
SELECT ok FROM seatlock.claim('never', 'A-1', 'cat');
ROLLBACK;
SELECT t.try($$SELECT ok FROM seatlock.claim('never', 'A-1', 'cat')$$);
SELECT seatlock.create_event('never', 'rows') > 0 AS made;
SELECT ok FROM seatlock.claim('never', '["A-1", "C-3"]', 'cat');

SELECT * FROM seatlock.check_integrity();
SELECT seatlock.drop_event('places', 'yes'), seatlock.drop_event('never', 'yes');
