/*-------------------------------------------------------------------------
 *
 * store_key.c
 *		Keys that look-ups search by, and arrays as columns hold them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/uuid.h"

#include "store/table.h"

void
sl_key_int32(ScanKey key, AttrNumber column, int32 value)
{
	ScanKeyInit(key, column, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(value));
}

void
sl_key_int32_from(ScanKey key, AttrNumber column, int32 value)
{
	ScanKeyInit(key, column, BTGreaterEqualStrategyNumber, F_INT4GE, Int32GetDatum(value));
}

void
sl_key_int32_to(ScanKey key, AttrNumber column, int32 value)
{
	ScanKeyInit(key, column, BTLessEqualStrategyNumber, F_INT4LE, Int32GetDatum(value));
}

void
sl_key_int64_above(ScanKey key, AttrNumber column, int64 value)
{
	ScanKeyInit(key, column, BTGreaterStrategyNumber, F_INT8GT, Int64GetDatum(value));
}

/* Key texts are COLLATE "C" in every table. */
void
sl_key_text_datum(ScanKey key, AttrNumber column, Datum value)
{
	ScanKeyEntryInitialize(key, 0, column, BTEqualStrategyNumber, InvalidOid, C_COLLATION_OID,
						   F_TEXTEQ, value);
}

void
sl_key_text(ScanKey key, AttrNumber column, const char *value)
{
	sl_key_text_datum(key, column, CStringGetTextDatum(value));
}

void
sl_key_uuid(ScanKey key, AttrNumber column, const pg_uuid_t *value)
{
	ScanKeyInit(key, column, BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum(value));
}

Datum
sl_datum_int32_array(int n, const int32 *values)
{
	Datum *datums = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		datums[i] = Int32GetDatum(values[i]);
	return PointerGetDatum(construct_array(datums, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

Datum
sl_datum_int64_array(int n, const int64 *values)
{
	Datum *datums = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		datums[i] = Int64GetDatum(values[i]);
	return PointerGetDatum(
		construct_array(datums, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* A palloc'd copy of the elements; our arrays never hold nulls. */
int32 *
sl_datum_to_int32_array(Datum datum, int *n)
{
	ArrayType *array = DatumGetArrayTypeP(datum);
	int32 *values;

	*n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	values = palloc(sizeof(int32) * Max(*n, 1));
	memcpy(values, ARR_DATA_PTR(array), sizeof(int32) * *n);
	return values;
}
