/*-------------------------------------------------------------------------
 *
 * histogram.c
 *		How long answers took: counts in buckets 3 % wide.
 *
 * Bucket 0 is below HISTOGRAM_STEPS nanoseconds; after it each power of two
 * is cut into HISTOGRAM_STEPS buckets of equal width.
 *
 *-------------------------------------------------------------------------
 */
#include "histogram.h"

#define STEP_BITS 5

static int
bucket_of(int64_t ns)
{
	int power;
	int bucket;

	if (ns < HISTOGRAM_STEPS)
		return 0;
	power = 63 - __builtin_clzll((uint64_t) ns) - STEP_BITS;
	bucket = power * HISTOGRAM_STEPS + (int) (ns >> power);
	return bucket < HISTOGRAM_POWERS * HISTOGRAM_STEPS ? bucket
													   : HISTOGRAM_POWERS * HISTOGRAM_STEPS - 1;
}

/* the middle of a bucket, in nanoseconds */
static double
middle_of(int bucket)
{
	int power = bucket / HISTOGRAM_STEPS - 1;
	double step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 0.5;

	return power < 0 ? HISTOGRAM_STEPS / 2.0 : step * (double) (INT64_C(1) << power);
}

void
histogram_add(Histogram *histogram, int64_t ns)
{
	histogram->count++;
	histogram->buckets[bucket_of(ns)]++;
}

void
histogram_merge(Histogram *into, const Histogram *from)
{
	into->count += from->count;
	for (int i = 0; i < HISTOGRAM_POWERS * HISTOGRAM_STEPS; i++)
		into->buckets[i] += from->buckets[i];
}

double
histogram_percentile(const Histogram *histogram, double share)
{
	double wanted = share * (double) histogram->count;
	int64_t seen = 0;

	for (int i = 0; i < HISTOGRAM_POWERS * HISTOGRAM_STEPS; i++)
	{
		seen += histogram->buckets[i];
		if (seen > 0 && (double) seen >= wanted)
			return middle_of(i) / NS_PER_MS;
	}
	return 0;
}
