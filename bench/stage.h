/*-------------------------------------------------------------------------
 *
 * stage.h
 *		The database that a trial runs in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include "connection.h"
#include "side.h"

#define STAGE_DATABASE "bench"

/* what all sides of seatlock sell in it, but for nights: these are named by their numbers, from 1 */
#define STAGE_EVENT "on-sale"

/*
 * Make the database anew, with the side's seats, all free, read and written out.
 * Returns why that cannot be, to be freed, or NULL.
 */
extern char *stage_set(Loop *loop, const Side *side);
/* to the database of the trial; options as of connection_open() */
extern Connection *stage_connect(Loop *loop, const Side *side, const char *options);
/*
 * Settings of a buyer's session, as of connection_open(), which the caller
 * frees.  With them it takes its page faults when it begins; peers written in
 * PL/pgSQL are at their best with generic plans.
 */
extern char *stage_buyer_options(Loop *loop, const Side *side);
/* The server works as the load wants it from now on, or as ever. */
extern void stage_prepare_server(const Side *side);
extern void stage_restore_server(const Side *side);
/* What durability the buyers have, in words; the caller frees it. */
extern char *stage_read_settings(const Side *side);

#endif /* BENCH_STAGE_H */
