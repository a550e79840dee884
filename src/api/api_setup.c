/*-------------------------------------------------------------------------
 *
 * api_setup.c
 *		SQL entry points of set-up: venues, and events made from them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/args.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/rows.h"
#include "seating/plan_keys.h"
#include "store/lockkey.h"
#include "store/store.h"
#include "store/store_plan.h"
#include "store/store_sequence.h"
#include "store/store_setup.h"

#define DEFAULT_HOLD_SECONDS 900
#define DEFAULT_MAX_HOLD_SECONDS 7200
#define DEFAULT_HOLD_WINDOW_SECONDS 3600

/* how long drop_event and alter_event wait for claims under way */
#define EVENT_WAIT_MS 5000

/* history of the last day is never pruned */
#define PRUNE_SPARES_SECONDS SECS_PER_DAY

PG_FUNCTION_INFO_V1(seatlock_create_venue);
PG_FUNCTION_INFO_V1(seatlock_create_grid);
PG_FUNCTION_INFO_V1(seatlock_create_area);
PG_FUNCTION_INFO_V1(seatlock_create_event);
PG_FUNCTION_INFO_V1(seatlock_alter_event);
PG_FUNCTION_INFO_V1(seatlock_grow_area);
PG_FUNCTION_INFO_V1(seatlock_drop_event);
PG_FUNCTION_INFO_V1(seatlock_drop_venue);
PG_FUNCTION_INFO_V1(seatlock_prune);
PG_FUNCTION_INFO_V1(seatlock_sync_sequences);

static Datum
extend_venue(const char *venue, const SeatingPlan *plan)
{
	SqlScope scope;

	sl_sql_begin(&scope, SQL_BY_KEY);
	sl_store_plan_extend(&scope, venue, plan);
	sl_sql_end(&scope);
	PG_RETURN_INT64(plan->num_seats);
}

static LabelRule
labels_argument(FunctionCallInfo fcinfo, int argno)
{
	char *word = sl_arg_optional_text(fcinfo, argno, "labels");
	LabelRule rule = LABELS_SHORT;

	if (word != NULL && !sl_label_find_rule(word, &rule))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid value for argument \"labels\": \"%s\"", word),
						errhint("Available values: short, section, guid.")));
	return rule;
}

Datum
seatlock_create_venue(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	char *venue;
	LabelRule rule;
	SeatingPlan *plan;

	sl_arg_require_writable("seatlock.create_venue()");
	venue = sl_arg_shown_name(fcinfo, 0, "venue");
	if (PG_ARGISNULL(1))
		sl_error_null_argument("plan");
	rule = labels_argument(fcinfo, 2);
	plan = sl_plan_parse(PG_GETARG_JSONB_P(1), rule);
	sl_sql_begin(&scope, SQL_BY_KEY);
	sl_store_plan_create(&scope, venue, plan, rule);
	sl_sql_end(&scope);
	sl_plan_tell_remedies(plan->notes, venue, plan->default_category);
	sl_plan_tell_keys(plan->notes, venue);
	PG_RETURN_INT64(plan->num_seats);
}

Datum
seatlock_create_grid(PG_FUNCTION_ARGS)
{
	char *venue;
	char *section;
	int num_rows;
	int seats_per_row;
	char *category;

	sl_arg_require_writable("seatlock.create_grid()");
	venue = sl_arg_shown_name(fcinfo, 0, "venue");
	section = sl_arg_plan_name(fcinfo, 1, "section");
	num_rows = sl_arg_positive(fcinfo, 2, "num_rows");
	seats_per_row = sl_arg_positive(fcinfo, 3, "seats_per_row");
	category = sl_arg_plan_name(fcinfo, 4, "category");
	return extend_venue(venue, sl_plan_make_grid(section, num_rows, seats_per_row, category,
												 sl_arg_optional_text(fcinfo, 5, "skip_letters")));
}

Datum
seatlock_create_area(PG_FUNCTION_ARGS)
{
	char *venue;
	char *section;
	int capacity;
	char *category;

	sl_arg_require_writable("seatlock.create_area()");
	venue = sl_arg_shown_name(fcinfo, 0, "venue");
	section = sl_arg_plan_name(fcinfo, 1, "section");
	capacity = sl_arg_positive(fcinfo, 2, "capacity");
	category = sl_arg_plan_name(fcinfo, 3, "category");
	return extend_venue(venue, sl_plan_make_area(section, capacity, category));
}

static NullableDatum
timestamp_arg(FunctionCallInfo fcinfo, int argno)
{
	NullableDatum value = {0, true};

	return PG_ARGISNULL(argno) ? value : fcinfo->args[argno];
}

