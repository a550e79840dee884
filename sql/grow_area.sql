-- grow_area: more places for a standing area of an event that is on sale
CREATE FUNCTION pg_temp.layouts_of(names text[]) RETURNS TABLE (name text, layout int, num_seats int, is_final boolean, width float8, height float8) LANGUAGE sql AS $$
SELECT n.name, dense_rank() OVER (ORDER BY l.layout_id)::int, l.num_seats, l.is_final, l.width, l.height
  FROM (SELECT name::text, layout_id FROM seatlock.event UNION ALL SELECT 'venue ' || name, layout_id FROM seatlock.venue) n
  JOIN seatlock.layout l USING (layout_id) WHERE n.name = ANY (names) ORDER BY 1
$$;
-- the area stands between two seated sections
SELECT seatlock.create_grid('park', 'Left', 1, 3, 'Seat'), seatlock.create_area('park', 'Floor', 4, 'Standing'), seatlock.create_grid('park', 'Right', 1, 3, 'Seat');
SELECT seatlock.create_event('grown', 'park'), seatlock.create_event('as it was', 'park');
SELECT t.show(c) FROM seatlock.book('grown', '["Floor-1","Floor-4"]', 'ann') c;
SELECT token AS floor3 FROM seatlock.claim('grown', 'Floor-3', 'bob', request_key => 'k') \gset
SELECT t.show(c) FROM seatlock.claim_best('grown', 3, 'cat', 'Floor') c;
SELECT t.show(c) FROM seatlock.claim('grown', 'Floor-5', 'cat') c;
SELECT * FROM seatlock.seat_map_compact('grown');

SELECT seatlock.grow_area('grown', 'Floor', 3);
-- no seat has another number or label, state or version; the new ones come last
CREATE TEMP VIEW map AS SELECT n, label, section, row_label, seat_number, category, status, version FROM seatlock.seat_map('grown') WITH ORDINALITY AS m (label, section, row_label, seat_number, category, status, version, x, y, guid, n);
SELECT n, label, section, row_label, seat_number, category, status, version FROM map ORDER BY n;
SELECT * FROM seatlock.seat_map_compact('grown');
SELECT * FROM seatlock.availability('grown');
SELECT event, num_seats FROM seatlock.events WHERE event IN ('grown', 'as it was') ORDER BY 1;
SELECT * FROM pg_temp.layouts_of('{grown,as it was,venue park}');
SELECT count(*) FROM seatlock.seat_map('as it was');
SELECT outcome FROM seatlock.claim('as it was', 'Floor-5', 'ann');
-- all places stand apart, inside the area
SELECT count(DISTINCT (x, y)), min(x) > 0 AND max(x) < 2000 AS inside FROM seatlock.seat_map('grown') WHERE section = 'Floor';
SELECT seatlock.seat_map_text('grown');
SELECT count(*) AS seats FROM regexp_matches(seatlock.seat_map_svg('grown'), 'data-seat="Floor-', 'g');

-- they sell, and the area is one
SELECT t.show(c) FROM seatlock.claim('grown', '["Floor-2","Floor-5"]', 'cat') c;
SELECT t.show(c) FROM seatlock.claim('grown', 'Floor-8', 'cat') c;
SELECT token AS two FROM seatlock.holds WHERE event = 'grown' AND holder = 'cat' \gset
SELECT t.show(c) FROM seatlock.release('grown', :'two') c;
SELECT t.show(c) FROM seatlock.claim_best('grown', 4, 'dan', 'Floor', adjacency => 'require') c;
SELECT t.show(c) FROM seatlock.claim_best('grown', 1, 'eve', 'Floor') c;
SELECT t.show(c) FROM seatlock.claim('grown', 'Floor-3', 'bob', request_key => 'k') c;
SELECT t.show(c) FROM seatlock.confirm('grown', :'floor3') c;
SELECT action, version FROM seatlock.seat_history('grown', 'Floor-7');

