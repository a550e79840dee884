-- labels are unique in the event, and say how they were made so
CREATE FUNCTION pg_temp.plan(zones jsonb) RETURNS jsonb LANGUAGE sql AS $$
-- {"zone": {"row": ["seat", ...]}} as a seating plan; a number of seats is general admission
SELECT jsonb_build_object('name', 'p', 'categories', '[{"name": "c"}]'::jsonb, 'zones', jsonb_agg(jsonb_build_object(
    'name', z->>0, 'position', '{"x": 0, "y": 0}'::jsonb,
    'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('row_number', r->>0, 'seats',
                (SELECT jsonb_agg(jsonb_build_object('seat_number', s, 'category', 'c', 'position', jsonb_build_object('x', 25 * n, 'y', 0)) ORDER BY n)
                   FROM jsonb_array_elements_text(r->1) WITH ORDINALITY AS a(s, n))) ORDER BY rn), '[]')
               FROM jsonb_array_elements(z->1) WITH ORDINALITY AS b(r, rn) WHERE jsonb_typeof(r) = 'array'),
    'areas', (SELECT coalesce(jsonb_agg(jsonb_build_object('shape', 'text', 'position', '{"x": 0, "y": 0}'::jsonb, 'capacity', c)), '[]')
                FROM jsonb_array_elements(z->1) AS c WHERE jsonb_typeof(c) = 'number')) ORDER BY zn))
  FROM jsonb_array_elements(zones) WITH ORDINALITY AS d(z, zn)
