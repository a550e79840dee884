/*-------------------------------------------------------------------------
 *
 * ledger.c
 *		What the buyers were told, seat by seat.
 *
 * Answers of different connections may arrive in another order than that of
 * their commits.  Nothing here depends on it: a hold ends when its release is
 * sent, not when it is answered, or at its lapse by the clock that server and
 * driver share; and a grant to another can only be committed after that.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "ledger.h"

void
ledger_init(Ledger *ledger, int num_seats)
{
	*ledger = (Ledger){.num_seats = num_seats};
	ledger->seats = allocate((size_t) num_seats, sizeof(LedgerSeat));
}

int
ledger_open_hold(Ledger *ledger, Channel channel)
{
	ledger->num_holds++;
	ledger->holds = reallocate(ledger->holds, (size_t) ledger->num_holds + 1, sizeof(LedgerHold));
	ledger->holds[ledger->num_holds] = (LedgerHold){.channel = channel};
	return ledger->num_holds;
}

/* A seat passes to a hold, from another one perhaps. */
static void
pass_seat(Ledger *ledger, LedgerSeat *seat, int hold)
{
	if (seat->hold != 0 && seat->hold != hold)
	{
		if (seat->booked || seat->until > wall_us())
			ledger->num_doubles++;
		else if (seat->until > 0 && !ledger->holds[seat->hold].taken_over)
		{
			ledger->holds[seat->hold].taken_over = true;
			ledger->num_taken_over[ledger->holds[seat->hold].channel]++;
		}
	}
	seat->hold = hold;
}

void
ledger_held(Ledger *ledger, int hold, const int *seats, int num_seats, int64_t until)
{
	for (int i = 0; i < num_seats; i++)
	{
		pass_seat(ledger, &ledger->seats[seats[i]], hold);
		ledger->seats[seats[i]].booked = false;
		ledger->seats[seats[i]].until = until;
	}
}

void
ledger_booked(Ledger *ledger, int hold, const int *seats, int num_seats)
{
	for (int i = 0; i < num_seats; i++)
	{
		pass_seat(ledger, &ledger->seats[seats[i]], hold);
		ledger->seats[seats[i]].booked = true;
	}
}

void
ledger_released(Ledger *ledger, int hold, const int *seats, int num_seats)
{
	for (int i = 0; i < num_seats; i++)
		if (ledger->seats[seats[i]].hold == hold)
			ledger->seats[seats[i]].until = 0;
}

int
ledger_count_booked(const Ledger *ledger)
{
	int count = 0;

	for (int i = 0; i < ledger->num_seats; i++)
		count += ledger->seats[i].booked;
	return count;
}

void
ledger_free(Ledger *ledger)
{
	free(ledger->seats);
	free(ledger->holds);
}
