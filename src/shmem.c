/*-------------------------------------------------------------------------
 *
 * shmem.c
 *		The shared memory of all parts, asked for and attached in one place.
 *
 * Each part says how much it needs and sets its own up; see there for who
 * may write what under which lock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "board/board_events.h"
#include "board/board_name.h"
#include "shmem/expiry_hints.h"
#include "shmem/heat.h"
#include "shmem/news.h"
#include "shmem.h"
#include "shmem/request_slot.h"
#include "shmem/stat.h"
#include "shmem/wanted.h"
#include "shmem/worker_roster.h"

typedef struct SharedPart
{
	Size (*shared_size)(void);
	void (*attach)(void); /* under AddinShmemInitLock */
} SharedPart;

static const SharedPart parts[] = {
	{sl_request_slot_shared_size, sl_request_slot_attach},
	{sl_expiry_hints_shared_size, sl_expiry_hints_attach},
	{sl_worker_roster_shared_size, sl_worker_roster_attach},
	{sl_board_shared_size, sl_board_attach},
	{sl_stat_shared_size, sl_stat_attach},
	{sl_wanted_shared_size, sl_wanted_attach},
	{sl_heat_shared_size, sl_heat_attach},
	{sl_board_name_shared_size, sl_board_name_attach},
	{sl_news_shared_size, sl_news_attach},
};

static shmem_request_hook_type prev_shmem_request_hook;
static shmem_startup_hook_type prev_shmem_startup_hook;

static void
request_memory(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	for (int i = 0; i < lengthof(parts); i++)
		RequestAddinShmemSpace(parts[i].shared_size());
	sl_worker_roster_request_locks();
	sl_stat_request_locks();
}

static void
attach_memory(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (int i = 0; i < lengthof(parts); i++)
		parts[i].attach();
	LWLockRelease(AddinShmemInitLock);
}

/* To be called while the server preloads this library. */
void
sl_shmem_install(void)
{
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}