$$;
CREATE FUNCTION pg_temp.labels(event text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(label, ', ' ORDER BY seat_no) FROM seatlock.seat
  JOIN seatlock.event e USING (layout_id) WHERE e.name = labels.event
$$;

-- row and number are enough
SELECT seatlock.create_venue('short', pg_temp.plan('[["Stalls", [["A", ["1", "2"]], ["B", ["1", "2"]]]], ["Circle", [["C", ["1", "2"]]]]]'));
SELECT seatlock.create_event('short', 'short');
SELECT pg_temp.labels('short');

-- a row of one name in two sections: all row seats get the section
SELECT seatlock.create_venue('long', pg_temp.plan('[["Stalls", [["A", ["1", "2"]], ["B", ["1"]]]], ["Circle", [["A", ["1"]], ["Z", ["1"]]]], ["Floor", [2]]]'));
SELECT seatlock.create_event('long', 'long');
SELECT pg_temp.labels('long');

-- rows of one name in one section stay separate rows, and seats are counted in plan order
SELECT seatlock.create_venue('again', pg_temp.plan('[["S", [["A", ["1", "2"]], ["A", ["2", "1"]], ["B", ["1"]], ["A", ["1"]]]]]'));
SELECT seatlock.create_event('again', 'again');
SELECT pg_temp.labels('again');
SELECT count(DISTINCT row_no) AS rows, count(DISTINCT run_no) AS runs, min(seat_no), max(seat_no)
  FROM seatlock.seat JOIN seatlock.event e USING (layout_id) WHERE e.name = 'again';

-- a label that looks like a counted one is somebody's own
SELECT seatlock.create_venue('mimic', pg_temp.plan('[["S", [["A", ["1", "1 (2)", "1 (2) (2)"]], ["A", ["1", "1 (2)"]], ["A", ["1", "1 (3)"]]]]]'));
SELECT seatlock.create_event('mimic', 'mimic');
SELECT pg_temp.labels('mimic');
-- names that run into each other
SELECT seatlock.create_venue('dashes', pg_temp.plan('[["S", [["A", ["1-2"]], ["A-1", ["2"]], ["S-A", ["1-2"]]]], ["S-S", [["A", ["1-2"]]]]]'));
SELECT seatlock.create_event('dashes', 'dashes');
SELECT pg_temp.labels('dashes');

-- general admission is Section-n, also when that is a seat's short label
SELECT seatlock.create_venue('area', pg_temp.plan('[["A", [3]], ["Stalls", [["A", ["1", "2"]], ["B", ["1"]]]]]'));
SELECT seatlock.create_event('area', 'area');
SELECT pg_temp.labels('area');
-- areas of one name are one section and count on; a zone's own rows are not part of it
SELECT seatlock.create_venue('areas', pg_temp.plan('[["Floor", [2, 3, ["A", ["1"]]]], ["Bar", [1]], ["Floor", [1]]]'));
SELECT seatlock.create_event('areas', 'areas');
SELECT pg_temp.labels('areas');
SELECT section_no, s.name, general_admission, count(*) FROM seatlock.layout_section s JOIN seatlock.event e USING (layout_id)
  JOIN seatlock.seat USING (layout_id, section_no) WHERE e.name = 'areas' GROUP BY 1, 2, 3 ORDER BY 1;

-- zones of one name are one section, though another lies between them
SELECT seatlock.create_venue('zones', pg_temp.plan('[["L", [["A", ["1", "2"]]]], ["R", [["A", ["1"]]]], ["L", [["A", ["1"]], ["B", ["9"]]]]]'));
SELECT seatlock.create_event('zones', 'zones');
SELECT seat_no, section_no, row_no, run_no, label FROM seatlock.seat JOIN seatlock.event e USING (layout_id) WHERE e.name = 'zones' ORDER BY seat_no;

-- quotes, commas, spaces and Unicode are text like any other; white space around names is not
SELECT seatlock.create_venue('odd', pg_temp.plan('[["Œuvre \"q\"", [[" Ä,1 ", ["1\t", "a b", "''", "\\"]]]], ["日本", [["Ä,1", ["1"]], ["2", ["[x]"]]]]]'));
SELECT seatlock.create_event('odd', 'odd');
SELECT pg_temp.labels('odd');

-- grids and areas; row letters
SELECT seatlock.create_grid('grid', 'Left', 2, 2, 'c'), seatlock.create_area('grid', 'Floor', 2, 'c'), seatlock.create_grid('grid', 'Right', 1, 2, 'c');
SELECT seatlock.create_event('grid', 'grid');
SELECT pg_temp.labels('grid');
SELECT seatlock.create_grid('letters', 'S', 18279, 1, 'c');
SELECT row_no, row_label FROM seatlock.seat JOIN seatlock.venue v USING (layout_id)
 WHERE v.name = 'letters' AND row_no IN (1, 2, 26, 27, 28, 52, 53, 702, 703, 18278, 18279) ORDER BY row_no;

-- letters left out
SELECT seatlock.create_grid('skip', 'S', 30, 1, 'c', 'iO');
SELECT string_agg(row_label, ' ' ORDER BY row_no) FROM seatlock.seat JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'skip';
SELECT seatlock.create_grid('skip', 'T', 1000, 1, 'c', 'CDEFGHIJKLMNOPQRSTUVWXYZ'), (SELECT max(length(row_label)) FROM seatlock.seat JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'skip') AS not_yet;
SELECT seatlock.create_grid('skip', 'U', 1, 1, 'c', 'BCDEFGHIJKLMNOPQRSTUVWXYZ');
SELECT seatlock.create_grid('skip', 'U', 1, 1, 'c', 'I0');
SELECT seatlock.drop_venue('skip');

-- many seats of one label: numbers do not repeat, and it does not take for ever
SELECT seatlock.create_venue('same', jsonb_set(pg_temp.plan('[["S", [["A", ["1"]]]]]'), '{zones,0,rows}',
    (SELECT jsonb_agg(pg_temp.plan('[["S", [["A", ["1"]]]]]') #> '{zones,0,rows,0}') FROM generate_series(1, 20000))));
SELECT seatlock.create_event('same', 'same');
SELECT count(*), count(DISTINCT label), max(length(label)) FROM seatlock.seat JOIN seatlock.event e USING (layout_id) WHERE e.name = 'same';
SELECT label FROM seatlock.seat JOIN seatlock.event e USING (layout_id) WHERE e.name = 'same' AND seat_no IN (1, 2, 20000) ORDER BY seat_no;

SELECT count(seatlock.drop_event(name)) FROM seatlock.event WHERE name IN ('short', 'long', 'again', 'mimic', 'dashes', 'area', 'areas', 'zones', 'odd', 'grid', 'same');
SELECT count(seatlock.drop_venue(name)) FROM seatlock.venue WHERE name IN ('short', 'long', 'again', 'mimic', 'dashes', 'area', 'areas', 'zones', 'odd', 'grid', 'letters', 'same');
