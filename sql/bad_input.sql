-- bad input: an error or outcome that names the thing, and nothing half done
SELECT seatlock.create_event('bad', 'hall');
SELECT token AS held FROM seatlock.claim('bad', 'A-1', 'ann') \gset
SELECT token AS sold FROM seatlock.book('bad', 'A-2', 'ann') \gset
CREATE TEMP TABLE before AS SELECT t.digest();

-- Each line is tried; no line may change anything.
CREATE FUNCTION pg_temp.try_all(statements text) RETURNS TABLE (statement text, answer text) LANGUAGE sql AS $$
SELECT s, t.try('SELECT ' || CASE WHEN s ~ '^(claim|book|confirm|extend|release|cancel|block|unblock|set_holder|rename_holder|hold)' THEN 't.show(c) FROM ' ELSE 'c::text FROM ' END || 'seatlock.' || s || ' c')
  FROM regexp_split_to_table(btrim(statements, E'\n'), '\n') AS s
$$;

-- unknown event
SELECT * FROM pg_temp.try_all($$
claim('nowhere', 'A-1', 'ann')
claim('nowhere', ARRAY['A-1'], 'ann')
claim_best('nowhere', 1, 'ann')
book('nowhere', 'A-1', 'ann')
confirm('nowhere', 'x')
extend('nowhere', 'x', 60)
release('nowhere', 'x')
cancel('nowhere', 'x')
block('nowhere', 'A-1')
unblock('nowhere', 'A-1')
set_holder('nowhere', 'x', 'ann')
rename_holder('nowhere', 'ann', 'bob')
hold('nowhere', 'x')
lock('nowhere', 'A-1')
seat_map('nowhere')
availability('nowhere')
seat_map_text('nowhere')
seat_map_svg('nowhere')
changes('nowhere', 0, 10)
seat_history('nowhere', 'A-1')
live_holds('nowhere')
check_integrity('nowhere')
alter_event('nowhere')
drop_event('nowhere')
prune('nowhere', '2000-01-01')
drop_venue('nowhere')
create_event('new', 'nowhere')
$$);

-- NULL and empty where something is required
SELECT * FROM pg_temp.try_all($$
claim(NULL, 'A-3', 'ann')
claim('', 'A-3', 'ann')
claim('bad', 'A-3', NULL)
claim('bad', 'A-3', '')
claim('bad', 'A-3', 'ann', request_key => '')
claim('bad', 'A-3', 'ann', token => '')
claim_best('bad', NULL, 'ann')
claim_best('bad', 1, NULL)
claim_best(NULL, 1, 'ann')
book('bad', NULL, 'ann')
book('bad', 'A-3', NULL)
confirm(NULL, 'x')
confirm('bad', NULL)
confirm('bad', '')
extend('bad', NULL, 60)
extend('bad', 'x', NULL)
release('bad', NULL)
release('bad', '')
cancel('bad', NULL)
block('bad', NULL)
unblock('bad', NULL)
set_holder('bad', NULL, 'ann')
set_holder('bad', 'x', NULL)
set_holder('bad', 'x', '')
rename_holder('bad', NULL, 'ann')
rename_holder('bad', 'ann', NULL)
rename_holder('bad', '', 'ann')
rename_holder('bad', 'ann', '')
hold('bad', NULL)
hold(NULL, 'x')
lock('bad', NULL)
lock(NULL, 'A-1')
seat_map(NULL)
availability(NULL)
seat_map_text(NULL)
seat_map_svg(NULL)
changes(NULL, 0, 10)
seat_history('bad', NULL)
live_holds(NULL)
live_holds('')
check_integrity('')
create_event(NULL, 'hall')
create_event('', 'hall')
create_event('new', NULL)
create_grid('new', NULL, 1, 1, 'Standard')
create_grid('new', 'S', NULL, 1, 'Standard')
create_area('new', 'S', NULL, 'Standard')
create_area('new', 'S', 5, NULL)
create_venue('new', NULL)
create_venue(NULL, '{}')
alter_event(NULL)
drop_event(NULL)
drop_venue(NULL)
prune('bad', NULL)
$$);

-- numbers out of range
SELECT * FROM pg_temp.try_all($$
claim('bad', 'A-3', 'ann', 0)
claim('bad', 'A-3', 'ann', -1)
claim('bad', 'A-3', 'ann', -2147483648)
claim_best('bad', 0, 'ann')
claim_best('bad', -1, 'ann')
claim_best('bad', 41, 'ann')
claim_best('bad', 2147483647, 'ann')
claim_best('bad', 1, 'ann', ttl_seconds => 0)
create_event('new', 'hall', hold_seconds => 0)
create_event('new', 'hall', max_hold_seconds => -1)
create_event('new', 'hall', max_seats_per_holder => 0)
alter_event('bad', hold_seconds => 0)
alter_event('bad', max_hold_seconds => 0)
alter_event('bad', max_seats_per_holder => -5)
create_grid('new', 'S', 0, 10, 'Standard')
create_grid('new', 'S', 10, -1, 'Standard')
create_grid('new', 'S', 2147483647, 2147483647, 'Standard')
create_area('new', 'S', 0, 'Standard')
create_area('new', 'S', 2147483647, 'Standard')
lock('bad', 'A-3', -1)
changes('bad', -1, 0)
changes('bad', 0, -1)
$$);
SELECT t.try(format('SELECT t.show(c) FROM seatlock.extend(%L, %L, %s) c', 'bad', :'held', ttl)) FROM unnest(ARRAY[0, -1, -2147483648]) AS ttl;

