/*-------------------------------------------------------------------------
 *
 * settings.h
 *		The settings, all under the prefix "seatlock.".
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SETTINGS_H
#define SEATLOCK_SETTINGS_H

#include "base/seatlock.h"

/*
 * The setting debug_fault breaks one guard on purpose, so that tests can be seen
 * to fail, or stops for one.  It is in the tests' own build alone: with the
 * library that is shipped nobody can sell a seat twice.
 */
typedef enum DebugFault
{
	FAULT_NONE,
	FAULT_NO_SEAT_LOCK,  /* no advisory seat locks: the guarded write alone must hold */
	FAULT_STALE_RECHECK, /* recheck with the old snapshot, write unguarded: oversells */
	FAULT_PARK_WARM,     /* before a row read warms the board: wait for pg_advisory_lock(24231) */
	FAULT_PARK_LAYOUT    /* between a search's look at the event and at its layout: the same */
} DebugFault;

#ifdef SEATLOCK_FAULTS
extern int sl_setting_debug_fault; /* a DebugFault */
#define sl_fault_is(fault) (sl_setting_debug_fault == (fault))
#else
#define sl_fault_is(fault) ((fault) == FAULT_NONE)
#endif

extern int sl_setting_board_size;  /* kB */
extern int sl_setting_lock_wait;   /* milliseconds */
extern int sl_setting_group_wait;  /* milliseconds */
extern int sl_setting_group_limit; /* milliseconds */
extern char *sl_setting_databases; /* names, separated by commas */

/* Redis; strings are empty where they are not set */
extern PGDLLEXPORT char *sl_setting_redis_url;
extern PGDLLEXPORT char *sl_setting_redis_password_file;
extern PGDLLEXPORT char *sl_setting_redis_ca_file; /* "": whom the machine trusts */
extern char *sl_setting_redis_prefix;
extern PGDLLEXPORT char *sl_setting_redis_role;
extern PGDLLEXPORT int sl_setting_redis_backlog; /* entries of the stream */
extern PGDLLEXPORT int sl_setting_redis_keep;    /* seconds */

extern void sl_settings_define(void);

#endif /* SEATLOCK_SETTINGS_H */
