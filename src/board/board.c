/*-------------------------------------------------------------------------
 *
 * board.c
 *		The seat board: what is taken, in shared memory.
 *
 * A word per seat, so that a refusal needs no lock on the seat, no snapshot
 * and no page.  The board may say "taken", or "ask"; it never grants: a word
 * that says "free" only sends the caller to the tables.  So the one fault that
 * matters here is a "taken" that outlives the truth, and every rule below is
 * against that one.
 *
 * Lock protocol.  The directory has partitions, each with one LWLock.  Shared,
 * it keeps the entries of its partition where they are, with their memory;
 * exclusive, entries come and go.  All that a writer or reader does with an
 * entry happens under the shared lock, and nothing under it can fail.  No more
 * than one of these locks is held at a time.  Field by field, of an entry:
 *
 *		key, hash, next	(and where a chain begins) written under the exclusive
 *						lock
 *		layout_id, num_seats, memory, labels
 *						the same; board_labels.c has who may have labels
 *		state			loading -> ready, by compare-and-swap, by who loads it;
 *						loading, ready -> cold, by anybody, under the shared
 *						lock.  A cold entry is as good as none; it goes before
 *						the next load of the event
 *		opens_at, closes_at
 *						written by who loads it, before it becomes ready; read
 *						when it is
 *		changes			added to after each change of a word; atomic
 *
 * and of its memory:
 *
 *		words			by compare-and-swap only
 *		full			per chunk of seats: until when all of them are taken, as
 *						far as somebody has seen, 0 if nobody has, and a count of
 *						changes above it.  Who changes a word counts up, and sets 0,
 *						after that; who has found all words of a chunk to be taken
 *						puts the first lapse among them by compare-and-swap from
 *						what it saw before it read the words.  So a search need not
 *						read what is sold out
 *		name			written before the entry gets its memory, never after
 *
 * Barriers.  A load writes labels, index and words before it takes the lock
 * exclusively to announce them, and window before the compare-and-swap to ready:
 * that pairs with the read barrier of sl_board_lock_ready_entry.  Who changes a
 * word does so before the compare-and-swap of full; that pairs with the read
 * barrier between full and words in sl_board_copy_chunk.  A word that a reader
 * will warm is read under the lock, whose release comes before the reader's snapshot; a
 * commit is visible before its callback takes the lock.  Each is a full barrier.
 *
 * Words.  A warm word has the status, the lapse in milliseconds and the
 * version of a committed row.  An ask word has a number.  Rules:
 *
 *	(a) A commit callback stores over a word of an older version, or of the
 *		same version and an earlier lapse (extend leaves the version).  Where
 *		it finds an ask word it stores nothing, but changes it: it may come
 *		late, after a later commit has been marked as ask.
 *	(b) A reader warms a word by compare-and-swap from an ask word that it saw
 *		before it took the snapshot through which it read the row.  What was
 *		committed since has changed the word.
 *	(c) Marking as ask always changes the word, also an ask word, or (b) would
 *		put an old row over the mark.  The numbers of ask words rise from a
 *		start that each load draws anew, so no two are alike.
 *	(d) A commit callback looks its events up when it runs: an event that was
 *		loaded since it wrote is marked too.
 *	(e) A hold that has expired is no reason to refuse: who meets one asks.
 *	(f) PREPARE TRANSACTION marks as ask, since COMMIT PREPARED calls nobody; a
 *		row that a prepared transaction has changed warms no word (the reader
 *		sees to that).
 *
 * The server's own order does the rest: a commit is durable, then visible,
 * then comes its callback, then its locks go.  While it is visible and the
 * callback still to come, a word is old for some microseconds: a refusal given
 * then was given while the other call had not yet returned.
 *
 * All is lost in a crash and cold at start.  It is not used on a standby, whose
 * replay calls nobody; promotion finds it empty.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "board/board.h"
#include "board/board_entry.h"
#include "board/board_labels.h"
#include "board/board_name.h"
#include "shmem/heat.h"

/* events that may come onto the board between counting and listing them */
#define REPORT_SLACK 64

/* BoardParts.full: a time in milliseconds, and a count of changes above it */
#define FULL_UNTIL_BITS BOARD_VERSION_SHIFT
#define FULL_UNTIL_MASK ((UINT64CONST(1) << FULL_UNTIL_BITS) - 1)

