/*-------------------------------------------------------------------------
 *
 * board_draft.c
 *		An event on its way onto the seat board, and who goes for its sake.
 *
 * An event comes when its heat pays for reading it.  Where there is room, it is
 * taken.  Else colder events make room, the coldest first: all that go have
 * together no more than half the heat of the new one, beside what pays for its
 * reading.  So no event pushes out a hotter one, and two that are asked for alike
 * do not push each other out in turn.  What stays out has a price: the heat that it
 * would have taken.
 *
 * Who may go is listed once for many loads, by the worker for itself: the list
 * costs a look at each event on the board.  What it says is looked at again when
 * it is used.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/clock.h"
#include "board/board_entry.h"
#include "board/board_events.h"
#include "board/board_labels.h"
#include "shmem/heat.h"

/* so much hotter must be who pushes others out */
#define MARGIN 2

/* heats change even when no event comes or goes */
#define LIST_IS_GOOD_MS 1000

/* An event that may have to go. */
typedef struct Victim
{
	EventKey key;
	bool is_cold;
	uint64 hash;
	uint64 heat;
	Size bytes;
} Victim;

/* Those whom this process has seen last, the coldest first. */
static struct
{
	Victim *victims; /* NULL: nobody was seen yet */
	int next;        /* those before it are gone */
	int count;
	int max_count;
	Size bytes_free; /* of the board's memory */
	int64 made_at;   /* ticks */
	uint64 changes;  /* sl_board_changes() then */
} list;

/* An event that wants room. */
typedef struct Bid
{
	EventKey key;
	uint64 hash;
	uint64 heat;
	uint64 cost; /* of its load */
} Bid;

static Bid
make_bid(Oid table, int32 event_id, int num_seats)
{
	Bid bid = {.key = {MyDatabaseId, table, event_id}};

	bid.hash = event_key_hash(&bid.key);
	bid.heat = sl_heat_of(bid.hash);
	bid.cost = heat_of_house(num_seats);
	return bid;
}

/* Called with a lock: nothing here may fail. */
static void
note_victim(BoardEntry *entry, void *arg)
{
	Size bytes = sl_board_entry_bytes(entry);

	list.bytes_free -= Min(list.bytes_free, bytes);
	if (board_entry_state(entry) == ENTRY_LOADING || list.count == list.max_count)
		return;
	list.victims[list.count++] = (Victim){.key = entry->key,
										  .is_cold = board_entry_state(entry) == ENTRY_COLD,
										  .hash = entry->hash,
										  .heat = sl_heat_of(entry->hash),
										  .bytes = bytes};
}

static int
compare_victims(const void *a, const void *b)
{
	const Victim *x = a;
	const Victim *y = b;

	if (x->is_cold != y->is_cold)
		return x->is_cold ? -1 : 1;
	return (x->heat > y->heat) - (x->heat < y->heat);
}

/* The next in the list goes. */
static void
remove_next(void)
{
	const Victim *victim = &list.victims[list.next++];

	sl_board_remove(&victim->key);
	list.bytes_free += victim->bytes;
}

/* What is cold goes at once: it is as good as none. */
static void
make_list(void)
{
	list.max_count = sl_board_count() + 64;
	if (list.victims != NULL)
		pfree(list.victims);
	list.victims = NULL;
	list.victims = MemoryContextAllocHuge(TopMemoryContext, sizeof(Victim) * list.max_count);
	list.count = list.next = 0;
	list.bytes_free = sl_board_memory_size();
	list.made_at = sl_clock_ticks();
	sl_board_visit(note_victim, NULL);
	qsort(list.victims, list.count, sizeof(Victim), compare_victims);
	while (list.next < list.count && list.victims[list.next].is_cold)
		remove_next();
	list.changes = sl_board_changes();
}

static bool
list_is_good(void)
{
	return list.victims != NULL && list.changes == sl_board_changes() &&
		   sl_clock_ticks() - list.made_at < LIST_IS_GOOD_MS;
}

/* The heat that it takes to push out what is asked for so much. */
static uint64
price_of(const Bid *bid, uint64 heat)
{
	return MARGIN * heat + bid->cost;
}

/* What so many bytes would cost; more than any event has if they are not available. */
static uint64
find_price(const Bid *bid, Size bytes)
{
	Size freed = list.bytes_free;
	uint64 heat = 0;
	int i = list.next;

	/* there is no such piece free: at least one must go */
	do
	{
		if (i == list.count)
			return SL_HEAT_MAX;
		heat += sl_heat_of(list.victims[i].hash);
		freed += list.victims[i].bytes;
		i++;
	} while (freed < bytes);
	return price_of(bid, heat);
}

/* As long as the bid is good for one more, that one goes; InvalidDsaPointer: it was not enough. */
static dsa_pointer
push_out(const Bid *bid, Size bytes, uint64 *price)
{
	dsa_pointer place = InvalidDsaPointer;
	uint64 heat = 0;

	*price = SL_HEAT_MAX;
	while (!DsaPointerIsValid(place) && list.next < list.count)
	{
		heat += sl_heat_of(list.victims[list.next].hash);
		*price = price_of(bid, heat);
		if (bid->heat < *price)
			break;
		remove_next();
		place = sl_board_take_memory(bytes);
	}
	return place;
}

