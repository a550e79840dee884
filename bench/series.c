/*-------------------------------------------------------------------------
 *
 * series.c
 *		Contests that are run only when they are asked for, since they take
 *		long: many nights of one house, and an event with a long history.
 *
 * At level 1 the sides named ..._plain... ask a second server beside, which is
 * not preloaded, so that what preloading changes is measured in turns as well.
 *
 *-------------------------------------------------------------------------
 */
#include "level.h"

#define NIGHTS_LOAD \
	.by_events = true, .num_seats = 2000, .until_sold = 0.4, .warm_up = 2, .seconds = 5

#define SINGLE .min_party = 1, .max_party = 1
#define PAIR .min_party = 2, .max_party = 2

/* buyers of whatever seats; or all of them after the same seats of the same nights */
#define ALL_ALIKE .wish = WISH_POPULAR
#define BY_FAME .wish = WISH_POPULAR, .zipf = 0.9, .events_zipf = 1.1

/* 20 seats of each night, which are taken */
#define TAKEN .wish = WISH_TAKEN, .taken = 0.01

/* the reading and not the disk being what counts */
#define HISTORY_LOAD \
	.by_events = true, .num_events = 1, .num_seats = 520, .options = "-c synchronous_commit=off"

/* 0.4 of what it was while create_event itself made a copy, in 1.4 of the time of that copy */
#define NEXT_WANTED 0.56

#define CONNECTIONS 8
#define PEERS "nights_skip_locked,nights_unique_insert,"

#define CLAIM_TITLE "Many nights: single seats of houses of 2,000, 8 connections, "
#define ALIKE_TITLE "all nights and seats alike"
#define FAME_TITLE "nights by Zipf 1.1, seats by Zipf 0.9"
#define ALIKE_NIGHTS "all nights alike"
#define FAMOUS_NIGHTS "nights by Zipf 1.1"
#define REFUSALS_TITLE "Refusals of many nights: single seats that are taken, 8 connections, "
#define BEST_TITLE "Best seats of many nights: the best 2 that are free, 8 connections, "
#define NOW_TITLE "Claims in groups of many nights: single seats, 8 connections, "
#define LOOK_TITLE "Availability of many nights: 8 connections, "
#define CREATE_TITLE "Another night: the first event of a house of 2,000 seats, and 20 more"
#define HISTORY_TITLE                                                                              \
	"A long history: one event of 520 seats, 8 connections that claim and give back (the pace of " \
	"the last 10,000 times, or of the last half), then the reading of holds, of a seat with 10 "   \
	"changes, and a prune of nothing; synchronous_commit off"

static const Contest nights0_contests[] = {
	{
		.name = "nights-claim",
		.title = CLAIM_TITLE ALIKE_TITLE,
		.load = {NIGHTS_LOAD, SINGLE, ALL_ALIKE},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_WON, "nights_seatlock" AT_FEW, 0.8},
				  {"nights_seatlock" AT_MOST, FIGURE_BACKEND_MB, "nights_seatlock" AT_FEW, 1.2},
				  {"nights_seatlock" AT_MOST, FIGURE_SERVER_MB, "nights_seatlock" AT_FEW, 1.2}},
	},
	{
		.name = "nights-claim-no-fpi",
		.title = CLAIM_TITLE ALIKE_TITLE ", full_page_writes off",
		.load = {NIGHTS_LOAD, SINGLE, ALL_ALIKE, .without_full_pages = true},
		.num_connections = CONNECTIONS,
		.sides = "nights_unique_insert,nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_WON, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-claim-zipf",
		.title = CLAIM_TITLE FAME_TITLE,
		.load = {NIGHTS_LOAD, SINGLE, BY_FAME},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_ANSWERS, BEST_PEER, 0.9}},
	},
	{
		.name = "nights-refusals",
		.title = REFUSALS_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, TAKEN},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_REFUSED, BEST_PEER, 0.9},
				  {"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-best",
		.title = BEST_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, PAIR, ALL_ALIKE},
		.num_connections = CONNECTIONS,
		.sides = "nights_best",
		.goals = {{"nights_best" AT_MOST, FIGURE_WON, "nights_best" AT_FEW, 0.8}},
	},
	{
		.name = "nights-availability",
		.title = LOOK_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, .wish = WISH_LOOK},
		.num_connections = CONNECTIONS,
		.sides = "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_READ, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-refusals-zipf",
		.title = REFUSALS_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, TAKEN, .events_zipf = 1.1},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_REFUSED, BEST_PEER, 0.9},
				  {"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-best-zipf",
		.title = BEST_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, PAIR, BY_FAME},
		.num_connections = CONNECTIONS,
		.sides = "nights_best",
		.goals = {{"nights_best" AT_MOST, FIGURE_WON, "nights_best" AT_FEW, 0.8}},
	},
	{
		.name = "nights-availability-zipf",
		.title = LOOK_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, .wish = WISH_LOOK, .events_zipf = 1.1},
		.num_connections = CONNECTIONS,
		.sides = "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_READ, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-create",
		.title = CREATE_TITLE,
		.load = {.by_events = true, .num_seats = 2000, .seconds = 60},
		.num_connections = CONNECTIONS,
		.kind = KIND_CREATE,
		.sides = "nights_copy,nights_skip_locked,nights_seatlock",
		.goals = {{"nights_seatlock", FIGURE_EVENT_BYTES, NULL, 130},
				  {"nights_seatlock", FIGURE_NEXT_EVENT, "nights_copy", NEXT_WANTED}},
	},
};

