/*-------------------------------------------------------------------------
 *
 * load.c
 *		What the buyers of a trial ask for.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "chance.h"
#include "load.h"

struct Wishes
{
	const Load *load;
	Chance chance;
	Zipf *zipf;
	int num_units; /* seats that may be asked for */
	int *order;    /* units, shuffled: in order of popularity, or of asking */
	int next;
	Zipf *event_zipf;
	int *events; /* in order of popularity */
};

int
load_count_seats(const Load *load)
{
	return load->num_seats * (load->num_events > 0 ? load->num_events : 1);
}

static int
count_units(const Load *load)
{
	return load->wish == WISH_TAKEN ? (int) (load->taken * load->num_seats) : load->num_seats;
}

Wishes *
wishes_create(const Load *load, uint64_t seed)
{
	Wishes *wishes = allocate(1, sizeof(Wishes));

	wishes->load = load;
	wishes->chance.state = seed;
	wishes->num_units = count_units(load);
	wishes->order = allocate((size_t) wishes->num_units, sizeof(int));
	chance_shuffle(&wishes->chance, wishes->order, wishes->num_units);
	if (load->wish == WISH_POPULAR)
		wishes->zipf = zipf_create(load->num_seats, load->zipf);
	if (load->num_events > 0)
	{
		wishes->events = allocate((size_t) load->num_events, sizeof(int));
		chance_shuffle(&wishes->chance, wishes->events, load->num_events);
		wishes->event_zipf = zipf_create(load->num_events, load->events_zipf);
	}
	return wishes;
}

static int
compare_seats(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

static int
take_neighbours(int first, int size, int *seats)
{
	for (int i = 0; i < size; i++)
		seats[i] = first + i;
	return size;
}

static int
take_scattered(Wishes *wishes, int size, int *seats)
{
	if (size > wishes->num_units - wishes->next)
		size = wishes->num_units - wishes->next;
	for (int i = 0; i < size; i++)
		seats[i] = wishes->order[wishes->next++];
	qsort(seats, (size_t) size, sizeof(int), compare_seats);
	return size;
}

int
wishes_next(Wishes *wishes, int *seats)
{
	const Load *load = wishes->load;
	int size = chance_between(&wishes->chance, load->min_party, load->max_party);
	int first;

	switch (load->wish)
	{
		case WISH_SCATTERED:
			return take_scattered(wishes, size, seats);
		case WISH_POPULAR:
			first = wishes->order[zipf_draw(wishes->zipf, &wishes->chance)];
			if (first > load->num_seats - size)
				first = load->num_seats - size;
			return take_neighbours(first, size, seats);
		case WISH_TAKEN:
			seats[0] = chance_between(&wishes->chance, 0, wishes->num_units - 1);
			return 1;
		case WISH_LOOK:
			break;
	}
	return 0;
}

int
wishes_next_event(Wishes *wishes)
{
	if (wishes->events == NULL)
		return 0;
	return wishes->events[zipf_draw(wishes->event_zipf, &wishes->chance)];
}

void
wishes_free(Wishes *wishes)
{
	if (wishes->events != NULL)
		zipf_free(wishes->event_zipf);
	free(wishes->events);
	zipf_free(wishes->zipf);
	free(wishes->order);
	free(wishes);
}
