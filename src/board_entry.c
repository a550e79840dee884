/*-------------------------------------------------------------------------
 *
 * board_entry.c
 *		The events on the seat board: the directory, and their memory.
 *
 * board.c has the lock protocol.  Memory comes from one area of fixed size.
 * When it is full, events that nobody has asked for lately make room, the least
 * recently used first; where all are in use the new one stays out, and its
 * claims go to the tables as they would without a board.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "board_entry.h"
#include "board_events.h"
#include "clock.h"
#include "settings.h"

#define NUM_PARTITIONS 16
#define ENTRIES_PER_PARTITION 64

/* an event that was asked for within this time keeps its place */
#define KEEP_MS 2000

/* numbers of layouts begin at 1 */
#define ALL_LAYOUTS 0

/* room between the starts of two draws of ask words */
#define ASK_START_SHIFT 28

typedef struct Partition
{
	LWLock lock;
	BoardEntry entries[ENTRIES_PER_PARTITION];
} Partition;

typedef struct Board
{
	int tranche;
	int memory_tranche;
	pg_atomic_uint64 num_loads; /* each draws the start of its ask words here */
	Partition partitions[NUM_PARTITIONS];
	/* then the memory of the events */
} Board;

static Board *board;
static dsa_area *memory; /* NULL until sl_board_open */

static Size
memory_size(void)
{
	return mul_size((Size) sl_setting_board_size, 1024);
}

Size
sl_board_shared_size(void)
{
	if (sl_setting_board_size == 0)
		return 0;
	return add_size(MAXALIGN(sizeof(Board)), memory_size());
}

static char *
memory_place(void)
{
	return (char *) board + MAXALIGN(sizeof(Board));
}

static void
init_partition(Partition *partition)
{
	LWLockInitialize(&partition->lock, board->tranche);
	for (int i = 0; i < ENTRIES_PER_PARTITION; i++)
	{
		BoardEntry *entry = &partition->entries[i];

		pg_atomic_init_u32(&entry->state, ENTRY_EMPTY);
		pg_atomic_init_u64(&entry->last_used, 0);
		pg_atomic_init_u64(&entry->changes, 0);
	}
}

/* The area must not grow beyond its place: then it would need memory outside. */
static void
init_memory(void)
{
	dsa_area *area =
		dsa_create_in_place(memory_place(), memory_size(), board->memory_tranche, NULL);

	dsa_pin(area);
	dsa_set_size_limit(area, memory_size());
	dsa_detach(area);
}

