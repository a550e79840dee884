/*-------------------------------------------------------------------------
 *
 * store_house.c
 *		The houses of events, loaded once and kept by the backend.
 *
 * The rows that a house is made of never change while their event lives, so
 * nothing ever has to be looked up again.  Entries are known by the event's id
 * and by the OID of the table seatlock.seat: ids begin again at 1 after DROP
 * EXTENSION and CREATE EXTENSION, the table's OID does not.  Within one life
 * of the extension ids come from a sequence and are not used twice: so the
 * entry of an event that was dropped, or whose own transaction made it, loaded
 * it and rolled back, is never asked for again, and goes when room is needed.
 *
 * The statements run inside verbs, which do not pin search_path: hence every
 * name and operator is qualified.  ORDER BY needs no name.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "store_house.h"
#include "store_sql.h"

#define MAX_HOUSES 8
#define MAX_HOUSE_BYTES ((Size) 64 * 1024 * 1024)
#define ROWS_PER_FETCH 5000

typedef struct CachedHouse
{
	Oid seat_table;
	House *house;
	MemoryContext context; /* holds the house and nothing else */
	Size bytes;
	uint64 last_used; /* counts calls */
} CachedHouse;

static CachedHouse cache[MAX_HOUSES];
static int num_cached;
static uint64 num_calls;

static House *load_house(int32 event_id);

static void
forget_house(int i)
{
	MemoryContext context = cache[i].context;

	cache[i] = cache[--num_cached];
	MemoryContextDelete(context);
}

/* Make room for one house more, the least recently used go first. */
static void
make_room(Size bytes)
{
	for (;;)
	{
		Size total = bytes;
		int oldest = 0;

		for (int i = 0; i < num_cached; i++)
		{
			total += cache[i].bytes;
			if (cache[i].last_used < cache[oldest].last_used)
				oldest = i;
		}
		if (num_cached == 0 || (num_cached < MAX_HOUSES && total <= MAX_HOUSE_BYTES))
			return;
		forget_house(oldest);
	}
}

const House *
sl_store_house(int32 event_id)
{
	Oid seat_table = get_relname_relid("seat", get_namespace_oid("seatlock", false));
	CachedHouse entry;
	MemoryContext old_context;

	num_calls++;
	for (int i = 0; i < num_cached; i++)
	{
		if (cache[i].house->event_id == event_id && cache[i].seat_table == seat_table)
		{
			cache[i].last_used = num_calls;
			return cache[i].house;
		}
	}

	/* an error while loading frees the context with its parent */
	entry.context =
		AllocSetContextCreate(CurrentMemoryContext, "seatlock house", ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(entry.context);
	entry.house = load_house(event_id);
	MemoryContextSwitchTo(old_context);

	entry.seat_table = seat_table;
	entry.bytes = MemoryContextMemAllocated(entry.context, true);
	entry.last_used = num_calls;
	make_room(entry.bytes);
	MemoryContextSetParent(entry.context, TopMemoryContext);
	cache[num_cached++] = entry;
	return entry.house;
}

static Datum
column(HeapTuple row, int number)
{
	bool isnull;

	return SPI_getbinval(row, SPI_tuptable->tupdesc, number, &isnull);
}

/* A column that is null in general admission. */
static int32
row_column(HeapTuple row, int number)
{
	bool isnull;
	Datum value = SPI_getbinval(row, SPI_tuptable->tupdesc, number, &isnull);

	return isnull ? SL_NO_ROW : DatumGetInt32(value);
}

static void
load_sections(SqlScope *scope, HouseBuilder *builder, SqlArg event)
{
	uint64 count = sl_sql_run(scope,
							  "SELECT section_no, name FROM seatlock.event_section"
							  " WHERE event_id OPERATOR(pg_catalog.=) $1 ORDER BY section_no",
							  1, &event);

	for (uint64 i = 0; i < count; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		sl_house_add_section(builder, DatumGetInt32(column(row, 1)),
							 TextDatumGetCString(column(row, 2)));
	}
}

static void
load_categories(SqlScope *scope, HouseBuilder *builder, SqlArg event)
{
	uint64 count = sl_sql_run(scope,
							  "SELECT category_no, name, accessible FROM seatlock.event_category"
							  " WHERE event_id OPERATOR(pg_catalog.=) $1 ORDER BY category_no",
							  1, &event);

	for (uint64 i = 0; i < count; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		sl_house_add_category(builder, DatumGetInt32(column(row, 1)),
							  TextDatumGetCString(column(row, 2)), DatumGetBool(column(row, 3)));
	}
}

static void
add_seat(HouseBuilder *builder, HeapTuple row)
{
	SeatPlace seat;

	seat.seat_no = DatumGetInt32(column(row, 1));
	seat.section_no = DatumGetInt32(column(row, 2));
	seat.category_no = DatumGetInt32(column(row, 3));
	seat.row_no = row_column(row, 4);
	seat.run_no = row_column(row, 5);
	seat.x = DatumGetFloat8(column(row, 6));
	seat.y = DatumGetFloat8(column(row, 7));
	sl_house_add_seat(builder, &seat);
}

/* Through a cursor: the rows of 400,000 seats are far larger than the house. */
static void
load_seats(SqlScope *scope, HouseBuilder *builder, SqlArg event)
{
	Portal portal = SPI_cursor_open_with_args(
		NULL,
		"SELECT seat_no, section_no, category_no, row_no, run_no, x, y FROM seatlock.seat"
		" WHERE event_id OPERATOR(pg_catalog.=) $1 ORDER BY seat_no",
		1, &event.type, &event.value, NULL, scope->read_only, 0);

	for (;;)
	{
		SPI_cursor_fetch(portal, true, ROWS_PER_FETCH);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
			add_seat(builder, SPI_tuptable->vals[i]);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
}

static House *
load_house(int32 event_id)
{
	SqlArg event = sql_arg(INT4OID, Int32GetDatum(event_id));
	HouseBuilder builder;
	SqlScope scope;

	sl_house_begin(&builder, event_id);
	sl_sql_begin(&scope, true);
	load_sections(&scope, &builder, event);
	load_categories(&scope, &builder, event);
	load_seats(&scope, &builder, event);
	sl_sql_end(&scope);
	return sl_house_end(&builder);
}
