-- seat_map_text and seat_map_svg, on plans with everything that a plan can have
\pset format unaligned
\pset tuples_only on
SELECT seatlock.create_venue('pictures', '{
  "size": {"width": 400, "height": 400},
  "categories": [{"name": "Gold & \"more\"", "color": "#FFB300"},
                 {"name": "Silver", "color": "url(#x)\"><script>"},
                 {"name": "Stehplätze", "color": "green"}],
  "zones": [
    {"name": "Stalls <left>", "position": {"x": 50, "y": 50}, "rows": [
      {"row_number": "A", "position": {"x": 25, "y": 0}, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Gold & \"more\""},
        {"seat_number": "2", "position": {"x": 25, "y": 0}, "category": "Gold & \"more\""},
        {"seat_number": "3", "position": {"x": 100, "y": 0}, "category": "Silver"},
        {"seat_number": "4", "position": {"x": 125, "y": 0}, "category": "Silver"}]},
      {"row_number": "B", "position": {"x": 175, "y": 25}, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Silver"},
        {"seat_number": "2", "position": {"x": -25, "y": 0}, "category": "Silver"},
        {"seat_number": "3", "position": {"x": -50, "y": 0}, "category": "Silver"},
        {"seat_number": "4", "position": {"x": -75, "y": 0}, "category": "Silver"},
        {"seat_number": "5", "position": {"x": -100, "y": 0}, "category": "Silver"},
        {"seat_number": "6", "position": {"x": -125, "y": 0}, "category": "Silver"},
        {"seat_number": "7", "position": {"x": -150, "y": 0}, "category": "Silver"}]},
      {"row_number": "Ç", "position": {"x": 250, "y": 25}, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Silver"},
        {"seat_number": "2", "position": {"x": 25, "y": 0}, "category": "Silver"}]},
      {"row_number": "D", "position": {"x": 0, "y": 60}, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Silver"},
        {"seat_number": "2", "position": {"x": 0, "y": 25}, "category": "Silver"},
        {"seat_number": "3", "position": {"x": 0, "y": 50}, "category": "Silver"}]}]},
    {"name": "Upper", "position": {"x": 50, "y": 50}, "rows": [
      {"row_number": "A", "position": {"x": 25, "y": 0}, "seats": [
        {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Silver"},
        {"seat_number": "2", "position": {"x": 25, "y": 0}, "category": "Silver"}]}],
     "areas": [
      {"shape": "polygon", "position": {"x": 0, "y": -60}, "rotation": 0, "color": "#CFD8DC",
       "border_color": "#607D8B",
       "polygon": {"points": [{"x": 40, "y": 0}, {"x": 160, "y": 0}, {"x": 200, "y": 30}, {"x": 0, "y": 30}]},
       "text": {"text": "Stage & wings", "position": {"x": 100, "y": 15}, "color": "#333333", "size": 14}},
      {"shape": "ellipse", "position": {"x": 320, "y": 40}, "rotation": 45, "color": "#EEE",
       "ellipse": {"radius": {"x": 30, "y": 10}}, "text": {"text": "Bar", "position": {"x": 0, "y": 0}}},
      {"shape": "text", "position": {"x": 320, "y": 90}, "rotation": 0, "text": {"text": "Exit <3>"}},
      {"name": "Floor", "shape": "rectangle", "position": {"x": 60, "y": 150}, "rotation": 0, "capacity": 30,
       "rectangle": {"width": 120, "height": 50}, "category": "Stehplätze"}]}]}');
SELECT seatlock.create_event('Gala <1> & "more"', 'pictures');
\set event '''Gala <1> & "more"'''

SELECT label, round(x), round(y) FROM seatlock.seat_map(:event) WHERE section <> 'Floor';
SELECT ok FROM seatlock.claim(:event, '["Stalls <left>-A-1", "Stalls <left>-B-7", "Floor-1"]', 'ann');
SELECT ok FROM seatlock.book(:event, '["Stalls <left>-B-1", "Upper-A-2", "Floor-2", "Floor-3"]', 'bob');
SELECT ok FROM seatlock.block(:event, '["Stalls <left>-D-2", "Floor-30"]');

-- rows of the same height share a line, whichever way they are numbered
SELECT seatlock.seat_map_text(:event);

-- the SVG is well-formed, and tells all of it
CREATE TABLE picture AS SELECT xmlparse(DOCUMENT seatlock.seat_map_svg(:event)) AS svg;
CREATE FUNCTION svg(path text) RETURNS SETOF text LANGUAGE sql AS $$
SELECT unnest(xpath(path, svg, ARRAY[ARRAY['s', 'http://www.w3.org/2000/svg'],
                                     ARRAY['xlink', 'http://www.w3.org/1999/xlink']]))::text FROM picture
$$;
SELECT svg('name(/*)'), left(seatlock.seat_map_svg(:event), 4);
-- a title for each seat
SELECT svg('count(//s:use)'), svg('count(//s:use/s:title)');
SELECT regexp_replace(t, 'Floor-\d+', 'Floor-<n>') COLLATE "C" AS title, count(*)
  FROM svg('//s:use/s:title/text()') AS t GROUP BY 1 ORDER BY 1;
-- and what a script asks for, as seat_map has it, whatever is in the names
CREATE VIEW drawn AS
SELECT d.* FROM picture, xmltable(xmlnamespaces('http://www.w3.org/2000/svg' AS s), '//s:use' PASSING svg
  COLUMNS label text PATH '@data-seat', status text PATH '@data-status', category text PATH '@data-category') AS d;
