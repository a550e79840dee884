/*-------------------------------------------------------------------------
 *
 * store_seen.c
 *		What this backend has seen: numbers of labels, the place of an event, numbers of changes.
 *
 * In a rush a backend is asked for the same seats again and again, be it of one
 * event or of the many nights of a house.  Five index descents a claim were half
 * of a refusal's time.
 *
 * The number of a label may be believed: it never changes in the life of a
 * layout, and numbers of layouts are never used twice.  The place of an event is
 * a guess where its row was last: a call that follows it must look through its
 * snapshot, and see whether the row found there is the one it wants.  So nothing here can
 * make an answer wrong, and nothing has to be told when a row moves.
 *
 * The highest seq of an event's changes is what its next one is compared with:
 * one that is not higher comes from a sequence that was set back.
 *
 * Fixed in size: a seat takes the entry that its hash falls on, whosever it
 * was.  All is forgotten when one of our relations is invalidated, as by
 * TRUNCATE or DROP EXTENSION.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "store/store_seen.h"

#define NUM_SEATS 16384 /* a power of two; 544 kB */
#define MAX_LABEL 25    /* longer ones are looked up each time */
#define MAX_EVENT_NAME 127
#define MAX_EVENTS 10000 /* with more, all are looked up anew; 500 kB */

typedef struct SeenSeat
{
	int32 layout_id; /* 0: empty */
	int32 seat_no;
	char label[MAX_LABEL + 1];
} SeenSeat;

static SeenSeat *seats = NULL; /* NULL until the first is noted */

static struct
{
	char name[MAX_EVENT_NAME + 1];
	ItemPointerData tid;
} event;

typedef struct SeenSeq
{
	int32 event_id;
	int64 seq;
} SeenSeq;

static HTAB *seqs = NULL; /* SeenSeq by event_id; NULL until the first is noted */

static SeenSeat *
entry_of(int32 layout_id, const char *label, size_t length)
{
	uint32 hash = hash_bytes((const unsigned char *) label, (int) length);

	return &seats[hash_combine(hash, (uint32) layout_id) % NUM_SEATS];
}

/* The number of the seat with this label; 0: not known. */
int32
sl_seen_seat(int32 layout_id, const char *label)
{
	size_t length = strlen(label);
	SeenSeat *seen;

	if (seats == NULL || length > MAX_LABEL)
		return 0;
	seen = entry_of(layout_id, label, length);
	if (seen->layout_id != layout_id || strcmp(seen->label, label) != 0)
		return 0;
	return seen->seat_no;
}

void
sl_seen_note_seat(int32 layout_id, const char *label, int32 seat_no)
{
	size_t length = strlen(label);
	SeenSeat *seen;

	if (length > MAX_LABEL)
		return;
	if (seats == NULL)
		seats = MemoryContextAllocZero(TopMemoryContext, NUM_SEATS * sizeof(SeenSeat));
	seen = entry_of(layout_id, label, length);
	seen->layout_id = layout_id;
	seen->seat_no = seat_no;
	memcpy(seen->label, label, length + 1);
}

bool
sl_seen_event(const char *name, ItemPointer tid)
{
	if (event.name[0] == '\0' || strcmp(event.name, name) != 0)
		return false;
	*tid = event.tid;
	return true;
}

void
sl_seen_note_event(const char *name, ItemPointer tid)
{
	size_t length = strlen(name);

	if (length > MAX_EVENT_NAME)
		return;
	memcpy(event.name, name, length + 1);
	event.tid = *tid;
}

/* The highest seq of an event's changes that this backend has written or found. */
bool
sl_seen_seq(int32 event_id, int64 *seq)
{
	SeenSeq *seen = seqs == NULL ? NULL : hash_search(seqs, &event_id, HASH_FIND, NULL);

	if (seen != NULL)
		*seq = seen->seq;
	return seen != NULL;
}

static void
forget_seqs(void)
{
	if (seqs != NULL)
		hash_destroy(seqs);
	seqs = NULL;
}

void
sl_seen_note_seq(int32 event_id, int64 seq)
{
	HASHCTL control = {.keysize = sizeof(int32), .entrysize = sizeof(SeenSeq)};

	if (seqs != NULL && hash_get_num_entries(seqs) >= MAX_EVENTS)
		forget_seqs();
	if (seqs == NULL)
		seqs = hash_create("seatlock events", 64, &control, HASH_ELEM | HASH_BLOBS);
	((SeenSeq *) hash_search(seqs, &event_id, HASH_ENTER, NULL))->seq = seq;
}

/* Called from an invalidation callback: must not fail. */
void
sl_seen_forget(void)
{
	forget_seqs();
	event.name[0] = '\0';
	if (seats != NULL)
		pfree(seats);
	seats = NULL;
}
