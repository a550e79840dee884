/*-------------------------------------------------------------------------
 *
 * mirror_labels.h
 *		Labels of layouts in UTF-8: read here, and published.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_MIRROR_LABELS_H
#define SEATLOCK_MIRROR_LABELS_H

#include "redis/redis_link.h"

typedef struct Labels Labels;

extern void sl_labels_init(void);
extern Labels *sl_labels_read(const char *event, int32 layout_id, int num_seats);
extern const char *sl_labels_get(const Labels *labels, int seat);
extern void sl_labels_forget(void);

extern char *sl_labels_key(const RedisLink *link, int32 layout_id);
extern bool sl_labels_publish(RedisLink *link, const Labels *labels);
extern void sl_labels_renewed(int32 layout_id);
extern void sl_labels_lost(int32 layout_id);
extern void sl_labels_all_lost(void);
extern void sl_labels_expire(void);

#endif /* SEATLOCK_MIRROR_LABELS_H */
