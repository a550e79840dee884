/*-------------------------------------------------------------------------
 *
 * store_integrity.c
 *		Do the tables agree with each other?
 *
 * Each check is one statement, over whole tables or over what is one event's,
 * which finds what breaks an invariant.  All of them read with the caller's one
 * snapshot and none asks for the time: a lapse that is not recorded yet breaks
 * nothing, since its seats and its hold still agree.
 *
 * What an invariant means:
 *
 *	event_exists	every row belongs to an event, and an event to a venue
 *	layout			a layout is that of a venue or an event, and there; one that an
 *					event has is final; its seats are numbered from 1 without gaps
 *	seat_state		seats and their states pair up, a status is one of the four
 *	seat_plan		a seat's section and category exist
 *	seat_owner		a held or booked seat has the token of a hold of that state,
 *					which lists the seat, and expires with it; no other seat has
 *					a token or a lapse
 *	hold_seats		a hold or sale is of a known state, and owns each seat it
 *					lists, once
 *	hold_cap		holds of an event with a cap are found by their holder while they
 *					live, and not afterwards
 *	one_hold		no seat is listed by two live holds or sales
 *	request_hold	a request key's answer names a hold, which leads to the request:
 *					prune() finds it so
 *	change_row		a change has a known action, a version for each seat, and a lapse
 *					when it holds them
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

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "nodes/params.h"
#include "utils/builtins.h"

#include "base/errors.h"
#include "store/store_integrity.h"
#include "store/store_sql.h"

/*
 * Every table by one of these: all of its rows, or those of one event ($1), its
 * layout ($2) and its venue ($3).  The parameters are known when the plan is
 * made, which then has no trace of those that are null.
 */
#define NUM_PARAMS 3
#define ROWS_OF(table, key, of) \
	"(SELECT * FROM seatlock." table " WHERE " of " IS NULL OR " key EQ of ")"
#define EVENTS ROWS_OF("event", "event_id", "$1")
#define STATES ROWS_OF("seat_state", "event_id", "$1")
#define HOLDS ROWS_OF("hold", "event_id", "$1")
#define CHANGES ROWS_OF("change", "event_id", "$1")
#define REQUESTS ROWS_OF("request", "event_id", "$1")
#define LAYOUTS ROWS_OF("layout", "layout_id", "$2")
#define SECTIONS ROWS_OF("layout_section", "layout_id", "$2")
#define CATEGORIES ROWS_OF("layout_category", "layout_id", "$2")
#define SEATS ROWS_OF("seat", "layout_id", "$2")
#define VENUES ROWS_OF("venue", "venue_id", "$3")

/* from rows (event_id, invariant, detail) to those of the function */
#define REPORT(query)                                                                              \
	"SELECT coalesce(e.name::pg_catalog.text, b.event_id::pg_catalog.text), b.invariant, b.detail" \
	"  FROM (" query ") AS b (event_id, invariant, detail)"                                        \
	"  LEFT JOIN " EVENTS " e ON e.event_id" EQ "b.event_id"                                       \
	" ORDER BY b.event_id, b.invariant, b.detail"

#define FORMAT "pg_catalog.format("
#define NE " OPERATOR(pg_catalog.<>) "
#define TOKEN(column) "coalesce(" column "::pg_catalog.text, 'nobody')"

/* two columns that are not the same, null being the same as null */
#define DIFFER(a, b) " NOT coalesce(" a EQ b ", " a " IS NULL AND " b " IS NULL)"

/* a seat as people know it: the row s of seatlock.seat, or else its number */
#define SEAT(of) \
	"coalesce(s.label::pg_catalog.text, 'number ' OPERATOR(pg_catalog.||) " of ".seat_no)"
#define ON_SEAT(a, of) " ON " a ".event_id" EQ of ".event_id AND " a ".seat_no" EQ of ".seat_no"
#define JOIN_SEAT(of)                                              \
	" LEFT JOIN " EVENTS " sv ON sv.event_id" EQ of ".event_id"    \
	" LEFT JOIN " SEATS " s ON s.layout_id" EQ "sv.layout_id AND " \
	"s.seat_no" EQ of ".seat_no"
