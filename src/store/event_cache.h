/*-------------------------------------------------------------------------
 *
 * event_cache.h
 *		What this backend remembers of events and of their layouts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EVENT_CACHE_H
#define SEATLOCK_EVENT_CACHE_H

#include "shmem/stat.h"
#include "store/store.h"

/* facts */
extern int32 sl_event_cache_find_seat(const Store *store, int32 layout_id, const char *label);
extern void sl_event_cache_note_seat(const Store *store, int32 layout_id, const char *label,
									 int32 seat_no);
extern const Layout *sl_event_cache_find_layout(int32 layout_id);
extern void sl_event_cache_note_layout(uint64 generation, Layout *layout, MemoryContext context);

/* guesses: to be looked at */
extern bool sl_event_cache_find_row(const char *name, ItemPointer tid);
extern void sl_event_cache_note_row(const char *name, int32 event_id, ItemPointer tid);
extern bool sl_event_cache_find_place(Store *store, int32 event_id, int32 seat_no, ItemPointer tid);

extern int64 sl_event_cache_find_seq(int32 event_id);
extern void sl_event_cache_note_seq(int32 event_id, int64 seq);

extern StatRef *sl_event_cache_stat(const ClaimResult *result);

#endif /* SEATLOCK_EVENT_CACHE_H */
