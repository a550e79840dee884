-- claim_best: which seats are picked, and what is said when none are
-- (doc/ranking.md is the rule; test/t/020_best_available.pl tries it at random)

-- one line per case: a section of that many rows and seats, seats that are
-- taken, what is asked for, what is got
CREATE TABLE best_case (
    n integer PRIMARY KEY, about text, num_rows integer, seats_per_row integer,
    taken text[], quantity integer, adjacency text);
INSERT INTO best_case VALUES
( 1, 'the middle of the best row',            3,  9, '{}', 3, 'prefer'),
( 2, 'one seat',                              3,  9, '{}', 1, 'prefer'),
( 3, 'of two middles the first',              3,  8, '{}', 1, 'prefer'),
( 4, 'the row''s middle, not the rest''s',    1,  9, '{A-1,A-2,A-3,A-4}', 2, 'prefer'),
( 5, 'no orphan within the row',              1,  6, '{A-1,A-6}', 2, 'prefer'),
( 6, 'no orphan, at the price of a row',      2,  9, '{A-4,A-5}', 2, 'prefer'),
( 7, 'an orphan where there must be one',     2,  3, '{}', 2, 'prefer'),
( 8, 'a seat alone for one person',           1,  6, '{A-3,A-5}', 1, 'prefer'),
( 9, 'one person, pairs only',                1,  5, '{A-3}', 1, 'prefer'),
(10, 'a row of which one seat is left',       2,  4, '{A-1,A-2,A-4}', 1, 'prefer'),
(11, 'split over two rows',                   3,  5, '{}', 8, 'prefer'),
(12, 'split, nobody alone',                   2,  5, '{A-5,B-1}', 5, 'prefer'),
(13, 'split in fewest pieces',                3,  6, '{A-3,A-5,B-1,B-5,B-6,C-2,C-6}', 5, 'prefer'),
(14, 'split in one row, across a taken seat', 1,  7, '{A-4}', 6, 'prefer'),
(15, 'all there are',                         2,  3, '{B-2}', 5, 'prefer'),
(16, 'together or not at all',                2,  5, '{A-3,B-3}', 3, 'require'),
(17, 'together, further back',                2,  5, '{A-3}', 3, 'require'),
(18, 'more than any row has',                 3,  5, '{}', 6, 'require'),
(19, 'any: front row first',                  2,  5, '{A-2,A-4}', 4, 'any'),
(20, 'any: neighbours where it costs no row', 2,  5, '{A-4}', 2, 'any'),
(21, 'any: nearest to the middle',            1,  7, '{A-2,A-4,A-6}', 2, 'any'),
(22, 'more than are free',                    2,  3, '{A-1}', 6, 'prefer'),
(23, 'more than are free, together',          2,  3, '{A-1}', 6, 'require'),
(24, 'more than are free, any',               2,  3, '{A-1}', 6, 'any'),
(25, 'nothing is free',                       1,  2, '{A-1,A-2}', 1, 'any'),
(26, 'more than can be',                      1,  2, '{}', 2147483647, 'prefer');

CREATE FUNCTION run_case(c best_case) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    event text := 'best ' || c.n;
    answer text;
BEGIN
    PERFORM seatlock.create_grid(event, 'Stalls', c.num_rows, c.seats_per_row, 'Standard');
    PERFORM seatlock.create_event(event, event);
    IF c.taken <> '{}' THEN
        PERFORM seatlock.block(event, c.taken::text);
    END IF;
    SELECT t.show(r) INTO answer
      FROM seatlock.claim_best(event, c.quantity, 'ann', adjacency => c.adjacency) r;
    RETURN answer;
END
$$;
SELECT n, about, run_case(c) FROM best_case c ORDER BY n;

-- one caller after the other: best first, and no pair is broken before it must
SELECT seatlock.create_event('best in turn', 'hall');
SELECT i, t.show(c) FROM generate_series(1, 15) AS i, seatlock.claim_best('best in turn', 3, 'holder ' || i) c ORDER BY i;

-- a house of several sections: a row with an aisle, wheelchair places, two prices, a floor
SELECT seatlock.create_venue('best house', jsonb_build_object(
    'name', 'best house',
    'categories', '[{"name": "Gold"}, {"name": "Silver"}, {"name": "Wheelchair", "accessible": true}, {"name": "Floor"}]'::jsonb,
    'zones', jsonb_build_array(
        jsonb_build_object('name', 'Stalls', 'rows', jsonb_build_array(
            (SELECT jsonb_build_object('row_number', 'A', 'seats', jsonb_agg(jsonb_build_object(
                 'seat_number', i::text, 'category', CASE WHEN i <= 2 THEN 'Wheelchair' ELSE 'Gold' END,
                 'position', jsonb_build_object('x', 25 * i + CASE WHEN i > 6 THEN 50 ELSE 0 END, 'y', 0)) ORDER BY i))
               FROM generate_series(1, 9) AS i),
            (SELECT jsonb_build_object('row_number', 'B', 'seats', jsonb_agg(jsonb_build_object(
                 'seat_number', i::text, 'category', 'Silver',
                 'position', jsonb_build_object('x', 25 * i, 'y', 30)) ORDER BY i))
               FROM generate_series(1, 4) AS i))),
        jsonb_build_object('name', 'Circle', 'rows', jsonb_build_array(
            (SELECT jsonb_build_object('row_number', 'C', 'seats', jsonb_agg(jsonb_build_object(
                 'seat_number', i::text, 'category', 'Silver',
                 'position', jsonb_build_object('x', 25 * i, 'y', 60)) ORDER BY i))
               FROM generate_series(1, 4) AS i))),
        jsonb_build_object('name', 'Pit', 'areas', '[{"name": "Pit", "capacity": 3, "category": "Floor"}]'::jsonb),
        jsonb_build_object('name', 'Yard', 'areas', '[{"name": "Yard", "capacity": 6, "category": "Floor"}]'::jsonb))));
