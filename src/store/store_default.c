/*-------------------------------------------------------------------------
 *
 * store_default.c
 *		What new sessions of a role in this database begin with.
 *
 * A worker's own settings are of the day when it began: what ALTER DATABASE and
 * ALTER ROLE have set since is in the catalog alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "store/store_default.h"

#define SETTING "default_transaction_read_only="

/* The setting in a list of name=value; false: it is not in it. */
static bool
find_in_list(ArrayType *list, bool *read_only)
{
	Datum *texts;
	bool *nulls;
	int num_texts;
	bool found = false;

	deconstruct_array(list, TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &num_texts);
	for (int i = 0; i < num_texts && !found; i++)
	{
		const char *item = nulls[i] ? "" : TextDatumGetCString(texts[i]);

		if (strncmp(item, SETTING, strlen(SETTING)) == 0)
			found = parse_bool(item + strlen(SETTING), read_only);
	}
	return found;
}

/* What was set for a database (0: any) and a role (0: any); false: nothing. */
static bool
find_setting(Relation rel, Oid database, Oid role, bool *read_only)
{
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple row;
	bool found = false;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(rel, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	row = systable_getnext(scan);
	if (HeapTupleIsValid(row))
	{
		bool isnull;
		Datum list =
			heap_getattr(row, Anum_pg_db_role_setting_setconfig, RelationGetDescr(rel), &isnull);

		found = !isnull && find_in_list(DatumGetArrayTypeP(list), read_only);
	}
	systable_endscan(scan);
	return found;
}

bool
sl_store_begins_read_only(Oid role, bool servers)
{
	Relation rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	bool read_only = servers;

	/* the first that says something counts, as when a session begins */
	(void) (find_setting(rel, MyDatabaseId, role, &read_only) ||
			find_setting(rel, InvalidOid, role, &read_only) ||
			find_setting(rel, MyDatabaseId, InvalidOid, &read_only) ||
			find_setting(rel, InvalidOid, InvalidOid, &read_only));
	table_close(rel, AccessShareLock);
	return read_only;
}
