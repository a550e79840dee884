-- the seats argument: one label, a JSON array, a PostgreSQL array literal
SELECT seatlock.create_venue('odd labels', jsonb_build_object(
    'name', 'odd labels', 'size', '{"width": 100, "height": 100}'::jsonb,
    'categories', '[{"name": "Standard", "color": "#888888"}]'::jsonb,
    'zones', jsonb_build_array(jsonb_build_object('name', 'Z', 'position', '{"x": 0, "y": 0}'::jsonb,
        'areas', '[]'::jsonb,
        'rows', jsonb_build_array(jsonb_build_object('row_number', 'R', 'position', '{"x": 0, "y": 0}'::jsonb,
            'row_number_position', 'start',
            'seats', (SELECT jsonb_agg(jsonb_build_object('seat_guid', 'g' || n, 'seat_number', label,
                                'position', jsonb_build_object('x', n * 10, 'y', 0), 'category', 'Standard') ORDER BY n)
                        FROM unnest(ARRAY['1', '2', 'a b', 'a,b', 'quo"te', 'apo''s', 'back\slash', 'Plätze', '日本', '{x}', '[y]', '50%', 'NULL'])
                             WITH ORDINALITY AS s(label, n))))))));
SELECT seatlock.create_event('odd', 'odd labels');
SELECT label FROM seatlock.seat_map('odd');

-- one label, commas, quotes, Unicode and all; blanks around it are trimmed
SELECT s AS seats, t.show(c)
  FROM unnest(ARRAY['R-1', '  R-2', E'R-a b \t\n', 'R-a,b', 'R-quo"te', 'R-apo''s', 'R-back\slash', 'R-Plätze', 'R-日本', 'R-{x}', 'R-[y]', 'R-50%', 'R-NULL'])
       WITH ORDINALITY AS u(s, n), seatlock.claim('odd', s, 'ann') c ORDER BY n;
SELECT count(c.ok) FROM seatlock.holds h, seatlock.release('odd', h.token) c WHERE h.event = 'odd' AND c.ok;

-- every label at once, in each spelling, and from the typed array
SELECT jsonb_agg(label)::text AS as_json, array_agg(label)::text AS as_array, json_agg(label)::text AS as_json_text
  FROM seatlock.seat_map('odd') \gset
SELECT c.outcome, jsonb_array_length(c.seats), c.token AS all_token FROM seatlock.claim('odd', :'as_json', 'ann') c \gset
\echo :outcome :jsonb_array_length
SELECT c.outcome, jsonb_array_length(c.seats) FROM seatlock.release('odd', :'all_token', :'as_array') c;
SELECT c.outcome, jsonb_array_length(c.seats) FROM seatlock.claim('odd', :'as_array', 'ann') c;
SELECT c.outcome, jsonb_array_length(c.conflicts) FROM seatlock.claim('odd', (SELECT array_agg(label) FROM seatlock.seat_map('odd')), 'ann') c;

-- numbers in JSON are labels as well
SELECT seatlock.create_area('floor', '7', 5, 'Standing');
SELECT seatlock.create_event('floor', 'floor');
SELECT t.show(c) FROM seatlock.claim('floor', '["7-1", "7-2"]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('floor', '[7, 1.50, 1e3]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('floor', '{7-3,"7-4"}', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('floor', E' \n [\n"7-5" ]\t ', 'ann') c;

-- a label is text: case, inner blanks and NUL-like escapes count
SELECT t.show(c) FROM seatlock.claim('odd', 'r-1', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('odd', 'R- 1', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('odd', 'R-1,R-2', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('odd', '["R-\u0031"]', 'ann') c;

-- what is neither: 22023, and nothing done
SELECT s AS seats, t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'odd', s, 'ann'))
  FROM unnest(ARRAY['', '   ', '[]', '{}', '[ ]', '[', ']', '["R-1"', '["R-1"]x', '["R-1",]', '[null]', '["R-1", null]', '[true]', '[["R-1"]]',
                    '[{"seat": "R-1"}]', '{"seat": "R-1"}', '{R-1,NULL}', '{{R-1},{R-2}}', '{R-1', '{R-1}}', '[""]', '{""}', '["\u0000"]', '[1:2]={a,b}'])
       WITH ORDINALITY AS u(s, n) ORDER BY n;
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', NULL::text, 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', NULL::text[], 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', '{}'::text[], 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', ARRAY['R-1', NULL], 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', ARRAY[['R-1'], ['R-2']], 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', ARRAY['R-1', ''], 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', array_fill('R-1'::text, ARRAY[1000001]), 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('odd', array_fill('R-1'::text, ARRAY[1000001])::text, 'ann') c$$);
-- a typed array's elements are labels as they are, whatever they begin with
SELECT t.show(c) FROM seatlock.claim('odd', '[0:1]={Q-1,"[1]"}'::text[], 'ann') c;
-- the same reader serves every verb
SELECT t.try($$SELECT t.show(c) FROM seatlock.book('odd', '[null]', 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.block('odd', '[[1]]') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.unblock('odd', '{') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.release('odd', 'x', '[') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.cancel('odd', 'x', '[') c$$);
SELECT t.try($$SELECT seat || coalesce(status, '?') FROM seatlock.lock('odd', '[') c$$);
SELECT * FROM seatlock.check_integrity();
