/*-------------------------------------------------------------------------
 *
 * settings.h
 *		The settings, all under the prefix "seatlock.".
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SETTINGS_H
#define SEATLOCK_SETTINGS_H

#include "seatlock.h"

/* For developers: break one guard on purpose, so that tests can be seen to fail, or stop for one. */
typedef enum DebugFault
{
	FAULT_NONE,
	FAULT_NO_SEAT_LOCK,  /* no advisory seat locks: the guarded write alone must hold */
	FAULT_STALE_RECHECK, /* recheck with the old snapshot, write unguarded: oversells */
	FAULT_PARK_WARM      /* before a row read warms the board: wait for pg_advisory_lock(24231) */
} DebugFault;

extern int sl_setting_board_size;  /* kB */
extern int sl_setting_lock_wait;   /* milliseconds */
extern int sl_setting_group_wait;  /* milliseconds */
extern int sl_setting_group_limit; /* milliseconds */
extern char *sl_setting_databases; /* names, separated by commas */
extern int sl_setting_debug_fault; /* a DebugFault */

/* Redis; strings are empty where they are not set */
extern char *sl_setting_redis_url;
extern char *sl_setting_redis_password_file;
extern char *sl_setting_redis_ca_file; /* "": whom the machine trusts */
extern char *sl_setting_redis_prefix;
extern char *sl_setting_redis_role;
extern int sl_setting_redis_backlog; /* entries of the stream */

extern void sl_settings_define(void);

#endif /* SEATLOCK_SETTINGS_H */
