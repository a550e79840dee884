/*-------------------------------------------------------------------------
 *
 * wanted.c
 *		Which events are wanted on the seat board: told by who missed them.
 *
 * A call that misses an event on the board, and finds it hot enough (heat.c), says
 * so here, and goes on: the worker of the database loads it (board_load.c).  What
 * was left out is remembered here for all sessions: it is not asked for again
 * before its time.
 *
 * Telling costs a search of a short list and can neither fail nor wait.  It is
 * a hint: what finds no place is told again by the next call that misses it.
 *
 * Lock protocol: one spinlock per list guards all its fields.  It is held over
 * a walk through the list, never over anything that could fail.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/shmem.h"
#include "storage/spin.h"

#include "base/clock.h"
#include "shmem/wanted.h"

/* events of a database that wait for their load, or were left out */
#define MAX_WANTED 64

/* an event that was left out is not tried again before that */
#define LEFT_OUT_MS 2000

typedef struct Wanted
{
	WantedEvent event; /* its number is 0: empty */
	bool waits;        /* somebody has missed it; else it was left out */
	int64 not_before;  /* ticks */
} Wanted;

typedef struct WantedList
{
	slock_t mutex;
	Wanted events[MAX_WANTED];
} WantedList;

static WantedList *lists;

Size
sl_wanted_shared_size(void)
{
	return mul_size(sizeof(WantedList), SL_MAX_DATABASES);
}

/* Under AddinShmemInitLock. */
void
sl_wanted_attach(void)
{
	bool found;

	lists = ShmemInitStruct("seatlock wanted events", sl_wanted_shared_size(), &found);
	if (found)
		return;
	memset(lists, 0, sl_wanted_shared_size());
	for (int i = 0; i < SL_MAX_DATABASES; i++)
		SpinLockInit(&lists[i].mutex);
}

static WantedList *
list_of(const WorkerEntry *entry)
{
	return &lists[sl_worker_roster_number(entry)];
}

/* With the mutex, as the next ones. */
static Wanted *
find(WantedList *list, Oid table, int32 event_id)
{
	for (int i = 0; i < MAX_WANTED; i++)
		if (list->events[i].event.event_id == event_id && list->events[i].event.table == table)
			return &list->events[i];
	return NULL;
}

/* A place for one more: an empty one, else that of the one left out first; NULL: none. */
static Wanted *
make_place(WantedList *list)
{
	Wanted *place = NULL;

	for (int i = 0; i < MAX_WANTED; i++)
	{
		Wanted *wanted = &list->events[i];

		if (wanted->event.event_id == 0)
			return wanted;
		if (!wanted->waits && (place == NULL || wanted->not_before < place->not_before))
			place = wanted;
	}
	return place;
}

/* Somebody has missed this event of the database on the board. */
void
sl_wanted_tell(WorkerEntry *entry, Oid table, int32 event_id)
{
	WantedList *list = list_of(entry);
	int64 now = sl_clock_ticks();
	bool wake = false;
	Wanted *wanted;

	SpinLockAcquire(&list->mutex);
	wanted = find(list, table, event_id);
	if (wanted == NULL)
	{
		wanted = make_place(list);
		if (wanted != NULL)
			*wanted = (Wanted){.event = {table, event_id}};
	}
	if (wanted != NULL && !wanted->waits && now >= wanted->not_before)
		wanted->waits = wake = true;
	SpinLockRelease(&list->mutex);
	if (wake)
		sl_worker_roster_wake(entry);
}

/* The next event to be loaded; false: there is none. */
bool
sl_wanted_next(WantedEvent *event)
{
	WantedList *list = list_of(sl_worker_roster_here());
	bool found = false;

	SpinLockAcquire(&list->mutex);
	for (int i = 0; i < MAX_WANTED && !found; i++)
	{
		found = list->events[i].waits;
		if (found)
			*event = list->events[i].event;
	}
	SpinLockRelease(&list->mutex);
	return found;
}

/* Is there one?  To be asked before the worker sleeps. */
bool
sl_wanted_is_any(void)
{
	WantedEvent event;

	return sl_wanted_next(&event);
}

/* It is on the board, or gone. */
void
sl_wanted_done(const WantedEvent *event)
{
	WantedList *list = list_of(sl_worker_roster_here());
	Wanted *wanted;

	SpinLockAcquire(&list->mutex);
	wanted = find(list, event->table, event->event_id);
	if (wanted != NULL)
		memset(wanted, 0, sizeof(*wanted));
	SpinLockRelease(&list->mutex);
}

/* It could not be loaded now: a call that misses it after a while may ask again. */
void
sl_wanted_leave_out(const WantedEvent *event)
{
	WantedList *list = list_of(sl_worker_roster_here());
	int64 now = sl_clock_ticks();
	Wanted *wanted;

	SpinLockAcquire(&list->mutex);
	wanted = find(list, event->table, event->event_id);
	if (wanted != NULL)
		*wanted = (Wanted){.event = *event, .not_before = now + LEFT_OUT_MS};
	SpinLockRelease(&list->mutex);
}
