-- A hostile search_path and objects that shadow ours or the system's change nothing.
SELECT seatlock.create_event('hostile', 'hall');
CREATE ROLE regress_victim;
GRANT USAGE ON SCHEMA seatlock TO regress_victim;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA seatlock TO regress_victim;
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;

-- traps: everything here reports when it is called
CREATE FUNCTION evil.trap() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap sprung'; END$$;
CREATE FUNCTION evil.text_eq(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap = text'; END$$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.text_eq);
CREATE FUNCTION evil.int_eq(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap = integer'; END$$;
CREATE OPERATOR evil.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = evil.int_eq);
CREATE FUNCTION evil.ts_gt(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap >'; END$$;
CREATE OPERATOR evil.> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.ts_gt);
CREATE FUNCTION evil.cat(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap ||'; END$$;
CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.cat);
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap clock'; END$$;
CREATE FUNCTION evil.count(integer) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap count'; END$$;
CREATE FUNCTION evil.unnest(anyarray) RETURNS SETOF integer LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap unnest'; END$$;
CREATE FUNCTION evil.jsonb_array_elements(jsonb) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap jsonb'; END$$;
CREATE FUNCTION evil.nextval(regclass) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trap nextval'; END$$;
CREATE TABLE evil.seat_state (event_id int, seat_no int, version bigint, expires_at timestamptz, token uuid, status "char");
CREATE TABLE evil.event (event_id int, name text);
CREATE TABLE evil.hold (token uuid);
CREATE TYPE evil.claim_result AS (ok boolean);
CREATE TYPE evil.text AS (a int);
CREATE DOMAIN evil.uuid AS pg_catalog.text;

SET ROLE regress_victim;
CREATE TEMP TABLE event (event_id int, name pg_catalog.text);
CREATE TEMP TABLE seat (event_id int, seat_no int, label pg_catalog.text);
CREATE TEMP TABLE seat_state (event_id int, seat_no int, status "char");
CREATE TEMP TABLE pg_class (relname pg_catalog.text);
CREATE TEMP TABLE pg_locks (locktype pg_catalog.text);
SET search_path = evil, pg_temp, pg_catalog;
-- the traps are armed: the caller's own SQL springs them
SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text;

SELECT outcome, token AS one FROM seatlock.claim('hostile', '["A-1","A-2"]', 'ann', request_key => 'k') \gset
\echo :outcome
SELECT outcome, replayed FROM seatlock.claim('hostile', '["A-1","A-2"]', 'ann', request_key => 'k');
SELECT outcome FROM seatlock.claim('hostile', 'A-1', 'eve');
SELECT outcome FROM seatlock.claim_best('hostile', 2, 'ann', 'Stalls', 'Standard');
SELECT outcome FROM seatlock.extend('hostile', :'one', 2000);
SELECT outcome FROM seatlock.set_holder('hostile', :'one', 'anna');
SELECT outcome FROM seatlock.hold('hostile', :'one');
SELECT outcome FROM seatlock.release('hostile', :'one', 'A-2');
SELECT outcome FROM seatlock.confirm('hostile', :'one', 'order');
SELECT outcome FROM seatlock.cancel('hostile', :'one');
SELECT outcome FROM seatlock.book('hostile', 'A-1', 'box');
SELECT outcome FROM seatlock.block('hostile', 'A-3');
SELECT outcome FROM seatlock.unblock('hostile', 'A-3');
SELECT seat, locked, status FROM seatlock.lock('hostile', 'A-3');
SELECT pg_catalog.count(*) FROM seatlock.seat_map('hostile');
SELECT capacity, num_booked FROM seatlock.availability('hostile');
SELECT pg_catalog.length(seatlock.seat_map_text('hostile')) OPERATOR(pg_catalog.>) 0 AS text;
SELECT pg_catalog.length(seatlock.seat_map_svg('hostile')) OPERATOR(pg_catalog.>) 0 AS svg;
SELECT pg_catalog.count(*) FROM seatlock.changes('hostile', 0, 100);
SELECT pg_catalog.count(*) FROM seatlock.seat_history('hostile', 'A-1');
SELECT pg_catalog.count(*) FROM seatlock.check_integrity();
SELECT seatlock.create_grid('hostile hall', 'S', 2, 2, 'Standard');
SELECT seatlock.create_area('hostile hall', 'F', 2, 'Standing');
SELECT seatlock.create_event('hostile 2', 'hostile hall');
SELECT seatlock.alter_event('hostile 2', hold_seconds => 5);
SELECT seatlock.prune('hostile 2', 'infinity');
SELECT seatlock.drop_event('hostile 2');
SELECT seatlock.drop_venue('hostile hall');
RESET search_path;
RESET ROLE;

-- the views were bound to their relations when they were made
SET search_path = evil, pg_temp, pg_catalog;
SELECT pg_catalog.count(*) FROM seatlock.holds WHERE event OPERATOR(pg_catalog.=) 'hostile';
RESET search_path;

-- row-level security on our tables, set by whoever owns them, is not in the way
SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relrowsecurity;

DROP TABLE pg_temp.event, pg_temp.seat, pg_temp.seat_state, pg_temp.pg_class, pg_temp.pg_locks;
SET client_min_messages = error;
DROP SCHEMA evil CASCADE;
RESET client_min_messages;
DROP OWNED BY regress_victim;
DROP ROLE regress_victim;
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
