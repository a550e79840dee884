/*-------------------------------------------------------------------------
 *
 * figures.h
 *		What is measured in a trial.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include "base.h"

/* One figure more is a line more in figures.c, and in figures.txt. */
typedef enum Figure
{
	FIGURE_WON,     /* claims won per second */
	FIGURE_REFUSED, /* claims refused per second, for whatever reason */
	FIGURE_BUSY,    /* those of them that were told busy */
	FIGURE_READ,    /* reads per second */
	FIGURE_ANSWERS, /* won, refused and read */
	FIGURE_WON_P50, /* milliseconds */
	FIGURE_WON_P99,
	FIGURE_REFUSED_P50,
	FIGURE_REFUSED_P99,
	FIGURE_READ_P50,
	FIGURE_READ_P99,
	FIGURE_CALL_P999,   /* of a claim, won or refused */
	FIGURE_VISIBLE_P50, /* from the commit of a change until Redis tells of it */
	FIGURE_VISIBLE_P99,
	FIGURE_HALF_SOLD, /* seconds until 50 % of the seats were sold */
	FIGURE_MOST_SOLD, /* ... until 90 % were */
	FIGURE_SOLD,      /* per cent of the seats, at the end */
	FIGURE_SECONDS,   /* how long the trial was */
	FIGURE_BYTES,     /* memory per seat */

	/* of the server beside its answers; per answer */
	FIGURE_FULL_PAGES, /* images of whole pages in the WAL */
	FIGURE_WAL_KB,
	FIGURE_PAGES_READ, /* that were not in shared_buffers */

	/* megabytes at the end, resident */
	FIGURE_BACKEND_MB, /* private, of a buyer's backend, on average */
	FIGURE_SERVER_MB,  /* private, of all the server's other processes together */
	FIGURE_SHARED_MB,  /* shared by them */

	/* of a house, and of making it an event; milliseconds */
	FIGURE_FIRST_EVENT,
	FIGURE_NEXT_EVENT,
	FIGURE_EVENT_BYTES, /* on disk per seat of an event that is not the first */

	/* of an event with a history; milliseconds */
	FIGURE_PAIRS, /* claims that were given back, per second */
	FIGURE_HOLDS,
	FIGURE_SEAT_HISTORY,
	FIGURE_PRUNE,

	/* of the Redis worker while nobody asks for anything */
	FIGURE_PUBLISH, /* before that: seconds until Redis had all maps */
	FIGURE_CPU,     /* share of a core */
	FIGURE_WORKER_MB,
	FIGURE_LAG,      /* milliseconds, as the server tells it */
	FIGURE_COMMANDS, /* that Redis is sent per second */
	FIGURE_REDIS_MB,
	FIGURE_ERRORS, /* number of errors, which are no answers */

	/*
	 * Promises that do not hold: seats that a buyer was told to have and that
	 * the tables, read at the end, give to another token or to nobody.
	 * Nothing is released in a trial and nothing expires, so there must be none.
	 */
	FIGURE_OVERSOLD,
	NUM_FIGURES
} Figure;

/* What a trial did not come to, such as the latency of answers that nobody got. */
#define NOT_MEASURED __builtin_inf()

typedef struct Figures
{
	double values[NUM_FIGURES];
	char *missing; /* why there was no trial at all, or NULL */
} Figures;

/* of the columns that hold them */
extern const char *const figure_names[NUM_FIGURES];

extern bool figure_measured(double value);

#endif /* BENCH_FIGURES_H */
