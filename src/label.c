/*-------------------------------------------------------------------------
 *
 * label.c
 *		Labels of seats, unique in the event.
 *
 * A label is what buyers, tickets and calls name a seat by: "A-12", or
 * "Circle-A-12" where rows of one name stand in several places, and when not
 * even that tells seats apart, "Circle-A-12 (2)".  Pure: names in, labels out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "label.h"
#include "name_table.h"

static bool make_short_labels(const SeatName *names, int num_seats, char **labels);
static int make_long_labels(const SeatName *names, int num_seats, char **labels);
static int add_suffixes(char **labels, int num_seats);

char **
sl_label_make(const SeatName *names, int num_seats, LabelCounts *counts)
{
	char **labels = palloc(sizeof(char *) * Max(num_seats, 1));

	memset(counts, 0, sizeof(*counts));
	if (make_short_labels(names, num_seats, labels))
		return labels;
	counts->num_prefixed = make_long_labels(names, num_seats, labels);
	counts->num_suffixed = add_suffixes(labels, num_seats);
	return labels;
}

bool
sl_label_reads_as_list(const char *label)
{
	return label[0] == '[' || label[0] == '{';
}

/* Row-Number, and Section-n in general admission; false when two are alike. */
static bool
make_short_labels(const SeatName *names, int num_seats, char **labels)
{
	names_hash *used = names_create(CurrentMemoryContext, num_seats, NULL);
	bool found = false;

	for (int i = 0; i < num_seats && !found; i++)
	{
		const char *first = names[i].row_label ? names[i].row_label : names[i].section;

		CHECK_FOR_INTERRUPTS();
		labels[i] = psprintf("%s-%s", first, names[i].seat_number);
		names_insert(used, labels[i], &found);
	}
	names_destroy(used);
	return !found;
}

/* Section-Row-Number for all row seats, so that labels of one event look alike. */
static int
make_long_labels(const SeatName *names, int num_seats, char **labels)
{
	int num_prefixed = 0;

	for (int i = 0; i < num_seats; i++)
	{
		const SeatName *name = &names[i];

		CHECK_FOR_INTERRUPTS();
		if (name->row_label)
		{
			labels[i] = psprintf("%s-%s-%s", name->section, name->row_label, name->seat_number);
			num_prefixed++;
		}
		else
			labels[i] = psprintf("%s-%s", name->section, name->seat_number);
	}
	return num_prefixed;
}

/*
 * The first seat of a label keeps it, the others get " (2)", " (3)" in seat
 * order.  All plain labels are entered before any suffix is tried: a seat that
 * is called "A-1 (2)" on the plan must keep its name.  A label's number in the
 * table is the suffix to try next.
 */
static int
add_suffixes(char **labels, int num_seats)
{
	names_hash *used = names_create(CurrentMemoryContext, num_seats, NULL);
	bool *repeats = palloc(sizeof(bool) * num_seats);
	int num_suffixed = 0;

	for (int i = 0; i < num_seats; i++)
	{
		NameEntry *entry = names_insert(used, labels[i], &repeats[i]);

		if (!repeats[i])
			entry->number = 2;
	}
	for (int i = 0; i < num_seats; i++)
	{
		const char *plain = labels[i];
		bool taken = true;

		CHECK_FOR_INTERRUPTS();
		if (!repeats[i])
			continue;
		while (taken)
		{
			int suffix = names_lookup(used, plain)->number++;
			NameEntry *entry;

			labels[i] = psprintf("%s (%d)", plain, suffix);
			entry = names_insert(used, labels[i], &taken);
			if (!taken)
				entry->number = 2;
		}
		num_suffixed++;
	}
	names_destroy(used);
	pfree(repeats);
	return num_suffixed;
}
