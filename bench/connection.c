/*-------------------------------------------------------------------------
 *
 * connection.c
 *		Connections to the server, many of them served by one thread.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "connection.h"

struct Connection
{
	Watch watch; /* first */
	PGconn *pg;
	Loop *loop;
	bool asked;
	PGresult *answer; /* received, its end not yet */
	bool wants_write; /* libpq could not send all of the question yet */
	int64_t asked_at;
	AnswerHandler on_answer;
	void *owner;
};

static void
send_pending(Connection *connection)
{
	int left = PQflush(connection->pg);

	if (left < 0)
		die("lost a connection: %s", PQerrorMessage(connection->pg));
	if ((left > 0) != connection->wants_write)
	{
		connection->wants_write = left > 0;
		loop_want_write(connection->loop, PQsocket(connection->pg), &connection->watch, left > 0);
	}
}

static void
finish(Connection *connection)
{
	PGresult *answer = connection->answer;
	int64_t latency = now_ns() - connection->asked_at;

	connection->answer = NULL;
	connection->asked = false;
	connection->loop->num_asked--;
	connection->on_answer(connection->owner, answer, latency);
	PQclear(answer);
}

/* An answer is one result and the NULL that ends it, maybe in two packets. */
static void
receive(Connection *connection)
{
	if (!PQconsumeInput(connection->pg))
		die("lost a connection: %s", PQerrorMessage(connection->pg));
	while (connection->asked && !PQisBusy(connection->pg))
	{
		PGresult *result = PQgetResult(connection->pg);

		if (result == NULL)
			finish(connection);
		else
		{
			PQclear(connection->answer);
			connection->answer = result;
		}
	}
}

static void
on_readable(Watch *watch)
{
	receive((Connection *) watch);
}

static void
on_writable(Watch *watch)
{
	send_pending((Connection *) watch);
}

static void
discard_notice(void *arg, const char *message)
{
	(void) arg;
	(void) message;
}

Connection *
connection_open(Loop *loop, const char *database, const char *options)
{
	const char *const keywords[] = {"dbname", "options", "fallback_application_name", NULL};
	const char *const values[] = {database, options, "seatlock driver", NULL};
	Connection *connection = allocate(1, sizeof(Connection));

	connection->loop = loop;
	connection->pg = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(connection->pg) != CONNECTION_OK)
		die("%s", PQerrorMessage(connection->pg));
	PQsetNoticeProcessor(connection->pg, discard_notice, NULL);
	connection->watch = (Watch){.on_readable = on_readable, .on_writable = on_writable};
	loop_add(loop, PQsocket(connection->pg), &connection->watch);
	return connection;
}

int
connection_pid(const Connection *connection)
{
	return PQbackendPID(connection->pg);
}

void
connection_close(Connection *connection)
{
	PQfinish(connection->pg);
	free(connection);
}

static void
require(const Connection *connection, const PGresult *result, const char *sql)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		die("%sin: %s", PQerrorMessage(connection->pg), sql);
}

PGresult *
connection_run(Connection *connection, const char *sql)
{
	PGresult *result;

	PQsetnonblocking(connection->pg, 0);
	result = PQexec(connection->pg, sql);
	require(connection, result, sql);
	return result;
}

void
connection_do(Connection *connection, const char *sql)
{
	PQclear(connection_run(connection, sql));
}

char *
connection_try(Connection *connection, const char *sql)
{
	PGresult *result;
	ExecStatusType status;
	char *error = NULL;

	PQsetnonblocking(connection->pg, 0);
	result = PQexec(connection->pg, sql);
	status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		error = copy_string(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) != NULL
								? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
								: PQerrorMessage(connection->pg));
	PQclear(result);
	return error;
}

void
connection_prepare(Connection *connection, const char *name, const char *sql)
{
	PGresult *result;

	PQsetnonblocking(connection->pg, 0);
	result = PQprepare(connection->pg, name, sql, 0, NULL);
	require(connection, result, sql);
	PQclear(result);
}

char *
connection_quote(Connection *connection, const char *text)
{
	char *quoted = PQescapeLiteral(connection->pg, text, strlen(text));
	char *result;

	if (quoted == NULL)
		die("%s", PQerrorMessage(connection->pg));
	result = copy_string(quoted);
	PQfreemem(quoted);
	return result;
}

void
connection_ask(Connection *connection, const char *name, int num_values, const char *const *values,
			   AnswerHandler on_answer, void *owner)
{
	PQsetnonblocking(connection->pg, 1);
	connection->on_answer = on_answer;
	connection->owner = owner;
	connection->asked = true;
	connection->loop->num_asked++;
	connection->asked_at = now_ns();
	if (!PQsendQueryPrepared(connection->pg, name, num_values, values, NULL, NULL, 0))
		die("could not send: %s", PQerrorMessage(connection->pg));
	send_pending(connection);
}
