/*-------------------------------------------------------------------------
 *
 * board_name.c
 *		Numbers of the events on the seat board, by name.
 *
 * Calls name events, the board numbers them.  So that one look tells of an event
 * that it is not there, a process that loads one notes its number here.  It is a hint:
 * that the number still has the name, the event's memory on the board vouches
 * for; and a number that was pushed out of here is noted again by who misses it.
 *
 * Lock protocol: none.  A note is one atomic word, with the number and half of
 * the hash of database, table and name; the other half names the eight notes
 * among which it is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/shmem.h"

#include "base/settings.h"
#include "board/board_name.h"

/* a line of the processor's cache */
#define NOTES_PER_GROUP 8

typedef struct NoteGroup
{
	pg_atomic_uint64 notes[NOTES_PER_GROUP]; /* 0: none */
} NoteGroup;

static NoteGroup *groups; /* NULL: there is no board */

/* A note for each kB of the board. */
static Size
num_groups(void)
{
	return (Size) sl_setting_board_size / NOTES_PER_GROUP;
}

Size
sl_board_name_shared_size(void)
{
	return mul_size(sizeof(NoteGroup), num_groups());
}

/* Under AddinShmemInitLock. */
void
sl_board_name_attach(void)
{
	bool found;

	groups = NULL;
	if (sl_setting_board_size == 0)
		return;
	groups = ShmemInitStruct("seatlock board names", sl_board_name_shared_size(), &found);
	if (found)
		return;
	for (Size i = 0; i < num_groups(); i++)
		for (int j = 0; j < NOTES_PER_GROUP; j++)
			pg_atomic_init_u64(&groups[i].notes[j], 0);
}

static uint64
hash_of(Oid database, Oid table, const char *name)
{
	return hash_bytes_extended((const unsigned char *) name, (int) strlen(name),
							   (uint64) database << 32 | table);
}

static NoteGroup *
group_of(uint64 hash)
{
	return &groups[(hash >> 32) % num_groups()];
}

static uint64
note_of(uint64 hash, int32 event_id)
{
	return hash << 32 | (uint32) event_id;
}

/* The number of an event of this database, or 0: it is hardly on the board. */
int32
sl_board_name_find(Oid table, const char *name)
{
	uint64 hash = hash_of(MyDatabaseId, table, name);
	NoteGroup *group = group_of(hash);

	for (int i = 0; i < NOTES_PER_GROUP; i++)
	{
		uint64 note = pg_atomic_read_u64(&group->notes[i]);

		if (note != 0 && note >> 32 == (uint32) hash)
			return (int32) (uint32) note;
	}
	return 0;
}

/* The place of an event's note, an empty one, or another's, that goes. */
void
sl_board_name_note(const EventKey *event, const char *name)
{
	uint64 hash = hash_of(event->database, event->table, name);
	NoteGroup *group = group_of(hash);
	int place = (int) ((uint32) event->event_id % NOTES_PER_GROUP);

	for (int i = NOTES_PER_GROUP - 1; i >= 0; i--)
	{
		uint64 note = pg_atomic_read_u64(&group->notes[i]);

		if (note == 0)
			place = i;
		else if (note >> 32 == (uint32) hash)
		{
			place = i;
			break;
		}
	}
	pg_atomic_write_u64(&group->notes[place], note_of(hash, event->event_id));
}

/* It is no longer there. */
void
sl_board_name_forget(const EventKey *event, const char *name)
{
	uint64 hash = hash_of(event->database, event->table, name);
	NoteGroup *group = group_of(hash);

	for (int i = 0; i < NOTES_PER_GROUP; i++)
	{
		uint64 note = note_of(hash, event->event_id);

		if (pg_atomic_compare_exchange_u64(&group->notes[i], &note, 0))
			return;
	}
}
