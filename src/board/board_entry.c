/*-------------------------------------------------------------------------
 *
 * board_entry.c
 *		The events on the seat board: the directory, and their memory.
 *
 * board.c has the lock protocol.  Memory comes from one area of fixed size, and
 * so do the entries, which hang in chains: as many events are on the board as
 * there is room for.  What makes room when there is none, board_draft.c decides.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "base/settings.h"
#include "board/board_entry.h"
#include "board/board_events.h"
#include "board/board_labels.h"
#include "board/board_name.h"
#include "shmem/heat.h"

#define NUM_PARTITIONS 16

/* numbers of layouts begin at 1 */
#define ALL_LAYOUTS 0

/* room between the starts of two draws of ask words */
#define ASK_START_SHIFT 28

typedef struct Board
{
	int tranche;
	int memory_tranche;
	uint32 num_chains;
	pg_atomic_uint64 num_loads;   /* each draws the start of its ask words here */
	pg_atomic_uint64 num_changes; /* rises when an event comes, goes, or is cold */
	pg_atomic_uint32 num_entries;
	LWLockPadded partitions[NUM_PARTITIONS]; /* of the chains, by number modulo this */
	dsa_pointer chains[FLEXIBLE_ARRAY_MEMBER];
	/* then the memory of the events and their entries */
} Board;

static Board *board;

/* A chain for each kB: a power of two, and so a multiple of the partitions. */
static uint32
num_chains(void)
{
	return pg_nextpower2_32((uint32) sl_setting_board_size);
}

static Size
directory_size(void)
{
	return MAXALIGN(add_size(offsetof(Board, chains), mul_size(sizeof(dsa_pointer), num_chains())));
}

Size
sl_board_shared_size(void)
{
	if (sl_setting_board_size == 0)
		return 0;
	return add_size(directory_size(), sl_board_memory_size());
}

static char *
memory_place(void)
{
	return (char *) board + directory_size();
}

static void
init_board(void)
{
	memset(board, 0, directory_size());
	board->tranche = LWLockNewTrancheId();
	board->memory_tranche = LWLockNewTrancheId();
	board->num_chains = num_chains();
	pg_atomic_init_u64(&board->num_loads, 0);
	pg_atomic_init_u64(&board->num_changes, 0);
	pg_atomic_init_u32(&board->num_entries, 0);
	for (int i = 0; i < NUM_PARTITIONS; i++)
		LWLockInitialize(&board->partitions[i].lock, board->tranche);
	for (uint32 i = 0; i < board->num_chains; i++)
		board->chains[i] = InvalidDsaPointer;
	sl_board_memory_create(memory_place(), board->memory_tranche);
}

/* Under AddinShmemInitLock. */
void
sl_board_attach(void)
{
	bool found;

	board = NULL;
	sl_board_memory_forget();
	if (sl_setting_board_size == 0)
		return;
	board = ShmemInitStruct("seatlock board", sl_board_shared_size(), &found);
	if (!found)
		init_board();
	LWLockRegisterTranche(board->tranche, "seatlock_board");
	LWLockRegisterTranche(board->memory_tranche, "seatlock_board_memory");
}

/*
 * Make the board usable for this process: to be called where an error does no
 * harm, before any other function here.  False: there is no board.
 */
bool
sl_board_open(void)
{
	if (sl_board_memory_is_open())
		return true;
	if (board == NULL)
		return false;
	sl_board_memory_attach(memory_place());
	return true;
}

/*
 * The board tells what is committed now, and no predicate lock notes who was
 * told.  So it is for transactions at READ COMMITTED alone: above, a claim that
 * was refused has read the seat, and two transactions of which each has read what
 * the other wrote must not both commit.
 */
bool
sl_board_may_tell(void)
{
	return XactIsoLevel == XACT_READ_COMMITTED && !RecoveryInProgress() && !IsInParallelMode() &&
		   sl_board_open();
}

/* What an event of these seats takes of the board's memory, besides labels and its entry. */
Size
sl_board_bytes(const char *event_name, int num_seats)
{
	return sizeof(pg_atomic_uint64) * num_seats +
		   sizeof(pg_atomic_uint64) * board_num_chunks(num_seats) + strlen(event_name) + 1;
}

/* An event's memory, taken apart. */
BoardParts
sl_board_take_apart(dsa_pointer place, int num_seats)
{
	BoardParts parts;

	parts.words = sl_board_address(place);
	parts.full = parts.words + num_seats;
	parts.name = (char *) (parts.full + board_num_chunks(num_seats));
	return parts;
}

BoardParts
sl_board_parts(const BoardEntry *entry)
{
	return sl_board_take_apart(entry->memory, entry->num_seats);
}

static EventKey
key_of(Oid table, int32 event_id)
{
	return (EventKey){MyDatabaseId, table, event_id};
}

static dsa_pointer *
chain_of(uint64 hash)
{
	return &board->chains[(uint32) hash & (board->num_chains - 1)];
}

