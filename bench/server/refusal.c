/*-------------------------------------------------------------------------
 *
 * refusal.c
 *		A server function with the signature and the result of
 *		seatlock.claim that always answers the same refusal.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#define NUM_COLUMNS 11

PG_FUNCTION_INFO_V1(bench_refusal);

static Datum
make_json(const char *text)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}

static HeapTupleHeader
make_refusal(FunctionCallInfo fcinfo)
{
	Datum values[NUM_COLUMNS] = {
		BoolGetDatum(false),
		CStringGetTextDatum("taken"),
		0, /* token */
		0, /* expires_at */
		0, /* expires_in_seconds */
		Int32GetDatum(1000),
		make_json("[]"),
		make_json("[{\"seat\": \"A-1\", \"reason\": \"held\", \"seconds_left\": 900}]"),
		BoolGetDatum(false),
		0, /* together */
		0, /* order_ref */
	};
	bool nulls[NUM_COLUMNS] = {[2] = true, [3] = true, [4] = true, [9] = true, [10] = true};
	TupleDesc tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE ||
		tupdesc->natts != NUM_COLUMNS)
		elog(ERROR, "bench_refusal does not return a seatlock.claim_result");
	return DatumGetHeapTupleHeader(
		HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}

/* Made once, so that it is hard to match. */
Datum
bench_refusal(PG_FUNCTION_ARGS)
{
	static HeapTupleHeader refusal;

	if (refusal == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

		refusal = make_refusal(fcinfo);
		MemoryContextSwitchTo(caller);
	}
	PG_RETURN_HEAPTUPLEHEADER(refusal);
}
