/*-------------------------------------------------------------------------
 *
 * news.h
 *		Which events have changed: counted in shared memory at each commit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_NEWS_H
#define SEATLOCK_NEWS_H

#include "base/seatlock.h"

/* events whose numbers differ by a multiple of this share a count */
#define SL_NUM_NEWS 16384

/* What a reader has seen; zero at first.  So large that it does not belong on a stack. */
typedef struct NewsSeen
{
	uint32 events[SL_NUM_NEWS];
	uint32 list;
	uint32 all;
} NewsSeen;

extern Size sl_news_shared_size(void);
extern void sl_news_attach(void);
extern bool sl_news_is_on(void);

/* Writers; none of these can fail. */
extern void sl_news_tell_event(int32 event_id);
extern void sl_news_tell_list(void);
extern void sl_news_tell_all(void);

/* Readers. */
extern PGDLLEXPORT int sl_news_number(int32 event_id);
extern PGDLLEXPORT void sl_news_read(NewsSeen *seen, void (*visit)(int number, void *arg),
									 void *arg);
extern PGDLLEXPORT bool sl_news_read_list(NewsSeen *seen);
extern PGDLLEXPORT bool sl_news_read_all(NewsSeen *seen);

#endif /* SEATLOCK_NEWS_H */
