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
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "buyer.h"

/* between the labels of an answer; no label of a plan holds it */
#define SEPARATOR "\x1f"

/* So many refusals make a guest who wants certain seats take what there is. */
#define PATIENCE 50

/* columns of every answer */
#define ANSWER_COLUMNS                                                              \
	"ok, outcome, token, extract(epoch FROM expires_at) * 1000000, retry_after_ms," \
	" (SELECT string_agg(label, E'\\x1f') FROM jsonb_array_elements_text(seats) label)"

typedef enum AnswerColumn
{
	ANSWER_OK,
	ANSWER_OUTCOME,
	ANSWER_TOKEN,
	ANSWER_EXPIRES_AT,
	ANSWER_RETRY_AFTER_MS,
	ANSWER_SEATS
} AnswerColumn;

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
	FATE_WALK_AWAY, /* and let the hold lapse */
	FATE_COME_LATE  /* let it lapse, then try to confirm all the same */
} Fate;

struct Buyer
{
	Crowd *crowd;
	Connection *connection;
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
buyer_create(Crowd *crowd, Loop *loop, uint64_t seed)
{
	Buyer *buyer = allocate(1, sizeof(Buyer));

	buyer->crowd = crowd;
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

static void handle_answer(void *owner, const PGresult *result, int64_t latency);

static void
ask(Buyer *buyer, Aim aim, const char *verb, int num_values, const char *const *values)
{
	buyer->aim = aim;
	buyer->state = BUYER_WAITS;
	buyer->crowd->tally.num_asked[aim]++;
	connection_ask(buyer->connection, verb, num_values, values, handle_answer, buyer);
}

/* The seats' labels as an array literal; the caller frees it. */
static char *
write_labels(const House *house, const int *seats, int num_seats)
{
	char *array;
	size_t size;
	FILE *stream = open_memstream(&array, &size);

	if (stream == NULL)
		die("out of memory");
	for (int i = 0; i < num_seats; i++)
	{
		char *quoted = quote_array_element(house->seats[seats[i]].label);

		fprintf(stream, "%c%s", i == 0 ? '{' : ',', quoted);
		free(quoted);
	}
	fputc('}', stream);
	fclose(stream);
	return array;
}

static void
ask_for_best(Buyer *buyer, const char *section)
{
	char party[12];
	const char *values[] = {buyer->crowd->event, party, buyer->holder, section,
							chance_percent(&buyer->chance, 20) ? "require" : "prefer"};

	snprintf(party, sizeof(party), "%d", buyer->party);
	ask(buyer, AIM_CLAIM, "claim_best", 5, values);
}

/* Neighbours around a seat that many want, or the best that is left. */
static void
ask_for_seats(Buyer *buyer)
{
	Crowd *crowd = buyer->crowd;
	int seat = zipf_draw(crowd->popularity, &buyer->chance);
	int seats[DEMO_MAX_PARTY];
	const char *values[] = {crowd->event, NULL, buyer->holder};
	char *labels;

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
	labels = write_labels(crowd->house, seats,
						  house_neighbours(crowd->house, seat, buyer->party, seats));
	values[1] = labels;
	ask(buyer, AIM_CLAIM, "claim", 3, values);
	free(labels);
}

static void
next_guest(Buyer *buyer, int64_t now)
{
	welcome_guest(buyer);
	buyer->state = BUYER_ASKS;
	buyer->act_at = now;
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
			crowd->num_left++;
			values[2] = buyer->holder;
			ask(buyer, AIM_LATE_CONFIRM, "confirm", 3, values);
			break;
		case FATE_EXTEND:
			snprintf(more_seconds, sizeof(more_seconds), "%d", crowd->hold_seconds);
			values[2] = more_seconds;
			ask(buyer, AIM_EXTEND, "extend", 3, values);
			break;
		case FATE_RELEASE:
			ledger_released(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats);
			ask(buyer, AIM_RELEASE, "release", 2, values);
			break;
		case FATE_WALK_AWAY:
			crowd->num_left++;
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

/* Read the seats that the answer names; -1 when it names one that there is not. */
static int
read_seats(const House *house, const char *labels, int *seats)
{
	char *list = copy_string(labels);
	char *rest = NULL;
	int count = 0;

	for (char *label = strtok_r(list, SEPARATOR, &rest); label != NULL && count >= 0;
		 label = strtok_r(NULL, SEPARATOR, &rest))
	{
		int seat = count < DEMO_MAX_PARTY ? house_find(house, label) : -1;

		if (seat >= 0)
			seats[count++] = seat;
		else
			count = -1;
	}
	free(list);
	return count;
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
take_hold(Buyer *buyer, const PGresult *result, int64_t now)
{
	Crowd *crowd = buyer->crowd;
	int64_t until = (int64_t) strtod(PQgetvalue(result, 0, ANSWER_EXPIRES_AT), NULL);

	buyer->num_seats = read_seats(crowd->house, PQgetvalue(result, 0, ANSWER_SEATS), buyer->seats);
	if (buyer->num_seats <= 0)
		die("the answer names seats that are none: %s", PQgetvalue(result, 0, ANSWER_SEATS));
	snprintf(buyer->token, sizeof(buyer->token), "%s", PQgetvalue(result, 0, ANSWER_TOKEN));
	buyer->hold = ledger_open_hold(&crowd->ledger);
	ledger_held(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats, until);

	buyer->state = BUYER_DECIDES;
	buyer->fate = choose_fate(&buyer->chance);
	buyer->act_at = now + think_ns(buyer);
	if (buyer->fate == FATE_COME_LATE)
		buyer->act_at = now + crowd->hold_seconds * NS_PER_SECOND +
						chance_between(&buyer->chance, 1, 200) * NS_PER_MS;
}

/* A success; refusals of a claim are not handled here. */
static void
handle_success(Buyer *buyer, const PGresult *result, int64_t now)
{
	Crowd *crowd = buyer->crowd;

	switch (buyer->aim)
	{
		case AIM_CLAIM:
			take_hold(buyer, result, now);
			return;
		case AIM_EXTEND:
			ledger_held(&crowd->ledger, buyer->hold, buyer->seats, buyer->num_seats,
						(int64_t) strtod(PQgetvalue(result, 0, ANSWER_EXPIRES_AT), NULL));
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

static void
handle_refusal(Buyer *buyer, const PGresult *result, int64_t now)
{
	int retry_after_ms = atoi(PQgetvalue(result, 0, ANSWER_RETRY_AFTER_MS));
	const char *outcome = PQgetvalue(result, 0, ANSWER_OUTCOME);
	bool busy = strcmp(outcome, "busy") == 0;

	if (busy && buyer->aim != AIM_CLAIM)
	{
		/* only a lock stood in the way: the same again */
		buyer->state = BUYER_DECIDES;
		buyer->act_at = now + retry_after_ms * NS_PER_MS;
		return;
	}
	/* the party asks for other seats, unless there are none for it */
	buyer->num_refused++;
	if (buyer->aim != AIM_CLAIM || !(busy || strcmp(outcome, "taken") == 0))
		welcome_guest(buyer);
	buyer->state = BUYER_ASKS;
	buyer->act_at = now + chance_between(&buyer->chance, 0, 4) * NS_PER_MS;
}

static void
handle_answer(void *owner, const PGresult *result, int64_t latency)
{
	Buyer *buyer = owner;
	Crowd *crowd = buyer->crowd;
	int64_t now = now_ns();
	bool ok;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
	{
		crowd->tally.num_errors++;
		if (crowd->first_error == NULL)
			crowd->first_error = copy_string(PQresultErrorMessage(result));
		buyer->state = BUYER_ASKS;
		buyer->act_at = now + NS_PER_SECOND;
		return;
	}
	ok = strcmp(PQgetvalue(result, 0, ANSWER_OK), "t") == 0;
	if (ok)
		handle_success(buyer, result, now);
	else
		handle_refusal(buyer, result, now);
	tally_add(&crowd->tally, buyer->aim, PQgetvalue(result, 0, ANSWER_OUTCOME), ok,
			  ok ? buyer->num_seats : 0, latency);
}