/* Under AddinShmemInitLock. */
void
sl_board_attach(void)
{
	bool found;

	board = NULL;
	memory = NULL;
	if (sl_setting_board_size == 0)
		return;
	board = ShmemInitStruct("seatlock board", sl_board_shared_size(), &found);
	if (!found)
	{
		memset(board, 0, sizeof(Board));
		board->tranche = LWLockNewTrancheId();
		board->memory_tranche = LWLockNewTrancheId();
		pg_atomic_init_u64(&board->num_loads, 0);
		for (int i = 0; i < NUM_PARTITIONS; i++)
			init_partition(&board->partitions[i]);
		init_memory();
	}
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
	MemoryContext old_context;

	if (memory != NULL)
		return true;
	if (board == NULL)
		return false;
	old_context = MemoryContextSwitchTo(TopMemoryContext);
	memory = dsa_attach_in_place(memory_place(), NULL);
	dsa_pin_mapping(memory);
	MemoryContextSwitchTo(old_context);
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

static Size
index_entries(int num_seats)
{
	return (Size) num_seats + num_seats / 2 + 1;
}

/* What an event needs: the name and the labels come last. */
static Size
bytes_of(int num_seats, Size name_size, Size label_bytes)
{
	return sizeof(pg_atomic_uint64) * num_seats +
		   sizeof(pg_atomic_uint64) * board_num_stretches(num_seats) +
		   sizeof(uint32) * (num_seats + 1) + sizeof(uint32) * index_entries(num_seats) +
		   name_size + label_bytes;
}

static BoardParts
take_apart(char *base, int num_seats)
{
	BoardParts parts;

	parts.index_size = (uint32) index_entries(num_seats);
	parts.words = (pg_atomic_uint64 *) base;
	parts.full = parts.words + num_seats;
	parts.offsets = (uint32 *) (parts.full + board_num_stretches(num_seats));
	parts.index = parts.offsets + num_seats + 1;
	parts.name = (char *) (parts.index + parts.index_size);
	return parts;
}

BoardParts
sl_board_parts(const BoardEntry *entry)
{
	return take_apart(dsa_get_address(memory, entry->memory), entry->num_seats);
}

static Partition *
partition_of(Oid table, int32 event_id)
{
	uint32 hash = hash_combine(murmurhash32(MyDatabaseId), murmurhash32(table));

	return &board->partitions[hash_combine(hash, murmurhash32((uint32) event_id)) % NUM_PARTITIONS];
}

static bool
is_of(const BoardEntry *entry, Oid table, int32 event_id)
{
	return entry->event_id == event_id && entry->database == MyDatabaseId && entry->table == table;
}

/* The entry of an event, whatever its state, or NULL; the partition is locked. */
static BoardEntry *
find_entry(Partition *partition, Oid table, int32 event_id)
{
	static int last = 0; /* where the last one was: a backend mostly sells one event */

	if (is_of(&partition->entries[last], table, event_id))
		return &partition->entries[last];
	for (int i = 0; i < ENTRIES_PER_PARTITION; i++)
		if (is_of(&partition->entries[i], table, event_id))
		{
			last = i;
			return &partition->entries[i];
		}
	return NULL;
}

/* Lock an event's entry, if it has words: whoever gets one must unlock it. */
BoardEntry *
sl_board_lock_entry(Oid table, int32 event_id)
{
	Partition *partition = partition_of(table, event_id);
	BoardEntry *entry;

	LWLockAcquire(&partition->lock, LW_SHARED);
	entry = find_entry(partition, table, event_id);
	if (entry != NULL && board_entry_state(entry) != ENTRY_COLD && DsaPointerIsValid(entry->memory))
		return entry;
	LWLockRelease(&partition->lock);
	return NULL;
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
		pg_atomic_write_u64(&entry->last_used, (uint64) sl_clock_ticks());
		return entry;
	}
	LWLockRelease(&partition_of(table, event_id)->lock);
	return NULL;
}

void
sl_board_unlock_entry(const BoardEntry *entry)
{
	LWLockRelease(&partition_of(entry->table, entry->event_id)->lock);
}

/* An ask word that no other seat or load has had: each draw leaves room to count. */
BoardWord
sl_board_draw_ask(void)
{
	return BOARD_ASK | pg_atomic_fetch_add_u64(&board->num_loads, 1) << ASK_START_SHIFT;
}

/* The same for all seats of an event, its labels and window. */
void
sl_board_mark_event(Oid table, int32 event_id)
{
	Partition *partition = partition_of(table, event_id);
	BoardEntry *entry;

	LWLockAcquire(&partition->lock, LW_SHARED);
	entry = find_entry(partition, table, event_id);
	if (entry != NULL)
		pg_atomic_write_u32(&entry->state, ENTRY_COLD);
	LWLockRelease(&partition->lock);
}

/* The same for all events of a layout, or of the table with ALL_LAYOUTS. */
static void
mark_entries(Oid table, int32 layout_id)
{
	for (int i = 0; i < NUM_PARTITIONS; i++)
	{
		Partition *partition = &board->partitions[i];

		LWLockAcquire(&partition->lock, LW_SHARED);
		for (int j = 0; j < ENTRIES_PER_PARTITION; j++)
		{
			BoardEntry *entry = &partition->entries[j];

			if (entry->database == MyDatabaseId && entry->table == table &&
				(layout_id == ALL_LAYOUTS || entry->layout_id == layout_id))
				pg_atomic_write_u32(&entry->state, ENTRY_COLD);
		}
		LWLockRelease(&partition->lock);
	}
}

void
sl_board_mark_layout(Oid table, int32 layout_id)
{
	mark_entries(table, layout_id);
}

void
sl_board_mark_all(Oid table)
{
	mark_entries(table, ALL_LAYOUTS);
}

/* An entry goes, with its memory; the partition is locked exclusively. */
static void
clear_entry(BoardEntry *entry)
{
	if (DsaPointerIsValid(entry->memory))
		dsa_free(memory, entry->memory);
	entry->memory = InvalidDsaPointer;
	entry->bytes = 0;
	entry->num_seats = 0;
	entry->event_id = 0;
	entry->table = InvalidOid;
	entry->database = InvalidOid;
	pg_atomic_write_u32(&entry->state, ENTRY_EMPTY);
}