static LWLock *
lock_of(uint64 hash)
{
	return &board->partitions[(uint32) hash % NUM_PARTITIONS].lock;
}

static BoardEntry *
entry_at(dsa_pointer place)
{
	return DsaPointerIsValid(place) ? sl_board_address(place) : NULL;
}

/* The entry of an event, whatever its state, or NULL; the partition is locked. */
static BoardEntry *
find_entry(const EventKey *key, uint64 hash)
{
	BoardEntry *entry = entry_at(*chain_of(hash));

	while (entry != NULL && !event_key_is(&entry->key, key))
		entry = entry_at(entry->next);
	return entry;
}

/* Lock an event's entry, if it has words: the caller must unlock it. */
BoardEntry *
sl_board_lock_entry(Oid table, int32 event_id)
{
	EventKey key = key_of(table, event_id);
	uint64 hash = event_key_hash(&key);
	BoardEntry *entry;

	LWLockAcquire(lock_of(hash), LW_SHARED);
	entry = find_entry(&key, hash);
	if (entry != NULL && board_entry_state(entry) != ENTRY_COLD && DsaPointerIsValid(entry->memory))
		return entry;
	LWLockRelease(lock_of(hash));
	return NULL;
}

void
sl_board_unlock_entry(const BoardEntry *entry)
{
	LWLockRelease(lock_of(entry->hash));
}

BoardEntry *
sl_board_lock_ready_entry(Oid table, int32 event_id)
{
	BoardEntry *entry = sl_board_lock_entry(table, event_id);

	if (entry == NULL)
		return NULL;
	if (board_entry_state(entry) == ENTRY_READY)
	{
		/* what was written before it became ready is read after that was seen */
		pg_read_barrier();
		return entry;
	}
	sl_board_unlock_entry(entry);
	return NULL;
}

/* An ask word that no other seat or load has had: each draw leaves room to count. */
BoardWord
sl_board_draw_ask(void)
{
	return BOARD_ASK | pg_atomic_fetch_add_u64(&board->num_loads, 1) << ASK_START_SHIFT;
}

static void
make_cold(BoardEntry *entry)
{
	pg_atomic_write_u32(&entry->state, ENTRY_COLD);
	pg_atomic_fetch_add_u64(&board->num_changes, 1);
}

/* The same for all seats of an event, its labels and window. */
void
sl_board_mark_event(Oid table, int32 event_id)
{
	EventKey key = key_of(table, event_id);
	uint64 hash = event_key_hash(&key);
	BoardEntry *entry;

	LWLockAcquire(lock_of(hash), LW_SHARED);
	entry = find_entry(&key, hash);
	if (entry != NULL)
		make_cold(entry);
	LWLockRelease(lock_of(hash));
}

/* Visit all entries, each under its shared lock. */
void
sl_board_visit(void (*visit)(BoardEntry *entry, void *arg), void *arg)
{
	for (uint32 i = 0; i < NUM_PARTITIONS; i++)
	{
		LWLockAcquire(&board->partitions[i].lock, LW_SHARED);
		for (uint32 j = i; j < board->num_chains; j += NUM_PARTITIONS)
			for (BoardEntry *entry = entry_at(board->chains[j]); entry != NULL;
				 entry = entry_at(entry->next))
				visit(entry, arg);
		LWLockRelease(&board->partitions[i].lock);
	}
}

/* What an entry takes of the board's memory, with its share of the labels. */
Size
sl_board_entry_bytes(const BoardEntry *entry)
{
	Size bytes = sizeof(BoardEntry);

	if (DsaPointerIsValid(entry->memory))
		bytes += sl_board_bytes(sl_board_parts(entry).name, entry->num_seats) +
				 sl_board_labels_share_bytes(entry->labels);
	return bytes;
}

/* How many there are, or were just now. */
int
sl_board_count(void)
{
	return (int) pg_atomic_read_u32(&board->num_entries);
}

/* Rises when an event comes, goes, or is cold. */
uint64
sl_board_changes(void)
{
	return pg_atomic_read_u64(&board->num_changes);
}

typedef struct Marked
{
	Oid table;
	int32 layout_id;
} Marked;

static void
mark_one(BoardEntry *entry, void *arg)
{
	const Marked *marked = arg;

	if (entry->key.database == MyDatabaseId && entry->key.table == marked->table &&
		(marked->layout_id == ALL_LAYOUTS || entry->layout_id == marked->layout_id))
		make_cold(entry);
}

/* Marking for all events of a layout, or of a table. */
void
sl_board_mark_layout(Oid table, int32 layout_id)
{
	sl_board_visit(mark_one, &(Marked){table, layout_id});
}

void
sl_board_mark_all(Oid table)
{
	sl_board_mark_layout(table, ALL_LAYOUTS);
}

