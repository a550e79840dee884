/*-------------------------------------------------------------------------
 *
 * redis_load.c
 *		The buyers of a trial that ask through Redis.
 *
 * As many as there may be questions under way.  They ask one after the other
 * without a pause, or at a pace: then each question has its time, and is timed
 * from then on even if it was asked later, so that nobody's waiting is left out.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "fast_path.h"
#include "json.h"
#include "redis_load.h"
#include "stage.h"

#define HOLD_SECONDS "900" /* nothing expires during a trial */

/* for the worker to make its plans and to meet the tables, before anything counts */
#define WARM_UP_SECONDS 0.5

typedef struct Crowd Crowd;

typedef struct Buyer
{
	Crowd *crowd;
	int desk;
	char holder[24];
	int64_t due_at; /* nanoseconds, of the question under way */
	int num_seats;
	int seats[MAX_PARTY];
} Buyer;

struct Crowd
{
	const RedisLoad *load;
	Score *score;
	FastPath *path;
	int num_buyers;
	Buyer *buyers;
	double pause; /* nanoseconds between questions; 0: as soon as one is answered */
	Buyer **idle; /* buyers who wait for their turn, at a pace */
	int num_idle;
};

static void handle_answer(void *owner, const FastAnswer *answer);

static void
ask(Buyer *buyer, int64_t due_at)
{
	const RedisLoad *load = buyer->crowd->load;
	char seats[1024];
	const char *args[] = {seats, buyer->holder, HOLD_SECONDS, ""};

	buyer->due_at = due_at;
	buyer->num_seats = wishes_next(load->wishes, buyer->seats);
	if (buyer->num_seats == 0)
	{
		buyer->crowd->score->stopped = true;
		return;
	}
	names_write(load->names, buyer->seats, buyer->num_seats, "[]", seats, sizeof(seats));
	fast_path_ask(buyer->crowd->path, buyer->desk, load->function, 4, args, handle_answer, buyer);
}

static void
count_won(const Buyer *buyer, const char *json, int64_t latency)
{
	const char *value = json_member(json, "token");
	char *token = value != NULL ? json_string(value) : NULL;

	if (token == NULL)
		die("who has won has no token: %s", json);
	score_won(buyer->crowd->score, buyer->seats, buyer->num_seats, token, latency);
	free(token);
}

static void
count_answer(const Buyer *buyer, const FastAnswer *answer, int64_t latency)
{
	Score *score = buyer->crowd->score;
	char *outcome;

	if (answer->json == NULL)
	{
		score_error(score, answer->error);
		return;
	}
	if (json_is_true(json_member(answer->json, "ok")))
	{
		count_won(buyer, answer->json, latency);
		return;
	}
	outcome = json_string(json_member(answer->json, "outcome"));
	/* who is sent to the database has no answer */
	if (strcmp(outcome, "error") == 0 || strcmp(outcome, "ask") == 0)
		score_error(score, answer->json);
	else
		score_refused(score, strcmp(outcome, "busy") == 0, latency);
	free(outcome);
}

static void
handle_answer(void *owner, const FastAnswer *answer)
{
	Buyer *buyer = owner;
	Crowd *crowd = buyer->crowd;
	int64_t now = now_ns();

	count_answer(buyer, answer, now - buyer->due_at);
	if (crowd->pause > 0)
		crowd->idle[crowd->num_idle++] = buyer;
	if (!score_is_over(crowd->score) && crowd->pause == 0)
		ask(buyer, now);
}

/* All ask again as soon as they are answered. */
static void
ask_at_once(Crowd *crowd, double seconds)
{
	crowd->pause = 0;
	score_start(crowd->score, crowd->load->load, seconds);
	for (int i = 0; i < crowd->num_buyers && !crowd->score->stopped; i++)
		ask(&crowd->buyers[i], now_ns());
	fast_path_drain(crowd->path);
	score_end(crowd->score);
}

static void
ask_at_pace(Crowd *crowd, double seconds, double questions_per_second)
{
	double due_at;

	crowd->pause = NS_PER_SECOND / questions_per_second;
	for (int i = 0; i < crowd->num_buyers; i++)
		crowd->idle[i] = &crowd->buyers[i];
	crowd->num_idle = crowd->num_buyers;
	score_start(crowd->score, crowd->load->load, seconds);
	due_at = (double) crowd->score->started_at;
	while (!score_is_over(crowd->score))
	{
		int64_t look_at = fast_path_act(crowd->path, now_ns());

		for (; due_at <= (double) now_ns() && crowd->num_idle > 0; due_at += crowd->pause)
			ask(crowd->idle[--crowd->num_idle], (int64_t) due_at);
		loop_wait_until(crowd->load->loop, due_at < (double) look_at ? (int64_t) due_at : look_at);
	}
	fast_path_drain(crowd->path);
	score_end(crowd->score);
}

static void
open_crowd(Crowd *crowd, const RedisLoad *load, Score *score)
{
	*crowd = (Crowd){.load = load, .score = score};
	crowd->num_buyers = load->num_connections * load->load->in_flight;
	crowd->path = fast_path_open(load->loop, load->stage->socket, load->stage->prefix, STAGE_EVENT,
								 load->num_connections, crowd->num_buyers);
	crowd->buyers = allocate((size_t) crowd->num_buyers, sizeof(Buyer));
	crowd->idle = allocate((size_t) crowd->num_buyers, sizeof(Buyer *));
	for (int i = 0; i < crowd->num_buyers; i++)
	{
		Buyer *buyer = &crowd->buyers[i];

		buyer->crowd = crowd;
		buyer->desk = i;
		snprintf(buyer->holder, sizeof(buyer->holder), "buyer-%d", i + 1);
	}
}

void
redis_load_run(const RedisLoad *load, Score *score)
{
	double pace = load->load->pace;
	Crowd crowd;

	open_crowd(&crowd, load, score);
	ask_at_once(&crowd, WARM_UP_SECONDS);
	ask_at_once(&crowd, pace > 0 ? load->seconds / 2 : load->seconds);
	if (pace > 0)
	{
		/* of what they could ask at most */
		double num_answers = (double) (score->won.count + score->refused.count);
		double seconds = (double) (score->ended_at - score->started_at) / NS_PER_SECOND;

		ask_at_pace(&crowd, load->seconds / 2, pace * num_answers / seconds);
	}
	fast_path_close(crowd.path);
	free(crowd.idle);
	free(crowd.buyers);
}
