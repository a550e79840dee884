/* seatlock--1.0.sql */

-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION seatlock" to load this file. \quit

/*
 * A role that may create schemas, which the owner of the database may, can have made
 * this one before, and have put functions or operators into it that fit a call
 * better than the server's own.  The schema must be a superuser's, and empty,
 * as DROP EXTENSION leaves it.  And everything below that a search_path could
 * find elsewhere says where it is: test/qualified checks it.
 */
DO $$
DECLARE
    is_ours pg_catalog.bool;
    content pg_catalog.text;
BEGIN
    SELECT r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER INTO is_ours
      FROM pg_catalog.pg_namespace n
      JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
     WHERE n.nspname OPERATOR(pg_catalog.=) 'seatlock';
    IF NOT is_ours THEN
        RAISE EXCEPTION 'schema "seatlock" belongs to a role that is no superuser'
            USING ERRCODE := '42501', HINT := 'Drop it, and let CREATE EXTENSION make it.';
    END IF;
    SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) INTO content
      FROM pg_catalog.pg_depend d
     WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
       AND d.refobjid OPERATOR(pg_catalog.=) 'seatlock'::pg_catalog.regnamespace
       AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass
     LIMIT 1;
    IF content IS NOT NULL THEN
        RAISE EXCEPTION 'schema "seatlock" is not empty'
            USING ERRCODE := '55000', DETAIL := pg_catalog.format('It holds %s.', content),
                HINT := 'Drop it, and let CREATE EXTENSION make it.';
    END IF;
END
$$;

/*
 * Tables.  All of them are private to seatlock: the functions below are the
 * only writers.  Every key text is COLLATE "C", so that equality in C code and
 * in SQL is equality of bytes, whatever the database's collation.
 */

CREATE SEQUENCE seatlock.venue_id_seq AS pg_catalog.int4;
CREATE SEQUENCE seatlock.layout_id_seq AS pg_catalog.int4;
CREATE SEQUENCE seatlock.event_id_seq AS pg_catalog.int4;
CREATE SEQUENCE seatlock.change_seq AS pg_catalog.int8;
COMMENT ON SEQUENCE seatlock.venue_id_seq IS 'numbers of venues';
COMMENT ON SEQUENCE seatlock.layout_id_seq IS 'numbers of layouts; never used twice, since caches know layouts by them';
COMMENT ON SEQUENCE seatlock.event_id_seq IS 'numbers of events; never used twice, since locks and caches know events by them';
COMMENT ON SEQUENCE seatlock.change_seq IS 'order of the change feed; must not cache values, or the feed could skip a change';

CREATE TABLE seatlock.venue (
    venue_id    pg_catalog.int4 NOT NULL DEFAULT pg_catalog.nextval('seatlock.venue_id_seq'::pg_catalog.regclass) PRIMARY KEY,
    name        pg_catalog.text COLLATE pg_catalog."C" NOT NULL UNIQUE,
    layout_id   pg_catalog.int4 NOT NULL UNIQUE DEFAULT pg_catalog.nextval('seatlock.layout_id_seq'::pg_catalog.regclass),
    created_at  pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
) USING heap;
COMMENT ON TABLE seatlock.venue IS 'one row per venue; layout_id is its layout as it is now, which the next event will have';

/*
 * A layout is what all nights of a house share.  It belongs to one venue and to
 * any number of events; once an event has it, none of its rows changes any more.
 */
CREATE TABLE seatlock.layout (
    layout_id   pg_catalog.int4 NOT NULL PRIMARY KEY,
    is_final    pg_catalog.bool NOT NULL DEFAULT false,
    num_seats   pg_catalog.int4 NOT NULL DEFAULT 0,
    num_prefixed pg_catalog.int4 NOT NULL DEFAULT 0,
    num_suffixed pg_catalog.int4 NOT NULL DEFAULT 0,
    width       pg_catalog.float8 NOT NULL,
    height      pg_catalog.float8 NOT NULL,
    drawing     pg_catalog.jsonb NOT NULL DEFAULT '[]',
    labels      pg_catalog.text NOT NULL DEFAULT 'short'
) USING heap;
COMMENT ON TABLE seatlock.layout IS 'one row per layout: is_final when an event has or had it, and then it never changes; num_prefixed and num_suffixed tell how its labels were made unique; drawing holds the areas as their plans have them, with the origin of their zone and the section of their places; labels is the rule that its labels are made by';

CREATE TABLE seatlock.layout_category (
    layout_id   pg_catalog.int4 NOT NULL,
    category_no pg_catalog.int4 NOT NULL,
    name        pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    color       pg_catalog.text NOT NULL,
    accessible  pg_catalog.bool NOT NULL,
    PRIMARY KEY (layout_id, category_no),
    UNIQUE (layout_id, name)
) USING heap;
COMMENT ON TABLE seatlock.layout_category IS 'price categories of a layout, in plan order';

CREATE TABLE seatlock.layout_section (
    layout_id   pg_catalog.int4 NOT NULL,
    section_no  pg_catalog.int4 NOT NULL,
    name        pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    general_admission pg_catalog.bool NOT NULL,
    PRIMARY KEY (layout_id, section_no)
) USING heap;
COMMENT ON TABLE seatlock.layout_section IS 'sections of a layout, in the order in which they were created';

