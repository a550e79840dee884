/*-------------------------------------------------------------------------
 *
 * figures.h
 *		What is measured in a trial.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

typedef enum Figure
{
	FIGURE_SECONDS, /* how long the trial was */
	FIGURE_WON,     /* claims won per second */
	FIGURE_REFUSED, /* claims refused per second */
	FIGURE_ANSWERS, /* both */
	FIGURE_WON_P50, /* milliseconds */
	FIGURE_WON_P99,
	FIGURE_REFUSED_P50,
	FIGURE_REFUSED_P99,
	FIGURE_SOLD,   /* share of the seats, at the end */
	FIGURE_ERRORS, /* number of errors, which are no answers */

	/*
	 * Promises that do not hold: seats that a buyer was told to have and that
	 * the tables, read at the end, give to another token or to nobody.
	 * Nothing is released in a trial and nothing lapses, so there must be none.
	 */
	FIGURE_OVERSOLD,
	NUM_FIGURES
} Figure;

typedef struct Figures
{
	double values[NUM_FIGURES];
} Figures;

#endif /* BENCH_FIGURES_H */
