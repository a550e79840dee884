/*-------------------------------------------------------------------------
 *
 * worker_xact.c
 *		A piece of a worker's work, in a transaction of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/snapmgr.h"

#include "store/worker_xact.h"

/*
 * Do the work and commit, in the caller's memory context.  NULL, or what went
 * wrong: then nothing of it was done, and the worker goes on.
 */
const char *
sl_worker_xact_run(void (*work)(void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	const char *volatile message = NULL;

	PG_TRY();
	{
		StartTransactionCommand();
		MemoryContextSwitchTo(context);
		PushActiveSnapshot(GetTransactionSnapshot());
		work(arg);
		PopActiveSnapshot();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		message = CopyErrorData()->message;
		FlushErrorState();
		AbortCurrentTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	return message;
}
