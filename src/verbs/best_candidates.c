/*-------------------------------------------------------------------------
 *
 * best_candidates.c
 *		Which seats claim_best may pick: from the seat board, else the table.
 *
 * What is found here is where to try, no more: the picked seats are locked and
 * looked at like those of any claim.  So the board's words will do, corrected
 * by what this transaction itself has written: the members of a group would
 * else all begin with the seats of the first.
 *
 * A chunk with a word that asks is read from the table, through a snapshot
 * taken after the words were seen, so that its rows may warm them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "board/board_xact.h"
#include "verbs/best_candidates.h"

/* A chunk being read. */
typedef struct Chunk
{
	ChoiceSource *source;
	Oid table;
	int first; /* index into the house's seats, as next */
	int count;
	int next;
	bool has_words;
	bool full;
	BoardWord *words; /* of the chunk, as the board had them */
} Chunk;

/*
 * Room for one search, kept as long as the process lives: to get the pages for a
 * large house from the system, and give them back, costs more than the search.
 * There is one search at a time, since none runs code of users.
 */
static struct
{
	MemoryContext context;
	int num_seats;
	int num_chunks;
	uint8 *values;
	uint8 *own;
	bool *full;
	bool *has_own;
} room;

/* After an error only the context may be set. */
static void
make_room(int num_seats)
{
	if (num_seats <= room.num_seats)
		return;
	if (room.context == NULL)
		room.context =
			AllocSetContextCreate(TopMemoryContext, "seatlock choices", ALLOCSET_SMALL_SIZES);
	room.num_seats = 0;
	MemoryContextReset(room.context);
	room.num_chunks = num_seats / SL_SEATS_PER_CHUNK + 1;
	room.values = MemoryContextAlloc(room.context, num_seats);
	room.own = MemoryContextAlloc(room.context, num_seats);
	room.full = MemoryContextAlloc(room.context, sizeof(bool) * room.num_chunks);
	room.has_own = MemoryContextAlloc(room.context, sizeof(bool) * room.num_chunks);
	room.num_seats = num_seats;
}

static uint8
choice_of(const BoardSeat *seat, TimestampTz now)
{
	return board_seat_is_taken(seat, now) ? CHOICE_TAKEN : CHOICE_FREE;
}

/* A row of the table, which come in seat order. */
static void
note_row(Chunk *chunk, const SeatRow *row)
{
	ChoiceSource *source = chunk->source;
	BoardSeat seat = {row->status, row->version, row->expires_at};

	while (source->layout->seats[chunk->next].seat_no < row->seat_no)
		chunk->next++;
	source->choices.values[chunk->next] =
		row->changing ? CHOICE_SKIPPED : choice_of(&seat, source->call->now);
	if (chunk->has_words && seat_row_is_settled(row))
		sl_board_warm(chunk->table, source->call->event.event_id, row->seat_no,
					  chunk->words[chunk->next - chunk->first], &seat);
}

static void
read_table(Chunk *chunk)
{
	ChoiceSource *source = chunk->source;
	const LayoutSeat *seats = source->layout->seats;
	SeatWalk walk = {
		.store = source->call->store,
		.event_id = source->call->event.event_id,
		.first = seats[chunk->first].seat_no,
		.last = seats[chunk->first + chunk->count - 1].seat_no,
	};

	if (chunk->has_words)
		sl_store_refresh(source->call->store);
	memset(source->choices.values + chunk->first, CHOICE_TAKEN, chunk->count);
	while (sl_store_next_seat(&walk))
		note_row(chunk, &walk.row);
}

/* Copy the board's words of the chunk, unless it is full; false when it has none. */
static bool
copy_words(Chunk *chunk)
{
	ChoiceSource *source = chunk->source;
	int last = chunk->first + chunk->count - 1;

	if (!sl_board_may_tell() || source->layout->seats[chunk->first].seat_no != chunk->first + 1 ||
		source->layout->seats[last].seat_no != last + 1)
		return false;
	chunk->table = sl_store_event_table();
	return sl_board_copy_chunk(chunk->table, source->call->event.event_id,
							   chunk->first / SL_SEATS_PER_CHUNK, chunk->count, source->call->now,
							   chunk->words, &chunk->full);
}