/* May the entry be taken away for another event's sake? */
static bool
is_idle(BoardEntry *entry, uint64 now)
{
	switch (board_entry_state(entry))
	{
		case ENTRY_COLD:
			return true;
		case ENTRY_READY:
			return pg_atomic_read_u64(&entry->last_used) + KEEP_MS < now;
		default:
			return false;
	}
}

/* The entry of a partition that was used least recently and is idle; NULL: none. */
static BoardEntry *
find_idle(Partition *partition, uint64 now)
{
	BoardEntry *oldest = NULL;

	for (int i = 0; i < ENTRIES_PER_PARTITION; i++)
	{
		BoardEntry *entry = &partition->entries[i];

		if (is_idle(entry, now) && (oldest == NULL || pg_atomic_read_u64(&entry->last_used) <
														  pg_atomic_read_u64(&oldest->last_used)))
			oldest = entry;
	}
	return oldest;
}

/* Take the memory of some event that nobody asked for lately; false: there is none. */
static bool
evict_one(void)
{
	uint64 now = (uint64) sl_clock_ticks();
	uint64 oldest_use = PG_UINT64_MAX;
	Partition *victim = NULL;
	BoardEntry *entry;

	for (int i = 0; i < NUM_PARTITIONS; i++)
	{
		Partition *partition = &board->partitions[i];

		LWLockAcquire(&partition->lock, LW_SHARED);
		entry = find_idle(partition, now);
		if (entry != NULL && pg_atomic_read_u64(&entry->last_used) < oldest_use)
		{
			oldest_use = pg_atomic_read_u64(&entry->last_used);
			victim = partition;
		}
		LWLockRelease(&partition->lock);
	}
	if (victim == NULL)
		return false;
	/* it may be another one by now, or none: then the caller comes again */
	LWLockAcquire(&victim->lock, LW_EXCLUSIVE);
	entry = find_idle(victim, now);
	if (entry != NULL)
		clear_entry(entry);
	LWLockRelease(&victim->lock);
	return true;
}

/* An entry for a new event: an empty one, else one that is idle. */
static BoardEntry *
make_entry(Partition *partition)
{
	BoardEntry *entry;

	for (int i = 0; i < ENTRIES_PER_PARTITION; i++)
		if (board_entry_state(&partition->entries[i]) == ENTRY_EMPTY)
			return &partition->entries[i];
	entry = find_idle(partition, (uint64) sl_clock_ticks());
	if (entry != NULL)
		clear_entry(entry);
	return entry;
}

/* Become the one who loads this event, unless it is there or somebody is at it. */
BoardLoad
sl_board_begin_load(Oid table, int32 event_id, int32 layout_id)
{
	Partition *partition = partition_of(table, event_id);
	BoardLoad load = BOARD_LOAD_YOURS;
	BoardEntry *entry;

	LWLockAcquire(&partition->lock, LW_EXCLUSIVE);
	entry = find_entry(partition, table, event_id);
	if (entry != NULL && board_entry_state(entry) != ENTRY_COLD)
		load = BOARD_LOAD_OTHERS;
	else
	{
		if (entry != NULL)
			clear_entry(entry);
		else
			entry = make_entry(partition);
		if (entry == NULL)
			load = BOARD_LOAD_NO_ROOM;
		else
		{
			entry->database = MyDatabaseId;
			entry->table = table;
			entry->event_id = event_id;
			entry->layout_id = layout_id;
			pg_atomic_write_u64(&entry->last_used, (uint64) sl_clock_ticks());
			pg_atomic_write_u32(&entry->state, ENTRY_LOADING);
		}
	}
	LWLockRelease(&partition->lock);
	return load;
}

/* What an event of these seats takes of the board's memory. */
Size
sl_board_bytes(const char *event_name, int num_seats, Size label_bytes)
{
	return bytes_of(num_seats, strlen(event_name) + 1, label_bytes);
}

/* Memory for an event, at the cost of those that nobody asked for lately. */
static dsa_pointer
allocate(Size bytes)
{
	dsa_pointer place;

	if (bytes > memory_size())
		return InvalidDsaPointer;
	do
		place = dsa_allocate_extended(memory, bytes, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM);
	while (!DsaPointerIsValid(place) && evict_one());
	return place;
}

/* Would so much be had? */
bool
sl_board_make_room(Size bytes)
{
	dsa_pointer place = allocate(bytes);

	if (DsaPointerIsValid(place))
		dsa_free(memory, place);
	return DsaPointerIsValid(place);
}

