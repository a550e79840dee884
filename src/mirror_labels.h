/*-------------------------------------------------------------------------
 *
 * mirror_labels.h
 *		Labels of layouts in UTF-8, for the Redis worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_MIRROR_LABELS_H
#define SEATLOCK_MIRROR_LABELS_H

#include "seatlock.h"

typedef struct Labels Labels;

extern void sl_labels_init(void);
extern Labels *sl_labels_read(const char *event, int32 layout_id, int num_seats);
extern const char *sl_labels_get(const Labels *labels, int seat);
extern void sl_labels_forget(void);

#endif /* SEATLOCK_MIRROR_LABELS_H */
