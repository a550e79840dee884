/*-------------------------------------------------------------------------
 *
 * answer.h
 *		What a buyer of the demo is told, in SQL or through Redis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include "house.h"

#define DEMO_MAX_PARTY 6

typedef struct Answer
{
	bool ok;
	char outcome[24];
	char token[64];
	int64_t expires_at; /* microseconds since 1970 */
	int retry_after_ms;
	int num_seats;
	int seats[DEMO_MAX_PARTY];
} Answer;

/* what a question in SQL asks for */
#define ANSWER_COLUMNS                                                              \
	"ok, outcome, token, extract(epoch FROM expires_at) * 1000000, retry_after_ms," \
	" (SELECT string_agg(label, E'\\x1f') FROM jsonb_array_elements_text(seats) label)"

/* An error instead of an answer is told in words, which the caller frees; else NULL. */
extern char *answer_read_row(Answer *answer, const PGresult *result, const House *house);
extern char *answer_read_json(Answer *answer, const char *json, const House *house);

#endif /* BENCH_ANSWER_H */
