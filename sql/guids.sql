-- What a plan's editor knows a seat by: kept with the seat, named in lists, and
-- made the label where the venue was made so.
CREATE FUNCTION pg_temp.plan(sections jsonb) RETURNS jsonb LANGUAGE sql AS $$
-- {"section": [seat, ...]} as a seating plan of one row A per section; a seat is what it has beside number, place and category
SELECT jsonb_build_object('categories', '[{"name": "c"}]'::jsonb, 'zones', jsonb_agg(jsonb_build_object(
    'name', key, 'rows', jsonb_build_array(jsonb_build_object('row_number', 'A', 'seats',
        (SELECT jsonb_agg(seat || jsonb_build_object('seat_number', n::text, 'category', 'c', 'position', jsonb_build_object('x', 25 * n, 'y', 0)) ORDER BY n)
           FROM jsonb_array_elements(value) WITH ORDINALITY AS s(seat, n))))) ORDER BY key))
  FROM jsonb_each(sections)
$$;

-- seat_guid, else uuid; what two seats have is nobody's, also when one has it as its uuid
SELECT seatlock.create_venue('g', pg_temp.plan('{"S": [{"seat_guid": "s1", "uuid": "u1"}, {"uuid": "u2"}, {"seat_guid": "", "uuid": " u3 "}, {}, {"seat_guid": null},
    {"seat_guid": "twice"}, {"uuid": "twice"}, {"seat_guid": 42}, {"seat_guid": "q\"\\b"}, {"seat_guid": "{8d}"}, {"seat_guid": "\u65e5"}, {"seat_guid": "S1"}]}'));
SELECT seatlock.create_event('g', 'g');
SELECT label, guid FROM seatlock.seat_map('g');
-- a plan without any is not warned of
SELECT seatlock.create_venue('none', pg_temp.plan('{"S": [{}, {}]}'));
-- as long as any name may be, and text like any other
SELECT t.try(format('SELECT seatlock.create_venue(%L, %L)', 'bad', pg_temp.plan(format('{"S": [{"seat_guid": %s}]}', g)::jsonb)))
  FROM unnest(ARRAY['"' || repeat('g', 255) || '"', '"' || repeat('g', 256) || '"', '"a\u000ab"', '["x"]', 'true']) AS g;
-- copied rows: one seat in four is left with a guid of its own
SELECT seatlock.create_venue('copied', pg_temp.plan(jsonb_build_object('S', (SELECT jsonb_agg(jsonb_build_object('seat_guid', CASE WHEN n <= 546 THEN n % 126 ELSE n END || 'x')) FROM generate_series(1, 738) AS n))));
SELECT count(*), count(guid) FROM seatlock.seat JOIN seatlock.venue v USING (layout_id) WHERE v.name = 'copied';

