/*-------------------------------------------------------------------------
 *
 * store_place.c
 *		Where the state row of a seat should be, by its number.
 *
 * An event's state rows are written at once, in the order of their numbers and
 * all of one width, and their updates are heap-only: so their first line
 * pointers lie in that order for ever, equally many to a page.  A backend looks
 * at the first few in the index and computes the rest, which spares each claim
 * an index descent per seat, in a house that is larger than the processor's
 * caches the dearest part of the look.  It does so for an event that it is asked
 * for again: of thousands of nights, most are somebody else's the next time.
 *
 * It is a guess: a caller that follows it must see whether the row found there is the
 * one that is wanted, and ask the index if not.  After SQL of the owner's or a restore
 * the guess may be wrong; then it costs a page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/store_place.h"

/* events remembered; a power of two; 7 kB */
#define NUM_EVENTS 256

/* seats asked for before an event's places are learned: it costs as much as they do */
#define ASKS_TO_LEARN 8

/* index entries looked at: a partly filled first page and a whole second one */
#define MAX_LOOKED_AT 600

typedef struct Places
{
	int32 event_id; /* 0: nothing is known */
	int num_asks;   /* until they are enough to learn the rest */
	BlockNumber first_block;
	int in_first;  /* seats in the first page */
	int in_others; /* and in each of those that follow */
	OffsetNumber first_offset;
	bool regular; /* else there is nothing to compute */
} Places;

static Places known[NUM_EVENTS];
static uint64 known_of; /* what sl_table_generation was when they were learned */

/* The next first line pointer of the event, in the order of the seats' numbers. */
static bool
next_place(IndexScanDesc scan, ItemPointer tid)
{
	ItemPointer found = index_getnext_tid(scan, ForwardScanDirection);

	if (found == NULL)
		return false;
	*tid = *found;
	return true;
}

/* Count the places that follow one another in a page; *tid is the next after them. */
static int
count_in_page(IndexScanDesc scan, ItemPointer tid, bool *more)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	int count = 0;

	do
	{
		count++;
		*more = next_place(scan, tid);
	} while (*more && count < MAX_LOOKED_AT && ItemPointerGetBlockNumber(tid) == block &&
			 ItemPointerGetOffsetNumber(tid) == offset + count);
	return count;
}

static void
learn(Store *store, int32 event_id, Places *places)
{
	ScanKeyData keys[2];
	OpenTable *table;
	IndexScanDesc scan;
	ItemPointerData tid;
	bool more;

	sl_key_int32(&keys[0], 1, event_id);
	sl_key_int32_from(&keys[1], 2, 1);
	scan = sl_table_scan(store, INDEX_SEAT_STATE, 2, &table);
	index_rescan(scan, keys, 2, NULL, 0);
	if (!next_place(scan, &tid))
		return;
	places->first_block = ItemPointerGetBlockNumber(&tid);
	places->first_offset = ItemPointerGetOffsetNumber(&tid);
	places->in_first = count_in_page(scan, &tid, &more);
	places->regular = true;
	if (!more)
		return;
	places->regular = ItemPointerGetBlockNumber(&tid) == places->first_block + 1 &&
					  ItemPointerGetOffsetNumber(&tid) == FirstOffsetNumber;
	if (places->regular)
		places->in_others = count_in_page(scan, &tid, &more);
}

/* Where the row of a seat should be; false when that cannot be said. */
bool
sl_place_guess(Store *store, int32 event_id, int32 seat_no, ItemPointer tid)
{
	Places *places = &known[(uint32) event_id % NUM_EVENTS];
	int n = seat_no - 1;

	if (known_of != sl_table_generation())
	{
		memset(known, 0, sizeof(known));
		known_of = sl_table_generation();
	}
	if (places->event_id != event_id)
		*places = (Places){.event_id = event_id};
	if (places->num_asks < ASKS_TO_LEARN && ++places->num_asks == ASKS_TO_LEARN)
		learn(store, event_id, places);
	if (!places->regular || n < 0)
		return false;
	if (n < places->in_first)
		ItemPointerSet(tid, places->first_block, places->first_offset + n);
	else if (places->in_others > 0)
	{
		n -= places->in_first;
		ItemPointerSet(tid, places->first_block + 1 + n / places->in_others,
					   FirstOffsetNumber + n % places->in_others);
	}
	else
		return false;
	return true;
}
