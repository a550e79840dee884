/*-------------------------------------------------------------------------
 *
 * store_seen.h
 *		What this backend has seen: the numbers of labels, the places of rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SEEN_H
#define SEATLOCK_STORE_SEEN_H

#include "storage/itemptr.h"

extern bool sl_seen_seat(int32 event_id, const char *label, int32 *seat_no, ItemPointer tid);
extern void sl_seen_note_seat(int32 event_id, const char *label, int32 seat_no, ItemPointer tid);
extern bool sl_seen_event(const char *name, ItemPointer tid);
extern void sl_seen_note_event(const char *name, ItemPointer tid);
extern void sl_seen_forget(void);

#endif /* SEATLOCK_STORE_SEEN_H */