static void
check_terms(const EventTerms *terms)
{
	if (terms->max_hold_seconds < terms->hold_seconds)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("max_hold_seconds (%d) must be at least hold_seconds (%d)",
							   terms->max_hold_seconds, terms->hold_seconds)));
	if (!terms->opens_at.isnull && !terms->closes_at.isnull &&
		DatumGetTimestampTz(terms->closes_at.value) <= DatumGetTimestampTz(terms->opens_at.value))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("closes_at must be after opens_at")));
}

/* How many holds a holder may begin in a while: the window alone means nothing. */
static void
check_hold_rate(FunctionCallInfo fcinfo, int first_argno)
{
	sl_arg_not_built(fcinfo, first_argno, "max_holds_per_holder");
	if (sl_arg_optional_positive(fcinfo, first_argno + 1, "hold_window_seconds",
								 DEFAULT_HOLD_WINDOW_SECONDS) != DEFAULT_HOLD_WINDOW_SECONDS)
		sl_error_not_built("hold_window_seconds");
}

/* Told once, with counts: tickets will show labels that the plan does not. */
static void
tell_labels(const char *event, uint64 num_seats, const LabelCounts *counts)
{
	static const char *const why[NUM_LABEL_RULES] = {
		[LABELS_SHORT] = "Row and number alone do not tell the seats of the venue apart.",
		[LABELS_SECTION] =
			"Section, row and number alone do not tell the seats of the venue apart.",
		[LABELS_GUID] = "Not every seat of the venue has a guid of its own.",
	};
	StringInfoData what;

	if (counts->num_prefixed == 0 && counts->num_suffixed == 0)
		return;
	initStringInfo(&what);
	if (counts->num_prefixed > 0)
		appendStringInfo(&what, "%d of " UINT64_FORMAT " seats are labelled section-row-number%s",
						 counts->num_prefixed, num_seats, counts->num_suffixed > 0 ? ", and " : "");
	if (counts->num_suffixed > 0)
		appendStringInfo(&what, "%d labels end in a count such as \" (2)\"", counts->num_suffixed);
	ereport(WARNING, (errmsg("labels of event \"%s\" were made unique: %s", event, what.data),
					  errdetail("%s", why[counts->rule])));
}

Datum
seatlock_create_event(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	EventTerms terms;
	LabelCounts counts;
	uint64 num_seats;
	char *event;
	char *venue;

	sl_arg_require_writable("seatlock.create_event()");
	event = sl_arg_shown_name(fcinfo, 0, "event");
	venue = sl_arg_name(fcinfo, 1, "venue");
	terms.opens_at = timestamp_arg(fcinfo, 2);
	terms.closes_at = timestamp_arg(fcinfo, 3);
	terms.hold_seconds = sl_arg_optional_positive(fcinfo, 4, "hold_seconds", DEFAULT_HOLD_SECONDS);
	terms.max_hold_seconds =
		sl_arg_optional_positive(fcinfo, 5, "max_hold_seconds", DEFAULT_MAX_HOLD_SECONDS);
	terms.max_seats_per_holder = sl_arg_optional_positive(fcinfo, 6, "max_seats_per_holder", 0);
	check_hold_rate(fcinfo, 7);
	check_terms(&terms);
	sl_sql_begin(&scope, SQL_BY_KEY);
	num_seats = sl_store_setup_create(&scope, event, venue, &terms, sl_clock_now(), &counts);
	sl_sql_end(&scope);
	tell_labels(event, num_seats, &counts);
	PG_RETURN_INT64(num_seats);
}

/*
 * Wait until no other transaction has written to the event and not ended.  The
 * caller has changed the event's row, so those that start now answer busy.
 */
static void
lock_out_writers(const char *event, int32 event_id)
{
	if (!sl_lockkey_acquire_event_exclusive(event_id, EVENT_WAIT_MS))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE), errmsg("event \"%s\" is in use", event),
				 errdetail("A transaction that has claimed seats of it is still open.")));
}

/*
 * A cap set for the first time counts what was held before: hold.capped keeps
 * holds of uncapped events out of the index that the cap is counted with.
 */