static const Contest nights1_contests[] = {
	{
		.name = "nights-claim",
		.title = CLAIM_TITLE ALIKE_TITLE,
		.load = {NIGHTS_LOAD, SINGLE, ALL_ALIKE},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_ANSWERS, "nights_plain" AT_MOST, 0.97},
				  {"nights_seatlock" AT_MOST, FIGURE_WON, "nights_seatlock" AT_FEW, 0.8},
				  {"nights_seatlock" AT_MOST, FIGURE_BACKEND_MB, "nights_seatlock" AT_FEW, 1.2},
				  {"nights_seatlock" AT_MOST, FIGURE_SERVER_MB, "nights_seatlock" AT_FEW, 1.2}},
	},
	{
		.name = "nights-claim-no-fpi",
		.title = CLAIM_TITLE ALIKE_TITLE ", full_page_writes off",
		.load = {NIGHTS_LOAD, SINGLE, ALL_ALIKE, .without_full_pages = true},
		.num_connections = CONNECTIONS,
		.sides = "nights_unique_insert,nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_WON, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-claim-zipf",
		.title = CLAIM_TITLE FAME_TITLE,
		.load = {NIGHTS_LOAD, SINGLE, BY_FAME},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_ANSWERS, "nights_plain" AT_MOST, 1.2}},
	},
	{
		.name = "nights-refusals",
		.title = REFUSALS_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, TAKEN},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_plain" AT_MOST, 0.97},
				  {"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-best",
		.title = BEST_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, PAIR, ALL_ALIKE},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain_best,nights_best",
		.beside = "nights_plain_best",
		.goals = {{"nights_best" AT_MOST, FIGURE_WON, "nights_best" AT_FEW, 0.8},
				  {"nights_best" AT_MOST, FIGURE_WON, "nights_plain_best" AT_MOST, 0.97}},
	},
	{
		.name = "nights-now",
		.title = NOW_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, SINGLE, ALL_ALIKE},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain,nights_seatlock,nights_now",
		.beside = "nights_plain",
		.goals = {{"nights_now" AT_MOST, FIGURE_ANSWERS, "nights_plain" AT_MOST, 1.0},
				  {"nights_now" AT_MOST, FIGURE_WON, "nights_now" AT_FEW, 0.8},
				  {"nights_now" AT_MOST, FIGURE_BACKEND_MB, "nights_now" AT_FEW, 1.2},
				  {"nights_now" AT_MOST, FIGURE_SERVER_MB, "nights_now" AT_FEW, 1.2}},
	},
	{
		.name = "nights-availability",
		.title = LOOK_TITLE ALIKE_NIGHTS,
		.load = {NIGHTS_LOAD, .wish = WISH_LOOK},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_READ, "nights_seatlock" AT_FEW, 0.8},
				  {"nights_seatlock" AT_MOST, FIGURE_READ, "nights_plain" AT_MOST, 0.97}},
	},
	{
		.name = "nights-refusals-zipf",
		.title = REFUSALS_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, TAKEN, .events_zipf = 1.1},
		.num_connections = CONNECTIONS,
		.sides = PEERS "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_plain" AT_MOST, 1.2},
				  {"nights_seatlock" AT_MOST, FIGURE_REFUSED, "nights_seatlock" AT_FEW, 0.8}},
	},
	{
		.name = "nights-best-zipf",
		.title = BEST_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, PAIR, BY_FAME},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain_best,nights_best",
		.beside = "nights_plain_best",
		.goals = {{"nights_best" AT_MOST, FIGURE_WON, "nights_best" AT_FEW, 0.8},
				  {"nights_best" AT_MOST, FIGURE_WON, "nights_plain_best" AT_MOST, 0.97}},
	},
	{
		.name = "nights-now-zipf",
		.title = NOW_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, SINGLE, BY_FAME},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain,nights_seatlock,nights_now",
		.beside = "nights_plain",
		.goals = {{"nights_now" AT_MOST, FIGURE_ANSWERS, "nights_plain" AT_MOST, 1.0},
				  {"nights_now" AT_MOST, FIGURE_WON, "nights_now" AT_FEW, 0.8},
				  {"nights_now" AT_MOST, FIGURE_BACKEND_MB, "nights_now" AT_FEW, 1.2},
				  {"nights_now" AT_MOST, FIGURE_SERVER_MB, "nights_now" AT_FEW, 1.2}},
	},
	{
		.name = "nights-availability-zipf",
		.title = LOOK_TITLE FAMOUS_NIGHTS,
		.load = {NIGHTS_LOAD, .wish = WISH_LOOK, .events_zipf = 1.1},
		.num_connections = CONNECTIONS,
		.sides = "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_READ, "nights_seatlock" AT_FEW, 0.8},
				  {"nights_seatlock" AT_MOST, FIGURE_READ, "nights_plain" AT_MOST, 0.97}},
	},
	{
		.name = "nights-create",
		.title = CREATE_TITLE,
		.load = {.by_events = true, .num_seats = 2000, .seconds = 60},
		.num_connections = CONNECTIONS,
		.kind = KIND_CREATE,
		.sides = "nights_copy,nights_skip_locked,nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock", FIGURE_EVENT_BYTES, NULL, 130},
				  {"nights_seatlock", FIGURE_NEXT_EVENT, "nights_copy", NEXT_WANTED}},
	},
};

