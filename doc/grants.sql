-- The three sets of grants, for psql:
--
--   psql -v role=web    -v level=read       -f doc/grants.sql
--   psql -v role=shop   -v level=sell       -f doc/grants.sql
--   psql -v role=office -v level=administer -f doc/grants.sql
--
-- Each level includes the one before it.  The extension itself grants nothing
-- to PUBLIC and makes no roles.  A token is a bearer key: whoever can read the
-- view holds or the change feed can confirm and cancel what is in them.

SELECT :'level' IN ('sell', 'administer') AS sells, :'level' = 'administer' AS administers \gset

-- read: seat maps and counts
GRANT USAGE ON SCHEMA seatlock TO :"role";
GRANT EXECUTE ON FUNCTION
    seatlock.seat_map(text),
    seatlock.seat_map_compact(text),
    seatlock.seat_map_text(text),
    seatlock.seat_map_svg(text),
    seatlock.availability(text)
TO :"role";

\if :sells
-- sell: what a shop needs
GRANT EXECUTE ON FUNCTION
    seatlock.claim(text, text, text, integer, text, text),
    seatlock.claim(text, text[], text, integer, text, text),
    seatlock.claim_best(text, integer, text, text, text, integer, text, text, text),
    seatlock.claim_now(text, text, text, integer, text, text),
    seatlock.claim_now(text, text[], text, integer, text, text),
    seatlock.claim_best_now(text, integer, text, text, text, integer, text, text, text),
    seatlock.confirm(text, text, text),
    seatlock.extend(text, text, integer),
    seatlock.release(text, text, text),
    seatlock.set_holder(text, text, text),
    seatlock.lock(text, text, integer),
    seatlock.hold(text, text)
TO :"role";
\endif

\if :administers
-- administer: the box office and the house
GRANT EXECUTE ON FUNCTION
    seatlock.book(text, text, text, text, text),
    seatlock.cancel(text, text, text),
    seatlock.block(text, text, text),
    seatlock.unblock(text, text),
    seatlock.create_venue(text, jsonb),
    seatlock.create_grid(text, text, integer, integer, text),
    seatlock.create_area(text, text, integer, text),
    seatlock.create_event(text, text, timestamptz, timestamptz, integer, integer, integer),
    seatlock.alter_event(text, timestamptz, timestamptz, integer, integer, integer),
    seatlock.drop_event(text, text),
    seatlock.drop_venue(text),
    seatlock.prune(text, timestamptz),
    seatlock.changes(text, bigint, integer),
    seatlock.seat_history(text, text),
    seatlock.check_integrity(),
    seatlock.worker_statistics(),
    seatlock.board_statistics(),
    seatlock.check_board(),
    seatlock.board_reset(text),
    seatlock.stat_reset()
TO :"role";
GRANT SELECT ON seatlock.holds, seatlock.events, seatlock.venues, seatlock.locks,
    seatlock.stat_worker, seatlock.stat_board TO :"role";
\endif