-- unknown seats, sections, categories, words
SELECT * FROM pg_temp.try_all($$
claim('bad', 'Z-99', 'ann')
claim('bad', '["A-3", "Z-99", "a-3"]', 'ann')
claim('bad', 'A-3,A-4', 'ann')
book('bad', '["A-3", "Z-99"]', 'ann')
block('bad', '["A-3", "Z-99"]')
unblock('bad', 'Z-99')
claim_best('bad', 1, 'ann', section => 'Balcony')
claim_best('bad', 1, 'ann', category => 'Gold')
claim_best('bad', 1, 'ann', section => '')
claim_best('bad', 1, 'ann', adjacency => 'sometimes')
claim_best('bad', 1, 'ann', adjacency => 'REQUIRE')
seat_history('bad', 'Z-99')
drop_event('bad', 'perhaps')
$$);

-- names that are there already, things still in use
SELECT * FROM pg_temp.try_all($$
create_event('bad', 'hall')
create_grid('hall', 'Stalls', 1, 1, 'Standard')
create_area('hall', 'Stalls', 5, 'Standard')
drop_venue('hall')
drop_event('bad')
drop_event('bad', 'no')
$$);

-- names as long as they may be, and longer
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'bad', 'A-3', repeat('é', 128)));
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L, request_key => %L) c', 'bad', 'A-3', 'ann', repeat('k', 256)));
SELECT t.try(format('SELECT seatlock.create_event(%L, %L)', repeat('e', 256), 'hall'));
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', repeat('e', 100000), 'A-3', 'ann'));
SELECT left(t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'bad', repeat('s', 1000), 'ann')), 60);

