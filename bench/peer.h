/*-------------------------------------------------------------------------
 *
 * peer.h
 *		A peer: one way to claim seats inside the database, from a file
 *		bench/peers/NAME.sql.
 *
 * The file's first lines are comments that describe it:
 *
 *		-- title: what a reader sees
 *		-- role: peer, like, naive, limit, yardstick or seatlock, see README.md
 *		-- uses: seat_table			(other files, to be run before this one; all use base)
 *		-- claim: SELECT token FROM ... with $1 seats, $2 holder, $3 seconds
 *		-- options: -c name=value	(settings of the buyers' sessions; may be left out)
 *
 * Sides of pgbench's loads alone need no claim here: it stands in their script.
 * The claim answers one row of up to three columns: the token, null when
 * refused; the outcome in a word, of which "busy" is counted apart; and for a
 * side that chooses the seats itself, which they are, as a JSON array.  Such a
 * side takes from $1 only how many are wanted.
 *
 * These are for the sides and contests that ask for them:
 *
 *		-- read: SELECT ...			reads the house; any number of rows
 *		-- weigh: SELECT ...		bytes of memory per seat (compare asks it)
 *
 *		-- maps: board				the connections use no table, a worker does that for them: of
 *									what is cached they map the board alone before the trial
 *
 *		-- house: NAME				shares the seats that the file NAME made, being its own file's
 *									contents but for the claim; its own name when left out
 *		-- server: plain			asks the server beside that is not preloaded
 *		-- release: SELECT ...		gives back what the token $1 has
 *
 *		-- redis: used				the database is mirrored in Redis; stopped: and Redis hangs
 *									all through the trial
 *		-- call: NAME				buyers call this function in Redis, like seatlock_claim, and
 *									the claim above is only asked to start the worker
 *
 * The rest of the file is run in an empty database and must make, in the
 * schema peer:
 *
 *		fill(num_seats integer)		makes the seats, all free
 *		seats() returns setof text	the seats' names, in seat order
 *		held() returns table (seat text, token text)	who has what now
 *		take(seats text[])			takes them for the whole trial, in contests where
 *									some are taken before it
 *
 * For contests of many nights of one house it makes, in place of fill():
 *
 *		open_house(num_seats integer)	what all nights share
 *		create_event(event integer, num_seats integer)	a night, from 1, all its seats free
 *
 * Then the claim has the night's number as $4, the reading as $1, take() as its second
 * argument, and held() tells it in a third column; seats() are those of one night.
 *
 * A peer more is a file more.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "base.h"

typedef enum PeerRedis
{
	REDIS_UNUSED,
	REDIS_USED,
	REDIS_STOPPED
} PeerRedis;

typedef struct Peer
{
	char *name;
	char *title;
	char *role;
	PeerRedis redis;
	bool maps_tables;
	bool plain; /* asks the server that is not preloaded */
	char *house;
	char *claim;
	char *call;    /* or NULL */
	char *read;    /* or NULL */
	char *release; /* or NULL */
	char *options; /* or NULL */
	char *setup;   /* SQL */
} Peer;

extern void peer_read(Peer *peer, const char *directory, const char *name);
extern void peer_free(Peer *peer);

#endif /* BENCH_PEER_H */