SELECT seatlock.create_event('best house', 'best house');
CREATE FUNCTION ask(quantity integer, section text DEFAULT NULL, category text DEFAULT NULL, adjacency text DEFAULT 'prefer',
    taken text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    BEGIN
        IF taken IS NOT NULL THEN
            PERFORM seatlock.block('best house', taken);
        END IF;
        SELECT t.show(c) INTO answer
          FROM seatlock.claim_best('best house', quantity, 'ann', section, category, adjacency => adjacency) c;
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        RETURN answer;
    END;
END
$$;
-- wheelchair places are for those who ask, the aisle parts the row and counts in its middle
SELECT ask(4), ask(3), ask(5), ask(5, adjacency => 'require');
SELECT ask(1, category => 'Wheelchair'), ask(2, category => 'Wheelchair'), ask(3, category => 'Wheelchair');
-- also when nothing else is left
SELECT ask(1, 'Stalls', taken => '["A-3","A-4","A-5","A-6","A-7","A-8","A-9","B-1","B-2","B-3","B-4"]');
-- section and category
SELECT ask(2, 'Circle'), ask(2, NULL, 'Silver'), ask(2, 'Circle', 'Silver'), ask(2, 'Circle', 'Gold');
SELECT ask(5, 'Circle'), ask(5, NULL, 'Silver'), ask(5, NULL, 'Silver', 'any'), ask(5, NULL, 'Silver', 'require');
-- the floor: any place does, together is null, one area for all where there is one
SELECT ask(2, category => 'Floor'), ask(2, 'Pit', adjacency => 'require'), ask(2, 'Pit', adjacency => 'any');
SELECT ask(5, category => 'Floor', adjacency => 'require'), ask(7, category => 'Floor', adjacency => 'require'),
       ask(7, category => 'Floor'), ask(10, category => 'Floor');
-- seats and floor: a party stays together on the floor rather than in pieces;
-- any takes seats while there are enough; a mix is the last resort
SELECT ask(6), ask(6, adjacency => 'require');
SELECT ask(6, adjacency => 'any');
SELECT ask(8);
SELECT ask(8, adjacency => 'require');
SELECT ask(20);
SELECT ask(25), ask(25, adjacency => 'require');

-- a token adds to its hold, for its holder alone
SELECT seatlock.create_grid('best hold', 'Stalls', 1, 6, 'Standard');
SELECT seatlock.create_event('best hold', 'best hold');
SELECT t.show(c), c.token AS token FROM seatlock.claim_best('best hold', 2, 'bob') c \gset
\echo :show
SELECT t.show(c) FROM seatlock.claim_best('best hold', 1, 'bob', token => :'token') c;
SELECT t.show(c) FROM seatlock.claim_best('best hold', 1, 'eve', token => :'token') c;

-- a hold that expired is free
SELECT seatlock.create_event('best lapse', 'best hold');
SELECT t.show(c) FROM seatlock.claim_best('best lapse', 2, 'ann', ttl_seconds => 1) c;
SELECT t.wait_expiry('best lapse');
SELECT t.show(c) FROM seatlock.claim_best('best lapse', 2, 'cat') c;

-- the arguments
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('no such event', 1, 'ann')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', 'No Such Section')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', category => 'No Such Category')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', section => 'Stalls', category => 'stalls')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 0, 'ann')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', -5, 'ann')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', NULL, 'ann')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 2147483647, 'ann')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', adjacency => 'Require')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', adjacency => '')$$);
SELECT t.try($$SELECT outcome FROM seatlock.claim_best('best house', 1, 'ann', ttl_seconds => 0)$$);
SELECT t.show(c) FROM seatlock.claim_best('best house', 1, 'ann', NULL, NULL, NULL, NULL, NULL, NULL) c;

-- the house is kept by the backend: a dropped event's is not used for the next of that name
SELECT seatlock.create_event('best again', 'best hold');
SELECT t.show(c) FROM seatlock.claim_best('best again', 2, 'ann') c;
SELECT seatlock.drop_event('best again', 'yes');
SELECT seatlock.create_event('best again', 'best house');
SELECT t.show(c) FROM seatlock.claim_best('best again', 2, 'ann') c;
BEGIN;
SELECT seatlock.create_event('best undone', 'best hold');
SELECT t.show(c) FROM seatlock.claim_best('best undone', 2, 'ann') c;
ROLLBACK;
SELECT seatlock.create_event('best undone', 'best house');
SELECT t.show(c) FROM seatlock.claim_best('best undone', 2, 'ann') c;
-- more houses than are kept
SELECT seatlock.create_event('best many ' || i, 'best 7') FROM generate_series(1, 12) AS i;
SELECT i, j, t.show(c) FROM generate_series(1, 2) AS i, generate_series(1, 12) AS j,
       seatlock.claim_best('best many ' || j, 1, 'ann') c WHERE j IN (1, 7, 12) OR c.outcome <> 'held' ORDER BY i, j;

DROP FUNCTION run_case, ask;
DROP TABLE best_case;
