/*-------------------------------------------------------------------------
 *
 * store_history.c
 *		The changes of one seat.
 *
 * No index leads from a seat to its changes: each claim would have to make an
 * entry for each of its seats.  The event's history is read instead, from its
 * two ends in turn, and only until every version of the seat is met: the
 * oldest are what the one end comes to, the seat says which is its last, and in
 * between there is one change for each.  So a seat that nobody has ever had
 * costs nothing, one that has not changed for long or only of late costs what
 * lies before or after, and one that changes all the time the whole history.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "base/errors.h"
#include "base/grow.h"
#include "store/store_read.h"

/* How far both ends have come. */
typedef struct SeatHistory
{
	ReturnSetInfo *result;
	int32 seat_no;
	/* from the oldest change on, put into the result at once */
	ChangeWalk early;
	int64 early_version;
	bool may_repeat; /* extensions may follow, which keep the version */
	/* from the newest one back, put into the result at the end */
	ChangeWalk late;
	int64 late_version; /* the lowest of which the change that made it was met */
	int64 *late_seqs;
	int num_late;
	int late_room;
} SeatHistory;

static bool
is_action(const text *word, ChangeAction action)
{
	const char *wanted = sl_vocabulary_action(action);

	return VARSIZE_ANY_EXHDR(word) == strlen(wanted) &&
		   memcmp(VARDATA_ANY(word), wanted, strlen(wanted)) == 0;
}

/* The status that an action of the history leaves behind. */
static SeatStatus
status_after(const text *action)
{
	static const struct
	{
		ChangeAction action;
		SeatStatus status;
	} taken[] = {
		{ACTION_HELD, SEAT_HELD},
		{ACTION_EXTENDED, SEAT_HELD},
		{ACTION_BOOKED, SEAT_BOOKED},
		{ACTION_BLOCKED, SEAT_NOT_FOR_SALE},
	};

	for (int i = 0; i < lengthof(taken); i++)
		if (is_action(action, taken[i].action))
			return taken[i].status;
	return SEAT_FREE;
}

/* The version that the change at hand gave to a seat; false if it is not in it. */
static bool
find_version(ChangeWalk *walk, int32 seat_no, int64 *version)
{
	int num_seats;
	int num_versions;
	const int32 *seats = sl_store_read_change_seats(walk, &num_seats);

	for (int i = 0; i < num_seats; i++)
	{
		if (seats[i] == seat_no)
		{
			const int64 *versions = sl_store_read_change_versions(walk, &num_versions);

			*version = i < num_versions ? versions[i] : 0;
			return true;
		}
	}
	return false;
}

static void
put_seat_change(ReturnSetInfo *result, const ChangeView *change, int64 version)
{
	Datum values[8];
	bool nulls[8] = {false};

	values[0] = Int64GetDatum(change->seq);
	values[1] = TimestampTzGetDatum(change->changed_at);
	values[2] = PointerGetDatum(change->action);
	values[3] = CStringGetTextDatum(sl_vocabulary_status(status_after(change->action)));
	values[4] = Int64GetDatum(version);
	values[5] = sl_store_token_text(change->token, &nulls[5]);
	values[6] = PointerGetDatum(change->holder);
	nulls[6] = change->holder == NULL;
	values[7] = PointerGetDatum(change->actor);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* One step from the oldest change on; false where the ends meet. */
static bool
step_early(SeatHistory *history)
{
	ChangeWalk *walk = &history->early;
	MemoryContext old_context;
	int64 version;

	if (!sl_store_next_change(walk) ||
		(history->late.under_way && walk->change.seq >= history->late.change.seq))
		return false;
	old_context = MemoryContextSwitchTo(walk->context);
	if (find_version(walk, history->seat_no, &version))
	{
		put_seat_change(history->result, &walk->change, version);
		history->early_version = version;
		history->may_repeat = (status_after(walk->change.action) == SEAT_HELD);
	}
	MemoryContextSwitchTo(old_context);
	return true;
}

/* One step from the newest change back; false where the ends meet. */
static bool
step_late(SeatHistory *history)
{
	ChangeWalk *walk = &history->late;
	MemoryContext old_context;
	bool found;
	int64 version;

	if (!sl_store_next_change(walk) || walk->change.seq <= history->early.change.seq)
		return false;
	history->late_seqs =
		grow_array(history->late_seqs, history->num_late, &history->late_room, sizeof(int64));
	old_context = MemoryContextSwitchTo(walk->context);
	found = find_version(walk, history->seat_no, &version);
	MemoryContextSwitchTo(old_context);
	if (found)
	{
		history->late_seqs[history->num_late++] = walk->change.seq;
		/* an extension keeps the version, which an earlier change has made */
		if (!is_action(walk->change.action, ACTION_EXTENDED))
			history->late_version = version;
	}
	return true;
}

/* Is nothing of the seat left between the ends? */
static bool
is_complete(const SeatHistory *history)
{
	return !history->may_repeat && history->late_version == history->early_version + 1;
}

/* What the late end has found, oldest first. */
static void
put_late(SeatHistory *history, Store *store, int32 event_id)
{
	for (int i = history->num_late - 1; i >= 0; i--)
	{
		ChangeWalk walk;
		MemoryContext old_context;
		int64 version;

		sl_store_begin_changes(&walk, store, event_id, history->late_seqs[i] - 1);
		if (!sl_store_next_change(&walk))
			elog(ERROR, "change " INT64_FORMAT " is not there", history->late_seqs[i]);
		old_context = MemoryContextSwitchTo(walk.context);
		if (find_version(&walk, history->seat_no, &version))
			put_seat_change(history->result, &walk.change, version);
		MemoryContextSwitchTo(old_context);
		MemoryContextDelete(walk.context);
	}
}

/* The seat's number, and the version after its last: what the late end begins with. */
static void
find_seat(Store *store, const EventRow *event, const char *event_name, const char *seat,
		  SeatHistory *history)
{
	SeatRow row;

	history->seat_no = sl_store_find_seat(store, event->layout_id, seat);
	if (history->seat_no == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("seat \"%s\" of event \"%s\" does not exist", seat, event_name)));
	/* the history of a seat that has lost its state is read to the end */
	history->late_version = sl_store_read_seat(store, event->event_id, history->seat_no, &row)
								? row.version + 1
								: PG_INT64_MAX;
}

void
sl_store_read_seat_history(ReturnSetInfo *result, const char *event, const char *seat)
{
	Store *store = sl_store_open(false);
	Store *late_store = sl_store_open(false);
	SeatHistory history = {.result = result};
	EventRow row;

	sl_store_refresh(late_store);
	sl_store_require_event(store, event, &row);
	find_seat(store, &row, event, seat, &history);
	sl_store_begin_changes(&history.early, store, row.event_id, 0);
	sl_store_begin_changes(&history.late, late_store, row.event_id, 0);
	history.late.backward = true;
	while (!is_complete(&history) && step_early(&history) && !is_complete(&history) &&
		   step_late(&history))
		;
	put_late(&history, store, row.event_id);
	sl_store_close(late_store);
	sl_store_close(store);
}