static void
fill_event(BoardEntry *entry, BoardEvent *event)
{
	event->event_id = entry->key.event_id;
	event->layout_id = entry->layout_id;
	event->opens_at = entry->opens_at;
	event->closes_at = entry->closes_at;
	event->num_seats = entry->num_seats;
	event->changes = pg_atomic_read_u64(&entry->changes);
}

/* The numbers and words of these seats. */
static BoardFound
find_seats(BoardEntry *entry, const SeatList *list, int32 *seat_nos, BoardWord *words)
{
	LabelParts labels = sl_board_labels_parts(entry->labels);
	BoardParts parts = sl_board_parts(entry);

	for (int i = 0; i < list->num_labels; i++)
	{
		seat_nos[i] = sl_board_labels_find(&labels, list->labels[i], strlen(list->labels[i]));
		if (seat_nos[i] == 0)
			return BOARD_UNKNOWN;
		words[i] = pg_atomic_read_u64(&parts.words[seat_nos[i] - 1]);
	}
	return BOARD_FOUND;
}

/* What an ask for these seats is spared: all of the house's if there are none. */
static int
worth_of(const BoardEntry *entry, const BoardWord *words, int num_words)
{
	if (num_words == 0)
		return heat_of_house(entry->num_seats);
	for (int i = 0; i < num_words; i++)
		if (!board_word_asks(words[i]) && board_word_seat(words[i]).status != SEAT_FREE)
			return 1;
	return 0;
}

/*
 * The numbers and words of these seats, or none, by who wants to look at them
 * all.  UNKNOWN leaves both undefined.  Counts as an ask for the event, if it is
 * there.
 */
BoardFound
sl_board_find_seats(Oid table, const char *event_name, const SeatList *list, BoardEvent *event,
					int32 *seat_nos, BoardWord *words)
{
	int32 event_id = sl_board_name_find(table, event_name);
	BoardEntry *entry = event_id == 0 ? NULL : sl_board_lock_ready_entry(table, event_id);
	BoardFound found = BOARD_ABSENT;

	if (entry == NULL)
		return BOARD_ABSENT;
	if (strcmp(sl_board_parts(entry).name, event_name) == 0)
	{
		found = find_seats(entry, list, seat_nos, words);
		sl_heat_count_hit(entry->hash,
						  found == BOARD_FOUND ? worth_of(entry, words, list->num_labels) : 0);
	}
	fill_event(entry, event);
	sl_board_unlock_entry(entry);
	return found;
}

/* What the board knows of an event; false when it is not ready, or there is no board. */
bool
sl_board_find_event(Oid table, int32 event_id, BoardEvent *event)
{
	BoardEntry *entry = sl_board_open() ? sl_board_lock_ready_entry(table, event_id) : NULL;

	if (entry == NULL)
		return false;
	fill_event(entry, event);
	sl_board_unlock_entry(entry);
	return true;
}

/*
 * An ask for an event that was not found, by its name; it would have been worth so
 * much (heat.h).  Is a load worth a try?  Not if it is there by now, or was there,
 * and its name not known.
 */
bool
sl_board_miss(Oid table, const char *event_name, int32 event_id, int worth)
{
	EventKey key = {MyDatabaseId, table, event_id};
	bool is_wanted = sl_heat_count_miss(event_key_hash(&key), worth);
	BoardEntry *entry = sl_board_lock_ready_entry(table, event_id);

	if (entry == NULL)
		return is_wanted;
	sl_board_name_note(&key, event_name);
	sl_board_unlock_entry(entry);
	return false;
}

/* Copy the words of consecutive seats; false when the event is not ready or has not so many. */
bool
sl_board_copy(Oid table, int32 event_id, int32 first_seat_no, int count, BoardWord *words)
{
	BoardEntry *entry = sl_board_lock_ready_entry(table, event_id);
	bool has_them;

	if (entry == NULL)
		return false;
	has_them = first_seat_no >= 1 && first_seat_no - 1 + count <= entry->num_seats;
	if (has_them)
	{
		BoardParts parts = sl_board_parts(entry);

		for (int i = 0; i < count; i++)
			words[i] = pg_atomic_read_u64(&parts.words[first_seat_no - 1 + i]);
	}
	sl_board_unlock_entry(entry);
	return has_them;
}

