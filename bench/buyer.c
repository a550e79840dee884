/*-------------------------------------------------------------------------
 *
 * buyer.c
 *		The buyers of the demo.
 *
 * A buyer is a connection that one guest after the other uses.  Each guest
 * brings a party, asks until it holds seats, and then has made up its mind
 * what to do with them.  The states, with the next ones:
 *
 *		ASKS		at its time: claim or claim_best -> WAITS
 *		WAITS		for the server's answer -> any other
 *		DECIDES		has seats; at its time: by its fate -> WAITS or ASKS
 *
 * Some ask for seats and give them back through Redis; what comes with the
 * order, to pay and to ask for more time, they do in SQL like the others.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "buyer.h"

/* So many refusals make a guest who wants certain seats take what there is. */
#define PATIENCE 50

#define ASK_AGAIN_MS 100

typedef enum BuyerState
{
	BUYER_ASKS,
	BUYER_WAITS,
	BUYER_DECIDES
} BuyerState;

typedef enum Fate
{
	FATE_CONFIRM,
	FATE_EXTEND, /* then confirm */
	FATE_RELEASE,
	FATE_WALK_AWAY, /* and let the hold expire */
	FATE_COME_LATE  /* let it expire, then try to confirm all the same */
} Fate;

struct Buyer
{
	Crowd *crowd;
	Connection *connection;
	FastPath *path; /* NULL: all in SQL */
	int desk;
	Channel channel;
	Chance chance;
	BuyerState state;
	Fate fate;
	Aim aim; /* of the question under way */
	int64_t act_at;
	char holder[24];
	int party;
	bool takes_best; /* or else wants certain seats */
	int num_refused; /* so far, of this guest */
	int hold;        /* its number in the ledger */
	char token[64];
	int num_seats;
	int seats[DEMO_MAX_PARTY];
};

static void
prepare_verbs(Connection *connection)
{
	connection_prepare(connection, "claim",
					   "SELECT " ANSWER_COLUMNS " FROM seatlock.claim($1, $2::text[], $3)");
	connection_prepare(connection, "claim_best",
					   "SELECT " ANSWER_COLUMNS " FROM seatlock.claim_best($1, $2::integer, $3,"
					   " section => $4, adjacency => $5)");
	connection_prepare(connection, "confirm",
					   "SELECT " ANSWER_COLUMNS " FROM seatlock.confirm($1, $2, $3)");
	connection_prepare(connection, "extend",
					   "SELECT " ANSWER_COLUMNS " FROM seatlock.extend($1, $2, $3::integer)");
	connection_prepare(connection, "release",
					   "SELECT " ANSWER_COLUMNS " FROM seatlock.release($1, $2)");
}

/* A pool's connections have their plans made and the event's seats read: so have these. */
static void
warm_up(Connection *connection, const char *event)
{
	char *quoted = connection_quote(connection, event);
	char *claim = format_string("SELECT FROM seatlock.claim_best(%s, 1, 'warm-up')", quoted);

	connection_do(connection, "BEGIN");
	connection_do(connection, claim);
	connection_do(connection, "ROLLBACK");
	free(claim);
	free(quoted);
}

/* Mostly a new guest; some come back for more, up to the event's limit. */
static void
welcome_guest(Buyer *buyer)
{
	static const int parties[] = {1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 6};
	int guest;

	if (buyer->crowd->num_guests > 0 && chance_percent(&buyer->chance, 8))
		guest = chance_between(&buyer->chance, 1, buyer->crowd->num_guests);
	else
		guest = ++buyer->crowd->num_guests;
	snprintf(buyer->holder, sizeof(buyer->holder), "guest-%d", guest);
	buyer->takes_best = chance_percent(&buyer->chance, 25);
	buyer->num_refused = 0;
	buyer->party =
		parties[chance_between(&buyer->chance, 0, sizeof(parties) / sizeof(parties[0]) - 1)];
}

