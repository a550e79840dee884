-- malformed seating plans: each error names the place, and nothing is stored
CREATE TEMP TABLE base AS SELECT '{
  "name": "Hall",
  "size": {"width": 400, "height": 300},
  "categories": [{"name": "Near", "color": "#ff0000"}, {"name": "Far"}],
  "zones": [{
    "name": "Stalls", "position": {"x": 10, "y": 20},
    "rows": [
      {"row_number": "A", "position": {"x": 0, "y": 0}, "seats": [
        {"seat_number": "1", "seat_guid": "A1", "position": {"x": 0, "y": 0}, "category": "Near"},
        {"seat_number": "2", "seat_guid": "A2", "position": {"x": 25, "y": 0}, "category": "Near"}]},
      {"row_number": "2", "row_label": "B", "position": {"x": 0, "y": 25}, "seats": [
        {"seat_number": "1", "seat_guid": "B1", "position": {"x": 0, "y": 0}, "category": "Far"}]}],
    "areas": [
      {"shape": "rectangle", "position": {"x": 0, "y": 100}, "rectangle": {"width": 100, "height": 50},
       "text": {"text": "Floor", "position": {"x": 50, "y": 25}}, "capacity": 20, "category": "Near"},
      {"shape": "polygon", "position": {"x": 0, "y": 200}, "polygon": {"points": [{"x": 0, "y": 0}, {"x": 50, "y": 0}, {"x": 0, "y": 50}]}}]
  }]
}'::jsonb AS plan;

