/*-------------------------------------------------------------------------
 *
 * store_integrity.c
 *		Do the tables agree with each other?
 *
 * Each check is one statement over whole tables, which finds what breaks an
 * invariant.  All of them read with the caller's one snapshot and none asks
 * for the time: a lapse that is not recorded yet breaks nothing, since its
 * seats and its hold still agree.
 *
 * What an invariant means:
 *
 *	event_exists	every row belongs to an event, and an event to a venue
 *	seat_state		seats and their states pair up, a status is one of the four
 *	seat_plan		a seat's section and category exist, an event has as many seats
 *					as it says
 *	seat_owner		a held or booked seat has the token of a hold of that state,
 *					which lists the seat, and lapses with it; no other seat has
 *					a token or a lapse
 *	hold_seats		a hold or sale is of a known state, and owns each seat it
 *					lists, once
 *	hold_cap		holds of an event with a cap are found by their holder while they
 *					live, and not afterwards
 *	one_hold		no seat is listed by two live holds or sales
 *	request_hold	a request key's answer names a hold
 *	change_row		a change has a known action, and a version for each seat
 *	last_change		a seat's version, status and token are those that its last
 *					change led to
 *	change_versions	the versions of a seat rise by one with every change, but
 *					for extensions, which keep it; pruning takes the oldest
 *	change_order	a change follows from the one before it: only what is held
 *					is extended, released or expires, and so on
 *	one_owner		nobody gets a seat while another token owns it
 *	sequence		sequences are ahead of the numbers in use
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tstoreReceiver.h"

#include "store_integrity.h"
#include "store_sql.h"

/* from rows (event_id, invariant, detail) to those of the function */
#define REPORT(query)                                                        \
	"SELECT coalesce(e.name::text, b.event_id::text), b.invariant, b.detail" \
	"  FROM (" query ") AS b (event_id, invariant, detail)"                  \
	"  LEFT JOIN seatlock.event e ON e.event_id = b.event_id"                \
	" ORDER BY b.event_id, b.invariant, b.detail"

/* a seat as people know it: the row s of seatlock.seat, or else its number */
#define SEAT "coalesce(s.label::text, 'number ' || seat_no)"
#define JOIN_SEAT " LEFT JOIN seatlock.seat s USING (event_id, seat_no)"

/* a row per seat of each change */
#define CHANGED_SEATS   \
	"seatlock.change c" \
	" CROSS JOIN LATERAL unnest(c.seats, c.versions) AS u (seat_no, version)"

