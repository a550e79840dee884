/*-------------------------------------------------------------------------
 *
 * seatlock.c
 *		Entry of the library: settings and callbacks; nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "lockkey.h"
#include "settings.h"
#include "store.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
	sl_settings_define();
	sl_store_register_callbacks();
	sl_lockkey_register_callbacks();
}
