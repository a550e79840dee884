/*-------------------------------------------------------------------------
 *
 * house.c
 *		The seats of the event that the demo sells.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "house.h"

/* the seats that compare_labels() looks at: qsort() passes no context */
static const Seat *seats_to_compare;

static int
compare_labels(const void *a, const void *b)
{
	return strcmp(seats_to_compare[*(const int *) a].label,
				  seats_to_compare[*(const int *) b].label);
}

void
house_read(House *house, Connection *connection, const char *event)
{
	char *quoted = connection_quote(connection, event);
	char *sql =
		format_string("SELECT label, section, row_label FROM seatlock.seat_map(%s)", quoted);
	PGresult *result = connection_run(connection, sql);

	house->num_seats = PQntuples(result);
	if (house->num_seats == 0)
		die("the event has no seats");
	house->seats = allocate((size_t) house->num_seats, sizeof(Seat));
	house->by_label = allocate((size_t) house->num_seats, sizeof(int));
	for (int i = 0; i < house->num_seats; i++)
	{
		house->seats[i].label = copy_string(PQgetvalue(result, i, 0));
		house->seats[i].section = copy_string(PQgetvalue(result, i, 1));
		house->seats[i].row_label = copy_string(PQgetvalue(result, i, 2));
		house->by_label[i] = i;
	}
	seats_to_compare = house->seats;
	qsort(house->by_label, (size_t) house->num_seats, sizeof(int), compare_labels);
	PQclear(result);
	free(sql);
	free(quoted);
}

int
house_find(const House *house, const char *label)
{
	int low = 0;
	int high = house->num_seats - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(label, house->seats[house->by_label[middle]].label);

		if (order == 0)
			return house->by_label[middle];
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}

static bool
same_row(const House *house, int a, int b)
{
	return a >= 0 && b >= 0 && a < house->num_seats && b < house->num_seats &&
		   strcmp(house->seats[a].row_label, house->seats[b].row_label) == 0 &&
		   strcmp(house->seats[a].section, house->seats[b].section) == 0;
}

int
house_neighbours(const House *house, int seat, int size, int *seats)
{
	int first = seat;
	int count = 1;

	while (count < size && same_row(house, seat, first + count))
		count++;
	while (count < size && same_row(house, seat, first - 1))
	{
		first--;
		count++;
	}
	for (int i = 0; i < count; i++)
		seats[i] = first + i;
	return count;
}

void
house_free(House *house)
{
	for (int i = 0; i < house->num_seats; i++)
	{
		free(house->seats[i].label);
		free(house->seats[i].section);
		free(house->seats[i].row_label);
	}
	free(house->seats);
	free(house->by_label);
}