-- what never changes about a seat, whatever the night
CREATE TABLE seatlock.seat (
    layout_id   pg_catalog.int4 NOT NULL,
    seat_no     pg_catalog.int4 NOT NULL,
    section_no  pg_catalog.int4 NOT NULL,
    category_no pg_catalog.int4 NOT NULL,
    row_no      pg_catalog.int4,
    run_no      pg_catalog.int4,
    x           pg_catalog.float8 NOT NULL,
    y           pg_catalog.float8 NOT NULL,
    along       pg_catalog.int4 NOT NULL,
    accessible  pg_catalog.bool NOT NULL DEFAULT false,
    companion   pg_catalog.bool NOT NULL DEFAULT false,
    for_sale    pg_catalog.bool NOT NULL DEFAULT true,
    label       pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    row_label   pg_catalog.text COLLATE pg_catalog."C",
    seat_number pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    guid        pg_catalog.text COLLATE pg_catalog."C",
    PRIMARY KEY (layout_id, seat_no),
    -- carries the number, so that a label is looked up without its row
    CONSTRAINT seat_layout_id_label_key UNIQUE (layout_id, label) INCLUDE (seat_no)
) USING heap;
COMMENT ON TABLE seatlock.seat IS 'the fixed part of a seat: label and place; seat_no is the seat order; row_no, run_no and row_label are null in general admission; seats of one run are neighbours in seat_no order; along is how far along its row the seat is, in sixteenths of the row''s usual step; accessible and companion seats are sold by label only; those not for_sale are so at the start of each event; guid is what the plan''s editor knows it by, null when it has none of its own';
-- seats without a guid stay out
CREATE UNIQUE INDEX seat_layout_id_guid_key ON seatlock.seat (layout_id, guid) INCLUDE (seat_no) WHERE guid IS NOT NULL;
COMMENT ON INDEX seatlock.seat_layout_id_guid_key IS 'finds the seat of a guid, and its number without its row';

CREATE TABLE seatlock.event (
    event_id    pg_catalog.int4 NOT NULL DEFAULT pg_catalog.nextval('seatlock.event_id_seq'::pg_catalog.regclass) PRIMARY KEY,
    name        pg_catalog.text COLLATE pg_catalog."C" NOT NULL UNIQUE,
    venue_id    pg_catalog.int4 NOT NULL,
    layout_id   pg_catalog.int4 NOT NULL,
    opens_at    pg_catalog.timestamptz,
    closes_at   pg_catalog.timestamptz,
    hold_seconds pg_catalog.int4 NOT NULL,
    max_hold_seconds pg_catalog.int4 NOT NULL,
    max_seats_per_holder pg_catalog.int4,
    created_at  pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    features    pg_catalog.int2 NOT NULL DEFAULT 0
) USING heap;
COMMENT ON TABLE seatlock.event IS 'one row per event: its sale window, hold lengths and cap; features tells what else every call must look at, 0 for nothing';
CREATE INDEX event_venue_id_idx ON seatlock.event (venue_id);
COMMENT ON INDEX seatlock.event_venue_id_idx IS 'finds the events of a venue, so that it is not dropped before them';
CREATE INDEX event_layout_id_idx ON seatlock.event (layout_id);
COMMENT ON INDEX seatlock.event_layout_id_idx IS 'finds the events of a layout, which goes with the last of them';

/*
 * What changes: one narrow row per seat, the only truth about who has it.  No
 * index on status, token or expiry, plain or partial, may ever be added: it
 * would turn every heap-only-tuple update into an ordinary one.
 */
CREATE TABLE seatlock.seat_state (
    event_id    pg_catalog.int4 NOT NULL,
    seat_no     pg_catalog.int4 NOT NULL,
    version     pg_catalog.int8 NOT NULL DEFAULT 0,
    expires_at  pg_catalog.timestamptz,
    token       pg_catalog.uuid,
    status      pg_catalog."char" NOT NULL DEFAULT 'f',
    channel_no  pg_catalog.int2,
    -- an entry each for the versions of a seat: looked at from the newest on, forgotten one by one
    PRIMARY KEY (event_id, seat_no) WITH (deduplicate_items = off)
) USING heap WITH (fillfactor = 50);
COMMENT ON TABLE seatlock.seat_state IS 'the only truth about a seat: status f(ree), h(eld), b(ooked) or n(ot for sale), owner token, lapse, version';

CREATE TABLE seatlock.hold (
    event_id    pg_catalog.int4 NOT NULL,
    state       pg_catalog."char" NOT NULL,
    capped      pg_catalog.bool NOT NULL,
    channel_no  pg_catalog.int2,
    token       pg_catalog.uuid NOT NULL,
    created_at  pg_catalog.timestamptz NOT NULL,
    expires_at  pg_catalog.timestamptz NOT NULL,
    ended_at    pg_catalog.timestamptz,
    holder      pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    order_ref   pg_catalog.text,
    request_key pg_catalog.text COLLATE pg_catalog."C",
    seats       pg_catalog.int4[] NOT NULL,
    PRIMARY KEY (event_id, token)
) USING heap WITH (fillfactor = 80);
COMMENT ON TABLE seatlock.hold IS 'the life of a token: state h(eld), b(ooked), l(apsed, recorded), r(eleased) or c(ancelled); seats are the seat_no it owns, or owned last when ended; request_key is the last of its requests';
-- serves max_seats_per_holder alone; holds that are over, and those of events without a cap, stay out
CREATE INDEX hold_holder_idx ON seatlock.hold (event_id, holder) WHERE capped;
COMMENT ON INDEX seatlock.hold_holder_idx IS 'counts the seats of a holder where max_seats_per_holder is set';