static const Contest history0_contests[] = {
	{
		.name = "long-history",
		.title = HISTORY_TITLE,
		.load = {HISTORY_LOAD},
		.num_connections = CONNECTIONS,
		.kind = KIND_HISTORY,
		.sides = "nights_seatlock",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_PAIRS, "nights_seatlock" AT_FEW, 0.9},
				  {"nights_seatlock" AT_MOST, FIGURE_HOLDS, "nights_seatlock" AT_FEW, 2},
				  {"nights_seatlock" AT_MOST, FIGURE_SEAT_HISTORY, "nights_seatlock" AT_FEW, 2},
				  {"nights_seatlock" AT_MOST, FIGURE_PRUNE, "nights_seatlock" AT_FEW, 2}},
	},
};

static const Contest history1_contests[] = {
	{
		.name = "long-history",
		.title = HISTORY_TITLE,
		.load = {HISTORY_LOAD},
		.num_connections = CONNECTIONS,
		.kind = KIND_HISTORY,
		.sides = "nights_plain,nights_seatlock",
		.beside = "nights_plain",
		.goals = {{"nights_seatlock" AT_MOST, FIGURE_PAIRS, "nights_seatlock" AT_FEW, 0.9},
				  {"nights_seatlock" AT_MOST, FIGURE_HOLDS, "nights_seatlock" AT_FEW, 2},
				  {"nights_seatlock" AT_MOST, FIGURE_SEAT_HISTORY, "nights_seatlock" AT_FEW, 2},
				  {"nights_seatlock" AT_MOST, FIGURE_PRUNE, "nights_seatlock" AT_FEW, 2}},
	},
};

#define LENGTH(array) ((int) (sizeof(array) / sizeof((array)[0])))

static const Contest nights2_contests[] = {
	{
		.name = "nights-redis-rest",
		.title = "At rest: nights of 520 seats that nobody asks for, mirrored to Redis",
		.load = {.by_events = true, .num_seats = 520, .warm_up = 10, .seconds = 30},
		.kind = KIND_REST,
		.sides = "nights_redis",
		.goals = {{"nights_redis" AT_MOST, FIGURE_CPU, NULL, 0.01},
				  {"nights_redis" AT_MOST, FIGURE_WORKER_MB, NULL, 50},
				  {"nights_redis" AT_MOST, FIGURE_LAG, NULL, 1000}},
	},
};

static const Level nights_levels[] = {
	{"Many nights of one house", LENGTH(nights0_contests), nights0_contests},
	{"Many nights of one house, preloaded and not", LENGTH(nights1_contests), nights1_contests},
	{"Many nights of one house, with Redis", LENGTH(nights2_contests), nights2_contests},
};

static const Level history_levels[] = {
	{"An event with a long history", LENGTH(history0_contests), history0_contests},
	{"An event with a long history, preloaded and not", LENGTH(history1_contests),
	 history1_contests},
};

const Series series[] = {
	{"many-nights", LENGTH(nights_levels), nights_levels},
	{"long-history", LENGTH(history_levels), history_levels},
};
const int num_series = LENGTH(series);
