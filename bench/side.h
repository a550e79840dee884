/*-------------------------------------------------------------------------
 *
 * side.h
 *		A side of a contest: a peer under the contest's load.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "args.h"
#include "contest.h"
#include "peer.h"

typedef struct Side
{
	char *name; /* as the contest tells it: NAME or NAME@SIZE */
	char *title;
	Peer peer;
	Load load;
	int size;         /* behind the @, or 0 */
	const char *host; /* of its server; NULL: as for everybody */
} Side;

/* The caller owns the sides. */
extern Side *sides_read(const Contest *contest, const Args *args, int *num_sides);
extern void sides_free(Side *sides, int num_sides);

#endif /* BENCH_SIDE_H */
