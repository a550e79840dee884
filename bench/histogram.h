/*-------------------------------------------------------------------------
 *
 * histogram.h
 *		How long answers took: counts in buckets 3 % wide, from which any
 *		percentile can be told.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include "base.h"

/* a power of two has this many buckets */
#define HISTOGRAM_STEPS 32
#define HISTOGRAM_POWERS 40

typedef struct Histogram
{
	int64_t count;
	int64_t buckets[HISTOGRAM_POWERS * HISTOGRAM_STEPS];
} Histogram;

extern void histogram_add(Histogram *histogram, int64_t ns);
extern void histogram_merge(Histogram *into, const Histogram *from);
/* milliseconds that this share (0.5, 0.99) of the answers did not exceed; 0 of none */
extern double histogram_percentile(const Histogram *histogram, double share);

#endif /* BENCH_HISTOGRAM_H */