#define JOIN_HOLD(of) \
	" LEFT JOIN " HOLDS " h ON h.event_id" EQ of ".event_id AND h.token" EQ of ".token"

/* a row per seat of each hold, and of each change */
#define HELD_SEATS HOLDS " h CROSS JOIN LATERAL pg_catalog.unnest(h.seats) AS u (seat_no)"
#define CHANGED_SEATS       \
	CHANGES                 \
	" c CROSS JOIN LATERAL" \
	" ROWS FROM (pg_catalog.unnest(c.seats), pg_catalog.unnest(c.versions)) AS u (seat_no, version)"

#define LIVES(hold) hold ".state" EQ "ANY ('{h,b}')"

/* As lines of SQL, which clang-format would break at each macro. */
/* clang-format off */
static const char *const checks[] = {
	REPORT("SELECT t.event_id, 'event_exists', " FORMAT "'%s has rows of no event', t.name)"
	"  FROM (SELECT DISTINCT event_id, 'seat_state' AS name FROM " STATES " AS seat_state"
	"  UNION ALL SELECT DISTINCT event_id, 'hold' FROM " HOLDS " AS hold"
	"  UNION ALL SELECT DISTINCT event_id, 'change' FROM " CHANGES " AS change"
	"  UNION ALL SELECT DISTINCT event_id, 'request' FROM " REQUESTS " AS request) t"
	"  LEFT JOIN " EVENTS " v ON v.event_id" EQ "t.event_id"
	" WHERE v.name IS NULL"
	" UNION ALL"
	" SELECT e.event_id, 'event_exists', " FORMAT "'venue %s does not exist', e.venue_id)"
	"  FROM " EVENTS " e"
	"  LEFT JOIN " VENUES " v ON v.venue_id" EQ "e.venue_id"
	" WHERE v.name IS NULL"),

	REPORT("SELECT NULL::pg_catalog.int4, 'layout', " FORMAT
	"         '%s has rows of layout %s, which does not exist', t.name, t.layout_id)"
	"  FROM (SELECT layout_id, " FORMAT "'venue %s', name) AS name FROM " VENUES " AS venue"
	/* a venue has had other layouts, its events have them still */
	"  WHERE $2 IS NULL OR layout_id" EQ "$2"
	"  UNION ALL SELECT layout_id, " FORMAT "'event %s', name) FROM " EVENTS " AS event"
	"  UNION ALL SELECT DISTINCT layout_id, 'layout_category' FROM " CATEGORIES
	" AS layout_category"
	"  UNION ALL SELECT DISTINCT layout_id, 'layout_section' FROM " SECTIONS " AS layout_section"
	"  UNION ALL SELECT DISTINCT layout_id, 'seat' FROM " SEATS " AS seat) t"
	"  LEFT JOIN " LAYOUTS " l ON l.layout_id" EQ "t.layout_id"
	" WHERE l.layout_id IS NULL"
	" UNION ALL"
	" SELECT NULL, 'layout', CASE"
	"     WHEN e.layout_id IS NOT NULL AND NOT l.is_final"
	"       THEN " FORMAT "'layout %s has an event, but is not final', l.layout_id)"
	"     WHEN e.layout_id IS NULL AND v.layout_id IS NULL"
	"       THEN " FORMAT "'layout %s is that of nobody', l.layout_id)"
	"     ELSE " FORMAT "'layout %s should have seats 1 to %s, but has %s, the last %s',"
	"                 l.layout_id, l.num_seats, coalesce(s.num_found, 0), s.last) END"
	"  FROM " LAYOUTS " l"
	"  LEFT JOIN (SELECT DISTINCT layout_id FROM " EVENTS " AS event) e"
	"    ON e.layout_id" EQ "l.layout_id"
	"  LEFT JOIN " VENUES " v ON v.layout_id" EQ "l.layout_id"
	"  LEFT JOIN (SELECT layout_id, pg_catalog.count(*) AS num_found,"
	"                    pg_catalog.max(seat_no) AS last"
	"               FROM " SEATS " AS seat GROUP BY layout_id) s ON s.layout_id" EQ "l.layout_id"
	" WHERE e.layout_id IS NOT NULL AND NOT l.is_final"
	"    OR e.layout_id IS NULL AND v.layout_id IS NULL"
	"    OR l.num_seats" NE "coalesce(s.num_found, 0)"
	"    OR l.num_seats" NE "coalesce(s.last, 0)"),

	REPORT("SELECT coalesce(s.event_id, st.event_id), 'seat_state',"
	"       CASE WHEN s.label IS NULL THEN " FORMAT "'state %s has no seat', st.seat_no)"
	"            WHEN st.status IS NULL THEN " FORMAT "'seat %s has no state', s.label)"
	"            ELSE " FORMAT "'seat %s has status \"%s\"', s.label, st.status) END"
	"  FROM (SELECT e.event_id, s.seat_no, s.label FROM " EVENTS " e"
	"          JOIN " SEATS " s ON s.layout_id" EQ "e.layout_id) s"
	"  FULL JOIN " STATES " st" ON_SEAT("st", "s")
	" WHERE s.label IS NULL OR st.status IS NULL OR st.status" NE "ALL ('{f,h,b,n}')"),

	REPORT("SELECT NULL::pg_catalog.int4, 'seat_plan', " FORMAT
	"         'seat %s of layout %s is in section %s, category %s, which do not both exist',"
	"              s.label, s.layout_id, s.section_no, s.category_no)"
	"  FROM " SEATS " s"
	"  LEFT JOIN " SECTIONS " n"
	"    ON n.layout_id" EQ "s.layout_id AND n.section_no" EQ "s.section_no"
	"  LEFT JOIN " CATEGORIES " c"
	"    ON c.layout_id" EQ "s.layout_id AND c.category_no" EQ "s.category_no"
	" WHERE n.name IS NULL OR c.name IS NULL"),

	REPORT("SELECT o.event_id, 'seat_owner', " FORMAT "'seat %s: %s', " SEAT("o") ", o.what)"
	"  FROM (SELECT st.event_id, st.seat_no,"
	"          CASE WHEN st.status" EQ "ANY ('{f,n}') THEN CASE"
	"            WHEN st.token IS NOT NULL"
	"              THEN " FORMAT "'not owned, but has token %s', st.token)"
	"            WHEN st.expires_at IS NOT NULL THEN 'not held, but has a lapse' END"
	"          WHEN st.token IS NULL THEN 'owned, but has no token'"
	"          WHEN h.token IS NULL THEN " FORMAT "'token %s is no hold', st.token)"
	"          WHEN h.state" NE "st.status"
	"            THEN " FORMAT "'status is \"%s\", but its hold %s is \"%s\"',"
	"                        st.status, st.token, h.state)"
	"          WHEN l.token IS NULL"
	"            THEN " FORMAT "'its hold %s does not list it', st.token)"
	"          WHEN st.status" EQ "'h' AND" DIFFER("st.expires_at", "h.expires_at")
	"            THEN " FORMAT "'its lapse is not that of its hold %s', st.token)"
	"          WHEN st.status" EQ "'b' AND st.expires_at IS NOT NULL"
	"            THEN 'booked, but has a lapse' END AS what"
	"          FROM " STATES " st" JOIN_HOLD("st")
	"          LEFT JOIN (SELECT DISTINCT h.event_id, h.token, u.seat_no FROM " HELD_SEATS ") l"
	ON_SEAT("l", "st") " AND l.token" EQ "st.token) o" JOIN_SEAT("o")
	" WHERE o.what IS NOT NULL"),

	REPORT("SELECT h.event_id, 'hold_seats', " FORMAT
	"         'hold %s (\"%s\") lists seat %s, which has status \"%s\" and owner %s',"
	"              h.token, h.state, coalesce(s.label::pg_catalog.text,"
	"                'number ' OPERATOR(pg_catalog.||) u.seat_no),"
	"              st.status, " TOKEN("st.token") ")"
	"  FROM " HELD_SEATS
	"  LEFT JOIN " STATES " st ON st.event_id" EQ "h.event_id AND st.seat_no" EQ "u.seat_no"
	"  LEFT JOIN " EVENTS " sv ON sv.event_id" EQ "h.event_id"
	"  LEFT JOIN " SEATS " s ON s.layout_id" EQ "sv.layout_id AND s.seat_no" EQ "u.seat_no"
	" WHERE " LIVES("h") "   AND (" DIFFER("st.token", "h.token") " OR st.status" NE "h.state)"
	" UNION ALL"
	" SELECT event_id, 'hold_seats', " FORMAT "'hold %s has state \"%s\"', token, state)"
	"  FROM " HOLDS " AS hold WHERE state" NE "ALL ('{h,b,l,r,c}')"
	" UNION ALL"
	" SELECT event_id, 'hold_seats', " FORMAT "'hold %s lists a seat twice', token)"
	"  FROM " HOLDS " AS hold"
	" WHERE pg_catalog.cardinality(seats)" NE
	"       (SELECT pg_catalog.count(DISTINCT n) FROM pg_catalog.unnest(seats) AS n)"),

	REPORT("SELECT h.event_id, 'hold_cap', " FORMAT "'hold %s %s for its holder', h.token,"
	"       CASE WHEN h.capped THEN 'is over and counts' ELSE 'does not count' END)"
	"  FROM " HOLDS " h"
	"  JOIN " EVENTS " v ON v.event_id" EQ "h.event_id"
	" WHERE CASE WHEN " LIVES("h")
	"            THEN v.max_seats_per_holder IS NOT NULL AND NOT h.capped"
	"            ELSE h.capped END"),

	REPORT("SELECT o.event_id, 'one_hold', " FORMAT
	"         'seat %s is in holds %s', " SEAT("o") ", o.tokens)"
	"  FROM (SELECT h.event_id, u.seat_no,"
	"               pg_catalog.string_agg(h.token::pg_catalog.text, ', ' ORDER BY h.token)"
	"                 AS tokens"
	"          FROM " HELD_SEATS
	"         WHERE " LIVES("h")
	"         GROUP BY h.event_id, u.seat_no"
	"        HAVING pg_catalog.count(DISTINCT h.token) OPERATOR(pg_catalog.>) 1) o" JOIN_SEAT("o")),

	REPORT("SELECT r.event_id, 'request_hold', " FORMAT
	"         'request key \"%s\" names token %s, which is no hold', r.key, r.token)"
	"  FROM " REQUESTS " r" JOIN_HOLD("r")
	" WHERE h.state IS NULL"
	" UNION ALL"
	" SELECT r.event_id, 'request_hold', " FORMAT
	"         'request key \"%s\" is not reached from its hold %s', r.key, r.token)"
	"  FROM " REQUESTS " r" JOIN_HOLD("r")
	"  LEFT JOIN " REQUESTS " n ON n.event_id" EQ "r.event_id AND n.token" EQ "r.token"
	"   AND n.previous_key" EQ "r.key"
	" WHERE h.state IS NOT NULL AND n.key IS NULL"
	"   AND NOT coalesce(h.request_key" EQ "r.key, false)"),

	REPORT("SELECT event_id, 'change_row', " FORMAT
	"         'change %s (%s) has %s seats and %s versions, and %s lapse', seq, action,"
	"              pg_catalog.cardinality(seats), pg_catalog.cardinality(versions),"
	"              CASE WHEN expires_at IS NULL THEN 'no' ELSE 'a' END)"
	"  FROM " CHANGES " AS change"
	" WHERE pg_catalog.cardinality(seats)" NE "pg_catalog.cardinality(versions)"
	"    OR pg_catalog.cardinality(seats)" EQ "0"
	"    OR action" NE
	"ALL ('{held,booked,extended,released,cancelled,blocked,unblocked,expired}')"
	"    OR (expires_at IS NULL)" EQ "(action" EQ "ANY ('{held,extended}'))"),

	REPORT("SELECT l.event_id, 'last_change', " FORMAT
	"         'seat %s has status \"%s\", version %s and owner %s,"
	" but its last change is %s to version %s by %s', " SEAT("l") ","
	"              st.status, st.version, " TOKEN("st.token") ","
	"              l.action, l.version, " TOKEN("l.token") ")"
	"  FROM (SELECT DISTINCT ON (c.event_id, u.seat_no)"
	"               c.event_id, u.seat_no, u.version, c.action,"
	"               CASE WHEN c.action" EQ "ANY ('{held,extended}') THEN 'h'"
	"                 WHEN c.action" EQ "'booked' THEN 'b'"
	"                 WHEN c.action" EQ "'blocked' THEN 'n' ELSE 'f' END AS status, c.token,"
	"               CASE WHEN c.action" EQ "ANY ('{held,extended,booked}')"
	"                 THEN c.token END AS owner"
	"          FROM " CHANGED_SEATS
	" ORDER BY c.event_id, u.seat_no, c.seq DESC) l"
	"  LEFT JOIN " STATES " st" ON_SEAT("st", "l") JOIN_SEAT("l")
	" WHERE" DIFFER("st.version", "l.version")
	"    OR" DIFFER("st.status", "l.status::pg_catalog.\"char\"")
	"    OR" DIFFER("st.token", "l.owner")),

	/* old_token is the owner that the change before left behind */
	REPORT("SELECT step.event_id, i.invariant, " FORMAT
	"         'seat %s: %s to version %s by %s in change %s, after %s to version %s by %s', "
	SEAT("step") ","
	"              step.action, step.version, " TOKEN("step.token") ", step.seq,"
	"              step.old_action, step.old_version, " TOKEN("step.old_token") ")"
	"  FROM (SELECT *,"
	"          version" NE "CASE WHEN action" EQ "'extended' THEN old_version"
	"            ELSE old_version OPERATOR(pg_catalog.+) 1 END AS skips,"
	"          action" EQ "ANY ('{held,booked}') AND old_token" NE "token AS robs,"
	"          NOT CASE"
	"            WHEN action" EQ "'booked' AND old_action" EQ "'booked'"
	"              THEN old_token" EQ "token"
	"            WHEN action" EQ "ANY ('{held,booked}')"
	"              THEN old_action" NE "ALL ('{booked,blocked}')"
	"            WHEN action" EQ "'blocked'"
	"              THEN old_action" NE "ALL ('{held,extended,booked,blocked}')"
	"            WHEN action" EQ "'unblocked' THEN old_action" EQ "'blocked'"
	"            WHEN action" EQ "'cancelled'"
	"              THEN old_action" EQ "'booked' AND old_token" EQ "token"
	"            ELSE old_action" EQ "ANY ('{held,extended}') AND old_token" EQ "token"
	"          END AS strays"
	"          FROM (SELECT c.event_id, c.seq, c.action, c.token, u.seat_no, u.version,"
	"                       pg_catalog.lag(c.action) OVER w AS old_action,"
	"                       pg_catalog.lag(u.version) OVER w AS old_version,"
	"                       pg_catalog.lag(CASE"
	"                         WHEN c.action" EQ "ANY ('{held,extended,booked}')"
	"                         THEN c.token END) OVER w AS old_token"
	"                  FROM " CHANGED_SEATS
	"                WINDOW w AS (PARTITION BY c.event_id, u.seat_no ORDER BY c.seq)) pair"
	"         WHERE old_action IS NOT NULL) step"
	" CROSS JOIN LATERAL (VALUES (step.skips, 'change_versions'), (step.robs, 'one_owner'),"
	"                            (step.strays, 'change_order')) AS i (is_broken, invariant)"
	JOIN_SEAT("step")
	" WHERE (step.skips OR step.robs OR step.strays) AND i.is_broken"),

	REPORT("SELECT NULL::pg_catalog.int4, 'sequence', " FORMAT
	"         '%s stands at %s, but %s is in use', name, value, used)"
	"  FROM (VALUES"
	"        ('venue_id_seq', (SELECT last_value FROM seatlock.venue_id_seq),"
	"         (SELECT pg_catalog.max(venue_id) FROM " VENUES " AS venue)),"
	"        ('layout_id_seq', (SELECT last_value FROM seatlock.layout_id_seq),"
	"         (SELECT pg_catalog.max(layout_id) FROM " LAYOUTS " AS layout)),"
	"        ('event_id_seq', (SELECT last_value FROM seatlock.event_id_seq),"
	"         (SELECT pg_catalog.max(event_id) FROM " EVENTS " AS event)),"
	"        ('change_seq', (SELECT last_value FROM seatlock.change_seq),"
	"         (SELECT pg_catalog.max(seq) FROM " CHANGES " AS change))) AS v (name, value, used)"
	" WHERE value OPERATOR(pg_catalog.<) used"),
};
/* clang-format on */