SELECT * FROM drawn WHERE label !~ '^Floor' ORDER BY label COLLATE "C" LIMIT 4;
SELECT count(*) FROM (SELECT * FROM drawn EXCEPT SELECT label, status, category FROM seatlock.seat_map(:event)) AS wrong;
SELECT count(*) FROM (SELECT label, status, category FROM seatlock.seat_map(:event) EXCEPT SELECT * FROM drawn) AS missing;
DROP VIEW drawn;
-- status by shape, category by fill; a colour that is none is not passed on
SELECT regexp_replace(shape, '[0-9.]+$', '') AS shape, count(*) FROM svg('//s:use/@xlink:href') AS shape GROUP BY 1 ORDER BY 1;
SELECT DISTINCT svg('//s:use/../@fill') AS fill ORDER BY fill;
-- seats stand where the plan has them; every symbol that is used exists
SELECT svg('//s:use[s:title[starts-with(., "Stalls <left>-A-4")]]/@x'), svg('//s:use[s:title[starts-with(., "Stalls <left>-A-4")]]/@y');
SELECT DISTINCT substr(href, 2) FROM svg('//s:use/@xlink:href') AS href EXCEPT SELECT svg('//s:defs/*/@id');
-- floors on top of each other are drawn below each other, with the areas of the house
SELECT svg('count(//s:g[@class="floor"])'), svg('//s:g[@class="floor"][1]/@transform');
SELECT svg('//s:g[@class="floor"][1]/s:g[@class="stage" or @class="area"]//s:text/text()');
SELECT svg('//s:g[@class="sections"]/s:text/text()');
SELECT svg('//s:g[@class="rows"]/s:text/text()');
SELECT svg('/s:svg/s:title/text()'), svg('/s:svg/s:text/text()');
SELECT svg('//s:g[@class="legend"]/s:text/text()');
-- an expired hold is free in both
SELECT ok FROM seatlock.claim(:event, 'Upper-A-1', 'eve', 2);
SELECT svg::text ~ 'Upper-A-1, Silver, free' FROM picture;
SELECT xmlparse(DOCUMENT seatlock.seat_map_svg(:event))::text ~ 'Upper-A-1, Silver, held';
DO $$
BEGIN
    WHILE (SELECT status FROM seatlock.seat_map('Gala <1> & "more"') WHERE label = 'Upper-A-1') = 'held' LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END
$$;
SELECT seatlock.seat_map_svg(:event) ~ 'Upper-A-1, Silver, free',
       seatlock.seat_map_text(:event) ~ 'Upper \(1 of 2 free\)';
DROP TABLE picture;

-- a grid has a stage of our own; long rows are folded, and nothing is lost
SELECT seatlock.create_grid('long', 'Hall', 2, 100, 'Gold');
SELECT seatlock.create_grid('long', 'Box', 2, 3, 'Gold');
SELECT seatlock.create_area('long', 'Yard', 1000, 'Gold');
SELECT seatlock.create_event('long', 'long');
SELECT ok FROM seatlock.book('long', '["Yard-999", "Hall-B-100"]', 'bob');
SELECT seatlock.seat_map_text('long');
SELECT max(length(line)) < 78, sum(length(regexp_replace(line, '[^.#]', '', 'g')))
  FROM regexp_split_to_table(regexp_replace(seatlock.seat_map_text('long'), '\n\. free.*', ''), '\n') AS line;
CREATE TABLE picture AS SELECT xmlparse(DOCUMENT seatlock.seat_map_svg('long')) AS svg;
SELECT svg('count(//s:use)'), svg('//s:g[@class="stage"]/s:text/text()');
DROP TABLE picture;

-- one seat; 20,000 seats
SELECT seatlock.create_grid('one', 'S', 1, 1, 'Gold');
SELECT seatlock.create_event('one', 'one');
SELECT seatlock.seat_map_text('one');
SELECT count(*) FROM regexp_matches(seatlock.seat_map_svg('one'), '<use ', 'g');
SELECT seatlock.create_grid('arena', 'S', 100, 200, 'Gold');
SELECT seatlock.create_event('arena', 'arena');
SELECT count(*) FROM regexp_matches(seatlock.seat_map_svg('arena'), '<use ', 'g');
SELECT length(regexp_replace(seatlock.seat_map_text('arena'), '[^.]', '', 'g'));

-- areas as far out as a plan may have them, and below that
SELECT seatlock.create_venue('far', '{"categories": [{"name": "Gold"}], "size": {"width": 10000000, "height": 10000000}, "zones": [
    {"name": "Z", "position": {"x": 9999999, "y": 9999999}, "areas": [
      {"name": "Lawn", "position": {"x": 9999999, "y": 9999999}, "capacity": 2,
       "shape": "circle", "circle": {"radius": 40}, "text": {"text": "Lawn"}}]}]}');
SELECT seatlock.create_area('far', 'Bar', 2, 'Gold');
SELECT seatlock.create_event('far', 'far');
SELECT seatlock.grow_area('far', 'Lawn', 1);
SELECT count(*) FROM regexp_matches(seatlock.seat_map_svg('far'), '<ellipse ', 'g');
SELECT label, x, y FROM seatlock.seat_map('far');

\set VERBOSITY sqlstate
SELECT seatlock.seat_map_text('nowhere');
SELECT seatlock.seat_map_text(NULL);
SELECT seatlock.seat_map_svg('nowhere');
SELECT seatlock.seat_map_svg('');
BEGIN READ ONLY;
SELECT length(seatlock.seat_map_text('one')) > 0, length(seatlock.seat_map_svg('one')) > 0;
COMMIT;

DROP FUNCTION svg(text);
SELECT seatlock.drop_event(event, 'yes') FROM (VALUES (:event), ('long'), ('one'), ('arena'), ('far')) AS v (event);
SELECT seatlock.drop_venue(venue) FROM (VALUES ('pictures'), ('long'), ('one'), ('arena'), ('far')) AS v (venue);
