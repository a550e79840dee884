/*-------------------------------------------------------------------------
 *
 * store_sql.h
 *		SQL run inside set-up functions and reads.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SQL_H
#define SEATLOCK_STORE_SQL_H

#include "seatlock.h"

/* A parameter of a statement: its type, its value, whether it is null. */
typedef struct SqlArg
{
	Oid type;
	Datum value;
	bool isnull;
} SqlArg;

typedef struct SqlScope
{
	Oid caller; /* the role that called */
	int caller_context;
	bool read_only;
} SqlScope;

extern void sl_sql_begin(SqlScope *scope, bool read_only);
extern void sl_sql_end(SqlScope *scope);
extern uint64 sl_sql_run(SqlScope *scope, const char *query, int nargs, const SqlArg *args);
extern uint64 sl_sql_run_latest(SqlScope *scope, const char *query, int nargs, const SqlArg *args);
extern int32 sl_sql_find_event(SqlScope *scope, const char *event);
extern int32 sl_sql_find_venue(SqlScope *scope, const char *venue);

static inline SqlArg
sql_arg(Oid type, Datum value)
{
	SqlArg arg = {type, value, false};

	return arg;
}

static inline SqlArg
sql_null(Oid type)
{
	SqlArg arg = {type, (Datum) 0, true};

	return arg;
}

#endif /* SEATLOCK_STORE_SQL_H */
