/*-------------------------------------------------------------------------
 *
 * settings.c
 *		The settings, all under the prefix "seatlock.".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "settings.h"

int sl_setting_board_size = 64 * 1024;
int sl_setting_lock_wait = 50;
int sl_setting_group_wait = 200;
int sl_setting_group_limit = 5000;
char *sl_setting_databases = NULL;
int sl_setting_debug_fault = FAULT_NONE;

static const struct config_enum_entry debug_fault_options[] = {
	{"none", FAULT_NONE, false},
	{"no_seat_lock", FAULT_NO_SEAT_LOCK, false},
	{"stale_recheck", FAULT_STALE_RECHECK, false},
	{"park_warm", FAULT_PARK_WARM, false},
	{NULL, 0, false},
};

/* less than this has no room for its own bookkeeping */
#define MIN_BOARD_KB 1024

static bool
check_board_size(int *newval, void **extra, GucSource source)
{
	if (*newval == 0 || *newval >= MIN_BOARD_KB)
		return true;
	GUC_check_errdetail("The board needs at least %d kB, or 0 to be switched off.", MIN_BOARD_KB);
	return false;
}

void
sl_settings_define(void)
{
	DefineCustomIntVariable(
		"seatlock.lock_wait",
		"Longest wait of a claim for seats that another transaction is working on.",
		"0 never waits. Confirm, extend, release and cancel wait at least one second.",
		&sl_setting_lock_wait, 50, 0, 60 * 1000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);

	DefineCustomIntVariable(
		"seatlock.group_wait", "Longest wait of claim_now for the worker to take the request.",
		"Then the request is withdrawn and answered busy.", &sl_setting_group_wait, 200, 1,
		60 * 1000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);

	DefineCustomIntVariable(
		"seatlock.group_limit",
		"Longest wait of claim_now for the answer to a request that the worker has taken.",
		"Then the outcome is unknown, and the call raises 08007.", &sl_setting_group_limit, 5000, 1,
		60 * 60 * 1000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);

	if (process_shared_preload_libraries_in_progress)
	{
		DefineCustomIntVariable("seatlock.board_size",
								"Shared memory for the seat board, which refuses at once.",
								"0 does without. About 40 bytes per seat of the events on sale.",
								&sl_setting_board_size, 64 * 1024, 0, MAX_KILOBYTES, PGC_POSTMASTER,
								GUC_UNIT_KB, check_board_size, NULL, NULL);

		DefineCustomStringVariable(
			"seatlock.databases", "Databases that have their worker from the start of the server.",
			"Names, separated by commas. Others have one from the first claim_now on.",
			&sl_setting_databases, "", PGC_POSTMASTER, GUC_LIST_INPUT, NULL, NULL, NULL);
	}

	DefineCustomEnumVariable(
		"seatlock.debug_fault", "Breaks one guard on purpose, or stops for a test.",
		"With stale_recheck seats are sold twice.", &sl_setting_debug_fault, FAULT_NONE,
		debug_fault_options, PGC_SUSET, GUC_NOT_IN_SAMPLE | GUC_NO_SHOW_ALL, NULL, NULL, NULL);

	/* a misspelt setting of ours is an error, not silence */
	MarkGUCPrefixReserved("seatlock");
}
