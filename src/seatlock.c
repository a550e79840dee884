/*-------------------------------------------------------------------------
 *
 * seatlock.c
 *		Entry of the library: settings; nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "settings.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
	sl_settings_define();
}