/* An entry goes, with its memory; the partition is locked exclusively. */
static void
remove_entry(BoardEntry *entry)
{
	dsa_pointer *link = chain_of(entry->hash);
	dsa_pointer place;

	while (entry_at(*link) != entry)
		link = &entry_at(*link)->next;
	place = *link;
	*link = entry->next;
	if (DsaPointerIsValid(entry->memory))
	{
		sl_board_name_forget(&entry->key, sl_board_parts(entry).name);
		sl_board_free_memory(entry->memory);
		sl_board_labels_drop(entry->labels);
	}
	sl_board_free_memory(place);
	pg_atomic_fetch_sub_u32(&board->num_entries, 1);
	pg_atomic_fetch_add_u64(&board->num_changes, 1);
}

/* Take an event away, for another's sake if it is ready; not one that is being loaded. */
void
sl_board_remove(const EventKey *key)
{
	uint64 hash = event_key_hash(key);
	BoardEntry *entry;

	LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
	entry = find_entry(key, hash);
	if (entry != NULL && board_entry_state(entry) != ENTRY_LOADING)
	{
		if (board_entry_state(entry) == ENTRY_READY)
			sl_heat_count_eviction(hash);
		remove_entry(entry);
	}
	LWLockRelease(lock_of(hash));
}

/* Is there an entry that is of use, or will be?  One that is cold goes. */
bool
sl_board_has_entry(const EventKey *key)
{
	uint64 hash = event_key_hash(key);
	BoardEntry *entry;

	LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
	entry = find_entry(key, hash);
	if (entry != NULL && board_entry_state(entry) == ENTRY_COLD)
	{
		remove_entry(entry);
		entry = NULL;
	}
	LWLockRelease(lock_of(hash));
	return entry != NULL;
}

/* An entry for an event that has none and that this process, alone, loads; place is its memory. */
void
sl_board_add_entry(const EventKey *key, int32 layout_id, dsa_pointer place)
{
	BoardEntry *entry = sl_board_address(place);
	uint64 hash = event_key_hash(key);

	memset(entry, 0, sizeof(*entry));
	entry->key = *key;
	entry->layout_id = layout_id;
	entry->hash = hash;
	entry->memory = entry->labels = InvalidDsaPointer;
	pg_atomic_init_u32(&entry->state, ENTRY_LOADING);
	pg_atomic_init_u64(&entry->changes, 0);
	pg_atomic_fetch_add_u32(&board->num_entries, 1);
	LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
	entry->next = *chain_of(hash);
	*chain_of(hash) = place;
	LWLockRelease(lock_of(hash));
}

/*
 * Give the event its memory: from now on commits are marked on it.  False when
 * it went cold meanwhile.
 */
bool
sl_board_announce(Oid table, int32 event_id, BoardDraft *draft)
{
	EventKey key = key_of(table, event_id);
	uint64 hash = event_key_hash(&key);
	BoardEntry *entry;
	bool is_mine;

	LWLockAcquire(lock_of(hash), LW_EXCLUSIVE);
	entry = find_entry(&key, hash);
	is_mine = entry != NULL && board_entry_state(entry) == ENTRY_LOADING &&
			  !DsaPointerIsValid(entry->memory);
	if (is_mine)
	{
		entry->memory = draft->memory;
		entry->labels = draft->labels;
		entry->num_seats = draft->num_seats;
		draft->memory = draft->labels = InvalidDsaPointer;
	}
	LWLockRelease(lock_of(hash));
	return is_mine;
}

/* A load that did not end leaves nothing that others would wait for. */
void
sl_board_give_up_load(Oid table, int32 event_id)
{
	EventKey key = key_of(table, event_id);
	uint64 hash = event_key_hash(&key);
	uint32 state = ENTRY_LOADING;
	BoardEntry *entry;

	LWLockAcquire(lock_of(hash), LW_SHARED);
	entry = find_entry(&key, hash);
	if (entry != NULL)
		(void) pg_atomic_compare_exchange_u32(&entry->state, &state, ENTRY_COLD);
	LWLockRelease(lock_of(hash));
}

/*
 * The words are as the tables said after the announcement: let them be used.
 * False: the event went cold meanwhile.
 */
bool
sl_board_end_load(Oid table, int32 event_id, TimestampTz opens_at, TimestampTz closes_at)
{
	BoardEntry *entry = sl_board_lock_entry(table, event_id);
	uint32 state = ENTRY_LOADING;
	bool is_ready;

	if (entry == NULL)
		return false;
	entry->opens_at = opens_at;
	entry->closes_at = closes_at;
	is_ready = pg_atomic_compare_exchange_u32(&entry->state, &state, ENTRY_READY);
	if (is_ready)
	{
		sl_heat_count_load(entry->hash);
		sl_board_name_note(&entry->key, sl_board_parts(entry).name);
		pg_atomic_fetch_add_u64(&board->num_changes, 1);
	}
	sl_board_unlock_entry(entry);
	return is_ready;
}
