/*-------------------------------------------------------------------------
 *
 * level.c
 *		What is compared: the contests of each level, and what seatlock must
 *		reach in them.
 *
 *-------------------------------------------------------------------------
 */
#include "level.h"

static const Contest level0_contests[] = {
	{
		.name = "uncontested",
		.title =
			"Uncontested: parties of 1 to 4 random seats out of 400,000, no seat asked for twice",
		.load =
			{
				.wish = WISH_SCATTERED,
				.num_seats = 400000,
				.min_party = 1,
				.max_party = 4,
				.seconds = 5,
			},
		.sides = "*",
		.goals = {{"seatlock", FIGURE_WON, BEST_PEER, 0.9}},
	},
	{
		.name = "on-sale",
		.title =
			"On-sale: parties of 1 to 4 neighbours out of 20,000 seats, popularity by Zipf 0.9, "
			"until 90 % are sold or for 15 s",
		.load =
			{
				.wish = WISH_POPULAR,
				.num_seats = 20000,
				.min_party = 1,
				.max_party = 4,
				.zipf = 0.9,
				.until_sold = 0.9,
				.seconds = 15,
			},
		.sides = "*",
		.goals = {{"seatlock", FIGURE_ANSWERS, BEST_PEER, 1.2}},
	},
};

/* parties of 4 on a connection of its own, the search and not the disk being what counts */
#define BEST_SIZE_LOAD                                                                   \
	.wish = WISH_BLOCKS, .min_party = 4, .max_party = 4, .seconds = 5, .until_won = 250, \
	.options = "-c synchronous_commit=off"

#define DURABLE_LOAD                                                                 \
	{                                                                                \
		.wish = WISH_SCATTERED, .num_seats = 400000, .min_party = 1, .max_party = 4, \
		.seconds = 20, .until_won = 20000, .options = "-c synchronous_commit=on"     \
	}

#define ON_SALE_LOAD                                                                       \
	.wish = WISH_POPULAR, .num_seats = 20000, .min_party = 1, .max_party = 4, .zipf = 0.9, \
	.until_sold = 0.9, .seconds = 30

static const Contest level1_contests[] = {
	{
		.name = "refusals",
		.title = "Refusals: single seats out of 20,000 that are all taken, 32 connections",
		.load =
			{
				.wish = WISH_POPULAR,
				.num_seats = 20000,
				.min_party = 1,
				.max_party = 1,
				.taken = 1.0,
				.seconds = 4,
			},
		.num_connections = 32,
		.sides = "constant,seatlock",
		.goals = {{"seatlock", FIGURE_REFUSED, "constant", 0.8},
				  {"seatlock", FIGURE_REFUSED_P50, "constant", 1.3}},
	},
	{
		.name = "on-sale",
		.title =
			"On-sale: parties of 1 to 4 neighbours out of 20,000 seats, Zipf 0.9, 32 connections, "
			"until 90 % are sold or for 30 s",
		.load = {ON_SALE_LOAD},
		.num_connections = 32,
		.sides = "*,seatlock,seatlock_now",
		.goals = {{"seatlock_now", FIGURE_ANSWERS, BEST_PEER, 1.8},
				  {"seatlock", FIGURE_ANSWERS, BEST_PEER, 1.5},
				  {"seatlock_now", FIGURE_HALF_SOLD, BEST_PEER, 0.65},
				  {"seatlock_now", FIGURE_MOST_SOLD, BEST_PEER, 0.6}},
	},
	{
		.name = "durable-16",
		.title = "Durable claims: parties of 1 to 4 random seats out of 400,000, "
				 "16 connections, until 20,000 are won",
		.load = DURABLE_LOAD,
		.num_connections = 16,
		.sides = "*,seatlock_now",
		.goals = {{"seatlock_now", FIGURE_WON, BEST_PEER, 1.5}},
	},
	{
		.name = "durable-64",
		.title = "Durable claims: parties of 1 to 4 random seats out of 400,000, "
				 "64 connections, until 20,000 are won",
		.load = DURABLE_LOAD,
		.num_connections = 64,
		.sides = "*,seatlock_now",
		.goals = {{"seatlock_now", FIGURE_WON, BEST_PEER, 2.5}},
	},
	{
		.name = "best",
		.title = "Best seats: parties of 4 out of 50,000 seats, the best that are free against "
				 "chosen ones, 32 connections",
		.load =
			{
				.wish = WISH_BLOCKS,
				.num_seats = 50000,
				.min_party = 4,
				.max_party = 4,
				.until_sold = 0.9,
				.seconds = 5,
			},
		.num_connections = 32,
		.sides = "seatlock_now,seatlock_best_now",
		.goals = {{"seatlock_best_now", FIGURE_WON, "seatlock_now", 0.7}},
	},
	{
		.name = "best-size",
		.title = "Size of the house: the best 4 of 50,000 and of 5,000 free seats, 1 connection, "
				 "synchronous_commit off",
		.load = {BEST_SIZE_LOAD},
		.num_connections = 1,
		.sides = "seatlock_best@5000,seatlock_best@50000",
		.goals = {{"seatlock_best@50000", FIGURE_WON_P50, "seatlock_best@5000", 1.5}},
	},
	{
		.name = "best-half",
		.title = "Size of the house: the same with the front half sold",
		.load = {BEST_SIZE_LOAD, .taken = 0.5},
		.num_connections = 1,
		.sides = "seatlock_best@5000,seatlock_best@50000",
		.goals = {{"seatlock_best@50000", FIGURE_WON_P50, "seatlock_best@5000", 1.5}},
	},
	{
		.name = "seat-map",
		.title = "Seat map: reading the status of 50,000 seats, half of them taken, 1 connection",
		.load = {.wish = WISH_LOOK, .num_seats = 50000, .taken = 0.5, .seconds = 2},
		.num_connections = 1,
		.sides = "seat_map,seat_map_compact",
		.goals = {{"seat_map_compact", FIGURE_READ, "seat_map", 30}},
	},
	{
		.name = "memory",
		.title = "Memory: the board of 50,000 seats with labels of 16 bytes, all of them warm",
		.load =
			{
				.wish = WISH_POPULAR,
				.num_seats = 50000,
				.min_party = 1,
				.max_party = 1,
				.taken = 1.0,
				.seconds = 1,
			},
		.num_connections = 1,
		.sides = "long_labels",
		.goals = {{"long_labels", FIGURE_BYTES, NULL, 48}},
	},
};