/*
 * Memory for the event that this process loads, still its own, every seat an
 * ask word; the labels come by sl_board_fill.  False: there is no room.
 */
bool
sl_board_draft(const char *event_name, int num_seats, Size label_bytes, BoardDraft *draft)
{
	BoardParts parts;

	if (label_bytes > PG_UINT32_MAX)
		return false;
	draft->num_seats = num_seats;
	draft->bytes = sl_board_bytes(event_name, num_seats, label_bytes);
	draft->memory = allocate(draft->bytes);
	if (!DsaPointerIsValid(draft->memory))
		return false;
	draft->initial = sl_board_draw_ask();
	parts = take_apart(dsa_get_address(memory, draft->memory), num_seats);
	memcpy(parts.name, event_name, strlen(event_name) + 1);
	memset(parts.index, 0, sizeof(uint32) * parts.index_size);
	parts.offsets[0] = 0;
	for (int i = 0; i < board_num_stretches(num_seats); i++)
		pg_atomic_init_u64(&parts.full[i], 0);
	return true;
}

/* The seats from this one on; labels has those of all. */
void
sl_board_fill(const BoardDraft *draft, int first, int count, char *const *labels)
{
	BoardParts parts = take_apart(dsa_get_address(memory, draft->memory), draft->num_seats);
	char *first_label = parts.name + strlen(parts.name) + 1;
	uint32 offset = parts.offsets[first];

	for (int i = first; i < first + count; i++)
	{
		Size length = strlen(labels[i]);
		uint32 at = board_index_start(&parts, labels[i], length);

		pg_atomic_init_u64(&parts.words[i], draft->initial);
		memcpy(first_label + offset, labels[i], length);
		offset += length;
		parts.offsets[i + 1] = offset;
		while (parts.index[at] != 0)
			at = board_index_next(&parts, at);
		parts.index[at] = i + 1;
	}
}

/* A draft that was not announced goes. */
void
sl_board_discard(BoardDraft *draft)
{
	if (DsaPointerIsValid(draft->memory))
		dsa_free(memory, draft->memory);
	draft->memory = InvalidDsaPointer;
}

/*
 * Give the event its memory: from now on commits are marked on it.  False when
 * it went cold meanwhile.
 */
bool
sl_board_announce(Oid table, int32 event_id, BoardDraft *draft)
{
	Partition *partition = partition_of(table, event_id);
	BoardEntry *entry;
	bool is_mine;

	LWLockAcquire(&partition->lock, LW_EXCLUSIVE);
	entry = find_entry(partition, table, event_id);
	is_mine = entry != NULL && board_entry_state(entry) == ENTRY_LOADING &&
			  !DsaPointerIsValid(entry->memory);
	if (is_mine)
	{
		entry->memory = draft->memory;
		entry->bytes = draft->bytes;
		entry->num_seats = draft->num_seats;
		draft->memory = InvalidDsaPointer;
	}
	LWLockRelease(&partition->lock);
	return is_mine;
}

/* A load that did not end leaves nothing that others would wait for. */
void
sl_board_give_up_load(Oid table, int32 event_id)
{
	Partition *partition = partition_of(table, event_id);
	uint32 state = ENTRY_LOADING;
	BoardEntry *entry;

	LWLockAcquire(&partition->lock, LW_SHARED);
	entry = find_entry(partition, table, event_id);
	if (entry != NULL)
		(void) pg_atomic_compare_exchange_u32(&entry->state, &state, ENTRY_COLD);
	LWLockRelease(&partition->lock);
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
	pg_atomic_write_u64(&entry->last_used, (uint64) sl_clock_ticks());
	is_ready = pg_atomic_compare_exchange_u32(&entry->state, &state, ENTRY_READY);
	sl_board_unlock_entry(entry);
	return is_ready;
}

/* Visit the events of a table that are ready, each under its shared lock. */
void
sl_board_visit_ready(Oid table, void (*visit)(BoardEntry *entry, void *arg), void *arg)
{
	for (int i = 0; i < NUM_PARTITIONS; i++)
	{
		Partition *partition = &board->partitions[i];

		LWLockAcquire(&partition->lock, LW_SHARED);
		for (int j = 0; j < ENTRIES_PER_PARTITION; j++)
		{
			BoardEntry *entry = &partition->entries[j];

			if (entry->database == MyDatabaseId && entry->table == table &&
				board_entry_state(entry) == ENTRY_READY)
				visit(entry, arg);
		}
		LWLockRelease(&partition->lock);
	}
}
