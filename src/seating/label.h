/*-------------------------------------------------------------------------
 *
 * label.h
 *		Labels of seats, unique in the event.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_LABEL_H
#define SEATLOCK_LABEL_H

#include "base/seatlock.h"

/* What a seat is called on the plan. */
typedef struct SeatName
{
	const char *section;
	const char *row_label; /* NULL in general admission */
	const char *seat_number;
	const char *guid; /* NULL: none of its own */
} SeatName;

/* What the labels of a venue are made of: chosen when it is made, and for good. */
typedef enum LabelRule
{
	LABELS_SHORT,   /* row and number; where that is not unique, with the section */
	LABELS_SECTION, /* always with the section */
	LABELS_GUID,    /* the guid, else as above */
	NUM_LABEL_RULES
} LabelRule;

/* How labels were made unique: what the organiser is told. */
typedef struct LabelCounts
{
	LabelRule rule;
	int num_prefixed; /* row seats labelled Section-Row-Number, which the rule would not have so */
	int num_suffixed; /* seats that needed " (2)", " (3)" and so on */
} LabelCounts;

/* one label per name, in the same order */
extern char **sl_label_make(const SeatName *names, int num_seats, LabelRule rule,
							LabelCounts *counts);
/* would it be read as a JSON array or array literal, where seats are named? */
extern bool sl_label_reads_as_list(const char *label);

/* the words for the rules */
extern const char *sl_label_rule_word(LabelRule rule);
extern bool sl_label_find_rule(const char *word, LabelRule *rule);

#endif /* SEATLOCK_LABEL_H */