CREATE TABLE seatlock.change (
    event_id    pg_catalog.int4 NOT NULL,
    seq         pg_catalog.int8 NOT NULL,
    fence       pg_catalog.xid8 NOT NULL,
    changed_at  pg_catalog.timestamptz NOT NULL,
    expires_at  pg_catalog.timestamptz,
    action      pg_catalog.text NOT NULL,
    token       pg_catalog.uuid,
    holder      pg_catalog.text,
    order_ref   pg_catalog.text,
    reason      pg_catalog.text,
    actor       pg_catalog.text NOT NULL,
    seats       pg_catalog.int4[] NOT NULL,
    versions    pg_catalog.int8[] NOT NULL,
    PRIMARY KEY (event_id, seq)
) USING heap;
COMMENT ON TABLE seatlock.change IS 'the change history: one row per business step, versions run parallel to seats; expires_at is until when it holds them; fence is the next transaction id when seq was taken';

CREATE TABLE seatlock.request (
    event_id    pg_catalog.int4 NOT NULL,
    key         pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
    verb        pg_catalog.text NOT NULL,
    fingerprint pg_catalog.bytea NOT NULL,
    outcome     pg_catalog.text NOT NULL,
    token       pg_catalog.uuid NOT NULL,
    together    pg_catalog.bool,
    seats       pg_catalog.int4[] NOT NULL,
    created_at  pg_catalog.timestamptz NOT NULL,
    previous_key pg_catalog.text COLLATE pg_catalog."C",
    PRIMARY KEY (event_id, key)
) USING heap;
COMMENT ON TABLE seatlock.request IS 'request keys of successful calls, so that a repeated call gets its first answer; previous_key is the request before it of the same token';

