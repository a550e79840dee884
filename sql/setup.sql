-- set-up: venues from plans, grids and areas; events; alter, drop, prune
SET timezone = 'UTC';
CREATE TEMP VIEW venue_seats AS
SELECT v.name AS venue, seat_no, sec.name AS section, c.name AS category, row_no, run_no, row_label, seat_number, x, y
  FROM seatlock.seat JOIN seatlock.venue v USING (layout_id)
  JOIN seatlock.layout_section sec USING (layout_id, section_no) JOIN seatlock.layout_category c USING (layout_id, category_no);

--
-- a plan: positions add up on the way down, row_label goes before row_number
--
SELECT seatlock.create_venue('playhouse', '{
  "name": "any", "size": {"width": 500, "height": 400.5}, "unheard": [1, 2],
  "categories": [{"name": "Near", "color": "#ff0000"}, {"name": "Far"}, {"name": "Wheels", "accessible": true}, {"name": "ACCESSIBLE", "accessible": false}],
  "zones": [
    {"name": "Stalls", "zone_id": "s", "uuid": "u", "position": {"x": 100, "y": 50}, "rows": [
      {"row_number": "1", "row_label": "A", "row_number_position": "both", "position": {"x": 10, "y": 5}, "seats": [
        {"seat_number": "1", "seat_guid": "same", "uuid": "u1", "position": {"x": 0, "y": 0}, "category": "Near", "radius": 10},
        {"seat_number": "2", "seat_guid": "same", "uuid": "u2", "position": {"x": 25.5, "y": -1}, "category": "Far"}]},
      {"row_number": "2", "row_label": null, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 25}, "category": "Wheels"},
        {"seat_number": "1a", "position": {"x": 25, "y": 25}, "category": "ACCESSIBLE"}]}],
     "areas": [
      {"shape": "rectangle", "color": "#eeeeee", "border_color": "#333333", "rotation": 15, "uuid": "x", "position": {"x": 1, "y": 2},
       "rectangle": {"width": 30, "height": 20}, "text": {"text": "Stage", "position": {"x": 15, "y": 10}, "color": "#000000", "size": 12}},
      {"shape": "circle", "position": {"x": 200, "y": 200}, "circle": {"radius": 40}, "capacity": 3, "category": "Far", "name": "Pit", "text": {"text": ""}}]},
    {"name": "Terrace", "position": {"x": 0, "y": 300}, "rows": [], "areas": [
      {"shape": "ellipse", "position": {"x": 50, "y": 50}, "ellipse": {"radius": {"x": 40, "y": 20}}, "capacity": 2, "category": "Near", "text": {"text": "Lawn"}},
      {"position": {"x": 150, "y": 50}, "capacity": 2, "category": "Near"},
      {"shape": "polygon", "position": {"x": 250, "y": 50}, "polygon": {"points": [{"x": 0, "y": 0}, {"x": 10, "y": 0}, {"x": 0, "y": 10}]}},
      {"shape": "text", "position": {"x": 0, "y": 0}, "text": {"text": "Exit"}}]}]}');
SELECT seat_no, section, category, row_no, run_no, row_label, seat_number, round(x::numeric, 1) AS x, round(y::numeric, 1) AS y
  FROM venue_seats WHERE venue = 'playhouse' ORDER BY seat_no;
SELECT category_no, c.name, color, accessible FROM seatlock.layout_category c JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'playhouse' ORDER BY 1;
SELECT section_no, s.name, general_admission FROM seatlock.layout_section s JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'playhouse' ORDER BY 1;
SELECT width, height, jsonb_pretty(drawing) FROM seatlock.venue JOIN seatlock.layout USING (layout_id) WHERE name = 'playhouse';