Datum
seatlock_alter_event(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	EventTerms terms;
	char *event;
	int32 event_id;
	bool was_capped;

	sl_arg_require_writable("seatlock.alter_event()");
	event = sl_arg_name(fcinfo, 0, "event");
	sl_sql_begin(&scope, SQL_BY_KEY);
	event_id = sl_store_setup_lock_terms(&scope, event, &terms);
	was_capped = terms.max_seats_per_holder > 0;
	if (!PG_ARGISNULL(1))
		terms.opens_at = fcinfo->args[1];
	if (!PG_ARGISNULL(2))
		terms.closes_at = fcinfo->args[2];
	terms.hold_seconds = sl_arg_optional_positive(fcinfo, 3, "hold_seconds", terms.hold_seconds);
	terms.max_hold_seconds =
		sl_arg_optional_positive(fcinfo, 4, "max_hold_seconds", terms.max_hold_seconds);
	terms.max_seats_per_holder =
		sl_arg_optional_positive(fcinfo, 5, "max_seats_per_holder", terms.max_seats_per_holder);
	check_hold_rate(fcinfo, 6);
	check_terms(&terms);
	sl_store_setup_set_terms(&scope, event_id, &terms);
	if (!was_capped && terms.max_seats_per_holder > 0)
	{
		lock_out_writers(event, event_id);
		sl_store_setup_cap_holds(&scope, event_id);
	}
	sl_sql_end(&scope);
	PG_RETURN_INT64(0);
}

/* grow_area(event text, section text, num_places bigint): more places of general admission. */
Datum
seatlock_grow_area(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	char *event;
	char *section;
	int num_places;

	sl_arg_require_writable("seatlock.grow_area()");
	event = sl_arg_name(fcinfo, 0, "event");
	section = sl_arg_name(fcinfo, 1, "section");
	num_places = sl_arg_positive(fcinfo, 2, "num_places");
	sl_sql_begin(&scope, SQL_BY_KEY);
	sl_store_area_grow(&scope, event, section, num_places);
	sl_sql_end(&scope);
	PG_RETURN_INT64(num_places);
}

static bool
force_arg(FunctionCallInfo fcinfo, int argno)
{
	char *force = PG_ARGISNULL(argno) ? "no" : sl_arg_optional_text(fcinfo, argno, "force");

	if (strcmp(force, "yes") != 0 && strcmp(force, "no") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"force\" must be \"yes\" or \"no\", not \"%s\"", force)));
	return strcmp(force, "yes") == 0;
}

static void
refuse_live_event(SqlScope *scope, const char *event, int32 event_id)
{
	int64 num_held;
	int64 num_booked;

	sl_store_setup_count_live(scope, event_id, sl_clock_now(), &num_held, &num_booked);
	if (num_held == 0 && num_booked == 0)
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_OBJECT_IN_USE), errmsg("event \"%s\" has live holds or sales", event),
		 errdetail("Seats held: " INT64_FORMAT ", booked: " INT64_FORMAT ".", num_held, num_booked),
		 errhint("Pass force => 'yes' to drop it all the same.")));
}

Datum
seatlock_drop_event(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	uint64 num_seats;
	int32 event_id;
	int32 layout_id;
	char *event;
	bool force;

	sl_arg_require_writable("seatlock.drop_event()");
	event = sl_arg_name(fcinfo, 0, "event");
	force = force_arg(fcinfo, 1);
	sl_sql_begin(&scope, SQL_BY_KEY);
	event_id = sl_store_setup_remove_event(&scope, event, &layout_id);
	lock_out_writers(event, event_id);
	if (!force)
		refuse_live_event(&scope, event, event_id);
	num_seats = sl_store_setup_remove_rest(&scope, event_id, layout_id);
	sl_sql_end(&scope);
	PG_RETURN_INT64(num_seats);
}

Datum
seatlock_drop_venue(PG_FUNCTION_ARGS)
{
	SqlScope scope;
	uint64 num_seats;
	char *venue;

	sl_arg_require_writable("seatlock.drop_venue()");
	venue = sl_arg_name(fcinfo, 0, "venue");
	sl_sql_begin(&scope, SQL_BY_KEY);
	num_seats = sl_store_plan_drop(&scope, venue);
	sl_sql_end(&scope);
	PG_RETURN_INT64(num_seats);
}

Datum
seatlock_prune(PG_FUNCTION_ARGS)
{
	TimestampTz before;
	char *event;
	Store *store;
	EventRow row;

	sl_arg_require_writable("seatlock.prune()");
	event = sl_arg_name(fcinfo, 0, "event");
	if (PG_ARGISNULL(1))
		sl_error_null_argument("before");
	before =
		Min(PG_GETARG_TIMESTAMPTZ(1), sl_clock_add_seconds(sl_clock_now(), -PRUNE_SPARES_SECONDS));
	store = sl_store_open(true);
	sl_store_require_event(store, event, &row);
	sl_store_prune_changes(store, row.event_id, before);
	sl_store_prune_holds(store, row.event_id, before);
	sl_store_close(store);
	PG_RETURN_INT64(0);
}

/* sync_sequences(): a row for each sequence, with what the tables have and how far it was moved. */
Datum
seatlock_sync_sequences(PG_FUNCTION_ARGS)
{
	sl_arg_require_writable("seatlock.sync_sequences()");
	sl_store_sequences_sync(sl_rows_begin(fcinfo, 4));
	PG_RETURN_NULL();
}
