/*-------------------------------------------------------------------------
 *
 * buffers.c
 *		Maps what is cached of the database, when a connection begins.
 *
 * A pool's connections have long mapped the shared memory that they use; a new
 * one pays a page fault for each page that it meets first.  A connection with
 * the library in session_preload_libraries takes all of these faults at once,
 * of what its settings name:
 *
 *		bench.map_buffers = on			the buffers of its database
 *		bench.map_board = BYTES			the seat board, as pg_shmem_allocations has it
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "storage/shmem.h"
#include "utils/guc.h"

#define MEMORY_PAGE 4096

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

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

static void
map(const volatile char *start, Size size)
{
	for (Size offset = 0; offset < size; offset += MEMORY_PAGE)
		(void) start[offset];
}

static void
map_buffers(void)
{
	for (int i = 0; i < NBuffers; i++)
	{
		BufferDesc *descriptor = GetBufferDescriptor(i);

		if (is_of_this_database(descriptor))
			map(BufferGetBlock(BufferDescriptorGetBuffer(descriptor)), BLCKSZ);
	}
}

void
_PG_init(void)
{
	const char *board = GetConfigOption("bench.map_board", true, false);
	bool found;

	if (GetConfigOption("bench.map_buffers", true, false) != NULL)
		map_buffers();
	if (board != NULL)
		map(ShmemInitStruct("seatlock board", (Size) atol(board), &found), (Size) atol(board));
}
