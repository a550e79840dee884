/*-------------------------------------------------------------------------
 *
 * names.c
 *		The names of the seats of a trial, as the server writes and reads them.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const SeatName *) a)->text, ((const SeatName *) b)->text);
}

void
names_read(Names *names, Connection *connection)
{
	PGresult *result = connection_run(connection, "SELECT * FROM peer.seats()");
	size_t count = (size_t) PQntuples(result);

	names->count = (int) count;
	names->by_seat = allocate(count, sizeof(SeatName));
	names->by_text = allocate(count, sizeof(SeatName));
	for (int i = 0; i < names->count; i++)
		names->by_seat[i] = (SeatName){quote_array_element(PQgetvalue(result, i, 0)), i};
	memcpy(names->by_text, names->by_seat, count * sizeof(SeatName));
	qsort(names->by_text, count, sizeof(SeatName), compare_names);
	PQclear(result);
}

void
names_write(const Names *names, const int *seats, int num_seats, const char *brackets, char *text,
			size_t size)
{
	size_t length = 0;

	for (int i = 0; i < num_seats; i++)
	{
		const char *name = names->by_seat[seats[i]].text;
		int written =
			snprintf(text + length, size - length, "%c%s", i == 0 ? brackets[0] : ',', name);

		length += (size_t) written;
		if (length + 2 > size)
			die("the seat name %s is too long", name);
	}
	memcpy(text + length, brackets + 1, 2);
}

int
names_find(const Names *names, const char *quoted)
{
	SeatName wanted = {.text = (char *) quoted};
	const SeatName *found =
		bsearch(&wanted, names->by_text, (size_t) names->count, sizeof(SeatName), compare_names);

	return found != NULL ? found->seat : -1;
}

int
names_parse(const Names *names, const char *json, int *seats, int max_seats)
{
	int count = 0;

	/* names are quoted alike in JSON and in array literals, as long as they are plain */
	for (const char *name = strchr(json, '"'); name != NULL;)
	{
		const char *end = strchr(name + 1, '"');
		char text[64];
		int seat;

		if (end == NULL || count == max_seats)
			die("the answer names too many seats: %s", json);
		snprintf(text, sizeof(text), "%.*s", (int) (end - name + 1), name);
		seat = names_find(names, text);
		if (seat < 0)
			die("the answer names a seat that is none: %s", text);
		seats[count++] = seat;
		name = strchr(end + 1, '"');
	}
	return count;
}

void
names_free(Names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->by_seat[i].text);
	free(names->by_seat);
	free(names->by_text);
}
