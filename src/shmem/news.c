/*-------------------------------------------------------------------------
 *
 * news.c
 *		Which events have changed: counted in shared memory at each commit.
 *
 * A worker that shows events to others need not look at each of them to find
 * those that have changed: it compares these counts with what it has seen.
 * That costs the same however many events there are.
 *
 * A transaction counts once it is visible, and after what it has put on the
 * board; a reader first reads a count, and then the event.  So it misses
 * nothing: what it does not see yet is still to be counted.  Events of
 * different databases, and a great many of one, share counts: then somebody
 * looks for nothing.
 *
 * Lock protocol: all is atomic.  Adding is a full barrier, and a reader has one
 * after what it has found to differ.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/shmem.h"

#include "shmem/news.h"

/* counts that are compared at once */
#define COUNTS_AT_ONCE 64

typedef struct News
{
	pg_atomic_uint32 events[SL_NUM_NEWS]; /* the seats of these have changed */
	pg_atomic_uint32 list;                /* events were made, altered or dropped */
	pg_atomic_uint32 all;                 /* whatever is known of any event may be wrong */
} News;

static News *news;

Size
sl_news_shared_size(void)
{
	return sizeof(News);
}

/* Under AddinShmemInitLock. */
void
sl_news_attach(void)
{
	bool found;

	news = ShmemInitStruct("seatlock news", sl_news_shared_size(), &found);
	if (found)
		return;
	for (int i = 0; i < SL_NUM_NEWS; i++)
		pg_atomic_init_u32(&news->events[i], 0);
	pg_atomic_init_u32(&news->list, 0);
	pg_atomic_init_u32(&news->all, 0);
}

bool
sl_news_is_on(void)
{
	return news != NULL;
}

static void
count(pg_atomic_uint32 *of)
{
	(void) pg_atomic_fetch_add_u32(of, 1);
}

/* Seats of the event are not as they were. */
void
sl_news_tell_event(int32 event_id)
{
	if (news != NULL)
		count(&news->events[sl_news_number(event_id)]);
}

/* Events have come, gone, or are sold at other times. */
void
sl_news_tell_list(void)
{
	if (news != NULL)
		count(&news->list);
}

/* Nobody knows what has changed. */
void
sl_news_tell_all(void)
{
	if (news != NULL)
		count(&news->all);
}

/* Which count is that of an event of this database? */
int
sl_news_number(int32 event_id)
{
	return (int) ((murmurhash32(MyDatabaseId) + (uint32) event_id) % SL_NUM_NEWS);
}

static bool
differs(pg_atomic_uint32 *count, uint32 *seen)
{
	uint32 now = pg_atomic_read_u32(count);

	if (now == *seen)
		return false;
	*seen = now;
	/* the event is read after that */
	pg_memory_barrier();
	return true;
}

/* Visit the counts that have moved since the last time. */
void
sl_news_read(NewsSeen *seen, void (*visit)(int number, void *arg), void *arg)
{
	StaticAssertStmt(sizeof(pg_atomic_uint32) == sizeof(uint32), "counts are compared as bytes");
	for (int i = 0; i < SL_NUM_NEWS; i += COUNTS_AT_ONCE)
	{
		if (memcmp((const void *) &news->events[i], &seen->events[i],
				   COUNTS_AT_ONCE * sizeof(uint32)) == 0)
			continue;
		for (int j = i; j < i + COUNTS_AT_ONCE; j++)
			if (differs(&news->events[j], &seen->events[j]))
				visit(j, arg);
	}
}

bool
sl_news_read_list(NewsSeen *seen)
{
	return differs(&news->list, &seen->list);
}

bool
sl_news_read_all(NewsSeen *seen)
{
	return differs(&news->all, &seen->all);
}
