/*-------------------------------------------------------------------------
 *
 * side.h
 *		A side of a contest: a peer under the contest's load.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "level.h"
#include "peer.h"

typedef struct Side
{
	char *name; /* as the contest tells it: NAME or NAME@SEATS */
	char *title;
	Peer peer;
	Load load;
} Side;

/* peers are the names that were asked for; the caller owns the sides */
extern Side *sides_read(const Contest *contest, const char *directory, const char *peers,
						int *num_sides);
extern void sides_free(Side *sides, int num_sides);

#endif /* BENCH_SIDE_H */
