/*-------------------------------------------------------------------------
 *
 * contest.c
 *		What the sides of a contest are put under.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "contest.h"

/* parties of neighbours, popular and less so, until nearly all is sold */
#define ON_SALE                                                                            \
	.wish = WISH_POPULAR, .num_seats = 20000, .min_party = 1, .max_party = 4, .zipf = 0.9, \
	.until_sold = 0.9

#define INTAKE                                                                   \
	.wish = WISH_SCATTERED, .num_seats = 400000, .min_party = 1, .max_party = 4, \
	.options = "-c synchronous_commit=on", .redis_connections = 4, .in_flight = 256

#define SINGLE .min_party = 1, .max_party = 1
#define PAIR .min_party = 2, .max_party = 2

/* a house that is sold out */
#define SOLD_OUT .wish = WISH_POPULAR, .num_seats = 20000, SINGLE, .taken = 1.0

#define NIGHTS .by_events = true, .num_seats = 2000, .until_sold = 0.4, .warm_up = 20

/* buyers of whatever seats; or all of them after the same seats of the same nights */
#define ALL_ALIKE .wish = WISH_POPULAR
#define BY_FAME .wish = WISH_POPULAR, .zipf = 0.9, .events_zipf = 1.1

/* 20 seats of each night, which are taken */
#define TAKEN .wish = WISH_TAKEN, .taken = 0.01

static const Contest contests[] = {
	{.name = "on-sale", .load = {ON_SALE}},
	{.name = "visible", .load = {ON_SALE, .watched = true}},
	{.name = "intake", .load = {INTAKE, .until_won = 40000}},
	{.name = "verdict", .load = {INTAKE, .pace = 0.5}},
	{.name = "refusals", .load = {SOLD_OUT, .in_flight = 1}},
	{.name = "refusals-16", .load = {SOLD_OUT, .in_flight = 16}},
	{.name = "nights-claim", .load = {NIGHTS, SINGLE, ALL_ALIKE}},
	{.name = "nights-claim-no-fpi",
	 .load = {NIGHTS, SINGLE, ALL_ALIKE, .without_full_pages = true}},
	{.name = "nights-claim-zipf", .load = {NIGHTS, SINGLE, BY_FAME}},
	{.name = "nights-refusals", .load = {NIGHTS, TAKEN}},
	{.name = "nights-refusals-zipf", .load = {NIGHTS, TAKEN, .events_zipf = 1.1}},
	{.name = "nights-best", .load = {NIGHTS, PAIR, ALL_ALIKE}},
	{.name = "nights-best-zipf", .load = {NIGHTS, PAIR, BY_FAME}},
	{.name = "nights-availability", .load = {NIGHTS, .wish = WISH_LOOK}},
	{.name = "nights-availability-zipf", .load = {NIGHTS, .wish = WISH_LOOK, .events_zipf = 1.1}},
	{.name = "nights-create", .load = {.by_events = true, .num_seats = 2000}, .kind = KIND_CREATE},
	{.name = "nights-redis-rest",
	 .load = {.by_events = true, .num_seats = 520, .warm_up = 10},
	 .kind = KIND_REST},
	/* the reading and not the disk being what counts */
	{.name = "long-history",
	 .load = {.by_events = true,
			  .num_events = 1,
			  .num_seats = 520,
			  .options = "-c synchronous_commit=off"},
	 .kind = KIND_HISTORY},
};

const Contest *
contest_find(const char *name)
{
	for (size_t i = 0; i < sizeof(contests) / sizeof(contests[0]); i++)
		if (strcmp(contests[i].name, name) == 0)
			return &contests[i];
	die("there is no load \"%s\"", name);
}