/* single seats of a house that is sold out */
#define REDIS_REFUSALS_LOAD                                                                 \
	.wish = WISH_POPULAR, .num_seats = 20000, .min_party = 1, .max_party = 1, .taken = 1.0, \
	.seconds = 4

#define INTAKE_LOAD                                                              \
	.wish = WISH_SCATTERED, .num_seats = 400000, .min_party = 1, .max_party = 4, \
	.options = "-c synchronous_commit=on", .redis_connections = 4, .in_flight = 256

static const Contest level2_contests[] = {
	{
		.name = "sql-mirror",
		.title =
			"On-sale in SQL, mirrored to Redis: parties of 1 to 4 neighbours out of 20,000 seats, "
			"Zipf 0.9, 32 connections, until 90 % are sold",
		.load = {ON_SALE_LOAD},
		.num_connections = 32,
		.sides = "seatlock_now,seatlock_now_mirrored",
		.goals = {{"seatlock_now_mirrored", FIGURE_ANSWERS, "seatlock_now", 0.95}},
	},
	{
		.name = "sql-stopped",
		.title = "On-sale in SQL, while Redis hangs (SIGSTOP): the same load",
		.load = {ON_SALE_LOAD},
		.num_connections = 32,
		.sides = "seatlock_now,seatlock_now_stopped",
		.goals = {{"seatlock_now_stopped", FIGURE_ANSWERS, "seatlock_now", 0.95},
				  {"seatlock_now_stopped", FIGURE_CALL_P999, "seatlock_now", 50, MEASURE_MORE}},
	},
	{
		.name = "visible",
		.title = "From commit to Redis: the same load, and a subscriber to the changes",
		.load = {ON_SALE_LOAD, .watched = true},
		.num_connections = 32,
		.sides = "seatlock_now_mirrored",
		.goals = {{"seatlock_now_mirrored", FIGURE_VISIBLE_P99, NULL, 50}},
	},
	{
		.name = "intake",
		.title =
			"Durable claims: parties of 1 to 4 random seats out of 400,000, until 40,000 are won; "
			"64 connections to PostgreSQL, or 4 to Redis with 256 claims under way on each",
		.load = {INTAKE_LOAD, .seconds = 20, .until_won = 40000},
		.num_connections = 64,
		.sides = "*,seatlock_now,seatlock_redis",
		.goals = {{"seatlock_redis", FIGURE_WON, BEST_PEER, 3}},
	},
	{
		.name = "verdict",
		.title = "From the claim to the verdict, through Redis, at half of what it can take",
		.load = {INTAKE_LOAD, .seconds = 8, .pace = 0.5},
		.num_connections = 4,
		.sides = "seatlock_redis",
		.goals = {{"seatlock_redis", FIGURE_WON_P50, NULL, 10},
				  {"seatlock_redis", FIGURE_WON_P99, NULL, 100}},
	},
	{
		.name = "refusals",
		.title =
			"Refusals by Redis: single seats out of 20,000 that are all taken, 50 connections, "
			"one call each",
		.load = {REDIS_REFUSALS_LOAD, .in_flight = 1},
		.num_connections = 50,
		.sides = "redis_constant,seatlock_redis",
		.goals = {{"seatlock_redis", FIGURE_REFUSED, "redis_constant", 0.9}},
	},
	{
		.name = "refusals-16",
		.title = "Refusals by Redis: the same, 16 calls under way on each connection",
		.load = {REDIS_REFUSALS_LOAD, .in_flight = 16},
		.num_connections = 50,
		.sides = "redis_constant,seatlock_redis",
		.goals = {{"seatlock_redis", FIGURE_REFUSED, "redis_constant", 0.25}},
	},
};

#define LENGTH(array) ((int) (sizeof(array) / sizeof((array)[0])))

const Level levels[] = {
	{"seatlock and its peers, side by side", LENGTH(level0_contests), level0_contests},
	{"seatlock preloaded and its peers, side by side", LENGTH(level1_contests), level1_contests},
	{"seatlock with Redis", LENGTH(level2_contests), level2_contests},
};
const int num_levels = LENGTH(levels);
