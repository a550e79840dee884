/*-------------------------------------------------------------------------
 *
 * score.c
 *		What the buyers of a trial were answered, and when it is over.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "score.h"

void
score_start(Score *score, const Load *load, double seconds)
{
	score->load = load;
	score->stopped = false;
	score->num_won = 0;
	score->num_busy = 0;
	score->ended_at = 0;
	memset(&score->won, 0, sizeof(score->won));
	memset(&score->refused, 0, sizeof(score->refused));
	memset(&score->read, 0, sizeof(score->read));
	score->started_at = now_ns();
	score->ends_at = score->started_at + (int64_t) (seconds * NS_PER_SECOND);
}

void
score_won(Score *score, const int *seats, int num_seats, const char *token, int64_t latency)
{
	int64_t now = now_ns();
	int num_in_house = load_count_seats(score->load);

	if (score->ended_at == 0)
		histogram_add(&score->won, latency);
	promises_add(&score->promises, seats, num_seats, token);
	score->num_seats_sold += num_seats;
	score->num_won++;
	if (score->half_sold_at == 0 && score->num_seats_sold * 2 >= num_in_house)
		score->half_sold_at = now;
	if (score->most_sold_at == 0 && score->num_seats_sold * 10 >= (int64_t) num_in_house * 9)
		score->most_sold_at = now;
}

void
score_refused(Score *score, bool busy, int64_t latency)
{
	if (score->ended_at != 0)
		return;
	histogram_add(&score->refused, latency);
	score->num_busy += busy;
}

void
score_read(Score *score, int64_t latency)
{
	if (score->ended_at == 0)
		histogram_add(&score->read, latency);
}

void
score_error(Score *score, const char *message)
{
	score->num_errors++;
	/* what a server says ends with a newline */
	if (score->first_error == NULL)
		score->first_error = format_string("%.*s", (int) strcspn(message, "\n"), message);
}

bool
score_is_over(Score *score)
{
	const Load *load = score->load;
	int64_t now = now_ns();

	if (now >= score->ends_at || (load->until_won > 0 && score->num_won >= load->until_won) ||
		(load->until_sold > 0 &&
		 (double) score->num_seats_sold >= load->until_sold * load_count_seats(load)))
		score->stopped = true;
	if (score->stopped && score->ended_at == 0)
		score->ended_at = now;
	return score->stopped;
}

void
score_end(Score *score)
{
	if (score->ended_at == 0)
		score->ended_at = now_ns();
}

static double
percentile(const Histogram *histogram, double share)
{
	return histogram->count > 0 ? histogram_percentile(histogram, share) : NOT_MEASURED;
}

static double
seconds_until(const Score *score, int64_t at)
{
	return at > 0 ? (double) (at - score->started_at) / NS_PER_SECOND : NOT_MEASURED;
}

/* Any call, whatever it was told: what a buyer who has bad luck waits. */
static double
longest_call(const Score *score)
{
	Histogram *all = allocate(1, sizeof(Histogram));
	double longest;

	histogram_merge(all, &score->won);
	histogram_merge(all, &score->refused);
	longest = percentile(all, 0.999);
	free(all);
	return longest;
}

void
score_fill(Score *score, const Names *names, Connection *connection, Figures *figures)
{
	double *values = figures->values;
	double seconds = seconds_until(score, score->ended_at);

	values[FIGURE_SECONDS] = seconds;
	values[FIGURE_WON] = (double) score->won.count / seconds;
	values[FIGURE_REFUSED] = (double) score->refused.count / seconds;
	values[FIGURE_BUSY] = (double) score->num_busy / seconds;
	values[FIGURE_READ] = (double) score->read.count / seconds;
	values[FIGURE_ANSWERS] = values[FIGURE_WON] + values[FIGURE_REFUSED] + values[FIGURE_READ];
	values[FIGURE_WON_P50] = percentile(&score->won, 0.5);
	values[FIGURE_WON_P99] = percentile(&score->won, 0.99);
	values[FIGURE_REFUSED_P50] = percentile(&score->refused, 0.5);
	values[FIGURE_REFUSED_P99] = percentile(&score->refused, 0.99);
	values[FIGURE_READ_P50] = percentile(&score->read, 0.5);
	values[FIGURE_READ_P99] = percentile(&score->read, 0.99);
	values[FIGURE_CALL_P999] = longest_call(score);
	values[FIGURE_HALF_SOLD] = seconds_until(score, score->half_sold_at);
	values[FIGURE_MOST_SOLD] = seconds_until(score, score->most_sold_at);
	values[FIGURE_SOLD] = 100.0 * score->num_seats_sold / load_count_seats(score->load);
	values[FIGURE_ERRORS] = (double) score->num_errors;
	values[FIGURE_OVERSOLD] = (double) promises_count_broken(&score->promises, names, connection);
}

void
score_free(Score *score)
{
	promises_free(&score->promises);
	free(score->first_error);
}
