/*-------------------------------------------------------------------------
 *
 * label.c
 *		Labels of seats, unique in the event.
 *
 * A label is what buyers, tickets and calls name a seat by: "A-12", or
 * "Circle-A-12" where rows of one name stand in several places, and when not
 * even that tells seats apart, "Circle-A-12 (2)".  A venue may have chosen to
 * have the section in all of them, or the guids of its plan in their place.
 * Pure: names in, labels out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/name_table.h"
#include "seating/label.h"

static bool make_short_labels(const SeatName *names, int num_seats, char **labels);
static int make_long_labels(const SeatName *names, int num_seats, bool by_guid, char **labels);
static int add_suffixes(const SeatName *names, int num_seats, bool by_guid, char **labels);

static const char *const rule_words[NUM_LABEL_RULES] = {
	[LABELS_SHORT] = "short",
	[LABELS_SECTION] = "section",
	[LABELS_GUID] = "guid",
};

const char *
sl_label_rule_word(LabelRule rule)
{
	return rule_words[rule];
}

bool
sl_label_find_rule(const char *word, LabelRule *rule)
{
	for (int i = 0; i < NUM_LABEL_RULES; i++)
	{
		if (strcmp(word, rule_words[i]) == 0)
		{
			*rule = (LabelRule) i;
			return true;
		}
	}
	return false;
}

char **
sl_label_make(const SeatName *names, int num_seats, LabelRule rule, LabelCounts *counts)
{
	char **labels = palloc(sizeof(char *) * Max(num_seats, 1));
	bool by_guid = rule == LABELS_GUID;
	int num_prefixed;

	*counts = (LabelCounts){rule};
	if (rule == LABELS_SHORT && make_short_labels(names, num_seats, labels))
		return labels;
	num_prefixed = make_long_labels(names, num_seats, by_guid, labels);
	if (rule != LABELS_SECTION)
		counts->num_prefixed = num_prefixed;
	counts->num_suffixed = add_suffixes(names, num_seats, by_guid, labels);
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
make_long_labels(const SeatName *names, int num_seats, bool by_guid, char **labels)
{
	int num_prefixed = 0;

	for (int i = 0; i < num_seats; i++)
	{
		const SeatName *name = &names[i];

		CHECK_FOR_INTERRUPTS();
		if (by_guid && name->guid)
			labels[i] = pstrdup(name->guid);
		else if (name->row_label)
		{
			labels[i] = psprintf("%s-%s-%s", name->section, name->row_label, name->seat_number);
			num_prefixed++;
		}
		else
			labels[i] = psprintf("%s-%s", name->section, name->seat_number);
	}
	return num_prefixed;
}

static void
enter_label(names_hash *used, const char *label, bool *found)
{
	NameEntry *entry = names_insert(used, label, found);

	if (!*found)
		entry->number = 2;
}

/*
 * All plain labels are entered before any suffix is tried: a seat that is called
 * "A-1 (2)" on the plan must keep its name.  Guids come first: they are unique,
 * and no other label makes one of them another.
 */
static void
enter_labels(names_hash *used, const SeatName *names, int num_seats, bool by_guid, char **labels,
			 bool *repeats)
{
	for (int i = 0; by_guid && i < num_seats; i++)
	{
		if (names[i].guid)
			enter_label(used, labels[i], &repeats[i]);
	}
	for (int i = 0; i < num_seats; i++)
	{
		if (!by_guid || !names[i].guid)
			enter_label(used, labels[i], &repeats[i]);
	}
}

/*
 * The first seat of a label keeps it, the others get " (2)", " (3)" in seat
 * order.  A label's number in the table is the suffix to try next.
 */
static int
add_suffixes(const SeatName *names, int num_seats, bool by_guid, char **labels)
{
	names_hash *used = names_create(CurrentMemoryContext, num_seats, NULL);
	bool *repeats = palloc(sizeof(bool) * num_seats);
	int num_suffixed = 0;

	enter_labels(used, names, num_seats, by_guid, labels, repeats);
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

			labels[i] = psprintf("%s (%d)", plain, suffix);
			enter_label(used, labels[i], &taken);
		}
		num_suffixed++;
	}
	names_destroy(used);
	pfree(repeats);
	return num_suffixed;
}
