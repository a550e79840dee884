-- Tables and types of ours that somebody has altered: whatever would read or write
-- them says so, nothing crashes, nothing is written.
SELECT seatlock.create_grid('altered', 'S', 1, 9, 'c'), seatlock.create_event('altered', 'altered', max_seats_per_holder => 5);
SELECT ok FROM seatlock.claim('altered', 'A-1', 'ann', request_key => 'k');
SELECT token::text AS token FROM seatlock.hold WHERE holder = 'ann' \gset
CREATE FUNCTION pg_temp.try_all(token text) RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
SELECT split_part(c, '(', 1), t.try('SELECT outcome FROM seatlock.' || replace(c, '$1', quote_literal(token)))
  FROM unnest(ARRAY['claim(''altered'', ''A-2'', ''bob'', request_key => ''k2'')', 'claim_best(''altered'', 1, ''bob'')',
    'book(''altered'', ''A-3'', ''bob'')', 'block(''altered'', ''A-4'')', 'release(''altered'', $1)', 'hold(''altered'', $1)']) AS c
$$;
\set try 'SELECT call, answer FROM pg_temp.try_all(' :'token' ');'

BEGIN;
ALTER TABLE seatlock.event ADD COLUMN note text;
:try
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.seat ADD COLUMN price numeric;
-- the seat board knows labels too
SELECT call, answer FROM pg_temp.try_all(:'token') WHERE call IN ('block', 'hold');
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.seat_state ADD COLUMN note text DEFAULT 'x';
:try
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.hold ADD COLUMN email text;
:try
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.change ADD COLUMN reason2 text;
:try
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.request ADD COLUMN a int, ADD COLUMN b int, ADD COLUMN c int, ADD COLUMN d int, ADD COLUMN e int;
:try
ROLLBACK;
-- the reads, and what they read beside these
CREATE FUNCTION pg_temp.try_reads() RETURNS TABLE (call text, answer text) LANGUAGE sql AS $$
SELECT f, t.try(format('SELECT count(*) FROM seatlock.%s(%s)', f, concat_ws(', ', '''altered''', args)))
  FROM (VALUES ('seat_map', NULL), ('seat_map_text', NULL), ('seat_map_svg', NULL),
    ('changes', '0, 9'), ('seat_history', '''A-1'''), ('live_holds', NULL)) AS reads (f, args)
$$;
BEGIN;
ALTER TABLE seatlock.layout_section ADD COLUMN gate text;
SELECT * FROM pg_temp.try_reads();
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.layout_category ADD COLUMN price numeric, DROP COLUMN accessible;
SELECT * FROM pg_temp.try_reads();
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.change DROP COLUMN reason, ADD COLUMN reason text;
SELECT * FROM pg_temp.try_reads();
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.hold ADD COLUMN note text;
SELECT * FROM pg_temp.try_reads();
ROLLBACK;
-- a plan is copied by the names of its columns, so more of them do no harm
BEGIN;
ALTER TABLE seatlock.venue ADD COLUMN note text;
ALTER TABLE seatlock.layout_section ADD COLUMN note text;
ALTER TABLE seatlock.seat ADD COLUMN note text DEFAULT 'x';
ALTER TABLE seatlock.layout_category ADD COLUMN note text;
SELECT t.try($$SELECT seatlock.create_grid('altered 2', 'S', 1, 2, 'c')$$), t.try($$SELECT seatlock.create_event('altered 2', 'altered 2')$$);
ROLLBACK;
-- a column that is gone, one of another type
BEGIN;
ALTER TABLE seatlock.request DROP COLUMN together;
:try
ROLLBACK;
BEGIN;
ALTER TABLE seatlock.request ALTER COLUMN verb TYPE varchar;
:try
ROLLBACK;
-- the row that verbs return
BEGIN;
ALTER TYPE seatlock.claim_result ADD ATTRIBUTE note text;
:try
ROLLBACK;
-- a function of another version
BEGIN;
CREATE FUNCTION pg_temp.seat_map_compact(event text, OUT version bigint, OUT seats text, OUT more text) RETURNS record LANGUAGE C STABLE AS 'seatlock', 'seatlock_seat_map_compact';
CREATE FUNCTION pg_temp.locked(event text, seats text, wait_ms bigint, OUT seat text, OUT locked boolean) RETURNS SETOF record LANGUAGE C AS 'seatlock', 'seatlock_lock';
SELECT t.try($$SELECT pg_temp.seat_map_compact('altered')$$), t.try($$SELECT pg_temp.locked('altered', 'A-1', 0)$$);
ROLLBACK;
-- all is as before
:try
SELECT seatlock.drop_event('altered', 'yes'), seatlock.drop_venue('altered');