-- rows of extension tables are dumped only when registered
SELECT pg_catalog.pg_extension_config_dump('seatlock.venue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.layout_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.event_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.change_seq', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.venue', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.event', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.layout', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.layout_category', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.layout_section', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.seat', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.seat_state', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.hold', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.change', '');
SELECT pg_catalog.pg_extension_config_dump('seatlock.request', '');

CREATE TYPE seatlock.claim_result AS (
    ok                  pg_catalog.bool,
    outcome             pg_catalog.text,
    token               pg_catalog.text,
    expires_at          pg_catalog.timestamptz,
    expires_in_seconds  pg_catalog.int4,
    retry_after_ms      pg_catalog.int4,
    seats               pg_catalog.jsonb,
    conflicts           pg_catalog.jsonb,
    replayed            pg_catalog.bool,
    together            pg_catalog.bool,
    order_ref           pg_catalog.text
);
COMMENT ON TYPE seatlock.claim_result IS 'the answer of every selling verb: one row, refusals included';

/*
 * Set-up.  These run SQL, so their search_path is pinned.
 */

CREATE FUNCTION seatlock.create_venue(venue pg_catalog.text, plan pg_catalog.jsonb, labels pg_catalog.text DEFAULT 'short')
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_create_venue';
COMMENT ON FUNCTION seatlock.create_venue(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text) IS
'make a venue from a seating plan (zones, rows, seats, areas), or its text as a JSON string; labels is the rule that seats are labelled by for good: short (row and number, with the section where these do not do), section (always with it) or guid; returns the number of seats; 42710 when the venue exists, 22023 when the plan is malformed';

CREATE FUNCTION seatlock.create_grid(venue pg_catalog.text, section pg_catalog.text, num_rows pg_catalog.int8, seats_per_row pg_catalog.int8, category pg_catalog.text,
    skip_letters pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_create_grid';
COMMENT ON FUNCTION seatlock.create_grid(pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.int8, pg_catalog.text, pg_catalog.text) IS
'add a section of num_rows rows (A..Z, AA.., without those of skip_letters) with seats 1..seats_per_row to a venue, which is made when it does not exist; returns the number of seats added';

CREATE FUNCTION seatlock.create_area(venue pg_catalog.text, section pg_catalog.text, capacity pg_catalog.int8, category pg_catalog.text)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_create_area';
COMMENT ON FUNCTION seatlock.create_area(pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.text) IS
'add a general admission section of that capacity to a venue, which is made when it does not exist; returns the number of places added';

CREATE FUNCTION seatlock.create_event(event pg_catalog.text, venue pg_catalog.text,
    opens_at pg_catalog.timestamptz DEFAULT NULL, closes_at pg_catalog.timestamptz DEFAULT NULL,
    hold_seconds pg_catalog.int8 DEFAULT 900, max_hold_seconds pg_catalog.int8 DEFAULT 7200,
    max_seats_per_holder pg_catalog.int8 DEFAULT NULL, max_holds_per_holder pg_catalog.int8 DEFAULT NULL,
    hold_window_seconds pg_catalog.int8 DEFAULT 3600)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_create_event';
COMMENT ON FUNCTION seatlock.create_event(pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8) IS
'put a venue''s plan on sale as an event, as the plan is now; opens_at null is at once, closes_at null is never; hold lengths in seconds; returns the number of seats; 42710 when the event exists';

CREATE FUNCTION seatlock.alter_event(event pg_catalog.text,
    opens_at pg_catalog.timestamptz DEFAULT NULL, closes_at pg_catalog.timestamptz DEFAULT NULL,
    hold_seconds pg_catalog.int8 DEFAULT NULL, max_hold_seconds pg_catalog.int8 DEFAULT NULL,
    max_seats_per_holder pg_catalog.int8 DEFAULT NULL, max_holds_per_holder pg_catalog.int8 DEFAULT NULL,
    hold_window_seconds pg_catalog.int8 DEFAULT NULL)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_alter_event';
COMMENT ON FUNCTION seatlock.alter_event(pg_catalog.text, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8) IS
'change the sale window, hold lengths (seconds) or cap of an event, null keeps; seats already held keep their lapse; returns 0, since no seat is made or removed';

CREATE FUNCTION seatlock.grow_area(event pg_catalog.text, section pg_catalog.text, num_places pg_catalog.int8)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_grow_area';
COMMENT ON FUNCTION seatlock.grow_area(pg_catalog.text, pg_catalog.text, pg_catalog.int8) IS
'add so many places to a section of general admission of an event on sale, of no other event and not of the venue; returns the number of places added; 42704 when there is no such section, 42809 when it has rows';

CREATE FUNCTION seatlock.drop_event(event pg_catalog.text, force pg_catalog.text DEFAULT 'no')
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_drop_event';
COMMENT ON FUNCTION seatlock.drop_event(pg_catalog.text, pg_catalog.text) IS
'remove an event with its seats, holds, history and request keys; returns the number of seats removed; 55006 while there are live holds or sales, unless force is ''yes''';

CREATE FUNCTION seatlock.drop_venue(venue pg_catalog.text)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_drop_venue';
COMMENT ON FUNCTION seatlock.drop_venue(pg_catalog.text) IS
'remove a venue; returns the number of seats removed; 2BP01 while an event of it exists';

CREATE FUNCTION seatlock.prune(event pg_catalog.text, before pg_catalog.timestamptz)
RETURNS pg_catalog.int8 LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_prune';
COMMENT ON FUNCTION seatlock.prune(pg_catalog.text, pg_catalog.timestamptz) IS
'remove history, request keys and ended tokens older than before, never those of the last 24 hours; returns 0, since no seat is made or removed';

CREATE FUNCTION seatlock.sync_sequences(
    OUT sequence pg_catalog.text, OUT highest pg_catalog.int8, OUT last_value pg_catalog.int8, OUT advanced_to pg_catalog.int8)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_sync_sequences';
COMMENT ON FUNCTION seatlock.sync_sequences() IS
'move every sequence of seatlock past the numbers that the tables have, once rows have come by logical replication, which leaves sequences behind: a row for each, with the highest number in the tables, the last one that the sequence had given out, and where it was set (null: it was not behind)';

/*
 * Verbs.  They have no search_path setting, which would cost as much as the
 * claim itself: no SQL runs inside them.
 */

CREATE FUNCTION seatlock.claim(event pg_catalog.text, seats pg_catalog.text, holder pg_catalog.text,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    channel pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim';
COMMENT ON FUNCTION seatlock.claim(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'hold all the seats or none; seats is one label, a JSON array of labels and {"guid": ...}, or a PostgreSQL array literal; ttl_seconds null is the event''s hold_seconds; token adds to a hold; outcomes held taken busy limit not_on_sale not_found expired key_reused';

CREATE FUNCTION seatlock.claim(event pg_catalog.text, seat_labels pg_catalog.text[], holder pg_catalog.text,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    channel pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_array';
COMMENT ON FUNCTION seatlock.claim(pg_catalog.text, pg_catalog.text[], pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'claim with the labels as a typed array; otherwise the same';

CREATE FUNCTION seatlock.claim_best(event pg_catalog.text, quantity pg_catalog.int8, holder pg_catalog.text,
    section pg_catalog.text DEFAULT NULL, category pg_catalog.text DEFAULT NULL,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    adjacency pg_catalog.text DEFAULT 'prefer', channel pg_catalog.text DEFAULT NULL, wishes pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_best';
COMMENT ON FUNCTION seatlock.claim_best(pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'pick the best free seats and hold them; adjacency is require, prefer or any; outcomes as claim, and sold_out not_together';

/*
 * The same two, decided by the group worker; need shared_preload_libraries.
 */

CREATE FUNCTION seatlock.claim_now(event pg_catalog.text, seats pg_catalog.text, holder pg_catalog.text,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    channel pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_now';
COMMENT ON FUNCTION seatlock.claim_now(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'claim, decided and committed together with other buyers'' claims: durable when it returns, whatever becomes of the caller''s transaction; 55000 unless seatlock is preloaded, 08007 when the outcome is unknown: repeat with the same request_key';

CREATE FUNCTION seatlock.claim_now(event pg_catalog.text, seat_labels pg_catalog.text[], holder pg_catalog.text,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    channel pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_now_array';
COMMENT ON FUNCTION seatlock.claim_now(pg_catalog.text, pg_catalog.text[], pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'claim_now with the labels as a typed array; otherwise the same';

CREATE FUNCTION seatlock.claim_best_now(event pg_catalog.text, quantity pg_catalog.int8, holder pg_catalog.text,
    section pg_catalog.text DEFAULT NULL, category pg_catalog.text DEFAULT NULL,
    ttl_seconds pg_catalog.int8 DEFAULT NULL, token pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL,
    adjacency pg_catalog.text DEFAULT 'prefer', channel pg_catalog.text DEFAULT NULL, wishes pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_best_now';
COMMENT ON FUNCTION seatlock.claim_best_now(pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'claim_best, decided and committed together with other buyers'' claims, as claim_now';

CREATE FUNCTION seatlock.confirm(event pg_catalog.text, token pg_catalog.text, order_ref pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_confirm';
COMMENT ON FUNCTION seatlock.confirm(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'recheck, then sell what the token holds; a lapsed hold is sold when all its seats are still free; outcomes booked order_reused expired not_found limit busy';

CREATE FUNCTION seatlock.extend(event pg_catalog.text, token pg_catalog.text, ttl_seconds pg_catalog.int8)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_extend';
COMMENT ON FUNCTION seatlock.extend(pg_catalog.text, pg_catalog.text, pg_catalog.int8) IS
'set the lapse of a hold to now + ttl_seconds, never earlier, at most created_at + max_hold_seconds; outcomes extended cannot_extend expired not_found busy';

CREATE FUNCTION seatlock.release(event pg_catalog.text, token pg_catalog.text, seats pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_release';
COMMENT ON FUNCTION seatlock.release(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'give back all held seats of the token, or those named; outcomes released expired not_found busy';

CREATE FUNCTION seatlock.book(event pg_catalog.text, seats pg_catalog.text, holder pg_catalog.text,
    order_ref pg_catalog.text DEFAULT NULL, request_key pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_book';
COMMENT ON FUNCTION seatlock.book(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'claim and confirm in one step, for the box office, whatever the cap of a holder; outcomes booked taken busy key_reused';

CREATE FUNCTION seatlock.cancel(event pg_catalog.text, token pg_catalog.text, seats pg_catalog.text DEFAULT NULL,
    order_ref pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_cancel';
COMMENT ON FUNCTION seatlock.cancel(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'undo a sale, all seats of the token or those named; with order_ref only that order''s; outcomes cancelled not_found busy';

CREATE FUNCTION seatlock.block(event pg_catalog.text, seats pg_catalog.text, reason pg_catalog.text DEFAULT NULL)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_block';
COMMENT ON FUNCTION seatlock.block(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'take free seats off sale, all or none; outcomes blocked taken busy';

CREATE FUNCTION seatlock.unblock(event pg_catalog.text, seats pg_catalog.text)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_unblock';
COMMENT ON FUNCTION seatlock.unblock(pg_catalog.text, pg_catalog.text) IS
'put blocked seats back on sale, all or none; outcomes unblocked taken busy';

CREATE FUNCTION seatlock.set_holder(event pg_catalog.text, token pg_catalog.text, holder pg_catalog.text)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_set_holder';
COMMENT ON FUNCTION seatlock.set_holder(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'hand a live hold to another holder; outcomes held expired not_found limit busy';

CREATE FUNCTION seatlock.rename_holder(event pg_catalog.text, holder pg_catalog.text, "into" pg_catalog.text)
RETURNS seatlock.claim_result LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_rename_holder';
COMMENT ON FUNCTION seatlock.rename_holder(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'give all that a holder has or had in an event another name: holds, sales, history; request keys used under the old name match no more; outcomes held not_found busy';

CREATE FUNCTION seatlock.lock(event pg_catalog.text, seats pg_catalog.text, wait_ms pg_catalog.int8 DEFAULT 0,
    OUT seat pg_catalog.text, OUT locked pg_catalog.bool, OUT status pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_lock';
COMMENT ON FUNCTION seatlock.lock(pg_catalog.text, pg_catalog.text, pg_catalog.int8) IS
'take the seats'' transaction locks early, waiting wait_ms milliseconds at most; one row per seat: label, whether it is locked now, status (null for an unknown seat)';

/*
 * Reads.  STABLE, usable in a read-only transaction and on a standby.
 */

CREATE FUNCTION seatlock.seat_map(event pg_catalog.text,
    OUT label pg_catalog.text, OUT section pg_catalog.text, OUT row_label pg_catalog.text, OUT seat_number pg_catalog.text,
    OUT category pg_catalog.text, OUT status pg_catalog.text, OUT version pg_catalog.int8,
    OUT x pg_catalog.float8, OUT y pg_catalog.float8, OUT guid pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_seat_map';
COMMENT ON FUNCTION seatlock.seat_map(pg_catalog.text) IS
'one row per seat of the event in seat order; a lapsed hold shows as free; guid is that of the plan, null where it is missing or not unique';

CREATE FUNCTION seatlock.availability(event pg_catalog.text,
    OUT section pg_catalog.text, OUT category pg_catalog.text, OUT capacity pg_catalog.int4, OUT num_free pg_catalog.int4,
    OUT num_held pg_catalog.int4, OUT num_booked pg_catalog.int4, OUT num_not_for_sale pg_catalog.int4,
    OUT largest_block pg_catalog.int4)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_availability';
COMMENT ON FUNCTION seatlock.availability(pg_catalog.text) IS
'counts of seats by section and category; largest_block is the longest run of free neighbours that claim_best gives (general admission: num_free)';

CREATE FUNCTION seatlock.seat_map_compact(event pg_catalog.text, OUT version pg_catalog.int8, OUT seats pg_catalog.text)
RETURNS pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_seat_map_compact';
COMMENT ON FUNCTION seatlock.seat_map_compact(pg_catalog.text) IS
'the whole map in one text, for pages that poll: a letter per seat in seat_map order, f free, h held, b booked, n not for sale; version rises with each change of a seat; from the seat board where it is warm';

CREATE FUNCTION seatlock.seat_map_text(event pg_catalog.text)
RETURNS pg_catalog.text LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_seat_map_text';
COMMENT ON FUNCTION seatlock.seat_map_text(pg_catalog.text) IS
'the seat map for a psql window: rows as lines, one sign per seat, a legend with counts';

CREATE FUNCTION seatlock.seat_map_svg(event pg_catalog.text)
RETURNS pg_catalog.text LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_seat_map_svg';
COMMENT ON FUNCTION seatlock.seat_map_svg(pg_catalog.text) IS
'the seat map as a stand-alone SVG picture: category by colour, status by shape';

CREATE FUNCTION seatlock.hold(event pg_catalog.text, token pg_catalog.text)
RETURNS seatlock.claim_result LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_hold';
COMMENT ON FUNCTION seatlock.hold(pg_catalog.text, pg_catalog.text) IS
'the live hold or sale of a token, for a cart page; outcomes held booked expired not_found';

CREATE FUNCTION seatlock.changes(event pg_catalog.text, after pg_catalog.int8, max_rows pg_catalog.int8,
    OUT seq pg_catalog.int8, OUT changed_at pg_catalog.timestamptz, OUT action pg_catalog.text, OUT token pg_catalog.text,
    OUT holder pg_catalog.text, OUT seats pg_catalog.text[], OUT order_ref pg_catalog.text, OUT actor pg_catalog.text,
    OUT reason pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_changes';
COMMENT ON FUNCTION seatlock.changes(pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
'the change feed of an event after that seq, at most max_rows rows; seq only rises and nothing is ever skipped';

CREATE FUNCTION seatlock.seat_history(event pg_catalog.text, seat pg_catalog.text,
    OUT seq pg_catalog.int8, OUT changed_at pg_catalog.timestamptz, OUT action pg_catalog.text, OUT status pg_catalog.text,
    OUT version pg_catalog.int8, OUT token pg_catalog.text, OUT holder pg_catalog.text, OUT actor pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_seat_history';
COMMENT ON FUNCTION seatlock.seat_history(pg_catalog.text, pg_catalog.text) IS
'every recorded change of one seat, by its label or as {"guid": "..."}, oldest first, with the status and version it led to';

CREATE FUNCTION seatlock.check_integrity(event pg_catalog.text DEFAULT NULL,
    OUT event pg_catalog.text, OUT invariant pg_catalog.text, OUT detail pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_check_integrity';
COMMENT ON FUNCTION seatlock.check_integrity(pg_catalog.text) IS
'no rows when every invariant of the tables holds, of all events (null) or of one; otherwise the event, the broken invariant and what breaks it';

CREATE FUNCTION seatlock.live_holds(event pg_catalog.text,
    OUT token pg_catalog.text, OUT holder pg_catalog.text, OUT status pg_catalog.text, OUT seats pg_catalog.text[],
    OUT order_ref pg_catalog.text, OUT created_at pg_catalog.timestamptz, OUT expires_at pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_live_holds';
COMMENT ON FUNCTION seatlock.live_holds(pg_catalog.text) IS
'what the view holds shows of an event, in order of creation: looks at the event''s seats and at the holds that own them; a role that reads it may spend the tokens';

-- a call for each event that the query lets through, whatever the planner believes of it
CREATE VIEW seatlock.holds AS
SELECT e.name AS event, h.token, h.holder, h.status, h.seats, h.order_ref, h.created_at, h.expires_at
  FROM seatlock.event e
 CROSS JOIN LATERAL seatlock.live_holds(e.name) h;
COMMENT ON VIEW seatlock.holds IS
'one row per live hold and per sale with seats left; a role that reads it may spend the tokens';

CREATE VIEW seatlock.events AS
SELECT e.name AS event, v.name AS venue, e.opens_at, e.closes_at,
       e.hold_seconds, e.max_hold_seconds, e.max_seats_per_holder,
       l.num_seats::pg_catalog.int8 AS num_seats, e.created_at
  FROM seatlock.event e
  JOIN seatlock.venue v ON v.venue_id OPERATOR(pg_catalog.=) e.venue_id
  JOIN seatlock.layout l ON l.layout_id OPERATOR(pg_catalog.=) e.layout_id;
COMMENT ON VIEW seatlock.events IS 'one row per event: venue, sale window, hold lengths in seconds, cap, number of seats';

CREATE VIEW seatlock.venues AS
SELECT v.name AS venue,
       l.num_seats::pg_catalog.int8 AS num_seats,
       (SELECT pg_catalog.count(*) FROM seatlock.event e
         WHERE e.venue_id OPERATOR(pg_catalog.=) v.venue_id) AS num_events,
       v.created_at
  FROM seatlock.venue v
  JOIN seatlock.layout l ON l.layout_id OPERATOR(pg_catalog.=) v.layout_id;
COMMENT ON VIEW seatlock.venues IS 'one row per venue: number of seats and of events';

-- 24231 (0x5EA7) is the class of seat and event locks in src/store/lockkey.c
CREATE VIEW seatlock.locks AS
SELECT e.name AS event,
       (SELECT s.label FROM seatlock.seat s
         WHERE s.layout_id OPERATOR(pg_catalog.=) e.layout_id AND s.seat_no OPERATOR(pg_catalog.=) l.objid::pg_catalog.int8) AS seat,
       l.mode, l.granted, l.pid
  FROM pg_catalog.pg_locks l
  JOIN seatlock.event e ON e.event_id OPERATOR(pg_catalog.=) l.classid::pg_catalog.int8
 WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.objsubid OPERATOR(pg_catalog.=) 24231
   AND l.database OPERATOR(pg_catalog.=)
       (SELECT d.oid FROM pg_catalog.pg_database d
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database());
COMMENT ON VIEW seatlock.locks IS
'seatlock''s transaction locks in this database: seat is null for the lock on the whole event';

/*
 * Statistics; need shared_preload_libraries.
 */

CREATE FUNCTION seatlock.worker_statistics(
    OUT database pg_catalog.text, OUT pid pg_catalog.int4, OUT groups pg_catalog.int8, OUT requests pg_catalog.int8,
    OUT largest_group pg_catalog.int8, OUT withdrawn pg_catalog.int8, OUT retried pg_catalog.int8,
    OUT lapsed pg_catalog.int8, OUT last_error pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_worker_statistics';
COMMENT ON FUNCTION seatlock.worker_statistics() IS
'what the view stat_worker shows; 55000 unless seatlock is preloaded';

CREATE VIEW seatlock.stat_worker AS
SELECT database, pid, groups, requests, largest_group, withdrawn, retried, lapsed, last_error
  FROM seatlock.worker_statistics();
COMMENT ON VIEW seatlock.stat_worker IS
'one row, when this database has or had a worker: its pid (null: none is running), groups committed, requests in them, size of the largest, requests withdrawn before it took them, requests decided again by themselves after an error in their group, lapses recorded, last error, or why none could be started, which stays when all is well again, until stat_reset()';

CREATE FUNCTION seatlock.claim_statistics(
    OUT event_table pg_catalog.oid, OUT event_id pg_catalog.int4, OUT verb pg_catalog.text,
    OUT calls pg_catalog.int8, OUT held pg_catalog.int8, OUT booked pg_catalog.int8, OUT extended pg_catalog.int8,
    OUT released pg_catalog.int8, OUT cancelled pg_catalog.int8, OUT blocked pg_catalog.int8, OUT unblocked pg_catalog.int8,
    OUT taken pg_catalog.int8, OUT busy pg_catalog.int8, OUT expired pg_catalog.int8, OUT not_found pg_catalog.int8,
    OUT "limit" pg_catalog.int8, OUT not_together pg_catalog.int8, OUT sold_out pg_catalog.int8,
    OUT not_on_sale pg_catalog.int8, OUT key_reused pg_catalog.int8, OUT cannot_extend pg_catalog.int8,
    OUT order_reused pg_catalog.int8,
    OUT replayed pg_catalog.int8, OUT refused_by_board pg_catalog.int8, OUT refused_by_recheck pg_catalog.int8,
    OUT lock_waits pg_catalog.int8, OUT lapses pg_catalog.int8,
    OUT stats_reset pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_claim_statistics';
COMMENT ON FUNCTION seatlock.claim_statistics() IS
'what the view stat_claims shows, by number of the event and also of dropped ones: calls, one count per outcome, and how they came about; 55000 unless seatlock is preloaded';

-- numbers of events begin again when the extension is created anew; its tables are others
CREATE VIEW seatlock.stat_claims AS
SELECT e.name AS event, s.verb,
       s.calls, s.held, s.booked, s.extended, s.released, s.cancelled, s.blocked,
       s.unblocked, s.taken, s.busy, s.expired, s.not_found, s."limit", s.not_together,
       s.sold_out, s.not_on_sale, s.key_reused, s.cannot_extend, s.order_reused, s.replayed,
       s.refused_by_board, s.refused_by_recheck, s.lock_waits, s.lapses,
       s.stats_reset
  FROM seatlock.claim_statistics() s
  JOIN seatlock.event e ON e.event_id OPERATOR(pg_catalog.=) s.event_id AND e.tableoid OPERATOR(pg_catalog.=) s.event_table;
COMMENT ON VIEW seatlock.stat_claims IS
'one row per event and verb that was called since stats_reset: calls, also those of transactions that rolled back, but not errors; how many had which outcome; how many were replayed, refused by the board without a look at the tables, refused as taken at a second look after taking locks; pauses in waiting for locks; holds recorded as lapsed. The verb expire is the worker''s own recording of lapses';

CREATE FUNCTION seatlock.board_statistics(
    OUT event_id pg_catalog.int4, OUT num_seats pg_catalog.int4, OUT num_warm pg_catalog.int4, OUT bytes pg_catalog.int8,
    OUT heat pg_catalog.int8, OUT hits pg_catalog.int8, OUT asks pg_catalog.int8, OUT loads pg_catalog.int8, OUT evictions pg_catalog.int8)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_board_statistics';
COMMENT ON FUNCTION seatlock.board_statistics() IS
'what the view stat_board shows; 55000 unless seatlock is preloaded';

CREATE VIEW seatlock.stat_board AS
SELECT e.name AS event, b.num_seats, b.num_warm, b.bytes, b.heat, b.hits, b.asks, b.loads, b.evictions
  FROM seatlock.board_statistics() b
  JOIN seatlock.event e ON e.event_id OPERATOR(pg_catalog.=) b.event_id;
COMMENT ON VIEW seatlock.stat_board IS
'one row per event of this database that is on the seat board: seats, those of them that the board can answer for, bytes of shared memory; heat, what calls are spared by the board, in refusals, halved every 30 seconds; calls that found the event on the board (hits) and all that asked for it; how often it was loaded, and had to go for a hotter one (evictions)';

CREATE FUNCTION seatlock.check_board(OUT event pg_catalog.text, OUT seat pg_catalog.text, OUT board pg_catalog.text, OUT "table" pg_catalog.text)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_check_board';
COMMENT ON FUNCTION seatlock.check_board() IS
'compare the seat board with the tables, except for seats that this transaction has changed: a row per seat of which it says something else, and one, without event and seat, per trigger that would not always tell it of SQL; no rows = all is well; 55000 unless seatlock is preloaded';

CREATE FUNCTION seatlock.board_reset(event pg_catalog.text)
RETURNS pg_catalog.void LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_board_reset';
COMMENT ON FUNCTION seatlock.board_reset(pg_catalog.text) IS
'let the seat board forget an event, after its rows were changed by SQL while triggers were off; 42704 for an unknown event, 55000 unless seatlock is preloaded';

-- SQL on these tables, which the verbs do not use, makes the board cold
CREATE FUNCTION seatlock.board_trigger()
RETURNS pg_catalog.trigger LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_board_trigger';
COMMENT ON FUNCTION seatlock.board_trigger() IS
'makes the events of changed rows cold on the seat board, at once and at commit';

CREATE TRIGGER board_row BEFORE INSERT OR UPDATE OR DELETE ON seatlock.event
    FOR EACH ROW EXECUTE FUNCTION seatlock.board_trigger();
-- a new seat has no state yet: its row there tells the board
CREATE TRIGGER board_row BEFORE UPDATE OR DELETE ON seatlock.seat
    FOR EACH ROW EXECUTE FUNCTION seatlock.board_trigger();
CREATE TRIGGER board_row BEFORE INSERT OR UPDATE OR DELETE ON seatlock.seat_state
    FOR EACH ROW EXECUTE FUNCTION seatlock.board_trigger();
CREATE TRIGGER board_table BEFORE TRUNCATE ON seatlock.event
    FOR EACH STATEMENT EXECUTE FUNCTION seatlock.board_trigger();
CREATE TRIGGER board_table BEFORE TRUNCATE ON seatlock.seat
    FOR EACH STATEMENT EXECUTE FUNCTION seatlock.board_trigger();
CREATE TRIGGER board_table BEFORE TRUNCATE ON seatlock.seat_state
    FOR EACH STATEMENT EXECUTE FUNCTION seatlock.board_trigger();
-- also for a logical subscription, which plays the part of a replica
ALTER TABLE seatlock.event ENABLE ALWAYS TRIGGER board_row;
ALTER TABLE seatlock.event ENABLE ALWAYS TRIGGER board_table;
ALTER TABLE seatlock.seat ENABLE ALWAYS TRIGGER board_row;
ALTER TABLE seatlock.seat ENABLE ALWAYS TRIGGER board_table;
ALTER TABLE seatlock.seat_state ENABLE ALWAYS TRIGGER board_row;
ALTER TABLE seatlock.seat_state ENABLE ALWAYS TRIGGER board_table;

/*
 * Redis.  What these tell is what the worker last said: they do not talk to
 * Redis themselves.
 */

CREATE FUNCTION seatlock.redis_status(
    OUT connected pg_catalog.bool, OUT server_version pg_catalog.text, OUT role pg_catalog.text, OUT ownership pg_catalog.text,
    OUT lag_ms pg_catalog.int8, OUT backlog pg_catalog.int8, OUT epoch pg_catalog.text, OUT last_error pg_catalog.text)
RETURNS pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_redis_status';
COMMENT ON FUNCTION seatlock.redis_status() IS
'how the Redis fast path of this database stands: connected; server_version and role of the Redis server; ownership: owner, or fenced when another database or server has the keys; lag_ms: age of the oldest change that is not in Redis yet, 0 when all are; backlog: claims that wait; epoch of the maps; last_error, which stays when all is well again; 55000 unless seatlock is preloaded';

CREATE FUNCTION seatlock.redis_resync(event pg_catalog.text)
RETURNS pg_catalog.void LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'seatlock_redis_resync';
COMMENT ON FUNCTION seatlock.redis_resync(pg_catalog.text) IS
'have the worker publish the seat map and the labels of an event anew; returns at once; 42704 for an unknown event, 55000 when no Redis worker runs in this database';

CREATE FUNCTION seatlock.redis_take_over()
RETURNS pg_catalog.void LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_redis_take_over';
COMMENT ON FUNCTION seatlock.redis_take_over() IS
'have the worker of this database own the keys in Redis, although another one does: the operator''s word after a failover while the old primary still lives; returns at once; 55000 when no Redis worker runs in this database';

CREATE FUNCTION seatlock.redis_acl()
RETURNS SETOF pg_catalog.text LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_redis_acl';
COMMENT ON FUNCTION seatlock.redis_acl() IS
'the Redis commands that make the users of this database, one line each: buyer for a web tier that sells, map_page for one that shows maps, worker for seatlock.redis_url; Redis refuses a line until a password, as >password, or its SHA-256, as #hash, stands for #PASSWORD';

CREATE FUNCTION seatlock.redis_statistics(
    OUT database pg_catalog.text, OUT pid pg_catalog.int4, OUT connects pg_catalog.int8, OUT publications pg_catalog.int8,
    OUT seats pg_catalog.int8, OUT entries pg_catalog.int8, OUT verdicts pg_catalog.int8, OUT retried pg_catalog.int8,
    OUT late pg_catalog.int8, OUT malformed pg_catalog.int8, OUT errors pg_catalog.int8)
RETURNS SETOF pg_catalog.record LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_redis_statistics';
COMMENT ON FUNCTION seatlock.redis_statistics() IS
'what the view stat_redis shows; 55000 unless seatlock is preloaded';

CREATE VIEW seatlock.stat_redis AS
SELECT database, pid, connects, publications, seats, entries, verdicts, retried, late, malformed, errors
  FROM seatlock.redis_statistics();
COMMENT ON VIEW seatlock.stat_redis IS
'one row, when this database has or had a Redis worker: its pid (null: none is running), connections made, maps published, changes of seats announced, entries read from the stream (again when they are tried again), verdicts written, entries left to be tried again, entries past their deadline, entries that could not be read, errors that ended a connection';

CREATE FUNCTION seatlock.stat_reset()
RETURNS pg_catalog.void LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'seatlock_stat_reset';
COMMENT ON FUNCTION seatlock.stat_reset() IS
'set the statistics of this database back to 0; 55000 unless seatlock is preloaded';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA seatlock FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA seatlock FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA seatlock FROM PUBLIC;
REVOKE ALL ON SCHEMA seatlock FROM PUBLIC;
