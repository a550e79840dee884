/*-------------------------------------------------------------------------
 *
 * redis_api.h
 *		All of the core that the library seatlock_redis may use.
 *
 * The two libraries come in packages that are upgraded separately.  So the first
 * thing that a Redis worker does is to tell the core the number below that it was
 * built with, and with another one than the core's it ends there.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_API_H
#define SEATLOCK_REDIS_API_H

#include "api/api_result.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/redis_prefix.h"
#include "base/redis_url.h"
#include "base/seat_list.h"
#include "base/settings.h"
#include "base/vocabulary.h"
#include "shmem/news.h"
#include "shmem/worker_roster.h"
#include "store/store.h"
#include "store/store_default.h"
#include "store/worker_xact.h"
#include "verbs/board_read.h"
#include "worker/group.h"
#include "worker/group_worker.h"

/*
 * To be raised in a release that changes a function listed here, or a type or a
 * constant that the library sees of it.
 */
#define SL_REDIS_API 1

/* This one stays as it is for ever. */
extern PGDLLEXPORT void seatlock_redis_worker_begin(int api);

/*
 * The functions and settings that the library may use; each is PGDLLEXPORT where
 * it is declared, and test/layering compares.  They are weak in the library, so
 * that it can be loaded, and say so, where the core is too old to have one.
 */
#pragma weak sl_board_peek_states
#pragma weak sl_clock_cpu
#pragma weak sl_clock_now
#pragma weak sl_clock_ticks
#pragma weak sl_error_empty_argument
#pragma weak sl_error_is_transient
#pragma weak sl_error_too_long
#pragma weak sl_group_context
#pragma weak sl_group_init
#pragma weak sl_group_run
#pragma weak sl_group_worker_has_extension
#pragma weak sl_news_number
#pragma weak sl_news_read
#pragma weak sl_news_read_all
#pragma weak sl_news_read_list
#pragma weak sl_redis_prefix
#pragma weak sl_redis_url_parse
#pragma weak sl_result_to_json
#pragma weak sl_seat_list_parse
#pragma weak sl_setting_redis_backlog
#pragma weak sl_setting_redis_ca_file
#pragma weak sl_setting_redis_keep
#pragma weak sl_setting_redis_password_file
#pragma weak sl_setting_redis_role
#pragma weak sl_setting_redis_url
#pragma weak sl_store_begins_read_only
#pragma weak sl_store_close
#pragma weak sl_store_find_event
#pragma weak sl_store_next_seat
#pragma weak sl_store_open_latest
#pragma weak sl_store_read_events
#pragma weak sl_store_refresh
#pragma weak sl_vocabulary_status
#pragma weak sl_vocabulary_verb
#pragma weak sl_worker_roster_count
#pragma weak sl_worker_roster_has_orders
#pragma weak sl_worker_roster_is_dismissed
#pragma weak sl_worker_roster_join
#pragma weak sl_worker_roster_next_epoch
#pragma weak sl_worker_roster_nonce
#pragma weak sl_worker_roster_say
#pragma weak sl_worker_roster_take_orders
#pragma weak sl_worker_xact_run

#endif /* SEATLOCK_REDIS_API_H */
