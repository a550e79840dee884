/*-------------------------------------------------------------------------
 *
 * figures.c
 *		What is measured in a trial, as the columns of a row are named.
 *
 *-------------------------------------------------------------------------
 */
#include "figures.h"

const char *const figure_names[NUM_FIGURES] = {
	[FIGURE_WON] = "won",
	[FIGURE_REFUSED] = "refused",
	[FIGURE_BUSY] = "busy",
	[FIGURE_READ] = "read",
	[FIGURE_ANSWERS] = "answers",
	[FIGURE_WON_P50] = "won_p50",
	[FIGURE_WON_P99] = "won_p99",
	[FIGURE_REFUSED_P50] = "refused_p50",
	[FIGURE_REFUSED_P99] = "refused_p99",
	[FIGURE_READ_P50] = "read_p50",
	[FIGURE_READ_P99] = "read_p99",
	[FIGURE_CALL_P999] = "call_p999",
	[FIGURE_VISIBLE_P50] = "visible_p50",
	[FIGURE_VISIBLE_P99] = "visible_p99",
	[FIGURE_HALF_SOLD] = "half_sold",
	[FIGURE_MOST_SOLD] = "most_sold",
	[FIGURE_SOLD] = "sold",
	[FIGURE_SECONDS] = "seconds",
	[FIGURE_BYTES] = "bytes",
	[FIGURE_FULL_PAGES] = "full_pages",
	[FIGURE_WAL_KB] = "wal_kb",
	[FIGURE_PAGES_READ] = "pages_read",
	[FIGURE_BACKEND_MB] = "backend_mb",
	[FIGURE_SERVER_MB] = "server_mb",
	[FIGURE_SHARED_MB] = "shared_mb",
	[FIGURE_FIRST_EVENT] = "first_event",
	[FIGURE_NEXT_EVENT] = "next_event",
	[FIGURE_EVENT_BYTES] = "event_bytes",
	[FIGURE_PAIRS] = "pairs",
	[FIGURE_HOLDS] = "holds",
	[FIGURE_SEAT_HISTORY] = "seat_history",
	[FIGURE_PRUNE] = "prune",
	[FIGURE_PUBLISH] = "publish",
	[FIGURE_CPU] = "cpu",
	[FIGURE_WORKER_MB] = "worker_mb",
	[FIGURE_LAG] = "lag",
	[FIGURE_COMMANDS] = "commands",
	[FIGURE_REDIS_MB] = "redis_mb",
	[FIGURE_ERRORS] = "errors",
	[FIGURE_OVERSOLD] = "oversold",
};

bool
figure_measured(double value)
{
	return value != NOT_MEASURED;
}
