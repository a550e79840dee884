/*-------------------------------------------------------------------------
 *
 * board_entry.h
 *		The events on the seat board: the directory, and their memory.
 *
 * For the files of the board alone; board.c has the lock protocol.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_ENTRY_H
#define SEATLOCK_BOARD_ENTRY_H

#include "port/atomics.h"
#include "utils/dsa.h"

#include "board/board_memory.h"
#include "board/board_word.h"
#include "shmem/event_key.h"

typedef enum EntryState
{
	ENTRY_LOADING, /* next: ready, cold */
	ENTRY_READY,   /* next: cold */
	ENTRY_COLD     /* final */
} EntryState;

typedef struct BoardEntry
{
	EventKey key;
	int32 layout_id;
	int num_seats;
	uint64 hash;        /* of the key */
	dsa_pointer next;   /* in the chain */
	dsa_pointer memory; /* invalid at the start of a load, as the next */
	dsa_pointer labels; /* those of the layout: board_labels.h */
	TimestampTz opens_at;
	TimestampTz closes_at;
	pg_atomic_uint32 state;
	pg_atomic_uint64 changes;
} BoardEntry;

/* An event's memory, taken apart. */
typedef struct BoardParts
{
	pg_atomic_uint64 *words; /* by seat_no - 1 */
	pg_atomic_uint64 *full;  /* by (seat_no - 1) / SL_SEATS_PER_CHUNK */
	char *name;
} BoardParts;

/* readers and writers of words */
extern BoardEntry *sl_board_lock_entry(Oid table, int32 event_id);
extern BoardEntry *sl_board_lock_ready_entry(Oid table, int32 event_id);
extern void sl_board_unlock_entry(const BoardEntry *entry);
extern BoardParts sl_board_parts(const BoardEntry *entry);
extern BoardWord sl_board_draw_ask(void);

/* the directory */
extern void sl_board_visit(void (*visit)(BoardEntry *entry, void *arg), void *arg);
extern int sl_board_count(void);
extern uint64 sl_board_changes(void);
extern bool sl_board_has_entry(const EventKey *key);
extern void sl_board_add_entry(const EventKey *key, int32 layout_id, dsa_pointer place);
extern void sl_board_remove(const EventKey *key);

/* memory */
extern Size sl_board_bytes(const char *event_name, int num_seats);
extern Size sl_board_entry_bytes(const BoardEntry *entry);
extern BoardParts sl_board_take_apart(dsa_pointer place, int num_seats);

static inline EntryState
board_entry_state(BoardEntry *entry)
{
	return (EntryState) pg_atomic_read_u32(&entry->state);
}

#endif /* SEATLOCK_BOARD_ENTRY_H */
