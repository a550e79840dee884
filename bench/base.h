/*-------------------------------------------------------------------------
 *
 * base.h
 *		What every part of the driver needs: memory that is there, files,
 *		the clock, and the way out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)

/* the positions of the format and of the first argument after it */
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Say why, without a newline at the end, and exit with status 1. */
extern void die(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/* zeroed, and never NULL */
extern void *allocate(size_t count, size_t size);
extern void *reallocate(void *memory, size_t count, size_t size);
/* the caller frees the result of these */
extern char *copy_string(const char *string);
extern char *format_string(const char *format, ...) PRINTF_LIKE(1, 2);
extern char *read_file(const char *path);
/* text as an element of PostgreSQL's array literals */
extern char *quote_array_element(const char *text);

/* 12345.6 as "12,346", in a buffer that the eighth call from now overwrites */
extern const char *with_commas(double number);

extern FILE *open_for_appending(const char *path);
extern void close_written(FILE *file, const char *path);

/* nanoseconds of the monotonic clock */
extern int64_t now_ns(void);
/* microseconds since 1970, as the server on the same machine tells them */
extern int64_t wall_us(void);

#endif /* BENCH_BASE_H */
