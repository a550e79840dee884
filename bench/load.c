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

const Load loads[] = {
	{
		.name = "uncontested",
		.title =
			"Uncontested: parties of 1 to 4 random seats out of 400,000, no seat asked for twice",
		.num_seats = 400000,
		.until_sold = 1.0,
		.seconds = 5,
		.figure = FIGURE_WON,
		.wanted = 0.9,
	},
	{
		.name = "on-sale",
		.title =
			"On-sale: parties of 1 to 4 neighbours out of 20,000 seats, popularity by Zipf 0.9, "
			"until 90 % are sold or for 15 s",
		.num_seats = 20000,
		.zipf = 0.9,
		.until_sold = 0.9,
		.seconds = 15,
		.figure = FIGURE_ANSWERS,
		.wanted = 1.2,
	},
};
const int num_loads = sizeof(loads) / sizeof(loads[0]);

struct Wishes
{
	const Load *load;
	Chance chance;
	Zipf *zipf;
	int *order; /* seats, shuffled: in order of popularity, or of asking */
	int next;
};

Wishes *
wishes_create(const Load *load, uint64_t seed)
{
	Wishes *wishes = allocate(1, sizeof(Wishes));

	wishes->load = load;
	wishes->chance.state = seed;
	wishes->order = allocate((size_t) load->num_seats, sizeof(int));
	chance_shuffle(&wishes->chance, wishes->order, load->num_seats);
	if (load->zipf > 0)
		wishes->zipf = zipf_create(load->num_seats, load->zipf);
	return wishes;
}

static int
compare_seats(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

int
wishes_next(Wishes *wishes, int *seats)
{
	int size = chance_between(&wishes->chance, 1, MAX_PARTY);
	int num_seats = wishes->load->num_seats;

	if (wishes->zipf != NULL)
	{
		int first = wishes->order[zipf_draw(wishes->zipf, &wishes->chance)];

		if (first > num_seats - size)
			first = num_seats - size;
		for (int i = 0; i < size; i++)
			seats[i] = first + i;
		return size;
	}

	if (size > num_seats - wishes->next)
		size = num_seats - wishes->next;
	for (int i = 0; i < size; i++)
		seats[i] = wishes->order[wishes->next++];
	qsort(seats, (size_t) size, sizeof(int), compare_seats);
	return size;
}

void
wishes_free(Wishes *wishes)
{
	zipf_free(wishes->zipf);
	free(wishes->order);
	free(wishes);
}