/* Take the choices from the words; false when one of them asks. */
static bool
use_words(Chunk *chunk)
{
	uint8 *values = chunk->source->choices.values + chunk->first;
	TimestampTz now = chunk->source->call->now;

	if (chunk->full)
	{
		memset(values, CHOICE_TAKEN, chunk->count);
		return true;
	}
	for (int i = 0; i < chunk->count; i++)
	{
		BoardSeat seat = board_word_seat(chunk->words[i]);

		if (board_word_asks(chunk->words[i]))
			return false;
		values[i] = choice_of(&seat, now);
	}
	return true;
}

/* A seat that this transaction has written. */
static void
note_own(int32 seat_no, const BoardSeat *seat, void *arg)
{
	ChoiceSource *source = arg;

	if (seat_no >= 1 && seat_no <= source->layout->num_seats)
	{
		source->own[seat_no - 1] = choice_of(seat, source->call->now);
		source->has_own[(seat_no - 1) / SL_SEATS_PER_CHUNK] = true;
	}
}

/* Remember them, once for all chunks: in a long transaction they are many. */
static void
find_own(ChoiceSource *source)
{
	source->own = room.own;
	memset(source->own, CHOICE_UNKNOWN, source->layout->num_seats);
	source->has_own = room.has_own;
	memset(source->has_own, false, sizeof(bool) * room.num_chunks);
	sl_board_xact_visit(source->call->event.event_id, note_own, source);
}

/* The board does not know of them before the commit. */
static void
correct_own(Chunk *chunk)
{
	ChoiceSource *source = chunk->source;

	if (source->own == NULL || !source->has_own[chunk->first / SL_SEATS_PER_CHUNK])
		return;
	for (int i = chunk->first; i < chunk->first + chunk->count; i++)
		if (source->own[i] != CHOICE_UNKNOWN)
		{
			source->choices.values[i] = source->own[i];
			if (source->own[i] == CHOICE_FREE)
				chunk->full = false;
		}
}

static void
read_choices(SeatChoices *choices, int first, int count)
{
	ChoiceSource *source = choices->arg;
	BoardWord words[SL_SEATS_PER_CHUNK];
	Chunk chunk = {.source = source, .first = first, .count = count, .words = words};

	chunk.next = first;
	chunk.has_words = copy_words(&chunk);
	if (chunk.has_words && use_words(&chunk))
		correct_own(&chunk);
	else
	{
		chunk.full = false;
		read_table(&chunk);
	}
	choices->full[first / SL_SEATS_PER_CHUNK] = chunk.full;
}

/* Nothing is known of any seat, and the search will ask. */
void
sl_best_candidates_forget(ChoiceSource *source)
{
	memset(source->choices.values, CHOICE_UNKNOWN, source->layout->num_seats);
}

/*
 * Ask the table about the chunk of a seat, an index into the house: it knows who
 * is at work on a seat, which the board does not.  Skipped seats stay skipped.
 */
void
sl_best_candidates_reread(ChoiceSource *source, int seat)
{
	Chunk chunk = {.source = source};
	uint8 *values;
	uint8 old[SL_SEATS_PER_CHUNK];

	chunk.first = seat - seat % SL_SEATS_PER_CHUNK;
	chunk.count = Min(SL_SEATS_PER_CHUNK, source->layout->num_seats - chunk.first);
	chunk.next = chunk.first;
	values = source->choices.values + chunk.first;
	memcpy(old, values, chunk.count);
	read_table(&chunk);
	for (int i = 0; i < chunk.count; i++)
		if (old[i] == CHOICE_SKIPPED)
			values[i] = CHOICE_SKIPPED;
}

void
sl_best_candidates_open(ChoiceSource *source, Call *call, const Layout *layout)
{
	source->call = call;
	source->layout = layout;
	make_room(Max(layout->num_seats, 1));
	source->choices.values = room.values;
	source->choices.full = room.full;
	memset(source->choices.full, false, sizeof(bool) * room.num_chunks);
	source->choices.read = read_choices;
	source->choices.arg = source;
	sl_best_candidates_forget(source);
	source->own = NULL;
	if (sl_board_xact_has_event(call->event.event_id))
		find_own(source);
}