-- words that mean something elsewhere are names like any other
SELECT * FROM pg_temp.try_all($$
claim('''; DROP TABLE seatlock.seat; --', 'A-1', 'ann')
claim('bad', '''; DROP TABLE seatlock.seat; --', 'ann')
confirm('bad', ''' OR true --')
$$);

-- big: 1 MB of text, 200,000 labels, deep nesting
SELECT left(t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'bad', repeat('x', 1000000), 'ann')), 60);
SELECT t.try(format('SELECT c.outcome || jsonb_array_length(c.conflicts) FROM seatlock.claim(%L, %L, %L) c', 'bad',
             '["A-3"' || repeat(',"A-3"', 166000) || ', "A-1"]', 'ann'));
SELECT t.try(format('SELECT c.outcome || jsonb_array_length(c.conflicts) FROM seatlock.claim(%L, %L, %L) c', 'bad',
             (SELECT jsonb_agg('Z-' || n) FROM generate_series(1, 200000) n), 'ann'));
SELECT left(t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'bad', repeat('[', 100000), 'ann')), 60);
SELECT left(t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'bad', repeat('{', 100000), 'ann')), 60);

-- bounds, in bytes: names and tokens 255, labels, order references and reasons 1000
SELECT call, left(t.try('SELECT t.show(c) FROM seatlock.' || call || ' c'), 75)
  FROM unnest(ARRAY[
    $$claim(repeat('x', 256), 'A-3', 'ann')$$, $$claim('bad', 'A-3', repeat('x', 256))$$,
    $$claim('bad', 'A-3', 'ann', token => repeat('x', 255))$$, $$claim('bad', 'A-3', 'ann', token => repeat('x', 256))$$,
    $$claim('bad', 'A-3', 'ann', request_key => repeat('x', 256))$$, $$claim('bad', 'A-3', repeat('é', 128))$$,
    $$claim('bad', repeat('x', 1000), 'ann')$$, $$claim('bad', repeat('x', 1001), 'ann')$$,
    $$claim('bad', '["' || repeat('x', 1001) || '"]', 'ann')$$, $$claim('bad', '{' || repeat('x', 1001) || '}', 'ann')$$,
    $$claim('bad', ARRAY[repeat('x', 1001)], 'ann')$$, $$claim('bad', '[1' || repeat('0', 1000) || ']', 'ann')$$,
    $$claim_best('bad', 1, 'ann', section => repeat('x', 256))$$, $$claim_best('bad', 1, 'ann', category => repeat('x', 256))$$,
    $$claim_best('bad', 1, 'ann', adjacency => repeat('x', 1001))$$,
    $$confirm('bad', repeat('x', 256))$$, $$confirm('bad', 'x', repeat('x', 1000))$$, $$confirm('bad', 'x', repeat('x', 1001))$$,
    $$extend('bad', repeat('x', 256), 9)$$, $$release('bad', repeat('x', 256))$$, $$cancel('bad', repeat('x', 256))$$,
    $$set_holder('bad', 'x', repeat('x', 256))$$, $$hold('bad', repeat('x', 256))$$,
    $$rename_holder('bad', 'x', repeat('x', 256))$$,
    $$book('bad', 'A-3', 'ann', repeat('x', 1001))$$, $$block('bad', 'A-3', repeat('x', 1001))$$]) WITH ORDINALITY AS u(call, n) ORDER BY n;
SELECT t.try(format('SELECT count(*)::text FROM seatlock.seat_history(%L, %L)', 'bad', repeat('x', 1001)));

-- numbers of any size find the functions, and have a bound
SELECT * FROM pg_temp.try_all($$
claim('bad', 'A-3', 'ann', 2147483648)
claim_best('bad', 9223372036854775807, 'ann')
claim_best('bad', 1::smallint, 'ann', ttl_seconds => -9223372036854775808)
extend('bad', 'x', 4294967297)
lock('bad', 'A-3', 4294967296)
$$);
SELECT t.try(format('SELECT seatlock.%s::text', call)) FROM unnest(ARRAY[
    $$create_grid('new', 'S', 4294967297, 1, 'c')$$, $$create_grid('new', 'S', 1, 4294967297, 'c')$$, $$create_area('new', 'S', 4294967297, 'c')$$,
    $$create_event('new', 'hall of bad', max_hold_seconds => 4294967297)$$, $$alter_event('bad', max_seats_per_holder => 4294967297)$$,
    $$changes('bad', 0, 4294967297)$$]) WITH ORDINALITY AS u(call, n) ORDER BY n;
-- arguments of versions to come
SELECT * FROM pg_temp.try_all($$
claim('bad', 'A-3', 'ann', channel => 'press')
claim('bad', ARRAY['A-3'], 'ann', channel => '')
claim_best('bad', 1, 'ann', channel => 'press')
claim_best('bad', 1, 'ann', wishes => '{}')
$$);
SELECT t.try(format('SELECT seatlock.%s::text', call)) FROM unnest(ARRAY[
    $$create_event('new', 'hall of bad', max_holds_per_holder => 3)$$, $$create_event('new', 'hall of bad', hold_window_seconds => 60)$$,
    $$create_event('new', 'hall of bad', hold_window_seconds => 0)$$, $$alter_event('bad', max_holds_per_holder => 3)$$,
    $$alter_event('bad', hold_window_seconds => 60)$$]) WITH ORDINALITY AS u(call, n) ORDER BY n;

-- wrong types never reach the extension
SELECT * FROM pg_temp.try_all($$
claim('bad', 3, 'ann')
claim('bad', 'A-3', 'ann', 'soon')
claim('bad', 'A-3')
claim('bad', '["A-3"]'::jsonb, 'ann')
$$);
-- nor do bytes that are no text
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('bad', convert_from('\xff', 'UTF8'), 'ann') c$$);

-- malformed plans
SELECT what, t.try(format('SELECT seatlock.create_venue(%L, %L)', 'new', plan))
  FROM (VALUES ('no object', '[]'), ('empty', '{}'), ('a number', '7'), ('null', 'null'),
    ('zones are no array', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [], "zones": 7}'),
    ('row without seats', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [], "zones": [{"name": "z", "position": {"x": 0, "y": 0}, "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}}], "areas": []}]}'),
    ('unknown category', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [], "zones": [{"name": "z", "position": {"x": 0, "y": 0}, "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": [{"seat_number": "1", "seat_guid": "a", "position": {"x": 0, "y": 0}, "category": "c"}]}], "areas": []}]}'),
    ('seat is no object', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [], "zones": [{"name": "z", "position": {"x": 0, "y": 0}, "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": ["1"]}], "areas": []}]}'),
    ('position is text', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [{"name": "c", "color": "#000000"}], "zones": [{"name": "z", "position": {"x": 0, "y": 0}, "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": [{"seat_number": "1", "seat_guid": "a", "position": {"x": "left", "y": 0}, "category": "c"}]}], "areas": []}]}'),
    ('capacity below one', '{"name": "p", "size": {"width": 1, "height": 1}, "categories": [{"name": "c", "color": "#000000"}], "zones": [{"name": "z", "position": {"x": 0, "y": 0}, "rows": [], "areas": [{"shape": "rectangle", "rectangle": {"width": 1, "height": 1}, "position": {"x": 0, "y": 0}, "capacity": -1}]}]}')
  ) AS v(what, plan);

SELECT (SELECT digest FROM before) = t.digest() AS unchanged;
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