-- a list names seats by label and by guid, mixed; a seat that is named both ways is one seat
SELECT t.show(c) FROM seatlock.claim('g', '[{"guid": "s1"}]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('g', '["A-2", {"guid":"u2"}, {"guid" : "u3"}]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('g', '[{"guid":"s1"},{"guid":"u2"},"A-1","A-4"]', 'bob') c;
-- all short ones, without a blank
SELECT seatlock.create_venue('tiny', pg_temp.plan(jsonb_build_object('S', (SELECT jsonb_agg(jsonb_build_object('seat_guid', chr(64 + n))) FROM generate_series(1, 26) AS n))));
SELECT seatlock.create_event('tiny', 'tiny');
SELECT t.show(c) FROM seatlock.claim('tiny', '[' || (SELECT string_agg('{"guid":"' || guid || '"}', ',') FROM seatlock.seat_map('tiny')) || ']', 'ann') c;
-- it is text: case counts, escapes are read
SELECT t.show(c) FROM seatlock.claim('g', '[{"guid": "S1"}, {"gu\u0069d": "q\"\\b"}, {"guid": "{8d}"}, {"guid": "\u65e5"}, {"guid": "42"}]', 'ann') c;
-- what no seat has, or two had
SELECT t.show(c) FROM seatlock.claim('g', '["A-4", {"guid": "twice"}, {"guid": "A-4"}, {"guid": "no"}]', 'ann') c;
SELECT jsonb_path_query_array(conflicts, '$[*].seat') FROM seatlock.claim('g', '[{"guid": "twice"}, {"guid": "no"}]', 'ann');
-- a label is no guid, and a guid no label
SELECT t.show(c) FROM seatlock.claim('g', '["u2"]', 'ann') c;
-- in an array of text an element may be written as the server writes that object
SELECT t.show(c) FROM seatlock.claim('g', ARRAY['A-4', '{"guid": "s1"}', '{"guid": "no"}', '{"guid":"s1"}', '{', '{"guid": "'], 'bob') c;
-- the same in the other verbs
SELECT token AS hold FROM seatlock.holds WHERE event = 'g' AND holder = 'ann' AND seats @> ARRAY['A-2'] \gset
SELECT t.show(c) FROM seatlock.release('g', :'hold', '[{"guid": "u2"}]') c;
SELECT t.show(c) FROM seatlock.release('g', :'hold', '[{"guid": "s1"}]') c;
SELECT * FROM seatlock.lock('g', '[{"guid": "u3"}, "A-3", {"guid": "u2"}, {"guid": "no"}]');
SELECT t.show(c) FROM seatlock.block('g', '[{"guid": "u2"}]') c;
SELECT t.show(c) FROM seatlock.unblock('g', '[{"guid": "u2"}]') c;
SELECT t.show(c) FROM seatlock.book('g', '[{"guid": "u2"}, "A-2"]', 'box') c;
SELECT token AS sale FROM seatlock.holds WHERE event = 'g' AND holder = 'box' \gset
SELECT t.show(c) FROM seatlock.cancel('g', :'sale', '[{"guid": "u2"}]') c;
SELECT action, status FROM seatlock.seat_history('g', '{"guid": "u2"}');
-- a repeated call names the seats as the first did
SELECT t.show(c) FROM seatlock.claim('g', '[{"guid": "u2"}]', 'carl', request_key => 'k') c;
SELECT t.show(c) FROM seatlock.claim('g', '[{"guid":"u2"}]', 'carl', request_key => 'k') c;
SELECT t.show(c) FROM seatlock.claim('g', '["A-2"]', 'carl', request_key => 'k') c;

-- nothing else may stand there
SELECT s AS seats, t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'g', s, 'ann'))
  FROM unnest(ARRAY['[{}]', '[{"guid"}]', '[{"guid":}]', '[{"guid": ""}]', '[{"guid": 42}]', '[{"guid": null}]', '[{"guid": ["s1"]}]', '[{"guid": "s1", "x": 1}]', '[{"guid": "s1",}]',
                    '[{"guid": "s1"', '[{"guid": "s1"}', '[{"guid": "s1"]', '[{"label": "A-1"}]', '[{"Guid": "s1"}]', '[{1: "s1"}]'])
       WITH ORDINALITY AS u(s, n) ORDER BY n;
SELECT t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'g', format('[{"guid": "%s"}]', repeat('g', n)), 'ann')) ~ 'unknown_seat' AS is_unknown,
       t.try(format('SELECT t.show(c) FROM seatlock.claim(%L, %L, %L) c', 'g', format('[{"guid": "%s"}]', repeat('g', n)), 'ann')) ~ '22023.*more than 255 bytes' AS is_refused
  FROM unnest(ARRAY[255, 256]) AS n;

-- outside of a list it is no guid
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('g', '{"guid": "s1"}', 'ann') c$$) ~ '22023' AS is_refused;
-- seats without a guid are not in the index
REINDEX INDEX seatlock.seat_layout_id_guid_key;
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'seatlock.seat_layout_id_guid_key'::regclass) = (SELECT count(guid) FROM seatlock.seat) AS only_guids;

