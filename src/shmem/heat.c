/*-------------------------------------------------------------------------
 *
 * heat.c
 *		What the seat board is worth to events, whether they are on it or not.
 *
 * An event's heat is what its calls were spared by the board, or would have been:
 * a refusal is one, a look at the whole house as much as reading it costs, and a
 * claim that is granted nothing, for it goes to the tables anyway.  It is halved
 * every HALF_LIFE_MS, so it is what the event may expect, about, for the time to
 * come.  By that the board decides who comes and who goes (board_draft.c).  So
 * the count goes on while an event is not there, and beside it stands the price:
 * the heat at which a load is to be tried again.  The price is halved alike, for
 * those who were in the way cool too.
 *
 * A fixed table, a record for each kilobyte of the board.  The hash of an event
 * names eight records, of which it has one, known by the other half of the hash;
 * when it has none, the coldest of the eight becomes its own.  Two events of the
 * same hash share a record, and are asked for as both.
 *
 * Lock protocol: none.  All fields are atomic, and each is right by itself; who
 * gives a record to another event sets the tag by compare-and-swap and clears the
 * rest after it.  A call that counts at that moment is counted for the other
 * event, or lost.  No more than the order in which events are loaded rests on it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/atomics.h"
#include "storage/shmem.h"

#include "base/clock.h"
#include "base/settings.h"
#include "shmem/heat.h"

#define HALF_LIFE_MS 30000

#define RECORDS_PER_BUCKET 8

/* a heat, and above it the half-life in which it was one, as far as it fits */
#define COUNT_BITS 40
#define COUNT_MASK ((UINT64CONST(1) << COUNT_BITS) - 1)
#define HALF_LIFE_MASK (PG_UINT64_MAX >> COUNT_BITS)

typedef struct HeatRecord
{
	pg_atomic_uint64 heat;
	pg_atomic_uint64 price;
	pg_atomic_uint64 hits;
	pg_atomic_uint64 misses;
	pg_atomic_uint32 loads;
	pg_atomic_uint32 evictions;
} HeatRecord;

typedef struct HeatBucket
{
	pg_atomic_uint32 tags[RECORDS_PER_BUCKET]; /* 0: the record is nobody's */
	HeatRecord records[RECORDS_PER_BUCKET];
} HeatBucket;

static HeatBucket *buckets; /* NULL: there is no board */

static Size
num_buckets(void)
{
	return (Size) sl_setting_board_size / RECORDS_PER_BUCKET;
}

Size
sl_heat_shared_size(void)
{
	return mul_size(sizeof(HeatBucket), num_buckets());
}

static void
init_record(HeatRecord *record)
{
	pg_atomic_init_u64(&record->heat, 0);
	pg_atomic_init_u64(&record->price, 0);
	pg_atomic_init_u64(&record->hits, 0);
	pg_atomic_init_u64(&record->misses, 0);
	pg_atomic_init_u32(&record->loads, 0);
	pg_atomic_init_u32(&record->evictions, 0);
}

/* Under AddinShmemInitLock. */
void
sl_heat_attach(void)
{
	bool found;

	buckets = NULL;
	if (sl_setting_board_size == 0)
		return;
	buckets = ShmemInitStruct("seatlock heat", sl_heat_shared_size(), &found);
	if (found)
		return;
	for (Size i = 0; i < num_buckets(); i++)
		for (int j = 0; j < RECORDS_PER_BUCKET; j++)
		{
			pg_atomic_init_u32(&buckets[i].tags[j], 0);
			init_record(&buckets[i].records[j]);
		}
}

static uint64
half_lives(void)
{
	return (uint64) sl_clock_ticks() / HALF_LIFE_MS & HALF_LIFE_MASK;
}

static uint64
count_at(uint64 word, uint64 now)
{
	uint64 age = (now - (word >> COUNT_BITS)) & HALF_LIFE_MASK;

	/* somebody else's clock may have been read a moment later */
	if (age == HALF_LIFE_MASK)
		age = 0;
	return age < COUNT_BITS ? (word & COUNT_MASK) >> age : 0;
}

static uint64
read_count(pg_atomic_uint64 *word, uint64 now)
{
	return count_at(pg_atomic_read_u64(word), now);
}

static uint64
word_of(uint64 count, uint64 now)
{
	return now << COUNT_BITS | Min(count, COUNT_MASK);
}

/* Returns the sum. */
static uint64
add(pg_atomic_uint64 *word, uint64 worth, uint64 now)
{
	uint64 old = pg_atomic_read_u64(word);
	uint64 count;

	do
		count = count_at(old, now) + worth;
	while (!pg_atomic_compare_exchange_u64(word, &old, word_of(count, now)));
	return count;
}

