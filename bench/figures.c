/*-------------------------------------------------------------------------
 *
 * figures.c
 *		What is measured in a trial, and how it is written.
 *
 *-------------------------------------------------------------------------
 */
#include "figures.h"

const FigureInfo figure_infos[NUM_FIGURES] = {
	[FIGURE_WON] = {.head = "won/s", .name = "claims won per second"},
	[FIGURE_REFUSED] = {.head = "refused/s", .name = "claims refused per second"},
	[FIGURE_BUSY] = {.head = "of these busy", .name = "claims told busy per second"},
	[FIGURE_READ] = {.head = "read/s", .name = "reads per second"},
	[FIGURE_ANSWERS] = {.head = "answers/s", .name = "answers per second"},
	[FIGURE_WON_P50] = {"won p50 ms", "median latency of a won claim in ms", true, false},
	[FIGURE_WON_P99] = {"p99", "99th percentile of a won claim in ms", true, false},
	[FIGURE_REFUSED_P50] = {"refused p50", "median latency of a refusal in ms", true, false},
	[FIGURE_REFUSED_P99] = {"p99", "99th percentile of a refusal in ms", true, false},
	[FIGURE_READ_P50] = {"read p50 ms", "median latency of a read in ms", true, false},
	[FIGURE_READ_P99] = {"p99", "99th percentile of a read in ms", true, false},
	[FIGURE_CALL_P999] = {"call p99.9", "99.9th percentile of a call in ms", true, false},
	[FIGURE_VISIBLE_P50] = {"visible p50", "median time from commit to Redis in ms", true, false},
	[FIGURE_VISIBLE_P99] = {"p99", "99th percentile from commit to Redis in ms", true, false},
	[FIGURE_HALF_SOLD] = {"50 % at s", "seconds until 50 % are sold", true, false},
	[FIGURE_MOST_SOLD] = {"90 % at s", "seconds until 90 % are sold", true, false},
	[FIGURE_SOLD] = {.head = "sold", .name = "share of the seats sold"},
	[FIGURE_SECONDS] = {"in s", "length of the trial in s", true, true},
	[FIGURE_BYTES] = {"bytes/seat", "bytes of memory per seat", true, false},
	[FIGURE_FULL_PAGES] = {"full pages", "full-page images in the WAL per answer", true, false},
	[FIGURE_WAL_KB] = {"WAL kB", "kB of WAL per answer", true, false},
	[FIGURE_PAGES_READ] = {"pages read", "pages read into shared_buffers per answer", true, false},
	[FIGURE_BACKEND_MB] = {"backend MB", "private memory of a backend in MB", true, false},
	[FIGURE_SERVER_MB] = {"server MB", "private memory of the other processes in MB", true, false},
	[FIGURE_SHARED_MB] = {"shared MB", "shared memory in use in MB", true, false},
	[FIGURE_FIRST_EVENT] = {"first ms", "time to make a house's first event in ms", true, false},
	[FIGURE_NEXT_EVENT] = {"next ms", "time to make another event in ms", true, false},
	[FIGURE_EVENT_BYTES] = {"bytes/seat of the next", "bytes on disk per seat of another event",
							true, false},
	[FIGURE_PAIRS] = {.head = "claim+release/s", .name = "claims given back per second"},
	[FIGURE_HOLDS] = {"holds ms", "time to read holds in ms", true, false},
	[FIGURE_SEAT_HISTORY] = {"seat_history ms", "time to read one seat's history in ms", true,
							 false},
	[FIGURE_PRUNE] = {"prune ms", "time of a prune that removes nothing in ms", true, false},
	[FIGURE_PUBLISH] = {"published in s", "seconds until all maps are in Redis", true, false},
	[FIGURE_CPU] = {"cores", "share of a core that the Redis worker takes", true, false},
	[FIGURE_WORKER_MB] = {"worker MB", "private memory of the Redis worker in MB", true, false},
	[FIGURE_LAG] = {"lag_ms", "lag_ms", true, false},
	[FIGURE_COMMANDS] = {"commands/s", "commands to Redis per second", true, false},
	[FIGURE_REDIS_MB] = {"Redis MB", "memory that Redis uses in MB", true, false},
	[FIGURE_ERRORS] = {"errors", "errors", true, true},
	[FIGURE_OVERSOLD] = {"oversold", "seats oversold", true, true},
};

bool
figure_measured(double value)
{
	return value != NOT_MEASURED;
}

const char *
figure_text(Figure figure, double value)
{
	static char buffers[8][32];
	static unsigned next_buffer;
	char *buffer = buffers[next_buffer++ % 8];

	if (!figure_measured(value))
		return "-";
	switch (figure)
	{
		case FIGURE_SOLD:
			snprintf(buffer, sizeof(buffers[0]), "%.0f %%", value * 100);
			return buffer;
		case FIGURE_WON_P50:
		case FIGURE_WON_P99:
		case FIGURE_REFUSED_P50:
		case FIGURE_REFUSED_P99:
		case FIGURE_READ_P50:
		case FIGURE_READ_P99:
		case FIGURE_CALL_P999:
		case FIGURE_VISIBLE_P50:
		case FIGURE_VISIBLE_P99:
		case FIGURE_HALF_SOLD:
		case FIGURE_MOST_SOLD:
		case FIGURE_FULL_PAGES:
		case FIGURE_WAL_KB:
		case FIGURE_PAGES_READ:
		case FIGURE_FIRST_EVENT:
		case FIGURE_NEXT_EVENT:
		case FIGURE_HOLDS:
		case FIGURE_SEAT_HISTORY:
		case FIGURE_PRUNE:
		case FIGURE_CPU:
			snprintf(buffer, sizeof(buffers[0]), value < 1 ? "%.3f" : "%.2f", value);
			return buffer;
		case FIGURE_SECONDS:
		case FIGURE_BYTES:
		case FIGURE_BACKEND_MB:
		case FIGURE_SERVER_MB:
		case FIGURE_SHARED_MB:
		case FIGURE_EVENT_BYTES:
		case FIGURE_PUBLISH:
		case FIGURE_WORKER_MB:
		case FIGURE_COMMANDS:
		case FIGURE_REDIS_MB:
			snprintf(buffer, sizeof(buffers[0]), "%.1f", value);
			return buffer;
		default:
			return with_commas(value);
	}
}
