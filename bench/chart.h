/*-------------------------------------------------------------------------
 *
 * chart.h
 *		The comparison as a bar chart, in SVG.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_CHART_H
#define BENCH_CHART_H

#include "results.h"

extern void chart_write(const Results *results, FILE *file);

#endif /* BENCH_CHART_H */
