/*-------------------------------------------------------------------------
 *
 * board_labels.h
 *		The labels of a layout, which all its events on the seat board share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_LABELS_H
#define SEATLOCK_BOARD_LABELS_H

#include "utils/dsa.h"

/* Labels in memory, taken apart. */
typedef struct LabelParts
{
	int num_seats;
	uint32 *offsets; /* of the labels in text, num_seats + 1 */
	uint32 *index;   /* hash table of seat numbers; 0: empty */
	uint32 index_size;
	char *text;
} LabelParts;

extern Size sl_board_label_bytes(int num_seats, Size text_bytes);
/* an empty set of this process, in memory of that size; to be filled in order */
extern void sl_board_labels_init(dsa_pointer place, int num_seats);
extern void sl_board_labels_add(dsa_pointer place, int first, int count, char *const *labels);
extern LabelParts sl_board_labels_parts(dsa_pointer place);
/* the number of the seat with this label; 0: there is none */
extern int32 sl_board_labels_find(const LabelParts *parts, const char *label, Size length);

/* one event more, or less, has them; with the last they go */
extern void sl_board_labels_share(dsa_pointer place);
extern void sl_board_labels_drop(dsa_pointer place);
/* what they take, for each of the events that have them */
extern Size sl_board_labels_share_bytes(dsa_pointer place);

#endif /* SEATLOCK_BOARD_LABELS_H */
