/*-------------------------------------------------------------------------
 *
 * settings.c
 *		The settings, all under the prefix "seatlock.".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "settings.h"
#include "utils/guc.h"

int sl_setting_lock_wait = 50;
int sl_setting_debug_fault = FAULT_NONE;

static const struct config_enum_entry debug_fault_options[] = {
	{"none", FAULT_NONE, false},
	{"no_seat_lock", FAULT_NO_SEAT_LOCK, false},
	{"stale_recheck", FAULT_STALE_RECHECK, false},
	{NULL, 0, false},
};

void
sl_settings_define(void)
{
	DefineCustomIntVariable(
		"seatlock.lock_wait",
		"Longest wait of a claim for seats that another transaction is working on.",
		"0 never waits. Confirm, extend, release and cancel wait at least one second.",
		&sl_setting_lock_wait, 50, 0, 60 * 1000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);

	DefineCustomEnumVariable(
		"seatlock.debug_fault", "Breaks one guard on purpose, for tests of the tests.",
		"With stale_recheck seats are sold twice.", &sl_setting_debug_fault, FAULT_NONE,
		debug_fault_options, PGC_SUSET, GUC_NOT_IN_SAMPLE | GUC_NO_SHOW_ALL, NULL, NULL, NULL);

	/* a misspelt setting of ours is an error, not silence */
	MarkGUCPrefixReserved("seatlock");
}
