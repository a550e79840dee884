/*-------------------------------------------------------------------------
 *
 * buffers.c
 *		Server functions that map what is cached of the database, and more.
 *
 * A pool's connections have long mapped the shared memory that they use; a new
 * one pays a page fault for each page that it meets first.  This takes all of
 * these faults at once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "storage/shmem.h"
#include "utils/builtins.h"

#define MEMORY_PAGE 4096

PG_FUNCTION_INFO_V1(bench_map_buffers);
PG_FUNCTION_INFO_V1(bench_map_shared);

/* Unlocked: a buffer that is just being given to another database does no harm. */
static bool
is_of_this_database(const BufferDesc *descriptor)
{
#if PG_VERSION_NUM >= 160000 /* the tag has no rnode */
	return descriptor->tag.dbOid == MyDatabaseId;
#else
	return descriptor->tag.rnode.dbNode == MyDatabaseId;
#endif
}

/* (name text, size bigint): a piece of shared memory, as in pg_shmem_allocations */
Datum
bench_map_shared(PG_FUNCTION_ARGS)
{
	int64 size = PG_GETARG_INT64(1);
	bool found;
	const volatile char *start =
		ShmemInitStruct(text_to_cstring(PG_GETARG_TEXT_PP(0)), (Size) size, &found);

	for (int64 offset = 0; offset < size; offset += MEMORY_PAGE)
		(void) start[offset];
	PG_RETURN_INT64(size);
}

Datum
bench_map_buffers(PG_FUNCTION_ARGS)
{
	int64 num_mapped = 0;

	for (int i = 0; i < NBuffers; i++)
	{
		BufferDesc *descriptor = GetBufferDescriptor(i);
		const volatile char *block;

		if (!is_of_this_database(descriptor))
			continue;
		block = BufferGetBlock(BufferDescriptorGetBuffer(descriptor));
		for (int offset = 0; offset < BLCKSZ; offset += MEMORY_PAGE)
			(void) block[offset];
		num_mapped++;
	}
	PG_RETURN_INT64(num_mapped);
}