-- neighbours: broken where the gap exceeds 1.5 usual steps, also in a curve and in a slanting row
SELECT seatlock.create_venue('runs', jsonb_build_object('categories', '[{"name": "c"}]'::jsonb, 'zones', jsonb_build_array(jsonb_build_object('name', 'Z', 'rows',
  (SELECT jsonb_agg(jsonb_build_object('row_number', label, 'seats',
      (SELECT jsonb_agg(jsonb_build_object('seat_number', n::text, 'category', 'c', 'position', jsonb_build_object('x', x, 'y', y[n])) ORDER BY n)
         FROM unnest(xs) WITH ORDINALITY AS u(x, n))) ORDER BY label)
     FROM (VALUES
       ('A-even',      '{0,25,50,75}'::float8[],        '{0,0,0,0}'::float8[]),
       ('B-aisle',     '{0,25,50,100,125}',             '{0,0,0,0,0}'),
       ('C-exact',     '{0,25,62.5,87.5}',              '{0,0,0,0}'),
       ('D-just over', '{0,25,62.6,87.6}',              '{0,0,0,0}'),
       ('E-pairs',     '{0,25,100,125,200,225}',        '{0,0,0,0,0,0}'),
       ('F-slant',     '{0,15,30,60,75}',               '{0,20,40,80,100}'),
       ('G-one',       '{0}',                           '{0}'),
       ('H-two',       '{0,500}',                       '{0,0}'),
       ('I-gap',       '{0,25,75}',                     '{0,0,0}'),
       ('J-fractions', '{0.1,0.2,0.30000000000000004}', '{0,0,0}'),
       ('K-backwards', '{75,50,0}',                     '{0,0,0}'),
       ('L-one spot',  '{5,5,5}',                       '{5,5,5}')) AS r(label, xs, y)))))) AS seats;
SELECT row_label, string_agg(seats, ' | ' ORDER BY run_no) FROM
  (SELECT row_label, run_no, string_agg(seat_number, ' ' ORDER BY seat_no) AS seats FROM venue_seats WHERE venue = 'runs' GROUP BY 1, 2) AS run
 GROUP BY row_label ORDER BY row_label;
-- runs and rows are counted over the whole venue, in seat order
SELECT bool_and(row_no >= before AND run_no >= run_before) AS rising, max(row_no) AS rows, max(run_no) AS runs,
       count(DISTINCT run_no) AS distinct_runs
  FROM (SELECT *, lag(row_no, 1, 1) OVER w AS before, lag(run_no, 1, 1) OVER w AS run_before
          FROM venue_seats WHERE venue = 'runs' WINDOW w AS (ORDER BY seat_no)) AS s;

-- places of general admission lie inside their area, each on its own spot
CREATE TEMP TABLE shapes (name text PRIMARY KEY, area jsonb, inside text);
INSERT INTO shapes VALUES
  ('rectangle', '{"shape": "rectangle", "rectangle": {"width": 300, "height": 20}}', 'x BETWEEN 1000 AND 1300 AND y BETWEEN 2000 AND 2020'),
  ('turned', '{"shape": "rectangle", "rotation": 90, "rectangle": {"width": 300, "height": 20}}', 'x BETWEEN 980 AND 1000 AND y BETWEEN 2000 AND 2300'),
  ('circle', '{"shape": "circle", "circle": {"radius": 50}}', '(x - 1000) ^ 2 + (y - 2000) ^ 2 <= 2500.001'),
  ('ellipse', '{"shape": "ellipse", "rotation": -90, "ellipse": {"radius": {"x": 80, "y": 10}}}', '((x - 1000) / 10) ^ 2 + ((y - 2000) / 80) ^ 2 <= 1.00001'),
  ('triangle', '{"shape": "polygon", "polygon": {"points": [{"x": 0, "y": 0}, {"x": 100, "y": 0}, {"x": 0, "y": 100}]}}', 'x >= 1000 AND y >= 2000 AND x + y <= 3100.001'),
  ('ring', '{"shape": "polygon", "polygon": {"points": [{"x": 0, "y": 0}, {"x": 90, "y": 0}, {"x": 90, "y": 90}, {"x": 0, "y": 90}, {"x": 0, "y": 80}, {"x": 80, "y": 80}, {"x": 80, "y": 10}, {"x": 0, "y": 10}]}}',
   'x BETWEEN 1000 AND 1090 AND y BETWEEN 2000 AND 2090 AND NOT (x < 1079.9 AND y BETWEEN 2010.1 AND 2079.9)'),
  ('hair', '{"shape": "polygon", "polygon": {"points": [{"x": 0, "y": 0}, {"x": 100, "y": 100}, {"x": 100, "y": 100.001}]}}', 'true'),
  ('line', '{"shape": "rectangle", "rectangle": {"width": 300, "height": 0}}', 'y = 2000'),
  ('point', '{"shape": "circle", "circle": {"radius": 0}}', 'x = 1000 AND y = 2000'),
  ('text', '{"shape": "text"}', 'x = 1000 AND y = 2000');
