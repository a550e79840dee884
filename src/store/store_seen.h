/*-------------------------------------------------------------------------
 *
 * store_seen.h
 *		What this backend has seen: numbers of labels, the place of an event, numbers of changes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SEEN_H
#define SEATLOCK_STORE_SEEN_H

#include "storage/itemptr.h"

extern int32 sl_seen_seat(int32 layout_id, const char *label);
extern void sl_seen_note_seat(int32 layout_id, const char *label, int32 seat_no);
extern bool sl_seen_event(const char *name, ItemPointer tid);
extern void sl_seen_note_event(const char *name, ItemPointer tid);
extern bool sl_seen_seq(int32 event_id, int64 *seq);
extern void sl_seen_note_seq(int32 event_id, int64 seq);
extern void sl_seen_forget(void);

#endif /* SEATLOCK_STORE_SEEN_H */