/* When the first of these seats is free or asks, in milliseconds; 0: now. */
static uint64
full_until(const BoardWord *words, int count, TimestampTz now)
{
	uint64 until = BOARD_EXPIRY_MAX;

	for (int i = 0; i < count; i++)
	{
		BoardSeat seat = board_word_seat(words[i]);

		if (board_word_asks(words[i]) || !board_seat_is_taken(&seat, now))
			return 0;
		if (seat.status == SEAT_HELD)
			until = Min(until, words[i] & BOARD_EXPIRY_MAX);
	}
	return until;
}

/*
 * As sl_board_copy, for a chunk.  When all its seats are known to be taken,
 * *full is set and no word is copied.
 */
bool
sl_board_copy_chunk(Oid table, int32 event_id, int chunk, int count, TimestampTz now,
					BoardWord *words, bool *full)
{
	BoardEntry *entry = sl_board_lock_ready_entry(table, event_id);
	int first = chunk * SL_SEATS_PER_CHUNK;
	BoardParts parts;
	uint64 seen;

	if (entry == NULL)
		return false;
	/*
	 * the caller may know the event as it was before it grew: what is full is full of
	 * all its seats
	 */
	if (first + count != Min(first + SL_SEATS_PER_CHUNK, entry->num_seats))
	{
		sl_board_unlock_entry(entry);
		return false;
	}
	parts = sl_board_parts(entry);
	seen = pg_atomic_read_u64(&parts.full[chunk]);
	*full = (seen & FULL_UNTIL_MASK) > (uint64) now / 1000;
	if (!*full)
	{
		uint64 until;

		/* the words are read after that */
		pg_read_barrier();
		for (int i = 0; i < count; i++)
			words[i] = pg_atomic_read_u64(&parts.words[first + i]);
		until = full_until(words, count, now);
		if (until != 0)
			*full = pg_atomic_compare_exchange_u64(&parts.full[chunk], &seen,
												   (seen & ~FULL_UNTIL_MASK) | until);
	}
	sl_board_unlock_entry(entry);
	return true;
}

/* A warm word, or an ask bit alone when the seat does not fit into one. */
static BoardWord
word_of(const BoardSeat *seat)
{
	int64 expiry = seat->status == SEAT_HELD ? seat->expires_at / 1000 : 0;
	BoardWord status;

	switch (seat->status)
	{
		case SEAT_HELD:
			status = 1;
			break;
		case SEAT_BOOKED:
			status = 2;
			break;
		case SEAT_NOT_FOR_SALE:
			status = 3;
			break;
		default:
			status = 0;
	}
	if (seat->version < 0 || seat->version > BOARD_VERSION_MAX || expiry < 0 ||
		expiry > BOARD_EXPIRY_MAX)
		return BOARD_ASK;
	return status << BOARD_STATUS_SHIFT | (BoardWord) seat->version << BOARD_VERSION_SHIFT |
		   (BoardWord) expiry;
}

/* What a row that was just committed makes of a word: see (a) and (c). */
static BoardWord
word_after_commit(BoardWord old, BoardWord row, BoardWord fresh_ask)
{
	BoardSeat was;
	BoardSeat is;

	if (board_word_asks(old))
		return old + 1;
	if (board_word_asks(row))
		return fresh_ask;
	was = board_word_seat(old);
	is = board_word_seat(row);
	if (is.version > was.version ||
		(is.version == was.version && is.status == was.status && is.expires_at > was.expires_at))
		return row;
	return old;
}

#ifdef USE_ASSERT_CHECKING
/* The picture of README.md. */
static bool
may_follow(BoardWord from, BoardWord to)
{
	BoardSeat was = board_word_seat(from);
	BoardSeat is = board_word_seat(to);

	/* two who mark at a time may have drawn their numbers the other way round */
	if (board_word_asks(to))
		return to != from;
	return board_word_asks(from) || to == from || is.version > was.version ||
		   (is.version == was.version && is.expires_at > was.expires_at);
}
#endif

/* Each change of a word; false, with what it is now, when that is not *from. */
static bool
change(pg_atomic_uint64 *word, BoardWord *from, BoardWord to)
{
	Assert(may_follow(*from, to));
	return pg_atomic_compare_exchange_u64(word, from, to);
}

