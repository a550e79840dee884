/*-------------------------------------------------------------------------
 *
 * progress.c
 *		How the demo's sale goes.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "progress.h"

#define TERMINAL_INTERVAL (200 * NS_PER_MS)
#define PLAIN_INTERVAL (2 * NS_PER_SECOND)
/* what the line takes beside its bar, and the widest bar */
#define TEXT_WIDTH 72
#define BAR_WIDTH 40

#define COUNT_SEATS \
	"SELECT sum(num_free), sum(num_held), sum(num_booked) FROM seatlock.availability(%s)"

void
progress_open(Progress *progress, Loop *loop, const char *event, const Tally *tallies)
{
	char *quoted;
	char *sql;

	*progress = (Progress){.event = event, .tallies = tallies};
	progress->on_terminal = isatty(STDOUT_FILENO);
	progress->connection = connection_open(loop, NULL, NULL);
	quoted = connection_quote(progress->connection, event);
	sql = format_string(COUNT_SEATS, quoted);
	connection_prepare(progress->connection, "count", sql);
	progress->started_at = now_ns();
	progress->counted_at = progress->started_at;
	progress->next_at = progress->started_at;
	free(sql);
	free(quoted);
}

static void
draw_share(const char *color, const char *sign, int count)
{
	fputs(color, stdout);
	while (count-- > 0)
		fputs(sign, stdout);
}

static int
choose_bar_width(void)
{
	struct winsize size;
	int left = BAR_WIDTH;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		left = size.ws_col - TEXT_WIDTH;
	return left < 0 ? 0 : left > BAR_WIDTH ? BAR_WIDTH : left;
}

/* booked, held and free seats as shares of one bar, if there is room for it */
static void
draw_bar(const Progress *progress)
{
	int num_seats = progress->num_free + progress->num_held + progress->num_booked;
	int64_t width = choose_bar_width();
	int booked = num_seats > 0 ? (int) (width * progress->num_booked / num_seats) : 0;
	int free = num_seats > 0 ? (int) (width * progress->num_free / num_seats) : 0;

	fputs(width > 0 ? "  [" : "", stdout);
	draw_share("\033[32m", "#", booked);
	draw_share("\033[33m", "+", (int) width - booked - free);
	draw_share("\033[90m", ".", free);
	fputs("\033[0m", stdout);
	fputs(width > 0 ? "]" : "", stdout);
}

static void
draw(Progress *progress, int64_t now)
{
	if (progress->on_terminal)
		fputs("\r\033[K", stdout);
	printf("%5.1f s", (double) (now - progress->started_at) / NS_PER_SECOND);
	if (progress->on_terminal)
		draw_bar(progress);
	printf("  %5d free  %4d held  %5d booked  %7s answers/s", progress->num_free,
		   progress->num_held, progress->num_booked, with_commas(progress->answers_per_second));
	if (!progress->on_terminal)
		fputc('\n', stdout);
	fflush(stdout);
}

static void
handle_count(void *owner, const PGresult *result, int64_t latency)
{
	Progress *progress = owner;
	int64_t now = now_ns();
	int64_t num_answers = 0;

	(void) latency;
	for (int i = 0; i < NUM_CHANNELS; i++)
		num_answers += progress->tallies[i].num_answers;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		die("%s", PQresultErrorMessage(result));
	progress->asked = false;
	progress->num_free = atoi(PQgetvalue(result, 0, 0));
	progress->num_held = atoi(PQgetvalue(result, 0, 1));
	progress->num_booked = atoi(PQgetvalue(result, 0, 2));
	if (now > progress->counted_at)
		progress->answers_per_second = (double) (num_answers - progress->num_counted) *
									   NS_PER_SECOND / (double) (now - progress->counted_at);
	progress->counted_at = now;
	progress->num_counted = num_answers;
	draw(progress, now);
}

int64_t
progress_act(Progress *progress, int64_t now)
{
	if (progress->asked)
		return INT64_MAX;
	if (progress->next_at <= now)
	{
		progress->next_at = now + (progress->on_terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL);
		progress->asked = true;
		connection_ask(progress->connection, "count", 0, NULL, handle_count, progress);
	}
	return progress->next_at;
}

void
progress_close(Progress *progress)
{
	if (progress->on_terminal)
		fputc('\n', stdout);
	connection_close(progress->connection);
}

bool
progress_sold_out(const Progress *progress)
{
	return progress->num_booked > 0 && progress->num_free == 0 && progress->num_held == 0;
}