/* Memory for the bidder, at the cost of colder ones; InvalidDsaPointer: not at its heat. */
static dsa_pointer
find_room(const Bid *bid, Size bytes)
{
	dsa_pointer place = sl_board_take_memory(bytes);
	uint64 price;

	if (DsaPointerIsValid(place))
		return place;
	if (!list_is_good())
	{
		make_list();
		place = sl_board_take_memory(bytes);
		if (DsaPointerIsValid(place))
			return place;
	}
	price = find_price(bid, bytes);
	if (bid->heat >= price)
		place = push_out(bid, bytes, &price);
	if (!DsaPointerIsValid(place))
		sl_heat_set_price(bid->hash, price);
	return place;
}

/* The labels that an event of this layout has, for one more of them. */
typedef struct LabelSearch
{
	Oid table;
	int32 layout_id;
	dsa_pointer found;
} LabelSearch;

static void
share_if_same(BoardEntry *entry, void *arg)
{
	LabelSearch *search = arg;

	if (DsaPointerIsValid(search->found) || entry->layout_id != search->layout_id ||
		entry->key.database != MyDatabaseId || entry->key.table != search->table ||
		board_entry_state(entry) == ENTRY_COLD || !DsaPointerIsValid(entry->labels))
		return;
	search->found = entry->labels;
	sl_board_labels_share(entry->labels);
}

/*
 * Labels for the event that this process loads: those of another night.  Should
 * somebody have changed them by SQL, then the event is marked as well as this one.
 */
static bool
share_labels(Oid table, int32 layout_id, BoardDraft *draft)
{
	LabelSearch search = {table, layout_id, InvalidDsaPointer};

	sl_board_visit(share_if_same, &search);
	if (!DsaPointerIsValid(search.found))
		return false;
	draft->labels = search.found;
	draft->num_seats = sl_board_labels_parts(search.found).num_seats;
	return true;
}

/*
 * Become the one who loads this event, unless it is there, is asked for too seldom
 * or there is hardly room.  The draft has labels already when another night of the house is there.
 */
BoardLoad
sl_board_begin_load(Oid table, int32 event_id, int32 layout_id, const char *event_name,
					int num_seats, BoardDraft *draft)
{
	Bid bid = make_bid(table, event_id, num_seats);
	Size bytes = sl_board_bytes(event_name, num_seats);
	dsa_pointer place;
	dsa_pointer trial;

	if (sl_board_has_entry(&bid.key))
		return BOARD_LOAD_OTHERS;
	if (bid.heat < bid.cost)
	{
		sl_heat_set_price(bid.hash, bid.cost);
		return BOARD_LOAD_TOO_COLD;
	}
	/*
	 * labels of its own are not known yet: that it would fit without their text is what
	 * can be seen now
	 */
	if (!share_labels(table, layout_id, draft))
		bytes += sl_board_label_bytes(num_seats, 0);
	trial = find_room(&bid, bytes);
	if (!DsaPointerIsValid(trial))
		return BOARD_LOAD_NO_ROOM;
	sl_board_free_memory(trial);
	place = find_room(&bid, sizeof(BoardEntry));
	if (!DsaPointerIsValid(place))
		return BOARD_LOAD_NO_ROOM;
	sl_board_add_entry(&bid.key, layout_id, place);
	return BOARD_LOAD_YOURS;
}

/* Room for labels of its own; they come by sl_board_labels_add.  False: there is none. */
bool
sl_board_draft_labels(Oid table, int32 event_id, int num_seats, Size text_bytes, BoardDraft *draft)
{
	Bid bid = make_bid(table, event_id, num_seats);

	if (text_bytes > PG_UINT32_MAX)
		return false;
	draft->num_seats = num_seats;
	draft->labels = find_room(&bid, sl_board_label_bytes(num_seats, text_bytes));
	if (!DsaPointerIsValid(draft->labels))
		return false;
	sl_board_labels_init(draft->labels, num_seats);
	return true;
}

/*
 * Memory for the event of a draft that has labels; the words come by
 * sl_board_fill.  False: there is no room.
 */
bool
sl_board_draft(Oid table, int32 event_id, const char *event_name, BoardDraft *draft)
{
	Bid bid = make_bid(table, event_id, draft->num_seats);
	BoardParts parts;

	draft->memory = find_room(&bid, sl_board_bytes(event_name, draft->num_seats));
	if (!DsaPointerIsValid(draft->memory))
		return false;
	draft->initial = sl_board_draw_ask();
	parts = sl_board_take_apart(draft->memory, draft->num_seats);
	memcpy(parts.name, event_name, strlen(event_name) + 1);
	for (int i = 0; i < board_num_chunks(draft->num_seats); i++)
		pg_atomic_init_u64(&parts.full[i], 0);
	return true;
}

/* Every seat from this one on is an ask word. */
void
sl_board_fill(const BoardDraft *draft, int first, int count)
{
	BoardParts parts = sl_board_take_apart(draft->memory, draft->num_seats);

	for (int i = first; i < first + count; i++)
		pg_atomic_init_u64(&parts.words[i], draft->initial);
}

/* A draft that was not announced goes. */
void
sl_board_discard(BoardDraft *draft)
{
	if (DsaPointerIsValid(draft->memory))
		sl_board_free_memory(draft->memory);
	if (DsaPointerIsValid(draft->labels))
		sl_board_labels_drop(draft->labels);
	draft->memory = draft->labels = InvalidDsaPointer;
}
