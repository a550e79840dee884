/*-------------------------------------------------------------------------
 *
 * board_xact.c
 *		What this transaction has written, for the board when it commits.
 *
 * And for news.c, which tells the Redis worker of it.  Each write of a seat is
 * noted when it is made, where an error does no harm.  The commit callback only
 * stores what is here into the board; an error there would be a PANIC of the
 * server, so it allocates and looks up nothing.
 *
 * A note knows its subtransaction: one that is rolled back takes its notes
 * with it, one that ends well hands them to its parent.  Notes are in the
 * order of the writes, so those of an ended subtransaction are the last ones.
 *
 * PREPARE TRANSACTION marks the seats as ask, since COMMIT PREPARED may happen
 * anywhere, at any time, and calls nobody.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "board/board_xact.h"
#include "shmem/news.h"

/* instead of the number of a seat */
#define NOTE_EVENT 0     /* the event as a whole */
#define NOTE_LAYOUT (-1) /* all events of the layout of this number */

typedef struct Note
{
	SubTransactionId subxact;
	Oid table;
	int32 event_id; /* or layout_id */
	int32 seat_no;  /* or one of the next two */
	BoardSeat seat;
} Note;

/* In the memory of the top transaction, and gone with it. */
static Note *notes = NULL;
static int num_notes = 0;
static int max_notes = 0;
static int num_marks = 0; /* how many are of no single seat */

static void
add_note(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat)
{
	Note *note;

	if (num_notes == max_notes)
	{
		int new_max = max_notes == 0 ? 32 : max_notes * 2;
		Size size = mul_size(sizeof(Note), new_max);

		if (notes == NULL)
			notes = MemoryContextAlloc(TopTransactionContext, size);
		else
			notes = repalloc_huge(notes, size);
		max_notes = new_max;
	}
	note = &notes[num_notes++];
	note->subxact = GetCurrentSubTransactionId();
	note->table = table;
	note->event_id = event_id;
	note->seat_no = seat_no;
	num_marks += seat_no <= 0;
	if (seat != NULL)
		note->seat = *seat;
}

/* Is there anybody to be told?  Opens the board, which a commit callback must not do. */
static bool
is_wanted(void)
{
	return sl_board_open() || sl_news_is_on();
}

/* This transaction writes a seat through a verb. */
void
sl_board_xact_note_seat(Oid table, int32 event_id, int32 seat_no, const BoardSeat *seat)
{
	if (is_wanted())
		add_note(table, event_id, seat_no, seat);
}

static bool
has_note(Oid table, int32 number, int32 kind)
{
	for (int i = num_notes - 1; i >= 0; i--)
		if (notes[i].seat_no == kind && notes[i].event_id == number && notes[i].table == table)
			return true;
	return false;
}

static void
mark(const Note *note)
{
	if (!sl_board_open())
		return;
	if (note->seat_no == NOTE_LAYOUT)
		sl_board_mark_layout(note->table, note->event_id);
	else if (note->seat_no != NOTE_EVENT)
		sl_board_mark(note->table, note->event_id, note->seat_no);
	else if (note->event_id == SL_ALL_EVENTS)
		sl_board_mark_all(note->table);
	else
		sl_board_mark_event(note->table, note->event_id);
}

static void
note_and_mark(Oid table, int32 number, int32 kind)
{
	if (!is_wanted() || has_note(table, number, kind))
		return;
	add_note(table, number, kind, NULL);
	mark(&notes[num_notes - 1]);
}

/*
 * Something else was written that the board may know of, by SQL: the event is
 * cold now, which tells others to look at the tables at once, and once more
 * when this commits, since they may have put it back meanwhile.
 */
void
sl_board_xact_note_event(Oid table, int32 event_id)
{
	note_and_mark(table, event_id, NOTE_EVENT);
}

/* The same for all events of a layout. */
void
sl_board_xact_note_layout(Oid table, int32 layout_id)
{
	note_and_mark(table, layout_id, NOTE_LAYOUT);
}

/* Has this transaction written to the event, so that the board is not its truth? */
bool
sl_board_xact_has_event(int32 event_id)
{
	/* a transaction that goes on with its event finds it at once */
	for (int i = num_notes - 1; i >= 0; i--)
		if (notes[i].event_id == event_id || notes[i].event_id == SL_ALL_EVENTS ||
			notes[i].seat_no == NOTE_LAYOUT)
			return true;
	return false;
}

/*
 * Has it written, by SQL, what the board may have in another form?  The board may
 * have been loaded since, with what is committed: labels have other numbers there.
 */
bool
sl_board_xact_has_marks(void)
{
	return num_marks > 0;
}

/* Each seat of the event that this transaction has written, in the order of the writes. */
void
sl_board_xact_visit(int32 event_id, void (*visit)(int32 seat_no, const BoardSeat *seat, void *arg),
					void *arg)
{
	for (int i = 0; i < num_notes; i++)
		if (notes[i].event_id == event_id && notes[i].seat_no > 0)
			visit(notes[i].seat_no, &notes[i].seat, arg);
}

static bool
is_of_same_event(const Note *a, const Note *b)
{
	return a->event_id == b->event_id && Min(a->seat_no, 1) == Min(b->seat_no, 1);
}

/* Count what was noted, after the board has it. */
static void
tell_news(void)
{
	for (int i = 0; i < num_notes; i++)
	{
		const Note *note = &notes[i];

		if (i > 0 && is_of_same_event(note, note - 1))
			continue;
		if (note->seat_no == NOTE_LAYOUT || note->event_id == SL_ALL_EVENTS)
			sl_news_tell_all();
		else
			sl_news_tell_event(note->event_id);
		if (note->seat_no <= 0)
			sl_news_tell_list();
	}
}

static void
store_or_mark(const Note *note)
{
	if (note->seat_no <= 0)
		mark(note);
	else if (sl_board_open())
		sl_board_store(note->table, note->event_id, note->seat_no, &note->seat);
}

static void
forget(void)
{
	notes = NULL;
	num_notes = 0;
	max_notes = 0;
	num_marks = 0;
}

static void
follow_transaction(XactEvent event, void *arg)
{
	if (num_notes == 0 && notes == NULL)
		return;
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			for (int i = 0; i < num_notes; i++)
				store_or_mark(&notes[i]);
			tell_news();
			forget();
			break;
		case XACT_EVENT_PRE_PREPARE:
			for (int i = 0; i < num_notes; i++)
				mark(&notes[i]);
			tell_news();
			break;
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			forget();
			break;
		default:
			break;
	}
}

static void
follow_subtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
					  void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (num_notes > 0 && notes[num_notes - 1].subxact == ended)
			num_marks -= notes[--num_notes].seat_no <= 0;
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		for (int i = num_notes - 1; i >= 0 && notes[i].subxact == ended; i--)
			notes[i].subxact = parent;
}

/* To be called once in the life of a process, from _PG_init. */
void
sl_board_xact_register_callbacks(void)
{
	RegisterXactCallback(follow_transaction, NULL);
	RegisterSubXactCallback(follow_subtransaction, NULL);
}
