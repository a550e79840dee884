-- Who may do what: nothing for PUBLIC, and the three documented sets of grants.
CREATE ROLE regress_nobody;
CREATE ROLE regress_reader;
CREATE ROLE regress_seller;
CREATE ROLE regress_admin;
\getenv abs_srcdir PG_ABS_SRCDIR
\set grants :abs_srcdir '/doc/grants.sql'
\set ECHO none
\set role regress_reader
\set level read
\i :grants
\set role regress_seller
\set level sell
\i :grants
\set role regress_admin
\set level administer
\i :grants
\set ECHO all
SELECT seatlock.create_event('guarded', 'hall');
SELECT token AS live FROM seatlock.claim('guarded', 'A-1', 'ann') \gset

-- the whole matrix: who may call or read what
SELECT p.oid::regprocedure AS function,
       concat_ws(' ', CASE WHEN has_function_privilege('regress_nobody', p.oid, 'EXECUTE') THEN 'PUBLIC' END,
                 CASE WHEN has_function_privilege('regress_reader', p.oid, 'EXECUTE') THEN 'read' END,
                 CASE WHEN has_function_privilege('regress_seller', p.oid, 'EXECUTE') THEN 'sell' END,
                 CASE WHEN has_function_privilege('regress_admin', p.oid, 'EXECUTE') THEN 'administer' END) AS granted_to
  FROM pg_proc p WHERE p.pronamespace = 'seatlock'::regnamespace ORDER BY p.oid::regprocedure::text;
SELECT c.relname, c.relkind,
       concat_ws(' ', CASE WHEN has_table_privilege('regress_nobody', c.oid, 'SELECT') THEN 'PUBLIC' END,
                 CASE WHEN has_table_privilege('regress_reader', c.oid, 'SELECT') THEN 'read' END,
                 CASE WHEN has_table_privilege('regress_seller', c.oid, 'SELECT') THEN 'sell' END,
                 CASE WHEN has_table_privilege('regress_admin', c.oid, 'SELECT') THEN 'administer' END) AS may_select
  FROM pg_class c WHERE c.relnamespace = 'seatlock'::regnamespace AND c.relkind IN ('r', 'v', 'S') ORDER BY c.relkind, c.relname;
SELECT rolname, count(*) AS may_write
  FROM pg_class c, pg_roles r
 WHERE c.relnamespace = 'seatlock'::regnamespace AND c.relkind IN ('r', 'v') AND r.rolname LIKE 'regress%'
   AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') GROUP BY 1;
SELECT rolname, count(*) AS may_draw_or_set
  FROM pg_class c, pg_roles r
 WHERE c.relnamespace = 'seatlock'::regnamespace AND c.relkind = 'S' AND r.rolname LIKE 'regress%'
   AND has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT, UPDATE') GROUP BY 1;
SELECT rolname, has_schema_privilege(oid, 'seatlock', 'USAGE') AS usage, has_schema_privilege(oid, 'seatlock', 'CREATE') AS "create"
  FROM pg_roles WHERE rolname IN ('regress_nobody', 'regress_reader', 'regress_seller', 'regress_admin') ORDER BY 1;

-- and as the roles feel it
\set VERBOSITY terse
SET ROLE regress_nobody;
SELECT ok FROM seatlock.claim('guarded', 'A-2', 'ann');
SELECT count(*) FROM seatlock.seat_map('guarded');
RESET ROLE;
-- naming the function past the schema's lock is no way in
GRANT USAGE ON SCHEMA seatlock TO regress_nobody;
SET ROLE regress_nobody;
SELECT ok FROM seatlock.claim('guarded', 'A-2', 'ann');
SELECT count(*) FROM seatlock.seat_map('guarded');
SELECT count(*) FROM seatlock.holds;
SELECT count(*) FROM seatlock.check_integrity();
RESET ROLE;
REVOKE USAGE ON SCHEMA seatlock FROM regress_nobody;

SET ROLE regress_reader;
SELECT count(*) FROM seatlock.seat_map('guarded');
SELECT capacity, num_free, num_held FROM seatlock.availability('guarded');
SELECT length(seatlock.seat_map_text('guarded')) > 0 AS text, length(seatlock.seat_map_svg('guarded')) > 0 AS svg;
SELECT ok FROM seatlock.claim('guarded', 'A-2', 'ann');
SELECT ok FROM seatlock.confirm('guarded', :'live');
SELECT count(*) FROM seatlock.holds;
SELECT count(*) FROM seatlock.changes('guarded', 0, 10);
SELECT token FROM seatlock.hold;
RESET ROLE;