-- again: the layout of its own goes; and another that had the first still has it
SELECT seatlock.grow_area('grown', 'Floor', 1000), seatlock.grow_area('grown', 'Floor', 1);
SELECT * FROM seatlock.availability('grown') WHERE section = 'Floor';
SELECT outcome, jsonb_array_length(seats) AS places FROM seatlock.claim_best('grown', 1001, 'dan', 'Floor');
SELECT * FROM pg_temp.layouts_of('{grown,as it was,venue park}');
SELECT label FROM seatlock.seat_map('grown') WHERE section = 'Floor' ORDER BY version, label COLLATE "C" DESC LIMIT 1;
-- a venue that grows meanwhile is another matter
SELECT seatlock.create_area('park', 'Hill', 2, 'Standing');
SELECT seatlock.grow_area('as it was', 'Floor', 2);
SELECT * FROM pg_temp.layouts_of('{grown,as it was,venue park}');

-- two areas in turn: each is one, in the order of their sections
SELECT seatlock.create_event('two areas', 'park');
SELECT seatlock.grow_area('two areas', 'Hill', 1), seatlock.grow_area('two areas', 'Floor', 2), seatlock.grow_area('two areas', 'Hill', 2);
SELECT * FROM seatlock.availability('two areas');
SELECT label FROM seatlock.seat_map('two areas') WITH ORDINALITY AS m (label, section, row_label, seat_number, category, status, version, x, y, guid, n) WHERE n > 10 ORDER BY n;
SELECT t.show(c) FROM seatlock.claim_best('two areas', 6, 'ann', 'Floor', adjacency => 'require') c;
SELECT t.show(c) FROM seatlock.claim_best('two areas', 5, 'ann', 'Hill', adjacency => 'require') c;
SELECT seatlock.seat_map_text('two areas');

-- labels that others have; a seated section of the same name; areas of one name
SELECT seatlock.create_venue('pits', '{"categories": [{"name": "C"}, {"name": "D"}], "zones": [{"name": "Pit", "rows": [{"row_number": "Pit", "seats": [{"seat_number": "5", "position": {"x": 0, "y": 100}}, {"seat_number": "6", "position": {"x": 25, "y": 100}}]}],
	"areas": [{"name": "Pit", "capacity": 2, "category": "C", "shape": "circle", "circle": {"radius": 50}}, {"name": "Pit", "capacity": 2, "category": "D", "position": {"x": 300, "y": 0}, "shape": "circle", "circle": {"radius": 50}}]}]}');
SELECT seatlock.create_event('pits', 'pits');
SELECT seatlock.grow_area('pits', 'Pit', 3);
SELECT label, row_label, category, x >= 250 AS second FROM seatlock.seat_map('pits');

-- what is refused
SELECT t.try(format('SELECT seatlock.grow_area(%s)', a)) FROM unnest(ARRAY[$$'nowhere', 'Floor', 1$$, $$'grown', 'Nothing', 1$$, $$'grown', 'Left', 1$$, $$'grown', 'Floor', 0$$, $$'grown', 'Floor', -1$$,
	$$'grown', 'Floor', 1000000000$$, $$'grown', 'Floor', 9000000000000000000$$, $$'grown', NULL, 1$$, $$'grown', 'Floor', NULL$$, $$'', 'Floor', 1$$]) WITH ORDINALITY AS u (a, n) ORDER BY n;
-- an event that is over may grow, and grow once more after a rollback
SELECT seatlock.alter_event('pits', closes_at => '2020-01-01');
BEGIN;
SELECT seatlock.grow_area('pits', 'Pit', 1);
SELECT count(*) FROM seatlock.seat_map('pits');
SELECT t.show(c) FROM seatlock.book('pits', 'Pit-8', 'ann') c;
ROLLBACK;
SELECT count(*) FROM seatlock.seat_map('pits');
SELECT seatlock.grow_area('pits', 'Pit', 1);
SELECT t.show(c) FROM seatlock.book('pits', 'Pit-8', 'ann') c;
SELECT c.* FROM unnest('{grown,as it was,two areas,pits}'::text[]) e, seatlock.check_integrity(e) c;
SELECT seatlock.drop_event(e, 'yes') FROM unnest('{grown,as it was,two areas,pits}'::text[]) e;
SELECT count(*) FROM seatlock.layout l WHERE NOT EXISTS (SELECT FROM seatlock.event e WHERE e.layout_id = l.layout_id) AND NOT EXISTS (SELECT FROM seatlock.venue v WHERE v.layout_id = l.layout_id);