Buyer *
buyer_create(Crowd *crowd, Loop *loop, uint64_t seed, FastPath *path, int desk)
{
	Buyer *buyer = allocate(1, sizeof(Buyer));

	buyer->crowd = crowd;
	buyer->path = path;
	buyer->desk = desk;
	buyer->channel = path != NULL ? CHANNEL_REDIS : CHANNEL_SQL;
	buyer->chance.state = seed;
	buyer->connection = connection_open(loop, NULL, NULL);
	prepare_verbs(buyer->connection);
	warm_up(buyer->connection, crowd->event);
	welcome_guest(buyer);
	return buyer;
}

void
buyer_free(Buyer *buyer)
{
	connection_close(buyer->connection);
	free(buyer);
}

/* Any time from 0.2 to 1.8 times the average. */
static int64_t
think_ns(Buyer *buyer)
{
	double factor = 0.2 + 1.6 * chance_unit(&buyer->chance);

	return (int64_t) (buyer->crowd->think_ms * factor * NS_PER_MS);
}

static void handle_row(void *owner, const PGresult *result, int64_t latency);
static void handle_verdict(void *owner, const FastAnswer *answer);

static void
begin_question(Buyer *buyer, Aim aim)
{
	buyer->aim = aim;
	buyer->state = BUYER_WAITS;
	buyer->crowd->tallies[buyer->channel].num_asked[aim]++;
}

static void
ask(Buyer *buyer, Aim aim, const char *verb, int num_values, const char *const *values)
{
	begin_question(buyer, aim);
	connection_ask(buyer->connection, verb, num_values, values, handle_row, buyer);
}

static void
ask_redis(Buyer *buyer, Aim aim, const char *function, int num_args, const char *const *args)
{
	begin_question(buyer, aim);
	fast_path_ask(buyer->path, buyer->desk, function, num_args, args, handle_verdict, buyer);
}

/* The seats' labels as an array of SQL or of JSON, by its brackets; the caller frees it. */
static char *
write_labels(const House *house, const int *seats, int num_seats, const char *brackets)
{
	char *array;
	size_t size;
	FILE *stream = open_memstream(&array, &size);

	if (stream == NULL)
		die("out of memory");
	for (int i = 0; i < num_seats; i++)
	{
		char *quoted = quote_array_element(house->seats[seats[i]].label);

		/* plain names are quoted alike in both */
		fprintf(stream, "%c%s", i == 0 ? brackets[0] : ',', quoted);
		free(quoted);
	}
	fputc(brackets[1], stream);
	fclose(stream);
	return array;
}

static void
ask_for_best(Buyer *buyer, const char *section)
{
	const char *adjacency = chance_percent(&buyer->chance, 20) ? "require" : "prefer";
	char party[12];
	const char *values[] = {buyer->crowd->event, party, buyer->holder, section, adjacency};
	const char *args[] = {party, buyer->holder, section != NULL ? section : "", "", adjacency, "",
						  ""};

	snprintf(party, sizeof(party), "%d", buyer->party);
	if (buyer->path != NULL)
		ask_redis(buyer, AIM_CLAIM, "seatlock_claim_best", 7, args);
	else
		ask(buyer, AIM_CLAIM, "claim_best", 5, values);
}

static void
ask_for_certain(Buyer *buyer, const int *seats, int num_seats)
{
	Crowd *crowd = buyer->crowd;
	char *labels = write_labels(crowd->house, seats, num_seats, buyer->path != NULL ? "[]" : "{}");
	const char *values[] = {crowd->event, labels, buyer->holder};
	const char *args[] = {labels, buyer->holder, "", ""};

	if (buyer->path != NULL)
		ask_redis(buyer, AIM_CLAIM, "seatlock_claim", 4, args);
	else
		ask(buyer, AIM_CLAIM, "claim", 3, values);
	free(labels);
}

