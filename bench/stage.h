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

/* what all sides of seatlock sell in it */
#define STAGE_EVENT "on-sale"

/* Make the database anew, with the side's seats, all free, read and written out. */
extern void stage_set(Loop *loop, const Side *side);
/* Take the page faults of one of the peer's connections, in a database that stage_set() made. */
extern void stage_map_memory(Connection *connection, const Peer *peer);

#endif /* BENCH_STAGE_H */