SELECT seatlock.create_venue('shapes', jsonb_build_object('categories', '[{"name": "c"}]'::jsonb, 'zones', jsonb_build_array(jsonb_build_object('name', 'Z', 'position', '{"x": 900, "y": 1900}'::jsonb,
  'areas', (SELECT jsonb_agg(area || jsonb_build_object('name', name, 'capacity', 137, 'position', '{"x": 100, "y": 100}'::jsonb) ORDER BY name) FROM shapes)))));
CREATE FUNCTION pg_temp.outside(section text, inside text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM venue_seats WHERE venue = ''shapes'' AND section = %L AND NOT (%s)', section, inside) INTO n;
    RETURN n;
END
$$;
SELECT name, pg_temp.outside(name, inside) AS outside, count(*) AS places, count(DISTINCT (x, y)) AS spots, count(row_no) + count(run_no) + count(row_label) AS in_rows
  FROM shapes JOIN venue_seats ON venue = 'shapes' AND section = name GROUP BY name, inside ORDER BY name;

--
-- grids and areas: sections below one another
--
SELECT seatlock.create_grid('club', 'Floor', 2, 3, 'Near');
SELECT seatlock.create_area('club', 'Bar', 5, 'Stand');
SELECT seatlock.create_grid('club', ' Boxes ', 1, 2, 'Accessible'), seatlock.create_grid('club', 'Rear', 1, 1, 'Near');
SELECT seat_no, section, category, row_no, run_no, row_label, seat_number, round(x::numeric, 1) AS x, round(y::numeric, 1) AS y
  FROM venue_seats WHERE venue = 'club' ORDER BY seat_no;
SELECT category_no, c.name, color, accessible FROM seatlock.layout_category c JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'club' ORDER BY 1;
SELECT width, height, drawing FROM seatlock.venue JOIN seatlock.layout USING (layout_id) WHERE name = 'club';
-- also below a plan, whose categories are used by name
SELECT seatlock.create_grid('playhouse', 'Annex', 1, 2, 'Wheels');
SELECT seat_no, section, category, row_no, run_no, row_label, seat_number, x, y FROM venue_seats WHERE venue = 'playhouse' AND section = 'Annex' ORDER BY 1;
SELECT venue, num_seats, num_events FROM seatlock.venues WHERE venue IN ('playhouse', 'runs', 'shapes', 'club') ORDER BY venue;

CREATE FUNCTION pg_temp.try_all(statements text) RETURNS TABLE (statement text, answer text) LANGUAGE sql AS $$
SELECT s, t.try('SELECT seatlock.' || s) FROM regexp_split_to_table(btrim(statements, E'\n'), '\n') AS s
$$;
SELECT * FROM pg_temp.try_all($$
create_venue('club', '{"categories": [{"name": "c"}], "zones": [{"name": "z", "areas": [{"capacity": 1}]}]}')
create_grid('club', 'Floor', 1, 1, 'Near')
create_area('club', 'Floor', 1, 'Near')
create_area('club', 'Boxes', 1, 'Near')
create_grid(NULL, 's', 1, 1, 'c')
create_grid('', 's', 1, 1, 'c')
create_grid('v', NULL, 1, 1, 'c')
create_grid('v', ' ', 1, 1, 'c')
create_grid('v', '[s', 1, 1, 'c')
create_grid('v', 's', 0, 1, 'c')
create_grid('v', 's', 1, -1, 'c')
create_grid('v', 's', NULL, 1, 'c')
create_grid('v', 's', 1, NULL, 'c')
create_grid('v', 's', 1, 1, NULL)
create_grid('v', 's', 1, 1, '')
create_grid('v', 's', 2147483647, 2147483647, 'c')
create_grid('v', 's', 1001, 1000, 'c')
create_area('v', 's', 0, 'c')
create_area('v', 's', -5, 'c')
create_area('v', 's', 1000001, 'c')
create_area('v', 's', 2147483647, 'c')
create_area('v', '{s}', 1, 'c')
create_area('v', NULL, 1, 'c')
create_area('v', 's', NULL, 'c')
create_area('v', 's', 1, NULL)
$$);
-- a venue as a whole has its bound too
SELECT t.try($$SELECT seatlock.create_area('club', 'Field', 999991, 'Near')$$);

--
-- events: on the plan as it is now
--
SELECT seatlock.create_event('gala', 'club', '2030-01-01 10:00+00', '2030-01-02 10:00+00', 60, 120, 4);
SELECT event, venue, opens_at, closes_at, hold_seconds, max_hold_seconds, max_seats_per_holder, num_seats FROM seatlock.events WHERE event = 'gala';
SELECT seat_no, section_no, category_no, row_no, run_no, label, row_label, seat_number, status, version, expires_at, token
  FROM seatlock.seat JOIN seatlock.event e USING (layout_id) JOIN seatlock.seat_state USING (event_id, seat_no) WHERE e.name = 'gala' ORDER BY seat_no;
SELECT category_no, c.name, color, accessible FROM seatlock.layout_category c JOIN seatlock.event e USING (layout_id) WHERE e.name = 'gala' ORDER BY 1;
SELECT section_no, s.name, general_admission FROM seatlock.layout_section s JOIN seatlock.event e USING (layout_id) WHERE e.name = 'gala' ORDER BY 1;
SELECT e.layout_id = v.layout_id AS same_layout, is_final, l.num_seats FROM seatlock.event e JOIN seatlock.venue v USING (venue_id) JOIN seatlock.layout l ON l.layout_id = e.layout_id WHERE e.name = 'gala';
-- defaults, and NULL for each of them
SELECT seatlock.create_event('plain', 'club'), seatlock.create_event('nulls', 'club', NULL, NULL, NULL, NULL, NULL);
SELECT event, opens_at, closes_at, hold_seconds, max_hold_seconds, max_seats_per_holder FROM seatlock.events WHERE event IN ('plain', 'nulls') ORDER BY 1;
-- later changes of the venue do not reach it
SELECT seatlock.create_grid('club', 'Late', 1, 1, 'Late');
SELECT event, num_seats FROM seatlock.events WHERE event = 'gala';
SELECT seatlock.create_event('later', 'club');
SELECT * FROM pg_temp.try_all($$
create_event('gala', 'club')
create_event('x', 'nowhere')
create_event(NULL, 'club')
create_event('', 'club')
create_event('x', NULL)
create_event('x', 'club', hold_seconds => 0)
create_event('x', 'club', max_hold_seconds => -1)
create_event('x', 'club', hold_seconds => 7201)
create_event('x', 'club', max_hold_seconds => 899)
create_event('x', 'club', max_seats_per_holder => 0)
create_event('x', 'club', '2030-01-01', '2030-01-01')
create_event('x', 'club', '2030-01-02', '2030-01-01')
$$);

--
-- alter_event: NULL keeps
--
SELECT seatlock.alter_event('gala');
SELECT seatlock.alter_event('gala', hold_seconds => 90, closes_at => '2030-02-01 00:00+00');
SELECT opens_at, closes_at, hold_seconds, max_hold_seconds, max_seats_per_holder FROM seatlock.events WHERE event = 'gala';
SELECT seatlock.alter_event('gala', '2029-01-01 00:00+00', NULL, 100, 100, 5);
SELECT opens_at, closes_at, hold_seconds, max_hold_seconds, max_seats_per_holder FROM seatlock.events WHERE event = 'gala';
SELECT * FROM pg_temp.try_all($$
alter_event('nowhere', hold_seconds => 1)
alter_event(NULL)
alter_event('gala', hold_seconds => 101)
alter_event('gala', max_hold_seconds => 99)
alter_event('gala', hold_seconds => 0)
alter_event('gala', max_seats_per_holder => -1)
alter_event('gala', opens_at => '2030-02-01 00:00+00')
alter_event('gala', closes_at => '2028-01-01 00:00+00')
$$);
-- a first cap counts what is held and booked already, and not what was given back
SELECT outcome FROM seatlock.claim('plain', 'Floor-A-1', 'ann');
SELECT outcome FROM seatlock.book('plain', 'Floor-A-2', 'ann');
SELECT token AS t FROM seatlock.claim('plain', 'Floor-A-3', 'ann') \gset
SELECT outcome FROM seatlock.release('plain', :'t');
SELECT seatlock.alter_event('plain', max_seats_per_holder => 3);
SELECT outcome FROM seatlock.claim('plain', '["Floor-B-1", "Floor-B-2"]', 'ann');
SELECT outcome FROM seatlock.claim('plain', 'Floor-B-1', 'ann');
SELECT outcome FROM seatlock.claim('plain', 'Floor-B-2', 'ann');

--
-- prune: what is older than asked for, and than a day
--
SELECT token AS old FROM seatlock.claim('later', 'Floor-A-1', 'ann', request_key => 'old') \gset
SELECT outcome FROM seatlock.release('later', :'old');
SELECT token AS sold FROM seatlock.book('later', 'Floor-A-2', 'ann', request_key => 'sold') \gset
SELECT token AS live FROM seatlock.claim('later', 'Floor-B-1', 'ann') \gset
-- tokens are in the order of their milliseconds
SELECT FROM pg_sleep(0.002);
SELECT token AS new FROM seatlock.claim('later', 'Floor-A-3', 'ann', request_key => 'new') \gset
SELECT outcome FROM seatlock.release('later', :'new');
-- all of it three days ago, but for the new
UPDATE seatlock.change SET changed_at = changed_at - interval '3 days' WHERE token <> :'new'
   AND event_id = (SELECT event_id FROM seatlock.event WHERE name = 'later');
UPDATE seatlock.request SET created_at = created_at - interval '3 days' WHERE token <> :'new'
   AND event_id = (SELECT event_id FROM seatlock.event WHERE name = 'later');
UPDATE seatlock.hold SET created_at = created_at - interval '3 days', ended_at = ended_at - interval '3 days' WHERE token <> :'new'
   AND event_id = (SELECT event_id FROM seatlock.event WHERE name = 'later');
CREATE TEMP VIEW kept AS
SELECT (SELECT string_agg(action, ' ' ORDER BY seq) FROM seatlock.change JOIN seatlock.event e USING (event_id) WHERE e.name = 'later') AS changes,
       (SELECT string_agg(key, ' ' ORDER BY key) FROM seatlock.request JOIN seatlock.event e USING (event_id) WHERE e.name = 'later') AS keys,
       (SELECT string_agg(state::text, ' ' ORDER BY state::text, token) FROM seatlock.hold JOIN seatlock.event e USING (event_id) WHERE e.name = 'later') AS holds;
TABLE kept;
SELECT seatlock.prune('later', clock_timestamp() - interval '4 days');
TABLE kept;
SELECT seatlock.prune('later', 'infinity');
TABLE kept;
SELECT seatlock.prune('later', '-infinity');
-- a pruned token is no token, a pruned key is no key
SELECT outcome FROM seatlock.release('later', :'old');
SELECT outcome FROM seatlock.cancel('later', :'sold');
SELECT outcome, replayed FROM seatlock.claim('later', 'Floor-A-1', 'ann', request_key => 'old');
SELECT * FROM pg_temp.try_all($$
prune('nowhere', '2020-01-01')
prune(NULL, '2020-01-01')
prune('later', NULL)
$$);

--
-- drop
--
SELECT * FROM pg_temp.try_all($$
drop_event('nowhere')
drop_event(NULL)
drop_event('gala', 'maybe')
drop_event('gala', '')
drop_event('plain')
drop_event('plain', NULL)
drop_event('plain', 'no')
drop_venue('club')
drop_venue('nowhere')
drop_venue(NULL)
$$);
SELECT seatlock.drop_event('gala'), seatlock.drop_event('nulls', NULL), seatlock.drop_event('plain', 'yes'), seatlock.drop_event('later', force => 'yes');
SELECT seatlock.drop_event('gala');
-- nothing of them is left
SELECT (SELECT count(*) FROM seatlock.event WHERE name IN ('gala', 'plain', 'nulls', 'later')) AS events,
       (SELECT count(*) FROM seatlock.layout WHERE layout_id NOT IN (SELECT layout_id FROM seatlock.venue)) AS layouts,
       (SELECT count(*) FROM seatlock.seat WHERE layout_id NOT IN (SELECT layout_id FROM seatlock.venue)) AS seats,
       (SELECT count(*) FROM seatlock.seat_state WHERE event_id NOT IN (SELECT event_id FROM seatlock.event)) AS states,
       (SELECT count(*) FROM seatlock.hold WHERE event_id NOT IN (SELECT event_id FROM seatlock.event)) AS holds,
       (SELECT count(*) FROM seatlock.change WHERE event_id NOT IN (SELECT event_id FROM seatlock.event)) AS changes,
       (SELECT count(*) FROM seatlock.request WHERE event_id NOT IN (SELECT event_id FROM seatlock.event)) AS requests,
       (SELECT count(*) FROM seatlock.layout_section WHERE layout_id NOT IN (SELECT layout_id FROM seatlock.venue)) AS sections,
       (SELECT count(*) FROM seatlock.layout_category WHERE layout_id NOT IN (SELECT layout_id FROM seatlock.venue)) AS categories;
-- held seats that have expired do not keep an event
SELECT seatlock.create_event('lapse', 'club');
SELECT outcome FROM seatlock.claim('lapse', 'Floor-A-1', 'ann', 1);
SELECT seatlock.drop_event('lapse');
SELECT t.wait_expiry('lapse');
SELECT seatlock.drop_event('lapse');
SELECT seatlock.drop_venue('club'), seatlock.drop_venue('playhouse'), seatlock.drop_venue('runs'), seatlock.drop_venue('shapes');
SELECT count(*) FROM venue_seats WHERE venue IN ('club', 'playhouse', 'runs', 'shapes');
-- the names are free again
SELECT seatlock.create_grid('club', 'Floor', 1, 1, 'Near'), seatlock.create_event('gala', 'club'), seatlock.drop_event('gala'), seatlock.drop_venue('club');

--
-- transactions
--
-- read-only comes before any other complaint
BEGIN READ ONLY;
SELECT * FROM (VALUES
    ($$create_venue(NULL, NULL)$$), ($$create_grid(NULL, NULL, 0, 0, NULL)$$), ($$create_area(NULL, NULL, 0, NULL)$$), ($$create_event(NULL, NULL)$$),
    ($$alter_event(NULL)$$), ($$drop_event(NULL, 'maybe')$$), ($$drop_venue(NULL)$$), ($$prune(NULL, NULL)$$)) AS s(statement),
  LATERAL t.try('SELECT seatlock.' || statement) AS answer;
ROLLBACK;
-- all is undone with the transaction, or with its savepoint
BEGIN;
SAVEPOINT s;
SELECT seatlock.create_grid('undone', 'S', 1, 1, 'c'), seatlock.create_event('undone', 'undone');
ROLLBACK TO s;
SELECT seatlock.create_grid('undone', 'S', 1, 2, 'c'), seatlock.create_event('undone', 'undone'), seatlock.drop_event('undone');
ROLLBACK;
SELECT t.try($$SELECT seatlock.drop_venue('undone')$$);
-- the stricter isolation levels see their own work
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT seatlock.create_grid('strict', 'S', 1, 2, 'c'), seatlock.create_grid('strict', 'T', 1, 2, 'c'), seatlock.create_event('strict', 'strict');
SELECT outcome FROM seatlock.claim('strict', 'S-A-1', 'ann');
SELECT seatlock.alter_event('strict', max_seats_per_holder => 1);
SELECT outcome FROM seatlock.claim('strict', 'S-A-2', 'ann');
SELECT seatlock.drop_event('strict', 'yes'), seatlock.drop_venue('strict');
COMMIT;

--
-- names: what is around them is trimmed as calls trim labels, what is in them is shown
--
SELECT seatlock.create_grid('names', E'\t \x0b\f\r\nStalls\t\n ', 1, 2, E' \tNear\n');
SELECT seatlock.create_area('names', E'\tFloor\n', 1, 'Near');
SELECT seatlock.create_event('names', 'names');
SELECT label, section, category FROM seatlock.seat_map('names');
SELECT outcome FROM seatlock.claim('names', E'\tA-1\n', 'ann'), seatlock.claim('names', 'Floor-1', 'ann') f (ok, floor);
SELECT outcome FROM seatlock.claim_best('names', 1, 'ann', section => 'Stalls', category => 'Near');
SELECT seatlock.drop_event('names', 'yes'), seatlock.drop_venue('names');
CREATE FUNCTION pg_temp.one_seat_plan(category text, zone text, row_number text, seat text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('categories', jsonb_build_array(jsonb_build_object('name', category)), 'zones', jsonb_build_array(jsonb_build_object('name', zone,
         'rows', jsonb_build_array(jsonb_build_object('row_number', row_number, 'seats', jsonb_build_array(jsonb_build_object(
         'seat_number', seat, 'category', category, 'position', '{"x": 0, "y": 0}'::jsonb))))))) $$;
-- every name that can be given, with every kind of control character in it
SELECT what, count(*) FILTER (WHERE answer LIKE '22023: %control character%') AS refused, count(*) AS tried,
       min(answer) FILTER (WHERE answer NOT LIKE '22023: %control character%') AS other
  FROM (SELECT 'a' || chr(c) || 'b' AS name FROM unnest(ARRAY[1, 7, 8, 9, 10, 11, 12, 13, 27, 31, 127, 128, 133, 155, 159]) c) n,
       LATERAL (VALUES
         (1, 'grid venue', format('create_grid(%L, %L, 1, 1, %L)', name, 's', 'c')), (2, 'grid section', format('create_grid(%L, %L, 1, 1, %L)', 'v', name, 'c')),
         (3, 'grid category', format('create_grid(%L, %L, 1, 1, %L)', 'v', 's', name)), (4, 'area venue', format('create_area(%L, %L, 1, %L)', name, 's', 'c')),
         (5, 'area section', format('create_area(%L, %L, 1, %L)', 'v', name, 'c')), (6, 'area category', format('create_area(%L, %L, 1, %L)', 'v', 's', name)),
         (7, 'venue', format('create_venue(%L, %L)', name, '{}')), (8, 'event', format('create_event(%L, %L)', name, 'v')),
         (9, 'plan category', format('create_venue(%L, %L)', 'v', pg_temp.one_seat_plan(name, 'z', 'r', '1'))),
         (10, 'plan zone', format('create_venue(%L, %L)', 'v', pg_temp.one_seat_plan('c', name, 'r', '1'))),
         (11, 'plan row', format('create_venue(%L, %L)', 'v', pg_temp.one_seat_plan('c', 'z', name, '1'))),
         (12, 'plan seat', format('create_venue(%L, %L)', 'v', pg_temp.one_seat_plan('c', 'z', 'r', name)))) AS s(n, what, call),
       LATERAL t.try('SELECT seatlock.' || call || '::text') AS answer
 GROUP BY s.n, what ORDER BY s.n;
-- holder, key, order reference and reason are the caller's own
SELECT seatlock.create_grid('own', 'S', 1, 3, 'c'), seatlock.create_event('own', 'own');
SELECT outcome FROM seatlock.book('own', 'A-1', E'an\tn', E'line\nline', E'key\x01'), seatlock.block('own', 'A-2', E'wet\npaint') b (ok, blocked);
SELECT seatlock.drop_event('own', 'yes'), seatlock.drop_venue('own');
