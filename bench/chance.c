/*-------------------------------------------------------------------------
 *
 * chance.c
 *		Chance: numbers from a seed, Zipf's law of popularity, shuffles.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "chance.h"

struct Zipf
{
	int count;
	double up_to[]; /* weight of the ranks up to and with this one */
};

/* splitmix64, by Sebastiano Vigna, in the public domain */
uint64_t
chance_next(Chance *chance)
{
	uint64_t mixed = (chance->state += UINT64_C(0x9e3779b97f4a7c15));

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

double
chance_unit(Chance *chance)
{
	return (double) (chance_next(chance) >> 11) * 0x1.0p-53;
}

int
chance_between(Chance *chance, int low, int high)
{
	return low + (int) (chance_next(chance) % (uint64_t) (high - low + 1));
}

bool
chance_percent(Chance *chance, int percent)
{
	return chance_between(chance, 0, 99) < percent;
}

void
chance_shuffle(Chance *chance, int *order, int count)
{
	for (int i = 0; i < count; i++)
	{
		int j = chance_between(chance, 0, i);

		order[i] = order[j];
		order[j] = i;
	}
}

Zipf *
zipf_create(int count, double exponent)
{
	Zipf *zipf = allocate(1, sizeof(Zipf) + (size_t) count * sizeof(double));
	double sum = 0;

	zipf->count = count;
	for (int i = 0; i < count; i++)
		zipf->up_to[i] = sum += pow(i + 1, -exponent);
	return zipf;
}

int
zipf_draw(const Zipf *zipf, Chance *chance)
{
	double wanted = chance_unit(chance) * zipf->up_to[zipf->count - 1];
	int low = 0;
	int high = zipf->count - 1;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (zipf->up_to[middle] > wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void
zipf_free(Zipf *zipf)
{
	free(zipf);
}