static const char *const checks[] = {
	REPORT("SELECT event_id, 'event_exists', format('%s has rows of no event', t.name)"
		   "  FROM (SELECT DISTINCT event_id, 'event_category' AS name FROM seatlock.event_category"
		   "  UNION ALL SELECT DISTINCT event_id, 'event_section' FROM seatlock.event_section"
		   "  UNION ALL SELECT DISTINCT event_id, 'seat' FROM seatlock.seat"
		   "  UNION ALL SELECT DISTINCT event_id, 'seat_state' FROM seatlock.seat_state"
		   "  UNION ALL SELECT DISTINCT event_id, 'hold' FROM seatlock.hold"
		   "  UNION ALL SELECT DISTINCT event_id, 'change' FROM seatlock.change"
		   "  UNION ALL SELECT DISTINCT event_id, 'request' FROM seatlock.request) t"
		   "  LEFT JOIN seatlock.event v USING (event_id)"
		   " WHERE v.name IS NULL"
		   " UNION ALL"
		   " SELECT event_id, 'event_exists', format('venue %s does not exist', venue_id)"
		   "  FROM seatlock.event"
		   "  LEFT JOIN seatlock.venue v USING (venue_id)"
		   " WHERE v.name IS NULL"),

	REPORT("SELECT event_id, 'seat_state',"
		   "       CASE WHEN s.label IS NULL THEN format('state %s has no seat', seat_no)"
		   "            WHEN st.status IS NULL THEN format('seat %s has no state', s.label)"
		   "            ELSE format('seat %s has status \"%s\"', s.label, st.status) END"
		   "  FROM seatlock.seat s"
		   "  FULL JOIN seatlock.seat_state st USING (event_id, seat_no)"
		   " WHERE s.label IS NULL OR st.status IS NULL OR st.status NOT IN ('f', 'h', 'b', 'n')"),

	REPORT("SELECT event_id, 'seat_plan',"
		   "       format('seat %s is in section %s, category %s, which do not both exist',"
		   "              s.label, section_no, category_no)"
		   "  FROM seatlock.seat s"
		   "  LEFT JOIN seatlock.event_section n USING (event_id, section_no)"
		   "  LEFT JOIN seatlock.event_category c USING (event_id, category_no)"
		   " WHERE n.name IS NULL OR c.name IS NULL"
		   " UNION ALL"
		   " SELECT event_id, 'seat_plan',"
		   "        format('the event has %s seats, and says %s', num_found, num_seats)"
		   "  FROM seatlock.event"
		   "  LEFT JOIN (SELECT event_id, count(*) AS num_found FROM seatlock.seat"
		   "              GROUP BY event_id) n USING (event_id)"
		   " WHERE num_seats <> coalesce(num_found, 0)"),

	REPORT("SELECT event_id, 'seat_owner', format('seat %s: %s', " SEAT ", what)"
		   "  FROM (SELECT st.event_id, st.seat_no,"
		   "          CASE WHEN st.status IN ('f', 'n') THEN CASE"
		   "            WHEN st.token IS NOT NULL THEN 'not owned, but has token ' || st.token"
		   "            WHEN st.expires_at IS NOT NULL THEN 'not held, but has a lapse' END"
		   "          WHEN st.token IS NULL THEN 'owned, but has no token'"
		   "          WHEN h.token IS NULL THEN format('token %s is no hold', st.token)"
		   "          WHEN h.state <> st.status"
		   "            THEN format('status is \"%s\", but its hold %s is \"%s\"',"
		   "                        st.status, st.token, h.state)"
		   "          WHEN l.token IS NULL"
		   "            THEN format('its hold %s does not list it', st.token)"
		   "          WHEN st.status = 'h' AND st.expires_at IS DISTINCT FROM h.expires_at"
		   "            THEN format('its lapse is not that of its hold %s', st.token)"
		   "          WHEN st.status = 'b' AND st.expires_at IS NOT NULL"
		   "            THEN 'booked, but has a lapse' END AS what"
		   "          FROM seatlock.seat_state st"
		   "          LEFT JOIN seatlock.hold h USING (event_id, token)"
		   "          LEFT JOIN (SELECT DISTINCT event_id, token, u.seat_no FROM seatlock.hold"
		   "                      CROSS JOIN LATERAL unnest(seats) AS u (seat_no)) l"
		   "            USING (event_id, token, seat_no)) o" JOIN_SEAT " WHERE what IS NOT NULL"),

	REPORT("SELECT event_id, 'hold_seats',"
		   "       format('hold %s (\"%s\") lists seat %s, which has status \"%s\" and owner %s',"
		   "              h.token, h.state, " SEAT
		   ", st.status, coalesce(st.token::text, 'nobody'))"
		   "  FROM seatlock.hold h"
		   " CROSS JOIN LATERAL unnest(h.seats) AS u (seat_no)"
		   "  LEFT JOIN seatlock.seat_state st USING (event_id, seat_no)" JOIN_SEAT
		   " WHERE h.state IN ('h', 'b')"
		   "   AND (st.token IS DISTINCT FROM h.token OR st.status <> h.state)"
		   " UNION ALL"
		   " SELECT event_id, 'hold_seats', format('hold %s has state \"%s\"', token, state)"
		   "  FROM seatlock.hold WHERE state NOT IN ('h', 'b', 'l', 'r', 'c')"
		   " UNION ALL"
		   " SELECT event_id, 'hold_seats', format('hold %s lists a seat twice', token)"
		   "  FROM seatlock.hold"
		   " WHERE cardinality(seats) <> (SELECT count(DISTINCT n) FROM unnest(seats) AS n)"),

	REPORT("SELECT event_id, 'hold_cap', format('hold %s %s for its holder', h.token,"
		   "       CASE WHEN h.capped THEN 'is over and counts' ELSE 'does not count' END)"
		   "  FROM seatlock.hold h"
		   "  JOIN seatlock.event v USING (event_id)"
		   " WHERE CASE WHEN h.state IN ('h', 'b')"
		   "            THEN v.max_seats_per_holder IS NOT NULL AND NOT h.capped"
		   "            ELSE h.capped END"),

	REPORT("SELECT event_id, 'one_hold', format('seat %s is in holds %s', " SEAT ", tokens)"
		   "  FROM (SELECT h.event_id, u.seat_no,"
		   "               string_agg(h.token::text, ', ' ORDER BY h.token) AS tokens"
		   "          FROM seatlock.hold h CROSS JOIN LATERAL unnest(h.seats) AS u (seat_no)"
		   "         WHERE h.state IN ('h', 'b')"
		   "         GROUP BY h.event_id, u.seat_no"
		   "        HAVING count(DISTINCT h.token) > 1) o" JOIN_SEAT),

	REPORT("SELECT event_id, 'request_hold',"
		   "       format('request key \"%s\" names token %s, which is no hold', key, token)"
		   "  FROM seatlock.request"
		   "  LEFT JOIN seatlock.hold h USING (event_id, token)"
		   " WHERE h.state IS NULL"),

	REPORT("SELECT event_id, 'change_row',"
		   "       format('change %s (%s) has %s seats and %s versions', seq, action,"
		   "              cardinality(seats), cardinality(versions))"
		   "  FROM seatlock.change"
		   " WHERE cardinality(seats) <> cardinality(versions) OR cardinality(seats) = 0"
		   "    OR action NOT IN ('held', 'booked', 'extended', 'released', 'cancelled', 'blocked',"
		   "                      'unblocked', 'expired')"),

	REPORT("SELECT event_id, 'last_change',"
		   "       format('seat %s has status \"%s\", version %s and owner %s,'"
		   "              || ' but its last change is %s to version %s by %s', " SEAT ","
		   "              st.status, st.version, coalesce(st.token::text, 'nobody'),"
		   "              l.action, l.version, coalesce(l.token::text, 'nobody'))"
		   "  FROM (SELECT DISTINCT ON (c.event_id, u.seat_no)"
		   "               c.event_id, u.seat_no, u.version, c.action, c.token"
		   "          FROM " CHANGED_SEATS " ORDER BY c.event_id, u.seat_no, c.seq DESC) l"
		   "  LEFT JOIN seatlock.seat_state st USING (event_id, seat_no)" JOIN_SEAT
		   " WHERE st.version IS DISTINCT FROM l.version"
		   "    OR st.status IS DISTINCT FROM CASE"
		   "         WHEN l.action IN ('held', 'extended') THEN 'h'"
		   "         WHEN l.action = 'booked' THEN 'b'"
		   "         WHEN l.action = 'blocked' THEN 'n' ELSE 'f' END"
		   "    OR st.token IS DISTINCT FROM"
		   "         CASE WHEN l.action IN ('held', 'extended', 'booked') THEN l.token END"),

	/* old_token is the owner that the change before left behind */
	REPORT(
		"SELECT event_id, invariant,"
		"       format('seat %s: %s to version %s by %s in change %s,'"
		"              || ' after %s to version %s by %s', " SEAT ","
		"              action, version, coalesce(token::text, 'nobody'), seq,"
		"              old_action, old_version, coalesce(old_token::text, 'nobody'))"
		"  FROM (SELECT *,"
		"          version <> old_version + (action <> 'extended')::integer AS skips,"
		"          action IN ('held', 'booked') AND old_token <> token AS robs,"
		"          NOT CASE action"
		"            WHEN 'held' THEN old_action NOT IN ('booked', 'blocked')"
		"            WHEN 'booked' THEN old_action NOT IN ('booked', 'blocked')"
		"            WHEN 'blocked'"
		"              THEN old_action NOT IN ('held', 'extended', 'booked', 'blocked')"
		"            WHEN 'unblocked' THEN old_action = 'blocked'"
		"            WHEN 'cancelled' THEN old_action = 'booked' AND old_token = token"
		"            ELSE old_action IN ('held', 'extended') AND old_token = token"
		"          END AS strays"
		"          FROM (SELECT c.event_id, c.seq, c.action, c.token, u.seat_no, u.version,"
		"                       lag(c.action) OVER w AS old_action,"
		"                       lag(u.version) OVER w AS old_version,"
		"                       lag(CASE WHEN c.action IN ('held', 'extended', 'booked')"
		"                                THEN c.token END) OVER w AS old_token"
		"                  FROM " CHANGED_SEATS
		"                WINDOW w AS (PARTITION BY c.event_id, u.seat_no ORDER BY c.seq)) pair"
		"         WHERE old_action IS NOT NULL) step"
		" CROSS JOIN LATERAL (VALUES (skips, 'change_versions'), (robs, 'one_owner'),"
		"                            (strays, 'change_order')) AS i (is_broken, invariant)" JOIN_SEAT
		" WHERE (skips OR robs OR strays) AND is_broken"),

	REPORT("SELECT NULL::integer, 'sequence',"
		   "       format('%s stands at %s, but %s is in use', name, value, used)"
		   "  FROM (VALUES"
		   "        ('venue_id_seq', (SELECT last_value FROM seatlock.venue_id_seq),"
		   "         (SELECT max(venue_id) FROM seatlock.venue)),"
		   "        ('event_id_seq', (SELECT last_value FROM seatlock.event_id_seq),"
		   "         (SELECT max(event_id) FROM seatlock.event)),"
		   "        ('change_seq', (SELECT last_value FROM seatlock.change_seq),"
		   "         (SELECT max(seq) FROM seatlock.change))) AS v (name, value, used)"
		   " WHERE value < used"),
};

