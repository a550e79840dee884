/*-------------------------------------------------------------------------
 *
 * promise.c
 *		What the buyers were told to have, to be compared with the tables.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "promise.h"

void
promises_add(Promises *promises, const int *seats, int num_seats, const char *token)
{
	if (promises->count + (size_t) num_seats > promises->room)
	{
		promises->room = promises->room * 2 + 1024;
		promises->promises = reallocate(promises->promises, promises->room, sizeof(Promise));
	}
	for (int i = 0; i < num_seats; i++)
	{
		Promise *promise = &promises->promises[promises->count++];

		promise->seat = seats[i];
		snprintf(promise->token, sizeof(promise->token), "%s", token);
	}
}

static int
compare_promises(const void *a, const void *b)
{
	const Promise *first = a;
	const Promise *second = b;

	if (first->seat != second->seat)
		return first->seat < second->seat ? -1 : 1;
	return strcmp(first->token, second->token);
}

int64_t
promises_count_broken(Promises *promises, const Names *names, Connection *connection)
{
	PGresult *result;
	int64_t num_kept = 0;
	bool by_event;

	if (promises->count == 0)
		return 0;
	result = connection_run(connection, "SELECT * FROM peer.held()");
	by_event = PQnfields(result) > 2;
	qsort(promises->promises, promises->count, sizeof(Promise), compare_promises);
	for (int i = 0; i < PQntuples(result); i++)
	{
		char *name = quote_array_element(PQgetvalue(result, i, 0));
		Promise held = {.seat = names_find(names, name)};

		if (by_event)
			held.seat += (atoi(PQgetvalue(result, i, 2)) - 1) * names->count;
		snprintf(held.token, sizeof(held.token), "%s", PQgetvalue(result, i, 1));
		if (bsearch(&held, promises->promises, promises->count, sizeof(Promise),
					compare_promises) != NULL)
			num_kept++;
		free(name);
	}
	PQclear(result);
	return (int64_t) promises->count - num_kept;
}

void
promises_free(Promises *promises)
{
	free(promises->promises);
}
