/*-------------------------------------------------------------------------
 *
 * store_integrity.c
 *		The invariants of the tables, as queries that find no rows.
 *
 * Each query judges the whole database at once and joins sets, so that a hold
 * of many thousand seats costs no more than as many holds of one.  Each names
 * the event, says what does not hold, and names what breaks it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store_integrity.h"
#include "store_read.h"

#define EVENT_NAME "coalesce(e.name::text, 'event ' || event_id)"
#define SEAT_NAME "'seat ' || coalesce(s.label::text, 'number ' || seat_no)"
#define NAMES                                      \
	" LEFT JOIN seatlock.event e USING (event_id)" \
	" LEFT JOIN seatlock.seat s USING (event_id, seat_no)"

/* one row for each seat that a live token owns, by its hold and by its state */
#define OWNED_BY_HOLDS                                                     \
	"(SELECT event_id, unnest(seats) AS seat_no, token, state, expires_at" \
	"   FROM seatlock.hold WHERE state IN ('h', 'b'))"

/* one row for each seat of each change, with the one before it */
#define STEPS                                                                           \
	"(SELECT c.event_id, u.seat_no, u.version, c.seq, c.action, c.token,"               \
	"        lag(u.version) OVER w AS old_version, lag(c.action) OVER w AS old_action," \
	"        lag(c.token) OVER w AS old_token, lead(c.seq) OVER w IS NULL AS is_last"   \
	"   FROM seatlock.change c"                                                         \
	"   CROSS JOIN LATERAL unnest(c.seats, c.versions) AS u (seat_no, version)"         \
	" WINDOW w AS (PARTITION BY c.event_id, u.seat_no ORDER BY c.seq))"

static const char *const invariants[] = {
	"SELECT " EVENT_NAME ", 'a seat has a label, a state and an event', " SEAT_NAME
	"  FROM (SELECT event_id, seat_no, l.label, st.status FROM seatlock.seat l"
	"          FULL JOIN seatlock.seat_state st USING (event_id, seat_no)) pair" NAMES
	" WHERE pair.label IS NULL OR pair.status IS NULL OR e.event_id IS NULL",

	"SELECT " EVENT_NAME ", 'an event has a venue', 'venue number ' || e.venue_id"
	"  FROM seatlock.event e LEFT JOIN seatlock.venue v USING (venue_id)"
	" WHERE v.venue_id IS NULL",

	"SELECT " EVENT_NAME
	", 'a seat has a token when held or booked, an expiry when held', " SEAT_NAME
	"  FROM seatlock.seat_state st" NAMES " WHERE status NOT IN ('f', 'h', 'b', 'n')"
	"    OR (token IS NOT NULL) <> (status IN ('h', 'b'))"
	"    OR (expires_at IS NOT NULL) <> (status = 'h')",

	"SELECT " EVENT_NAME ", 'a seat and the hold that owns it agree', " SEAT_NAME
	"  FROM (SELECT event_id, seat_no, h.state, h.expires_at AS hold_expires_at,"
	"               st.status, st.expires_at FROM " OWNED_BY_HOLDS " h"
	"          FULL JOIN (SELECT * FROM seatlock.seat_state WHERE token IS NOT NULL) st"
	"         USING (event_id, seat_no, token)) pair" NAMES
	" WHERE pair.state IS DISTINCT FROM pair.status"
	"    OR (pair.state = 'h' AND pair.hold_expires_at <> pair.expires_at)",

	"SELECT " EVENT_NAME ", 'a seat has one owner', " SEAT_NAME
	" || ' is owned by ' || string_agg(token::text, ' and ' ORDER BY token)"
	"  FROM " OWNED_BY_HOLDS " h" NAMES " GROUP BY event_id, seat_no, e.name, s.label"
	" HAVING count(*) > 1",

	"SELECT " EVENT_NAME ", 'a change has one version for each seat', 'change ' || c.seq"
	"  FROM seatlock.change c LEFT JOIN seatlock.event e USING (event_id)"
	" WHERE cardinality(c.seats) <> cardinality(c.versions) OR cardinality(c.seats) = 0",

	"SELECT " EVENT_NAME ", 'versions rise by one at each change', " SEAT_NAME
	" || ' at change ' || seq FROM " STEPS " step" NAMES
	" WHERE version <> old_version + (action <> 'extended')::integer",

	"SELECT " EVENT_NAME ", 'a change follows from the one before it', " SEAT_NAME
	" || ' at change ' || seq || ': ' || action || ' after ' || old_action"
	"  FROM (SELECT *, CASE WHEN old_action IN ('held', 'extended') THEN 'held'"
	"                       WHEN old_action IN ('booked', 'blocked') THEN old_action"
	"                       ELSE 'free' END AS before,"
	"               token IS NOT DISTINCT FROM old_token AS same_token FROM " STEPS
	" s0) step" NAMES " WHERE old_action IS NOT NULL AND NOT CASE"
	"       WHEN action = 'held' THEN before = 'free' OR (before = 'held' AND same_token)"
	"       WHEN action = 'booked' THEN before = 'free' OR (before = 'held' AND same_token)"
	"       WHEN action IN ('extended', 'released', 'expired') THEN before = 'held' AND same_token"
	"       WHEN action = 'cancelled' THEN before = 'booked' AND same_token"
	"       WHEN action = 'blocked' THEN before = 'free'"
	"       WHEN action = 'unblocked' THEN before = 'blocked'"
	"       ELSE false END",

	"SELECT " EVENT_NAME ", 'a seat is as its last change left it', " SEAT_NAME
	"  FROM (SELECT * FROM " STEPS " s0 WHERE is_last) step"
	"  LEFT JOIN seatlock.seat_state st USING (event_id, seat_no)" NAMES
	" WHERE st.version IS DISTINCT FROM step.version"
	"    OR st.status IS DISTINCT FROM CASE WHEN action IN ('held', 'extended') THEN 'h'"
	"                                       WHEN action = 'booked' THEN 'b'"
	"                                       WHEN action = 'blocked' THEN 'n' ELSE 'f' END::\"char\""
	"    OR (st.token IS NOT NULL AND st.token IS DISTINCT FROM step.token)",

	"SELECT " EVENT_NAME ", 'a request key names a known token', 'request key ' || r.key"
	"  FROM seatlock.request r LEFT JOIN seatlock.event e USING (event_id)"
	"  LEFT JOIN seatlock.hold h USING (event_id, token)"
	" WHERE e.event_id IS NULL OR h.token IS NULL",
};

void
sl_store_integrity_check(ReturnSetInfo *result)
{
	SqlScope scope;

	sl_sql_begin(&scope, true);
	for (int i = 0; i < lengthof(invariants); i++)
		sl_store_read_rows(&scope, result, invariants[i], 0, NULL);
	sl_sql_end(&scope);
}