/* Straight from the executor into the result's tuplestore. */
static void
report(ReturnSetInfo *result, const char *query, ParamListInfo params)
{
	SPIExecuteOptions options = {.read_only = true, .params = params};
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

/* What the checks are to look at: numbers of an event, its layout and its venue, or nulls. */
static ParamListInfo
make_params(SqlScope *scope, const char *event)
{
	ParamListInfo params = makeParamList(NUM_PARAMS);
	SqlArg arg;

	if (event != NULL)
	{
		arg = sql_arg(TEXTOID, CStringGetTextDatum(event));
		if (sl_sql_run(scope,
					   "SELECT event_id, layout_id, venue_id FROM seatlock.event WHERE name" EQ
					   "$1",
					   1, &arg) == 0)
			sl_error_no_event(event);
	}
	for (int i = 0; i < NUM_PARAMS; i++)
	{
		NullableDatum number = event == NULL ? (NullableDatum){0, true} : sl_sql_column(i + 1);

		params->params[i] =
			(ParamExternData){number.value, number.isnull, PARAM_FLAG_CONST, INT4OID};
	}
	return params;
}

/* Of all events, or of one. */
void
sl_store_integrity_check(ReturnSetInfo *result, const char *event)
{
	SqlScope scope;
	ParamListInfo params;

	sl_sql_begin(&scope, event == NULL ? SQL_ON_WHOLE_TABLES : SQL_ON_ONE_EVENT);
	params = make_params(&scope, event);
	for (int i = 0; i < lengthof(checks); i++)
		report(result, checks[i], params);
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
	report(
		result,
		"SELECT NULL::pg_catalog.text, NULL::pg_catalog.text,"
		"       pg_catalog.format('trigger %s of table %s %s', w.name, w.of,"
		"              CASE WHEN g.tgenabled" EQ "'D' THEN 'is disabled'"
		"                WHEN g.tgenabled" EQ "'O' THEN 'does not fire for replication'"
		"                WHEN g.tgenabled" EQ "'R' THEN 'fires for replication only'"
		"                ELSE 'does not exist' END),"
		"       NULL::pg_catalog.text"
		"  FROM (SELECT name, of FROM"
		"               pg_catalog.unnest('{board_row,board_table}'::pg_catalog.text[]) AS n (name),"
		"               pg_catalog.unnest('{event,seat,seat_state}'::pg_catalog.text[]) AS t (of)) w"
		"  LEFT JOIN (pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid" EQ "g.tgrelid)"
		"    ON c.relnamespace" EQ "'seatlock'::pg_catalog.regnamespace"
		"   AND c.relname" EQ "w.of AND g.tgname" EQ "w.name"
		" WHERE g.tgenabled IS NULL OR g.tgenabled" NE "'A' ORDER BY w.of, w.name",
		NULL);
	sl_sql_end(&scope);
}
