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

/* Wait for the answers that are still to come. */
static void
drain(Loop *loop, FastPath *path)
{
	if (path != NULL)
		fast_path_drain(path);
	else
		loop_drain(loop);
}

static void
sell(Loop *loop, Crowd *crowd, Buyer **buyers, FastPath *path, const Args *args, Progress *progress)
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
		if (path != NULL)
		{
			int64_t look_at = fast_path_act(path, now);

			if (look_at < next_at)
				next_at = look_at;
		}
		loop_wait_until(loop, next_at < ends_at ? next_at : ends_at);
	}
	crowd->closed = true;
	drain(loop, path);
	/* how things stand in the end */
	progress->next_at = 0;
	progress_act(progress, now_ns());
	drain(loop, path);
}

/* A count for each channel, in the first of its columns. */
static void
write_counts(Table *table, const char *title, const int64_t *counts, int num_channels)
{
	table_start_row(table);
	table_add(table, "%s", title);
	for (int i = 0; i < num_channels; i++)
	{
		table_add(table, "%s", with_commas((double) counts[i]));
		for (int j = 0; j < 3; j++)
			table_add(table, "%s", "");
	}
}

static Table *
make_account(const Crowd *crowd, int num_channels)
{
	const char *sql_heads[] = {"", "answers", "seats", "p50 ms", "p99 ms"};
	const char *heads[] = {"",      "SQL answers", "seats", "p50 ms", "p99 ms", "Redis answers",
						   "seats", "p50 ms",      "p99 ms"};
	Table *table =
		num_channels == 1 ? table_create(5, sql_heads) : table_create(1 + 4 * num_channels, heads);
	int64_t num_left[NUM_CHANNELS];
	int64_t num_taken_over[NUM_CHANNELS];
	int64_t num_errors[NUM_CHANNELS];

	for (int i = 0; i < num_channels; i++)
	{
		num_left[i] = crowd->num_left[i];
		num_taken_over[i] = crowd->ledger.num_taken_over[i];
		num_errors[i] = crowd->tallies[i].num_errors;
	}
	tally_write(crowd->tallies, num_channels, table);
	write_counts(table, "left to lapse", num_left, num_channels);
	write_counts(table, "lapsed and taken over", num_taken_over, num_channels);
	write_counts(table, "errors", num_errors, num_channels);
	return table;
}

static void
write_account(const Crowd *crowd, int num_channels, double seconds)
{
	Table *table = make_account(crowd, num_channels);
	double num_answers = 0;

	for (int i = 0; i < num_channels; i++)
		num_answers += (double) crowd->tallies[i].num_answers;
	printf("\n");
	table_write(table, stdout);
	table_free(table);
	if (num_channels > 1)
		printf("\nThrough Redis a time is from the click to the verdict; those buyers too pay and\n"
			   "extend in SQL.\n");
	printf("\n%s guests, %s answers in %.1f s: %s a second\n", with_commas(crowd->num_guests),
		   with_commas(num_answers), seconds, with_commas(num_answers / seconds));
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

/* Where half of the buyers ask; NULL: all of them ask in SQL. */
static FastPath *
open_path(Loop *loop, const Args *args)
{
	Connection *connection;
	FastPath *path;
	char *prefix;

	if (args->redis == NULL)
		return NULL;
	connection = connection_open(loop, NULL, NULL);
	prefix = fast_path_prefix(connection);
	connection_close(connection);
	path = fast_path_open(loop, args->redis, prefix, args->event, args->connections / 2,
						  args->connections / 2);
	free(prefix);
	return path;
}

static void
open_crowd(Crowd *crowd, Loop *loop, House *house, const Args *args)
{
	Connection *connection = connection_open(loop, NULL, NULL);

	*crowd = (Crowd){.event = args->event, .house = house, .hold_seconds = args->hold_seconds};
	house_read(house, connection, args->event);
	connection_close(connection);
	ledger_init(&crowd->ledger, house->num_seats);
	crowd->popularity = zipf_create(house->num_seats, POPULARITY);
	crowd->think_ms = choose_think_ms(args, house);
}

static void
close_crowd(Crowd *crowd)
{
	free(crowd->first_error);
	zipf_free(crowd->popularity);
	ledger_free(&crowd->ledger);
	house_free(crowd->house);
}

bool
sale_run(const Args *args)
{
	Loop loop;
	House house;
	Crowd *crowd = allocate(1, sizeof(Crowd));
	Progress progress;
	FastPath *path;
	Buyer **buyers = allocate((size_t) args->connections, sizeof(Buyer *));
	int num_channels = args->redis != NULL ? NUM_CHANNELS : 1;
	bool good;

	loop_open(&loop);
	open_crowd(crowd, &loop, &house, args);
	path = open_path(&loop, args);
	for (int i = 0; i < args->connections; i++)
		buyers[i] = buyer_create(crowd, &loop, (uint64_t) i + 1, i % 2 == 1 ? path : NULL, i / 2);

	progress_open(&progress, &loop, args->event, crowd->tallies);
	sell(&loop, crowd, buyers, path, args, &progress);
	progress_close(&progress);
	write_account(crowd, num_channels, (double) (now_ns() - progress.started_at) / NS_PER_SECOND);
	good = check_account(crowd, &progress);

	for (int i = 0; i < args->connections; i++)
		buyer_free(buyers[i]);
	free(buyers);
	if (path != NULL)
		fast_path_close(path);
	close_crowd(crowd);
	free(crowd);
	loop_close(&loop);
	return good;
}
