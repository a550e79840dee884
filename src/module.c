/*-------------------------------------------------------------------------
 *
 * module.c
 *		Entry of the library: settings, callbacks, hooks and workers; nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "base/redis_mask.h"
#include "base/settings.h"
#include "board/board_xact.h"
#include "store/lockkey.h"
#include "shmem.h"
#include "shmem/summon.h"
#include "store/table.h"
#include "worker/group_worker.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
	sl_redis_mask_install();
	sl_settings_define();
	sl_table_register_callbacks();
	sl_lockkey_register_callbacks();
	sl_board_xact_register_callbacks();
	if (process_shared_preload_libraries_in_progress)
	{
		sl_shmem_install();
		sl_summon_named_workers();
		sl_utility_hook_install();
	}
}
