/*-------------------------------------------------------------------------
 *
 * errors.h
 *		Errors that more than one room raises, each with its SQLSTATE.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_ERRORS_H
#define SEATLOCK_ERRORS_H

#include "base/compat.h"
#include "base/seatlock.h"

/* 42704: an event, venue, section or category of that name does not exist */
pg_noreturn extern void sl_error_no_event(const char *event);
pg_noreturn extern void sl_error_no_venue(const char *venue);
pg_noreturn extern void sl_error_no_section(const char *section, const char *event);
pg_noreturn extern void sl_error_no_category(const char *category, const char *event);

/* 22023: a required argument is missing, or an argument is out of its range */
pg_noreturn extern void sl_error_null_argument(const char *argument);
pg_noreturn extern PGDLLEXPORT void sl_error_empty_argument(const char *argument);
pg_noreturn extern PGDLLEXPORT void sl_error_too_long(const char *argument, int max_bytes);
pg_noreturn extern void sl_error_control_character(const char *argument);
pg_noreturn extern void sl_error_out_of_range(const char *argument, int64 value, int least);
pg_noreturn extern void sl_error_not_built(const char *argument);

/* 55000: what needs shared memory, without it; more: a further sentence of the hint, or "" */
pg_noreturn extern void sl_error_not_preloaded(const char *function, const char *more);

/* 55000: a table or function of another version of the extension; what: its kind and name */
pg_noreturn extern void sl_error_other_version(const char *what, int num_known, int num_found);

/*
 * 55000: the tables have numbers that the sequence has not given out, as after
 * logical replication
 */
pg_noreturn extern void sl_error_sequence_behind(const char *sequence, int64 last, int64 highest);

/* 54000: more than the group worker's slots hold */
pg_noreturn extern void sl_error_group_too_large(const char *verb);
/* the same where an error may not be raised: filled in */
extern void sl_error_fill_group_too_large(ErrorData *error, const char *verb);

extern PGDLLEXPORT bool sl_error_is_transient(int sqlerrcode);

#endif /* SEATLOCK_ERRORS_H */
