/*-------------------------------------------------------------------------
 *
 * store_sql.h
 *		SQL run inside set-up functions and checks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SQL_H
#define SEATLOCK_STORE_SQL_H

#include "base/seatlock.h"

/* In SQL every name says where it is, so that no search_path finds another: test/qualified. */
#define EQ " OPERATOR(pg_catalog.=) "

/* A parameter of a statement: its type, its value, whether it is null. */
typedef struct SqlArg
{
	Oid type;
	Datum value;
	bool isnull;
} SqlArg;

/* How a scope's statements find their rows. */
typedef enum SqlShape
{
	SQL_BY_KEY,          /* set-up: all that a venue or an event has, in the order of a key */
	SQL_ON_WHOLE_TABLES, /* checks: read only */
	SQL_ON_ONE_EVENT,    /* the same, of what one event has */
	NUM_SQL_SHAPES
} SqlShape;

typedef struct SqlScope
{
	Oid caller; /* the role that called */
	int caller_context;
	bool read_only;
	int settings; /* the nest level of the planner's settings */
} SqlScope;

extern void sl_sql_begin(SqlScope *scope, SqlShape shape);
extern void sl_sql_end(SqlScope *scope);
extern uint64 sl_sql_run(SqlScope *scope, const char *query, int nargs, const SqlArg *args);
extern uint64 sl_sql_run_latest(SqlScope *scope, const char *query, int nargs, const SqlArg *args);
extern NullableDatum sl_sql_column(int column);
extern int32 sl_sql_int32(int column);
extern SqlArg sl_sql_array(Oid type, Datum *values, bool *nulls, int num_values);

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