SET ROLE regress_seller;
SELECT outcome, token AS seller FROM seatlock.claim('guarded', '["A-2","A-3"]', 'bob') \gset
\echo :outcome
SELECT outcome FROM seatlock.claim('guarded', ARRAY['A-4'], 'bob');
SELECT outcome FROM seatlock.claim_best('guarded', 2, 'bob');
SELECT outcome FROM seatlock.extend('guarded', :'seller', 1000);
SELECT outcome FROM seatlock.set_holder('guarded', :'seller', 'bobby');
SELECT outcome FROM seatlock.hold('guarded', :'seller');
SELECT outcome FROM seatlock.release('guarded', :'seller', 'A-3');
SELECT outcome FROM seatlock.confirm('guarded', :'seller', 'order 1');
SELECT seat, locked, status FROM seatlock.lock('guarded', 'B-1');
SELECT count(*) FROM seatlock.seat_map('guarded');
SELECT outcome FROM seatlock.cancel('guarded', :'seller');
SELECT outcome FROM seatlock.book('guarded', 'B-1', 'bob');
SELECT outcome FROM seatlock.block('guarded', 'B-1');
SELECT outcome FROM seatlock.unblock('guarded', 'B-1');
SELECT outcome FROM seatlock.rename_holder('guarded', 'bobby', 'eve');
SELECT seatlock.create_event('mine', 'hall');
SELECT seatlock.drop_event('guarded', 'yes');
SELECT seatlock.alter_event('guarded', hold_seconds => 1);
SELECT seatlock.prune('guarded', 'infinity');
SELECT count(*) FROM seatlock.changes('guarded', 0, 10);
SELECT count(*) FROM seatlock.seat_history('guarded', 'A-1');
SELECT count(*) FROM seatlock.holds;
SELECT token FROM seatlock.seat_state;
SELECT token FROM seatlock.hold;
UPDATE seatlock.seat_state SET status = 'f';
INSERT INTO seatlock.request SELECT;
DELETE FROM seatlock.change;
TRUNCATE seatlock.hold;
LOCK TABLE seatlock.seat_state;
SELECT nextval('seatlock.change_seq');
CREATE TABLE seatlock.mine (a int);
SET seatlock.lock_wait = 0;
RESET seatlock.lock_wait;
RESET ROLE;

SET ROLE regress_admin;
SELECT outcome FROM seatlock.cancel('guarded', :'seller');
SELECT outcome FROM seatlock.book('guarded', 'B-1', 'box office');
SELECT outcome FROM seatlock.block('guarded', 'B-2');
SELECT outcome FROM seatlock.unblock('guarded', 'B-2');
SELECT outcome FROM seatlock.rename_holder('guarded', 'bobby', 'bob');
SELECT seatlock.create_grid('admin hall', 'S', 1, 2, 'Standard');
SELECT seatlock.create_area('admin hall', 'F', 3, 'Standing');
SELECT seatlock.create_event('admin event', 'admin hall');
SELECT seatlock.alter_event('admin event', hold_seconds => 100);
SELECT seatlock.drop_event('admin event');
SELECT seatlock.drop_venue('admin hall');
SELECT seatlock.prune('guarded', 'infinity');
SELECT count(*) > 0 AS changes FROM seatlock.changes('guarded', 0, 10);
SELECT count(*) > 0 AS history FROM seatlock.seat_history('guarded', 'A-1');
SELECT count(*) > 0 AS holds FROM seatlock.holds;
SELECT count(*) > 0 AS events FROM seatlock.events;
SELECT count(*) > 0 AS venues FROM seatlock.venues;
SELECT count(*) AS locks FROM seatlock.locks;
SELECT count(*) AS broken FROM seatlock.check_integrity();
UPDATE seatlock.seat_state SET status = 'f';
SELECT token FROM seatlock.hold;
RESET ROLE;

-- the history names the role that acted
SELECT DISTINCT actor FROM seatlock.changes('guarded', 0, 1000) WHERE actor <> session_user ORDER BY 1;
-- also behind a function that runs as its owner
CREATE FUNCTION public.sell_for_me(seat text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$SELECT outcome FROM seatlock.claim('guarded', seat, 'web')$$;
ALTER FUNCTION public.sell_for_me(text) OWNER TO regress_seller;
GRANT EXECUTE ON FUNCTION public.sell_for_me(text) TO regress_nobody;
SET ROLE regress_nobody;
SELECT public.sell_for_me('D-1');
RESET ROLE;
SELECT actor, holder FROM seatlock.changes('guarded', 0, 1000) WHERE seats = '{D-1}';

-- a role with a name that needs quoting
CREATE ROLE "regress ""Odd"" rôle";
\set role 'regress "Odd" rôle'
\set level sell
\set ECHO none
\i :grants
\set ECHO all
SET ROLE "regress ""Odd"" rôle";
SELECT outcome FROM seatlock.claim('guarded', 'D-2', 'odd');
RESET ROLE;
SELECT actor FROM seatlock.changes('guarded', 0, 1000) WHERE seats = '{D-2}';

DROP FUNCTION public.sell_for_me(text);
DROP OWNED BY regress_nobody, regress_reader, regress_seller, regress_admin, "regress ""Odd"" rôle";
DROP ROLE regress_nobody, regress_reader, regress_seller, regress_admin, "regress ""Odd"" rôle";
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
