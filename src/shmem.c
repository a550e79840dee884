/*-------------------------------------------------------------------------
 *
 * shmem.c
 *		The shared memory of all rooms, asked for and attached in one place.
 *
 * Each room says how much it needs and sets up its own part; see there for who
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
#include "shmem/crew.h"
#include "shmem/expiry_hints.h"
#include "shmem/heat.h"
#include "shmem/news.h"
#include "shmem/post.h"
#include "shmem.h"
#include "shmem/request_slot.h"
#include "shmem/stat.h"
#include "shmem/wanted.h"

typedef struct Room
{
	Size (*shared_size)(void);
	void (*attach)(void); /* under AddinShmemInitLock */
} Room;

static const Room rooms[] = {
	{sl_request_slot_shared_size, sl_request_slot_attach},
	{sl_expiry_hints_shared_size, sl_expiry_hints_attach},
	{sl_crew_shared_size, sl_crew_attach},
	{sl_board_shared_size, sl_board_attach},
	{sl_stat_shared_size, sl_stat_attach},
	{sl_post_shared_size, sl_post_attach},
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
	for (int i = 0; i < lengthof(rooms); i++)
		RequestAddinShmemSpace(rooms[i].shared_size());
	sl_crew_request_locks();
	sl_stat_request_locks();
	sl_post_request_locks();
}

static void
attach_memory(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (int i = 0; i < lengthof(rooms); i++)
		rooms[i].attach();
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