/* A word of this seat's chunk has changed. */
static void
count_change(BoardEntry *entry, int32 seat_no)
{
	BoardParts parts = sl_board_parts(entry);
	pg_atomic_uint64 *full = parts.full + (seat_no - 1) / SL_SEATS_PER_CHUNK;
	uint64 old = pg_atomic_read_u64(full);

	while (!pg_atomic_compare_exchange_u64(full, &old,
										   ((old >> FULL_UNTIL_BITS) + 1) << FULL_UNTIL_BITS))
		continue;
	pg_atomic_fetch_add_u64(&entry->changes, 1);
}

static pg_atomic_uint64 *
find_word(BoardEntry *entry, int32 seat_no)
{
	pg_atomic_uint64 *words;

	if (seat_no < 1 || seat_no > entry->num_seats)
		return NULL;
	words = sl_board_parts(entry).words;
	return &words[seat_no - 1];
}

/* A transaction that wrote this row has committed.  Called where nothing may fail. */
void
sl_board_store(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat)
{
	BoardEntry *entry = sl_board_lock_entry(table, event_id);
	BoardWord row = word_of(seat);
	BoardWord fresh_ask = board_word_asks(row) ? sl_board_draw_ask() : 0;
	pg_atomic_uint64 *word;

	if (entry == NULL)
		return;
	word = find_word(entry, seat_no);
	if (word != NULL)
	{
		BoardWord old = pg_atomic_read_u64(word);

		while (!change(word, &old, word_after_commit(old, row, fresh_ask)))
			continue;
		count_change(entry, seat_no);
	}
	sl_board_unlock_entry(entry);
}

/* From now on, who wants to know about the seat must ask.  Called where nothing may fail. */
void
sl_board_mark(Oid table, int32 event_id, int32 seat_no)
{
	BoardEntry *entry = sl_board_lock_entry(table, event_id);
	BoardWord fresh_ask = sl_board_draw_ask();
	pg_atomic_uint64 *word;

	if (entry == NULL)
		return;
	word = find_word(entry, seat_no);
	if (word != NULL)
	{
		BoardWord old = pg_atomic_read_u64(word);

		while (!change(word, &old, fresh_ask))
			continue;
		count_change(entry, seat_no);
	}
	sl_board_unlock_entry(entry);
}

/*
 * The row of a seat, read through a snapshot that was taken after the word was
 * seen, and changed by nobody since.  Does nothing unless the word is as seen.
 */
void
sl_board_warm(Oid table, int32 event_id, int32 seat_no, BoardWord seen, const BoardSeat *seat)
{
	BoardWord row = word_of(seat);
	BoardEntry *entry;
	pg_atomic_uint64 *word;

	if (!board_word_asks(seen) || board_word_asks(row))
		return;
	entry = sl_board_lock_entry(table, event_id);
	if (entry == NULL)
		return;
	word = find_word(entry, seat_no);
	if (word != NULL && change(word, &seen, row))
		count_change(entry, seat_no);
	sl_board_unlock_entry(entry);
}

static int
count_warm(const BoardEntry *entry)
{
	BoardParts parts = sl_board_parts(entry);
	int count = 0;

	for (int i = 0; i < entry->num_seats; i++)
		count += !board_word_asks(pg_atomic_read_u64(&parts.words[i]));
	return count;
}

typedef struct ReportList
{
	Oid table;
	BoardReport *reports;
	int count;
	int max_count;
} ReportList;

static void
add_report(BoardEntry *entry, void *arg)
{
	ReportList *list = arg;
	BoardReport *report = &list->reports[list->count];

	if (entry->key.database != MyDatabaseId || entry->key.table != list->table ||
		board_entry_state(entry) != ENTRY_READY || list->count == list->max_count)
		return;
	report->event_id = entry->key.event_id;
	report->num_seats = entry->num_seats;
	report->num_warm = count_warm(entry);
	report->bytes = sl_board_entry_bytes(entry);
	sl_heat_report(entry->hash, &report->heat);
	list->count++;
}

/* The events of a table that are on the board; returns how many. */
int
sl_board_report(Oid table, BoardReport **reports)
{
	ReportList list = {.table = table, .max_count = sl_board_count() + REPORT_SLACK};

	list.reports = palloc_extended(sizeof(BoardReport) * list.max_count, MCXT_ALLOC_HUGE);
	sl_board_visit(add_report, &list);
	*reports = list.reports;
	return list.count;
}
