/*
 * libpq (Debian: libpq-dev): cc sale.c $(pkg-config --cflags --libs libpq)
 * Values travel as text and untyped, so the server gives each the type of its argument; lists are JSON.
 * jsonb comes as text: a program that reads conflicts gives it to its JSON library, or lets the server
 * take it apart, as here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libpq-fe.h>

static PGconn *conn;
static const char *event;

/* one row, or an error with its SQLSTATE */
static PGresult *
ask(const char *sql, int n, const char *const *values)
{
	return PQexecParams(conn, sql, n, NULL, values, NULL, NULL, 0);
}

#define ASK(sql, ...) \
	ask(sql, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})

static const char *
get(PGresult *res, const char *column)
{
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		return PQresultErrorField(res, PG_DIAG_SQLSTATE);
	return PQgetvalue(res, 0, PQfnumber(res, column));
}

int
main(void)
{
	char token[64], later[256], opens_at[64], seat[8];
	PGresult *res, *again;
	time_t t;
	int held = 0;

	event = getenv("EVENT");
	conn = PQconnectdb("");
	if (PQstatus(conn) != CONNECTION_OK)
	{
		fputs(PQerrorMessage(conn), stderr);
		return 1;
	}

#define COLUMNS \
	"outcome, token, jsonb_array_length(seats) AS n, together, replayed, expires_at, expires_in_seconds"
	res = ASK("SELECT " COLUMNS " FROM seatlock.claim($1, $2, $3)", event, "[\"A-1\",\"A-2\"]",
			  "ann");
	snprintf(token, sizeof token, "%s", get(res, "token"));
	printf("claim %s %s\n", get(res, "outcome"), get(res, "n"));
	again = res; /* its expires_in_seconds is shown below */

	res = ASK("SELECT outcome, c->>'seat' AS seat, c->>'reason' AS reason"
			  " FROM seatlock.claim($1, $2, $3), jsonb_array_elements(conflicts) c",
			  event, "[\"A-2\",\"A-3\"]", "bob");
	printf("conflicts %s %s %s\n", get(res, "outcome"), get(res, "seat"), get(res, "reason"));
	PQclear(res);

	res = ASK("SELECT " COLUMNS " FROM seatlock.claim($1, $2, $3, token => $4)", event, "A-3",
			  "ann", token);
	printf("add %s %s\n", get(res, "outcome"), get(res, "n"));
	PQclear(res);

	res = ASK("SELECT " COLUMNS " FROM seatlock.claim_best($1, $2, $3)", event, "3", "bob");
	printf("best %s %s %s\n", get(res, "outcome"), get(res, "n"), get(res, "together"));
	PQclear(res);

	res = ASK("SELECT " COLUMNS " FROM seatlock.confirm($1, $2, $3)", event, token, "order 4711");
	printf("confirm %s %s\n", get(res, "outcome"), get(res, "replayed"));
	PQclear(res);

#define KEYED "SELECT " COLUMNS " FROM seatlock.claim($1, $2, $3, request_key => $4)"
	res = ASK(KEYED, event, "D-1", "ann", "cart 1");
	snprintf(token, sizeof token, "%s", get(res, "token"));
	PQclear(res);
	res = ASK(KEYED, event, "D-1", "ann", "cart 1");
	printf("replay %s %s %s\n", get(res, "outcome"), get(res, "replayed"),
		   strcmp(token, get(res, "token")) == 0 ? "true" : "false");
	PQclear(res);

	res = ASK("SELECT outcome FROM seatlock.claim_now($1, $2, $3, request_key => $4)", event, "D-2",
			  "ann", "cart 2");
	printf("now %s\n", get(res, "outcome"));
	PQclear(res);

	res = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3)", "no such event", "A-1", "ann");
	printf("unknown %s\n", get(res, "outcome"));
	PQclear(res);

	res = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3, $4, $5, $6)", event, "E-1", "ann",
			  NULL, NULL, NULL);
	printf("nulls %s\n", get(res, "outcome"));
	PQclear(res);

	res = ASK(
		"SELECT outcome FROM seatlock.claim(event => $1, holder => $2, seats => $3, ttl_seconds => $4)",
		event, "ann", "E-2", "600");
	printf("named %s\n", get(res, "outcome"));
	PQclear(res);

	res = ASK("SELECT outcome FROM seatlock.claim_best($1, $2, $3)", event, "2", "ann");
	printf("ints %s\n", get(res, "outcome"));
	PQclear(res);

	snprintf(later, sizeof later, "%s later", event);
	t = time(NULL) + 3600;
	strftime(opens_at, sizeof opens_at, "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
	PQclear(ASK("SELECT seatlock.create_event($1, $2, opens_at => $3)", later, "Odeon", opens_at));
	res = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3)", later, "A-1", "ann");
	printf("time %s %s\n", get(res, "outcome"), get(again, "expires_in_seconds"));
	PQclear(res);
	PQclear(again);

	PQclear(PQexec(conn, "BEGIN"));
	res = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3)", event, "A-1", "cy");
	again = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3)", event, "[\"F-1\",\"F-2\"]", "cy");
	PQclear(PQexec(conn, "ROLLBACK"));
	printf("tx %s %s ", get(res, "outcome"), get(again, "outcome"));
	PQclear(res);
	PQclear(again);
	res = ASK("SELECT outcome FROM seatlock.claim($1, $2, $3)", event, "F-1", "dan");
	printf("%s\n", get(res, "outcome"));
	PQclear(res);

	for (int n = 1; n <= 12; n++)
	{
		snprintf(seat, sizeof seat, "H-%d", n);
		res = ASK("SELECT ok FROM seatlock.claim($1, $2, $3)", event, seat, "eve");
		held += strcmp(get(res, "ok"), "t") == 0;
		PQclear(res);
	}
	printf("many %d\n", held);
	PQfinish(conn);
	return 0;
}