static HeatBucket *
bucket_of(uint64 hash)
{
	return &buckets[(uint32) hash % num_buckets()];
}

static uint32
tag_of(uint64 hash)
{
	return Max((uint32) (hash >> 32), 1);
}

static HeatRecord *
find_record(uint64 hash)
{
	HeatBucket *bucket;
	uint32 tag = tag_of(hash);

	if (buckets == NULL)
		return NULL;
	bucket = bucket_of(hash);
	for (int i = 0; i < RECORDS_PER_BUCKET; i++)
		if (pg_atomic_read_u32(&bucket->tags[i]) == tag)
			return &bucket->records[i];
	return NULL;
}

static void
clear_record(HeatRecord *record)
{
	pg_atomic_write_u64(&record->heat, 0);
	pg_atomic_write_u64(&record->price, 0);
	pg_atomic_write_u64(&record->hits, 0);
	pg_atomic_write_u64(&record->misses, 0);
	pg_atomic_write_u32(&record->loads, 0);
	pg_atomic_write_u32(&record->evictions, 0);
}

/* The one to be given away: nobody's, or that of the coldest event. */
static int
find_coldest(HeatBucket *bucket, uint64 now)
{
	uint64 least = PG_UINT64_MAX;
	int coldest = 0;

	for (int i = 0; i < RECORDS_PER_BUCKET; i++)
	{
		uint64 heat = read_count(&bucket->records[i].heat, now);

		if (pg_atomic_read_u32(&bucket->tags[i]) == 0)
			return i;
		if (heat < least)
		{
			least = heat;
			coldest = i;
		}
	}
	return coldest;
}

/* The event gets a record; NULL: somebody else took it. */
static HeatRecord *
give_record(uint64 hash, uint64 now)
{
	HeatBucket *bucket = bucket_of(hash);
	int i = find_coldest(bucket, now);
	uint32 tag = pg_atomic_read_u32(&bucket->tags[i]);

	if (!pg_atomic_compare_exchange_u32(&bucket->tags[i], &tag, tag_of(hash)))
		return NULL;
	clear_record(&bucket->records[i]);
	return &bucket->records[i];
}

static HeatRecord *
record_of(uint64 hash, uint64 now)
{
	HeatRecord *record = find_record(hash);

	return record != NULL || buckets == NULL ? record : give_record(hash, now);
}

/* A call found the event on the board, which was worth so much to it. */
void
sl_heat_count_hit(uint64 hash, int worth)
{
	uint64 now = half_lives();
	HeatRecord *record = record_of(hash, now);

	if (record == NULL)
		return;
	if (worth > 0)
		(void) add(&record->heat, worth, now);
	pg_atomic_fetch_add_u64(&record->hits, 1);
}

/* Or has not found it there, and it would have been.  Is a load worth a try? */
bool
sl_heat_count_miss(uint64 hash, int worth)
{
	uint64 now = half_lives();
	HeatRecord *record = record_of(hash, now);

	if (record == NULL)
		return false;
	pg_atomic_fetch_add_u64(&record->misses, 1);
	return worth > 0 && add(&record->heat, worth, now) >= read_count(&record->price, now);
}

/* It has come onto the board. */
void
sl_heat_count_load(uint64 hash)
{
	HeatRecord *record = record_of(hash, half_lives());

	if (record == NULL)
		return;
	pg_atomic_write_u64(&record->price, 0);
	pg_atomic_fetch_add_u32(&record->loads, 1);
}

/* It had to go for another's sake. */
void
sl_heat_count_eviction(uint64 hash)
{
	HeatRecord *record = find_record(hash);

	if (record != NULL)
		pg_atomic_fetch_add_u32(&record->evictions, 1);
}

uint64
sl_heat_of(uint64 hash)
{
	HeatRecord *record = find_record(hash);

	return record == NULL ? 0 : read_count(&record->heat, half_lives());
}

/* There was no room for it: at this heat there may be. */
void
sl_heat_set_price(uint64 hash, uint64 price)
{
	uint64 now = half_lives();
	HeatRecord *record = record_of(hash, now);

	if (record != NULL)
		pg_atomic_write_u64(&record->price, word_of(price, now));
}

void
sl_heat_report(uint64 hash, HeatReport *report)
{
	HeatRecord *record = find_record(hash);

	memset(report, 0, sizeof(*report));
	if (record == NULL)
		return;
	report->heat = read_count(&record->heat, half_lives());
	report->hits = pg_atomic_read_u64(&record->hits);
	report->misses = pg_atomic_read_u64(&record->misses);
	report->loads = pg_atomic_read_u32(&record->loads);
	report->evictions = pg_atomic_read_u32(&record->evictions);
}
