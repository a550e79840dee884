/*-------------------------------------------------------------------------
 *
 * sale.c
 *		The demo's sale: buyers, progress, and the account at the end.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "buyer.h"
#include "progress.h"
#include "sale.h"

#define POPULARITY 1.3 /* exponent of Zipf's law */

/*
 * How long a guest thinks, on average in milliseconds, with seats in hand: so
 * long that the house sells out towards the end of the show, but not longer
 * than the holds last.
 */
static double
choose_think_ms(const Args *args, const House *house)
{
	const double seats_sold_per_hold = 2.0;
	const double share_of_time = 0.75;
	double holds_per_buyer = house->num_seats / seats_sold_per_hold / args->connections;
	double think_ms = args->seconds * 1000 * share_of_time / holds_per_buyer;
	double longest = args->hold_seconds * 1000 * 0.5;

	return think_ms < longest ? think_ms : longest;
}

static void
wait_for_next(Loop *loop, int64_t next_at)
{
	int64_t wait = (next_at - now_ns() + NS_PER_MS - 1) / NS_PER_MS;

	loop_wait(loop, wait < 0 ? 0 : wait > 1000 ? 1000 : (int) wait);
}

static void
sell(Loop *loop, Crowd *crowd, Buyer **buyers, const Args *args, Progress *progress)
{
	int64_t ends_at = now_ns() + (int64_t) (args->seconds * NS_PER_SECOND);

	while (now_ns() < ends_at && !progress_sold_out(progress))
	{
		int64_t now = now_ns();
		int64_t next_at = progress_act(progress, now);

		for (int i = 0; i < args->connections; i++)
		{
			int64_t act_at = buyer_act(buyers[i], now);

			if (act_at < next_at)
				next_at = act_at;
		}
		wait_for_next(loop, next_at < ends_at ? next_at : ends_at);
	}
	crowd->closed = true;
	loop_drain(loop);
	/* how things stand in the end */
	progress->next_at = 0;
	progress_act(progress, now_ns());
	loop_drain(loop);
}

static void
write_account(const Crowd *crowd, double seconds)
{
	const char *heads[] = {"", "answers", "seats", "p50 ms", "p99 ms"};
	Table *table = table_create(5, heads);

	tally_write(&crowd->tally, table);
	table_start_row(table);
	table_add(table, "left to lapse");
	table_add(table, "%s", with_commas(crowd->num_left));
	table_start_row(table);
	table_add(table, "lapsed and taken over");
	table_add(table, "%s", with_commas(crowd->ledger.num_taken_over));
	table_start_row(table);
	table_add(table, "errors");
	table_add(table, "%s", with_commas((double) crowd->tally.num_errors));
	printf("\n");
	table_write(table, stdout, TABLE_TEXT);
	table_free(table);
	printf("\n%s guests, %s answers in %.1f s: %s a second\n", with_commas(crowd->num_guests),
		   with_commas((double) crowd->tally.num_answers), seconds,
		   with_commas((double) crowd->tally.num_answers / seconds));
}

/* What the buyers were told against itself, and against what the server says. */
static bool
check_account(const Crowd *crowd, const Progress *progress)
{
	int num_booked = ledger_count_booked(&crowd->ledger);

	if (crowd->first_error != NULL)
		printf("the first error: %s", crowd->first_error);
	if (crowd->ledger.num_doubles > 0)
		printf("seats that two buyers were told to have: %d\n", crowd->ledger.num_doubles);
	printf("booked seats, as the buyers were told: %s, as the server says: %s\n",
		   with_commas(num_booked), with_commas(progress->num_booked));
	return crowd->first_error == NULL && crowd->ledger.num_doubles == 0 &&
		   num_booked == progress->num_booked;
}

bool
sale_run(const Args *args)
{
	Loop loop;
	House house;
	Progress progress;
	Crowd crowd = {.event = args->event, .house = &house, .hold_seconds = args->hold_seconds};
	Buyer **buyers = allocate((size_t) args->connections, sizeof(Buyer *));
	Connection *connection;
	bool good;

	loop_open(&loop);
	connection = connection_open(&loop, NULL, NULL);
	house_read(&house, connection, args->event);
	connection_close(connection);
	ledger_init(&crowd.ledger, house.num_seats);
	crowd.popularity = zipf_create(house.num_seats, POPULARITY);
	crowd.think_ms = choose_think_ms(args, &house);
	for (int i = 0; i < args->connections; i++)
		buyers[i] = buyer_create(&crowd, &loop, (uint64_t) i + 1);

	progress_open(&progress, &loop, args->event, &crowd.tally);
	sell(&loop, &crowd, buyers, args, &progress);
	progress_close(&progress);
	write_account(&crowd, (double) (now_ns() - progress.started_at) / NS_PER_SECOND);
	good = check_account(&crowd, &progress);

	for (int i = 0; i < args->connections; i++)
		buyer_free(buyers[i]);
	free(buyers);
	free(crowd.first_error);
	zipf_free(crowd.popularity);
	ledger_free(&crowd.ledger);
	house_free(&house);
	loop_close(&loop);
	return good;
}