-- the guid stays with the seat when rows are put in order, and when the venue grows
SELECT seatlock.create_venue('order', '{"categories": [{"name": "c"}], "zones": [{"name": "S", "rows": [{"row_number": "A", "seats": [
    {"seat_number": "3", "seat_guid": "g3", "category": "c", "position": {"x": 75, "y": 0}}, {"seat_number": "1", "seat_guid": "g1", "category": "c", "position": {"x": 25, "y": 0}},
    {"seat_number": "4", "seat_guid": "g4", "category": "c", "position": {"x": 100, "y": 0}}, {"seat_number": "2", "seat_guid": "g2", "category": "c", "position": {"x": 50, "y": 0}}]}]}]}');
SELECT seatlock.create_event('order', 'order');
SELECT string_agg(label || '=' || guid, ' ') FROM seatlock.seat_map('order');
SELECT seatlock.create_grid('order', 'T', 1, 2, 'c'), seatlock.create_event('grown', 'order');
SELECT string_agg(label || '=' || coalesce(guid, '-'), ' ') FROM seatlock.seat_map('grown');
SELECT t.show(c) FROM seatlock.claim('grown', '[{"guid": "g4"}]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('order', '[{"guid": "g4"}]', 'ann') c;

-- labels by the venue's choice, which lasts
CREATE FUNCTION pg_temp.labels(event text) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(label, ', ' ORDER BY seat_no) FROM seatlock.seat JOIN seatlock.event e USING (layout_id) WHERE e.name = labels.event
$$;
SELECT seatlock.create_venue(rule, pg_temp.plan('{"S": [{"seat_guid": "x1"}, {"seat_guid": "x2"}, {}]}'), rule) FROM unnest(ARRAY['short', 'section', 'guid']) AS rule;
SELECT seatlock.create_event(rule, rule), pg_temp.labels(rule) FROM unnest(ARRAY['short', 'section', 'guid']) AS rule;
SELECT seatlock.create_grid(rule, 'T', 1, 2, 'c'), seatlock.create_area(rule, 'Floor', 1, 'c') FROM unnest(ARRAY['short', 'section', 'guid']) AS rule;
SELECT seatlock.create_event(rule || ' grown', rule) FROM unnest(ARRAY['short', 'section', 'guid']) AS rule;
SELECT rule, pg_temp.labels(rule) AS before, pg_temp.labels(rule || ' grown') AS after FROM unnest(ARRAY['short', 'section', 'guid']) AS rule;
SELECT t.show(c) FROM seatlock.claim('guid', '["x1", {"guid": "x2"}]', 'ann') c;
-- a guid keeps its name, whatever is called so before it
SELECT seatlock.create_venue('keep', pg_temp.plan('{"S": [{}, {"seat_guid": "S-A-1"}, {"seat_guid": "S-A-1 (2)"}]}'), 'guid');
SELECT seatlock.create_event('keep', 'keep'), pg_temp.labels('keep');
-- labels that sections do not tell apart
SELECT seatlock.create_venue('dashes', jsonb_set(pg_temp.plan('{"S": [{}], "S-A": [{}]}'), '{zones,0,rows,0,row_number}', '"A-A"'), 'section');
SELECT seatlock.create_event('dashes', 'dashes'), pg_temp.labels('dashes');
-- null is the default; a guid that reads as a list is no label
SELECT seatlock.create_venue('null', pg_temp.plan('{"S": [{}]}'), NULL), seatlock.create_event('null', 'null'), pg_temp.labels('null');
SELECT t.try(format('SELECT seatlock.create_venue(%L, %L, %L)', 'bad', pg_temp.plan(format('{"S": [{"seat_guid": "%s"}]}', g)::jsonb), rule))
  FROM (VALUES ('x', ''), ('x', 'Short'), ('x', 'guid '), ('[x', 'guid'), ('{x}', 'guid'), ('{x}', 'section')) AS v(g, rule);

SELECT * FROM seatlock.check_integrity();
SELECT count(seatlock.drop_event(name, 'yes')) FROM seatlock.event WHERE name IN ('g', 'tiny', 'order', 'grown', 'short', 'section', 'guid', 'short grown', 'section grown', 'guid grown', 'keep', 'dashes', 'null');
SELECT count(seatlock.drop_venue(name)) FROM seatlock.venue WHERE name IN ('g', 'none', 'bad', 'copied', 'tiny', 'order', 'short', 'section', 'guid', 'keep', 'dashes', 'null');