CREATE FUNCTION pg_temp.load(plan jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := t.try(format('SELECT seatlock.create_venue(%L, %L)', 'bad plan', plan));
BEGIN
    IF answer LIKE '% CHANGED' THEN
        PERFORM seatlock.drop_venue('bad plan');
    END IF;
    RETURN answer;
END
$$;
-- the base plan with one value changed, or with one key taken away
CREATE FUNCTION pg_temp.load_with(path text, value text) RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.load(CASE WHEN value IS NULL THEN plan #- path::text[] ELSE jsonb_set(plan, path::text[], value::jsonb) END) FROM base
$$;
CREATE FUNCTION pg_temp.load_all(cases text) RETURNS TABLE (change text, answer text) LANGUAGE sql AS $$
SELECT c, pg_temp.load_with(split_part(c, ' ', 1), nullif(substr(c, strpos(c || ' ', ' ') + 1), ''))
  FROM regexp_split_to_table(btrim(cases, E'\n'), '\n') AS c
$$;

-- the base itself is sound
BEGIN;
SELECT seatlock.create_venue('bad plan', plan) FROM base;
ROLLBACK;

-- not a plan at all
SELECT plan, pg_temp.load(plan) FROM unnest(ARRAY['null', '1', '"plan"', '[]', '[{}]', '{}', '{"categories": []}',
  '{"categories": [], "zones": []}', '{"categories": {}, "zones": []}', '{"categories": [], "zones": "all"}']::jsonb[]) AS plan;
SELECT t.try($$SELECT seatlock.create_venue('bad plan', NULL)$$);
SELECT t.try($$SELECT seatlock.create_venue(NULL, '{}')$$);
SELECT t.try($$SELECT seatlock.create_venue('', '{}')$$);
SELECT t.try(format('SELECT seatlock.create_venue(%L, %L)', repeat('x', 256), plan)) FROM base;

-- categories
SELECT * FROM pg_temp.load_all($$
{categories}
{categories,0} "Near"
{categories,0,name}
{categories,0,name} ""
{categories,0,name} 7
{categories,0,name} null
{categories,0,color} 255
{categories,0,accessible} "yes"
{categories,1,name} "Near"
{categories,1,name} " Near "
$$);

-- zones, rows and seats that are missing or of a wrong type
SELECT * FROM pg_temp.load_all($$
{zones}
{zones} []
{zones} null
{zones,0} []
{zones,0} "Stalls"
{zones,0,name}
{zones,0,name} ""
{zones,0,name} "   "
{zones,0,name} ["Stalls"]
{zones,0,name} "[Stalls]"
{zones,0,name} " {Stalls}"
{zones,0,position} [10,20]
{zones,0,position} {"x":1}
{zones,0,position,x} "10"
{zones,0,rows} {}
{zones,0,rows} [7]
{zones,0,rows,0,row_number}
{zones,0,rows,0,row_number} ""
{zones,0,rows,0,row_number} 1
{zones,0,rows,0,row_number} "[1]"
{zones,0,rows,1,row_label} {}
{zones,0,rows,1,row_label} "{1}"
{zones,0,rows,0,position} 5
{zones,0,rows,0,position,y} 1e300
{zones,0,rows,0,position,y} -1e400
{zones,0,rows,0,seats}
{zones,0,rows,0,seats} []
{zones,0,rows,0,seats} null
{zones,0,rows,0,seats} 2
{zones,0,rows,0,seats,0} [1]
{zones,0,rows,0,seats,0} null
{zones,0,rows,0,seats,0,seat_number}
{zones,0,rows,0,seats,0,seat_number} ""
{zones,0,rows,0,seats,0,seat_number} 1
{zones,0,rows,0,seats,1,seat_number} "1"
{zones,0,rows,0,seats,1,seat_number} "1 "
{zones,0,rows,0,seats,1,category}
{zones,0,rows,0,seats,1,category} null
{zones,0,rows,0,seats,1,category} ""
{zones,0,rows,0,seats,1,category} 1
{zones,0,rows,0,seats,1,category} "near"
{zones,0,rows,0,seats,1,position}
{zones,0,rows,0,seats,1,position} "25,0"
{zones,0,rows,0,seats,1,position,y}
$$);
-- a zone may do without rows only when it has areas
SELECT pg_temp.load(plan #- '{zones,0,rows}' #- '{zones,0,areas}') FROM base;
SELECT pg_temp.load(plan #- '{zones,0,rows}' #- '{zones,0,areas,0}') FROM base;
-- names of more than 255 bytes
SELECT pg_temp.load_with('{zones,0,name}', to_jsonb(repeat('z', 256))::text);
SELECT pg_temp.load_with('{zones,0,rows,0,seats,1,seat_number}', to_jsonb(repeat('é', 128))::text);

-- areas
SELECT * FROM pg_temp.load_all($$
{zones,0,areas} {}
{zones,0,areas,1} "Stage"
{zones,0,areas,1,shape} "star"
{zones,0,areas,1,shape} 3
{zones,0,areas,1,polygon}
{zones,0,areas,1,polygon} []
{zones,0,areas,1,polygon,points}
{zones,0,areas,1,polygon,points} []
{zones,0,areas,1,polygon,points,2} 50
{zones,0,areas,1,polygon,points,2,x} "50"
{zones,0,areas,1,rotation} "left"
{zones,0,areas,1,position} 0
{zones,0,areas,1,border_color} []
{zones,0,areas,0,rectangle}
{zones,0,areas,0,rectangle,width} -100
{zones,0,areas,0,rectangle,height}
{zones,0,areas,0,text} "Floor"
{zones,0,areas,0,text,text} 1
{zones,0,areas,0,text,position} {"x":"left"}
{zones,0,areas,0,name} "[Floor]"
$$);
-- capacity
SELECT * FROM pg_temp.load_all($$
{zones,0,areas,0,capacity} 0
{zones,0,areas,0,capacity} -1
{zones,0,areas,0,capacity} 1.5
{zones,0,areas,0,capacity} "20"
{zones,0,areas,0,capacity} 999998
{zones,0,areas,0,capacity} 1000001
{zones,0,areas,0,capacity} 9223372036854775808
{zones,0,areas,0,capacity} true
{zones,0,areas,0,category}
{zones,0,areas,0,category} "near"
{zones,0,areas,0,category} 1
$$);

-- size
SELECT * FROM pg_temp.load_all($$
{size} [400,300]
{size} {"width":400}
{size,width} "400"
{size,height} 0
{size,height} -1
{size,height} 1e9
$$);

-- how many of each
CREATE FUNCTION pg_temp.load_many(path text[], element jsonb, n integer) RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.load(jsonb_set(plan, path, (plan #> path) || (SELECT jsonb_agg(element || jsonb_build_object('name', 'n' || i)) FROM generate_series(1, n) i))) FROM base
$$;
SELECT pg_temp.load_many('{categories}', '{}', 999);
SELECT pg_temp.load_many('{zones}', '{"areas": [], "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": [{"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Far"}]}]}', 9999);
SELECT pg_temp.load_many('{zones,0,areas}', '{"shape": "text", "position": {"x": 0, "y": 0}}', 9999);
SELECT pg_temp.load_many('{zones,0,areas,1,polygon,points}', '{"x": 1, "y": 1}', 998);
BEGIN;
SELECT seatlock.create_venue('bad plan', jsonb_set(plan, '{categories}', (plan -> 'categories') || (SELECT jsonb_agg(jsonb_build_object('name', 'n' || i)) FROM generate_series(1, 998) i))) FROM base;
SELECT t.try($$SELECT seatlock.create_area('bad plan', 'One more', 1, 'One category more')$$);
ROLLBACK;
SELECT pg_temp.load_many('{zones,0,areas,1,polygon,points}', '{"x": 1, "y": 1}', 997);

-- SQL's own JSON parser comes first
SELECT seatlock.create_venue('bad plan', '{"zones": [');
SELECT count(*) FROM seatlock.venue WHERE name = 'bad plan';
