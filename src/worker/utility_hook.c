/*-------------------------------------------------------------------------
 *
 * utility_hook.c
 *		Send the worker away before commands that need its database to themselves.
 *
 * DROP DATABASE, RENAME, SET TABLESPACE and CREATE DATABASE from a template
 * refuse to work while anybody is connected; what drops the extension leaves a
 * worker nothing to do.  No other one comes meanwhile, whatever asks for it.
 * Where database and extension are still there afterwards, the worker is called
 * back: without it no lapse would be recorded until the next call.  After a drop
 * of the extension that is known at the end of the transaction.
 *
 * Such a drop locks the tables in an order of its own, while every call locks
 * seatlock.event first.  So that is locked before the drop begins: calls that are
 * under way end in peace, later ones wait until there is nothing to call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "shmem/worker_roster.h"
#include "shmem/summon.h"
#include "worker/group_worker.h"

/* The database that is without its worker; InvalidOid: none. */
static struct
{
	Oid database;
	Oid tablespace;
	bool had_worker;
	bool until_end; /* of the transaction, which may take the command back */
} left;

static ProcessUtility_hook_type prev_process_utility;

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

/* Is it an extension or a schema, with all that is in it, and ours? */
static bool
names_seatlock(const DropStmt *statement)
{
	ListCell *cell;

	if (statement->removeType != OBJECT_EXTENSION &&
		(statement->removeType != OBJECT_SCHEMA || statement->behavior != DROP_CASCADE))
		return false;
	foreach (cell, statement->objects)
		if (strcmp(strVal(lfirst(cell)), "seatlock") == 0)
			return true;
	return false;
}

static bool
names_role(const DropOwnedStmt *statement, Oid role)
{
	ListCell *cell;

	foreach (cell, statement->roles)
		if (get_rolespec_oid(lfirst_node(RoleSpec, cell), true) == role)
			return true;
	return false;
}

/* Would the command drop the extension, whose objects are this role's? */
static bool
drops_seatlock(const Node *statement, Oid owner)
{
	return IsA(statement, DropOwnedStmt) ? names_role((const DropOwnedStmt *) statement, owner)
										 : names_seatlock((const DropStmt *) statement);
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

static void
dismiss(Oid database, Oid tablespace, bool until_end)
{
	left.database = database;
	left.tablespace = tablespace;
	left.until_end = until_end;
	left.had_worker = sl_worker_roster_dismiss(database);
}

static void
leave_database(const Node *statement)
{
	Oid database = database_to_leave(statement);
	HeapTuple row =
		OidIsValid(database) ? SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database)) : NULL;
	Oid tablespace;
	bool may;

	if (!HeapTupleIsValid(row))
		return;
	tablespace = ((Form_pg_database) GETSTRUCT(row))->dattablespace;
	may = may_try(statement, (Form_pg_database) GETSTRUCT(row));
	ReleaseSysCache(row);
	if (may)
		dismiss(database, tablespace, false);
}

/* The owner of our tables; InvalidOid: there are none, or the user does not own them. */
static Oid
owner_in_whose_place(Oid event_table)
{
	HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(event_table));
	Oid owner;

	if (!HeapTupleIsValid(row))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(row))->relowner;
	ReleaseSysCache(row);
	return has_privs_of_role(GetUserId(), owner) ? owner : InvalidOid;
}

static void
leave_extension(const Node *statement)
{
	Oid schema = get_namespace_oid("seatlock", true);
	Oid event_table = get_relname_relid("event", schema);
	Oid owner = owner_in_whose_place(event_table);

	if (!OidIsValid(owner) || !drops_seatlock(statement, owner))
		return;
	LockRelationOid(event_table, AccessExclusiveLock);
	dismiss(MyDatabaseId, MyDatabaseTableSpace, true);
}

/* Send away the workers that the command cannot have. */
static void
leave_begin(const Node *statement)
{
	/* one who is away already, as where a function drops more than one thing, stays away */
	if (OidIsValid(left.database) || IsAbortedTransactionBlockState() || XactReadOnly)
		return;
	if (IsA(statement, DropOwnedStmt) || IsA(statement, DropStmt))
		leave_extension(statement);
	else
		leave_database(statement);
}

/*
 * A worker that finds the extension gone after all goes by itself: so it is
 * called also where the drop may stand, after a PREPARE or a savepoint's end.
 */
static void
leave_end(bool call_back)
{
	Oid database = left.database;

	if (!OidIsValid(database))
		return;
	left.database = InvalidOid;
	sl_worker_roster_readmit(database);
	if (call_back && left.had_worker)
		(void) sl_summon_worker(WORKER_GROUP, database, left.tablespace);
}

/* After a command that is done, unless it took away what the worker is for. */
static void
come_back(const Node *statement)
{
	HeapTuple row = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(left.database));

	if (HeapTupleIsValid(row))
	{
		left.tablespace = ((Form_pg_database) GETSTRUCT(row))->dattablespace;
		ReleaseSysCache(row);
	}
	leave_end(!IsA(statement, DropdbStmt));
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

	leave_begin(statement);
	run_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	if (OidIsValid(left.database) && !left.until_end)
		come_back(statement);
}

/* A move to another tablespace commits in its middle: that is not its end. */
static void
follow_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			leave_end(true);
			break;
		case XACT_EVENT_COMMIT:
			if (left.until_end)
				leave_end(false);
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
		leave_end(true);
}

/* To be called while the server preloads this library. */
void
sl_utility_hook_install(void)
{
	prev_process_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
	RegisterXactCallback(follow_transaction, NULL);
	RegisterSubXactCallback(follow_subtransaction, NULL);
}