/* Straight from the executor into the result's tuplestore. */
static void
report(ReturnSetInfo *result, const char *query)
{
	SPIExecuteOptions options = {.read_only = true};
	int status;

	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false, result->setDesc,
									"rows of the check do not match its columns");
	status = SPI_execute_extended(query, &options);
	if (status < 0)
		elog(ERROR, "statement failed with %s: %s", SPI_result_code_string(status), query);
	options.dest->rDestroy(options.dest);
}

void
sl_store_integrity_check(ReturnSetInfo *result)
{
	SqlScope scope;

	sl_sql_begin(&scope, SQL_ON_WHOLE_TABLES);
	for (int i = 0; i < lengthof(checks); i++)
		report(result, checks[i]);
	sl_sql_end(&scope);
}

/*
 * The triggers by which the seat board hears of SQL must fire always: in a
 * session that replicates too.  Columns as check_board() has them.
 */
void
sl_store_triggers_check(ReturnSetInfo *result)
{
	SqlScope scope;

	sl_sql_begin(&scope, SQL_ON_WHOLE_TABLES);
	report(result,
		   "SELECT NULL::text, NULL::text,"
		   "       format('trigger %s of table %s %s', w.name, w.of,"
		   "              CASE g.tgenabled WHEN 'D' THEN 'is disabled'"
		   "                WHEN 'O' THEN 'does not fire for replication'"
		   "                WHEN 'R' THEN 'fires for replication only'"
		   "                ELSE 'does not exist' END),"
		   "       NULL::text"
		   "  FROM (SELECT name, of FROM unnest(ARRAY['board_row', 'board_table']) AS n (name),"
		   "               unnest(ARRAY['event', 'seat', 'seat_state']) AS t (of)) w"
		   "  LEFT JOIN (SELECT tgname::text AS name, relname::text AS of, tgenabled"
		   "               FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
		   "              WHERE relnamespace = 'seatlock'::regnamespace) g USING (name, of)"
		   " WHERE g.tgenabled IS DISTINCT FROM 'A' ORDER BY w.of, w.name");
	sl_sql_end(&scope);
}
