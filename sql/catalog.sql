-- What the extension puts into the catalogs.

-- everything has a comment
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS without_comment
  FROM pg_depend d
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
   AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'seatlock')
   AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_namespace'::regclass)
   AND NOT (d.classid = 'pg_class'::regclass AND (SELECT relkind FROM pg_class WHERE oid = d.objid) = 'c')
   AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type WHERE oid = d.objid
              AND (typelem <> 0 OR typrelid <> 0 AND (SELECT relkind FROM pg_class WHERE oid = typrelid) <> 'c')))
   AND coalesce(obj_description(d.objid, d.classid::regclass::name), '') = '';
SELECT obj_description(oid, 'pg_extension') IS NOT NULL AS extension_comment FROM pg_extension WHERE extname = 'seatlock';

-- verbs and set-up are VOLATILE, reads STABLE, all PARALLEL UNSAFE; what runs SQL pins its search_path
SELECT proname, pronargs, provolatile AS volatile, proparallel AS parallel, proisstrict AS strict, prosecdef AS definer,
       coalesce(array_to_string(proconfig, ' '), '') AS settings
  FROM pg_proc WHERE pronamespace = 'seatlock'::regnamespace ORDER BY proname, pronargs;

-- names and defaults of the arguments are the contract
\pset format unaligned
SELECT proname, pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result
  FROM pg_proc WHERE pronamespace = 'seatlock'::regnamespace ORDER BY 1, 2;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'seatlock.claim_result'::regclass AND attnum > 0 ORDER BY attnum;
SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'seatlock'::regnamespace AND c.relkind = 'v' GROUP BY 1 ORDER BY 1;
\pset format aligned

-- every table and sequence is dumped
SELECT c.relname AS not_dumped
  FROM pg_class c
 WHERE c.relnamespace = 'seatlock'::regnamespace AND c.relkind IN ('r', 'S')
   AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'seatlock' AND c.oid = ANY (e.extconfig));

-- the hot table has its primary key and nothing else: an index on status or
-- expiry would make every update write all indexes
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'seatlock.seat_state'::regclass;
SELECT reloptions FROM pg_class WHERE oid = 'seatlock.seat_state'::regclass;

-- fixed schema, for superusers to install
SELECT extrelocatable, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'seatlock';
SELECT superuser, trusted, relocatable, schema FROM pg_available_extension_versions WHERE name = 'seatlock';

-- settings: a misspelt one is an error, the developers' one is for superusers
-- and not shown; the library has to be loaded for that, as by any call
LOAD 'seatlock';
SELECT name, setting, unit, context FROM pg_settings WHERE name LIKE 'seatlock.%' AND context <> 'postmaster' AND name <> 'seatlock.debug_fault' ORDER BY name;
SET seatlock.lockwait = 1;
SET seatlock.lock_wait = -1;
SET seatlock.lock_wait = '2s';
SHOW seatlock.lock_wait;
RESET seatlock.lock_wait;
