/*-------------------------------------------------------------------------
 *
 * peer.h
 *		A peer: one way to claim seats inside the database, from a file
 *		bench/peers/NAME.sql.
 *
 * The file's first lines are comments that describe it:
 *
 *		-- title: what a reader sees
 *		-- role: peer, naive, limit or seatlock
 *		-- uses: seat_table			(another file, to be run before this one)
 *		-- claim: SELECT token FROM ... with $1 seats, $2 holder, $3 seconds
 *
 * The claim answers one row; its first column is the token, null when refused.
 * The rest of the file is run in an empty database and must make, in the
 * schema peer:
 *
 *		fill(num_seats integer)		makes the seats, all free
 *		seats() returns setof text	the seats' names, in seat order
 *		held() returns table (seat text, token text)	who has what now
 *
 * A peer more is a file more.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "base.h"

typedef enum PeerRole
{
	PEER_CORRECT, /* what developers use; the best of these is the measure */
	PEER_NAIVE,   /* known to oversell, and shown for that */
	PEER_LIMIT,   /* does nothing: as fast as the protocol allows */
	PEER_SEATLOCK /* what is measured */
} PeerRole;

typedef struct Peer
{
	char *name;
	char *title;
	PeerRole role;
	char *claim;
	char *setup; /* SQL */
} Peer;

/* names are separated by commas; the caller owns the peers */
extern Peer *peers_read(const char *directory, const char *names, int *num_peers);
extern void peers_free(Peer *peers, int num_peers);

#endif /* BENCH_PEER_H */