/* Neighbours around a seat that many want, or the best that is left. */
static void
ask_for_seats(Buyer *buyer)
{
	Crowd *crowd = buyer->crowd;
	int seat = zipf_draw(crowd->popularity, &buyer->chance);
	int seats[DEMO_MAX_PARTY];

	if (crowd->house->seats[seat].row_label[0] == '\0')
	{
		ask_for_best(buyer, crowd->house->seats[seat].section);
		return;
	}
	if (buyer->takes_best || buyer->num_refused >= PATIENCE)
	{
		ask_for_best(buyer, NULL);
		return;
	}
	ask_for_certain(buyer, seats, house_neighbours(crowd->house, seat, buyer->party, seats));
}

static void
next_guest(Buyer *buyer, int64_t now)
{
	welcome_guest(buyer);
	buyer->state = BUYER_ASKS;
	buyer->act_at = now;
}

static void
give_back(Buyer *buyer)
{
	const char *values[] = {buyer->crowd->event, buyer->token};
	const char *args[] = {buyer->token, "", ""};

	ledger_released(&buyer->crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats);
	if (buyer->path != NULL)
		ask_redis(buyer, AIM_RELEASE, "seatlock_release", 3, args);
	else
		ask(buyer, AIM_RELEASE, "release", 2, values);
}

static void
decide(Buyer *buyer)
{
	Crowd *crowd = buyer->crowd;
	char more_seconds[12];
	const char *values[] = {crowd->event, buyer->token, NULL};

	switch (buyer->fate)
	{
		case FATE_CONFIRM:
			values[2] = buyer->holder;
			ask(buyer, AIM_CONFIRM, "confirm", 3, values);
			break;
		case FATE_COME_LATE:
			crowd->num_left[buyer->channel]++;
			values[2] = buyer->holder;
			ask(buyer, AIM_LATE_CONFIRM, "confirm", 3, values);
			break;
		case FATE_EXTEND:
			snprintf(more_seconds, sizeof(more_seconds), "%d", crowd->hold_seconds);
			values[2] = more_seconds;
			ask(buyer, AIM_EXTEND, "extend", 3, values);
			break;
		case FATE_RELEASE:
			give_back(buyer);
			break;
		case FATE_WALK_AWAY:
			crowd->num_left[buyer->channel]++;
			next_guest(buyer, now_ns());
			break;
	}
}

int64_t
buyer_act(Buyer *buyer, int64_t now)
{
	if (buyer->state == BUYER_WAITS || (buyer->state == BUYER_ASKS && buyer->crowd->closed))
		return INT64_MAX;
	if (buyer->act_at > now)
		return buyer->act_at;
	if (buyer->state == BUYER_ASKS)
		ask_for_seats(buyer);
	else
		decide(buyer);
	return buyer->state == BUYER_WAITS ? INT64_MAX : buyer->act_at;
}

static Fate
choose_fate(Chance *chance)
{
	int percent = chance_between(chance, 0, 99);

	if (percent < 55)
		return FATE_CONFIRM;
	if (percent < 70)
		return FATE_EXTEND;
	if (percent < 80)
		return FATE_RELEASE;
	return percent < 95 ? FATE_WALK_AWAY : FATE_COME_LATE;
}

static void
take_hold(Buyer *buyer, const Answer *answer, int64_t now)
{
	Crowd *crowd = buyer->crowd;

	if (answer->num_seats == 0)
		die("the answer names no seats");
	buyer->num_seats = answer->num_seats;
	memcpy(buyer->seats, answer->seats, sizeof(buyer->seats));
	memcpy(buyer->token, answer->token, sizeof(buyer->token));
	buyer->hold = ledger_open_hold(&crowd->ledger, buyer->channel);
	ledger_held(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats, answer->expires_at);

	buyer->state = BUYER_DECIDES;
	buyer->fate = choose_fate(&buyer->chance);
	buyer->act_at = now + think_ns(buyer);
	if (buyer->fate == FATE_COME_LATE)
		buyer->act_at = now + crowd->hold_seconds * NS_PER_SECOND +
						chance_between(&buyer->chance, 1, 200) * NS_PER_MS;
}

