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

#include "base/redis_url.h"
#include "base/settings.h"

int sl_setting_board_size = 64 * 1024;
int sl_setting_lock_wait = 50;
int sl_setting_group_wait = 200;
int sl_setting_group_limit = 5000;
char *sl_setting_databases = NULL;
char *sl_setting_redis_url = NULL;
char *sl_setting_redis_password_file = NULL;
char *sl_setting_redis_ca_file = NULL;
char *sl_setting_redis_prefix = NULL;
char *sl_setting_redis_role = NULL;
int sl_setting_redis_backlog = 10000;
int sl_setting_redis_keep = SECS_PER_DAY;

#ifdef SEATLOCK_FAULTS
int sl_setting_debug_fault = FAULT_NONE;

static const struct config_enum_entry debug_fault_options[] = {
	{"none", FAULT_NONE, false},
	{"no_seat_lock", FAULT_NO_SEAT_LOCK, false},
	{"stale_recheck", FAULT_STALE_RECHECK, false},
	{"park_warm", FAULT_PARK_WARM, false},
	{"park_layout", FAULT_PARK_LAYOUT, false},
	{NULL, 0, false},
};
#endif

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

static bool
check_redis_url(char **newval, void **extra, GucSource source)
{
	RedisUrl url;
	const char *wrong;

	if (*newval == NULL || **newval == '\0')
		return true;
	wrong = sl_redis_url_parse(*newval, &url);
	if (wrong != NULL)
		GUC_check_errdetail("%s", wrong);
	return wrong == NULL;
}

static bool
check_redis_prefix(char **newval, void **extra, GucSource source)
{
	if (*newval == NULL || strpbrk(*newval, "{}") == NULL)
		return true;
	GUC_check_errdetail("Braces would put the keys into different slots of a cluster.");
	return false;
}

static void
define_redis_settings(void)
{
	DefineCustomStringVariable(
		"seatlock.redis_url", "The Redis server that serves seat maps and takes in claims.",
		"redis[s]://[user[:password]@]host[:port][/db] or unix:///path[?db=n]; empty: none. A password "
		"here can be read by superusers and pg_read_all_settings.",
		&sl_setting_redis_url, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_redis_url, NULL, NULL);

	DefineCustomStringVariable(
		"seatlock.redis_password_file", "File whose first line is the password for Redis.",
		"Read at each connect, so that it can be changed; it goes before one in the URL.",
		&sl_setting_redis_password_file, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);

	DefineCustomStringVariable("seatlock.redis_ca_file",
							   "File of the certificates that rediss:// trusts, in PEM.",
							   "Empty: those that the machine trusts.", &sl_setting_redis_ca_file,
							   "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);

	DefineCustomStringVariable(
		"seatlock.redis_prefix", "What the keys in Redis begin with, within braces.",
		"Empty: seatlock:<system identifier>:<database oid>.", &sl_setting_redis_prefix, "",
		PGC_SIGHUP, 0, check_redis_prefix, NULL, NULL);

	DefineCustomStringVariable(
		"seatlock.redis_role", "The role in whose name claims that come through Redis are decided.",
		"It needs the grants for selling. Empty: Redis only shows seat maps.",
		&sl_setting_redis_role, "", PGC_SIGHUP, 0, NULL, NULL, NULL);

	DefineCustomIntVariable("seatlock.redis_backlog",
							"Most claims that may wait in Redis to be decided.",
							"With more, Redis answers busy.", &sl_setting_redis_backlog, 10000, 1,
							10000000, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"seatlock.redis_keep", "How long an event that nobody touches stays in Redis.",
		"It comes back when it is asked for.", &sl_setting_redis_keep, SECS_PER_DAY, 1,
		PG_INT32_MAX, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
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
		DefineCustomIntVariable(
			"seatlock.board_size", "Shared memory for the seat board, which refuses at once.",
			"0 does without. About 18 bytes and a label per seat of the events that are asked for.",
			&sl_setting_board_size, 64 * 1024, 0, MAX_KILOBYTES, PGC_POSTMASTER, GUC_UNIT_KB,
			check_board_size, NULL, NULL);

		DefineCustomStringVariable(
			"seatlock.databases", "Databases that have their worker from the start of the server.",
			"Names, separated by commas. Others have one from the first claim_now on.",
			&sl_setting_databases, "", PGC_POSTMASTER, GUC_LIST_INPUT, NULL, NULL, NULL);
	}
	define_redis_settings();

#ifdef SEATLOCK_FAULTS
	DefineCustomEnumVariable(
		"seatlock.debug_fault", "Breaks one guard on purpose, or stops for a test.",
		"With stale_recheck seats are sold twice.", &sl_setting_debug_fault, FAULT_NONE,
		debug_fault_options, PGC_SUSET, GUC_NOT_IN_SAMPLE, NULL, NULL, NULL);
#endif

	/* a misspelt setting of ours is an error, not silence */
	MarkGUCPrefixReserved("seatlock");
}
