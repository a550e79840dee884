/*-------------------------------------------------------------------------
 *
 * json.h
 *		As much of JSON as it takes to read an answer that came through Redis.
 *
 * A value is known by where its text begins, and nothing is copied but strings.
 * The texts are the server's, so what is no JSON ends the program.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "base.h"

/* a member of an object; NULL: there is none of that name, or it is null */
extern const char *json_member(const char *object, const char *name);
extern bool json_is_true(const char *value);
/* the text of a string; the caller frees it */
extern char *json_string(const char *value);
/* the first element of an array, and the one after that; NULL: there is none */
extern const char *json_first(const char *array);
extern const char *json_next(const char *element);

#endif /* BENCH_JSON_H */