/* A success; refusals of a claim are not handled here. */
static void
handle_success(Buyer *buyer, const Answer *answer, int64_t now)
{
	Crowd *crowd = buyer->crowd;

	switch (buyer->aim)
	{
		case AIM_CLAIM:
			take_hold(buyer, answer, now);
			return;
		case AIM_EXTEND:
			ledger_held(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats,
						answer->expires_at);
			buyer->fate = FATE_CONFIRM;
			buyer->state = BUYER_DECIDES;
			buyer->act_at = now + think_ns(buyer);
			return;
		case AIM_CONFIRM:
		case AIM_LATE_CONFIRM:
			ledger_booked(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats);
			break;
		case AIM_RELEASE:
		case NUM_AIMS:
			break;
	}
	next_guest(buyer, now);
}

/* Others seats may be free: these were not, or it was not to be told whether. */
static bool
may_ask_again(const char *outcome)
{
	return strcmp(outcome, "busy") == 0 || strcmp(outcome, "taken") == 0 ||
		   strcmp(outcome, "ask") == 0;
}

static void
handle_refusal(Buyer *buyer, const Answer *answer, int64_t now)
{
	bool again = strcmp(answer->outcome, "busy") == 0 || strcmp(answer->outcome, "ask") == 0;

	if (again && buyer->aim != AIM_CLAIM)
	{
		/* only a lock stood in the way, or Redis does not know now: the same again */
		buyer->state = BUYER_DECIDES;
		buyer->act_at =
			now + NS_PER_MS * (answer->retry_after_ms > 0 ? answer->retry_after_ms : ASK_AGAIN_MS);
		return;
	}
	/* the party asks for other seats, unless there are none for it */
	buyer->num_refused++;
	if (buyer->aim != AIM_CLAIM || !may_ask_again(answer->outcome))
		welcome_guest(buyer);
	buyer->state = BUYER_ASKS;
	buyer->act_at = now + chance_between(&buyer->chance, 0, 4) * NS_PER_MS;
}

/* An error is no answer. */
static void
handle_error(Buyer *buyer, const char *error)
{
	Crowd *crowd = buyer->crowd;

	crowd->tallies[buyer->channel].num_errors++;
	if (crowd->first_error == NULL)
		crowd->first_error = copy_string(error);
	buyer->state = BUYER_ASKS;
	buyer->act_at = now_ns() + NS_PER_SECOND;
}

static void
handle_answer(Buyer *buyer, const Answer *answer, const char *outcome, int64_t latency)
{
	int64_t now = now_ns();

	if (answer->ok)
		handle_success(buyer, answer, now);
	else
		handle_refusal(buyer, answer, now);
	tally_add(&buyer->crowd->tallies[buyer->channel], buyer->aim, outcome, answer->ok,
			  answer->ok ? buyer->num_seats : 0, latency);
}

static void
handle_row(void *owner, const PGresult *result, int64_t latency)
{
	Buyer *buyer = owner;
	Answer answer;
	char *error = answer_read_row(&answer, result, buyer->crowd->house);

	if (error != NULL)
		handle_error(buyer, error);
	else
		handle_answer(buyer, &answer, answer.outcome, latency);
	free(error);
}

/* What Redis refuses from its map is told apart from what PostgreSQL refused. */
static void
handle_verdict(void *owner, const FastAnswer *fast)
{
	Buyer *buyer = owner;
	Answer answer;
	char *error = fast->json == NULL ? copy_string(fast->error)
									 : answer_read_json(&answer, fast->json, buyer->crowd->house);

	if (error != NULL)
		handle_error(buyer, error);
	else if (!fast->queued && strcmp(answer.outcome, "taken") == 0)
		handle_answer(buyer, &answer, "taken, by the map", fast->latency);
	else
		handle_answer(buyer, &answer, answer.outcome, fast->latency);
	free(error);
}
