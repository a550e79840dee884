/*-------------------------------------------------------------------------
 *
 * ledger.h
 *		What the buyers were told, seat by seat: the driver's own record,
 *		which knows nothing of the server's tables.
 *
 * Every hold has a number of its own, from ledger_open_hold().  Where an answer
 * gives a buyer a seat that another was told to have, and has not given back,
 * that is a seat sold twice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include "tally.h"

typedef struct LedgerSeat
{
	int hold; /* number of the last hold told of, 0: none */
	bool booked;
	int64_t until; /* lapse of that hold, microseconds since 1970 */
} LedgerSeat;

typedef struct LedgerHold
{
	Channel channel;
	bool taken_over; /* another holds a seat of it since it expired */
} LedgerHold;

typedef struct Ledger
{
	int num_seats;
	LedgerSeat *seats;
	int num_holds;
	LedgerHold *holds; /* by number */
	int num_taken_over[NUM_CHANNELS];
	int num_doubles; /* seats that were given to two */
} Ledger;

extern void ledger_init(Ledger *ledger, int num_seats);
/* the number of a new hold */
extern int ledger_open_hold(Ledger *ledger, Channel channel);
/* The buyer was told to hold these seats until then. */
extern void ledger_held(Ledger *ledger, int hold, const int *seats, int num_seats, int64_t until);
/* The buyer was told to have bought them. */
extern void ledger_booked(Ledger *ledger, int hold, const int *seats, int num_seats);
/* The buyer is about to give them back: from now on others may get them. */
extern void ledger_released(Ledger *ledger, int hold, const int *seats, int num_seats);
extern int ledger_count_booked(const Ledger *ledger);
extern void ledger_free(Ledger *ledger);

#endif /* BENCH_LEDGER_H */
