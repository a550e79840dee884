/*-------------------------------------------------------------------------
 *
 * worker_leave.c
 *		Send the worker away before commands that need its database to themselves.
 *
 * DROP DATABASE, RENAME, SET TABLESPACE and CREATE DATABASE from a template
 * refuse to work while anybody is connected; DROP EXTENSION leaves a worker
 * nothing to do.  Where database and extension are still there afterwards, the
 * worker is called back: without it nobody would tidy up until the next call.
 * After DROP EXTENSION that is known at the end of the transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/syscache.h"

#include "compat.h"
#include "post.h"
#include "summon.h"
#include "worker.h"

/* A database whose worker was sent away. */
typedef struct Leave
{
	Oid database;
	Oid tablespace;
} Leave;

static ProcessUtility_hook_type prev_process_utility;

/* This transaction has dropped the extension, and may take that back. */
static Leave dropped;

/* CREATE DATABASE copies template1 unless it names another. */
static const char *
template_of(const CreatedbStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return "template1";
}

static bool
moves_tablespace(const AlterDatabaseStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
		if (strcmp(lfirst_node(DefElem, cell)->defname, "tablespace") == 0)
			return true;
	return false;
}

static bool
drops_seatlock(const DropStmt *statement)
{
	ListCell *cell;

	if (statement->removeType != OBJECT_EXTENSION)
		return false;
	foreach (cell, statement->objects)
		if (strcmp(strVal(lfirst(cell)), "seatlock") == 0)
			return true;
	return false;
}

/* The database that a command needs without its worker; InvalidOid: none. */
static Oid
database_to_leave(const Node *statement)
{
	const char *name = NULL;

	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			name = ((const DropdbStmt *) statement)->dbname;
			break;
		case T_CreatedbStmt:
			name = template_of((const CreatedbStmt *) statement);
			break;
		case T_RenameStmt:
			if (((const RenameStmt *) statement)->renameType == OBJECT_DATABASE)
				name = ((const RenameStmt *) statement)->subname;
			break;
		case T_AlterDatabaseStmt:
			if (moves_tablespace((const AlterDatabaseStmt *) statement))
				name = ((const AlterDatabaseStmt *) statement)->dbname;
			break;
		case T_DropStmt:
			return drops_seatlock((const DropStmt *) statement) ? MyDatabaseId : InvalidOid;
		default:
			break;
	}
	return name == NULL ? InvalidOid : get_database_oid(name, true);
}

/*
 * May the user do such a thing to the database at all?  The command checks by
 * itself; this keeps others from sending the worker away in vain.
 */
static bool
may_try(const Node *statement, const FormData_pg_database *database)
{
	return OWNS_DATABASE(database->oid, GetUserId()) ||
		   (IsA(statement, CreatedbStmt) && database->datistemplate);
}

/* First the one that starts the other. */
static bool
dismiss(Oid database)
{
	bool had_worker = sl_crew_dismiss(database);

	return sl_post_dismiss(database) || had_worker;
}

/* Send away the workers that the command cannot have; false when there is none. */
static bool
leave_begin(Leave *leave, const Node *statement)
{
	HeapTuple row;
	bool may;

	leave->database = InvalidOid;
	if (sl_crew_is_on() && !IsAbortedTransactionBlockState())
		leave->database = database_to_leave(statement);
	if (!OidIsValid(leave->database))
		return false;
	row = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(leave->database));
	if (!HeapTupleIsValid(row))
		return false;
	leave->tablespace = ((Form_pg_database) GETSTRUCT(row))->dattablespace;
	may = may_try(statement, (Form_pg_database) GETSTRUCT(row));
	ReleaseSysCache(row);
	return may && dismiss(leave->database);
}

/* After the command, unless it took away what the worker is for. */
static void
call_back(const Node *statement, Oid database)
{
	HeapTuple row;

	if (IsA(statement, DropdbStmt))
		return;
	row = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (!HeapTupleIsValid(row))
		return;
	(void) sl_summon_worker(database, ((Form_pg_database) GETSTRUCT(row))->dattablespace);
	ReleaseSysCache(row);
}

static void
run_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
			ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *queryEnv,
			DestReceiver *dest, QueryCompletion *qc)
{
	if (prev_process_utility)
		prev_process_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest,
								qc);
}

static void
process_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
				ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *queryEnv,
				DestReceiver *dest, QueryCompletion *qc)
{
	const Node *statement = pstmt->utilityStmt;
	Leave leave;

	if (!leave_begin(&leave, statement))
	{
		run_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
		return;
	}
	PG_TRY();
	{
		run_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	}
	PG_CATCH();
	{
		/* no catalog can be read here: the worker is told the tablespace as it was */
		(void) sl_summon_worker(leave.database, leave.tablespace);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (IsA(statement, DropStmt))
		dropped = leave;
	else
		call_back(statement, leave.database);
}

/*
 * A worker that finds the extension gone after all goes by itself: so it is
 * called also where the drop may stand, after a PREPARE or a savepoint's end.
 */
static void
call_back_after_drop(void)
{
	if (OidIsValid(dropped.database))
		(void) sl_summon_worker(dropped.database, dropped.tablespace);
}

static void
follow_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			call_back_after_drop();
			dropped.database = InvalidOid;
			break;
		case XACT_EVENT_COMMIT:
			dropped.database = InvalidOid;
			break;
		default:
			break;
	}
}

static void
follow_subtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
					  void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		call_back_after_drop();
}

/* To be called while the server preloads this library. */
void
sl_worker_install_leave(void)
{
	prev_process_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
	RegisterXactCallback(follow_transaction, NULL);
	RegisterSubXactCallback(follow_subtransaction, NULL);
}
