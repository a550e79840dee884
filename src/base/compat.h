/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Every test of the server's version.  Wrappers take the newest
 *		signature and shrink it for older servers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_COMPAT_H
#define SEATLOCK_COMPAT_H

#include "postgres.h"

/* before the macros that stand in for their functions */
#include "access/genam.h"
#include "common/jsonapi.h"
#include "executor/executor.h"
#include "storage/proc.h"

#if PG_VERSION_NUM < 150000
#error "seatlock needs PostgreSQL 15 or later"
#endif

/* 16: an update says whether only summarizing indexes need a new entry */
#if PG_VERSION_NUM < 160000
#define TU_UpdateIndexes bool
#define TU_None false
#define TU_All true
#define TU_Summarizing 2
#define ExecInsertIndexTuples(rel, slot, estate, update, no_dup_err, conflict, arbiters, \
							  only_summarizing)                                          \
	ExecInsertIndexTuples(rel, slot, estate, update, no_dup_err, conflict, arbiters)
#endif

/* 16: one ownership check for all kinds of objects */
#if PG_VERSION_NUM < 160000
#define OWNS_DATABASE(database, role) pg_database_ownercheck(database, role)
#else
#define OWNS_DATABASE(database, role) object_ownercheck(DatabaseRelationId, database, role)
#endif

/* 17: the local transaction id moved into PGPROC.vxid, the PGPROC's number out of it */
#if PG_VERSION_NUM < 170000
#define LOCK_BACKEND(lock) ((lock)->backend)
#define LOCK_LXID(lock) ((lock)->lxid)
#define MY_LXID (MyProc->lxid)
#define MY_PROC_NUMBER (MyProc->pgprocno)
#else
#define LOCK_BACKEND(lock) ((lock)->vxid.procNumber)
#define LOCK_LXID(lock) ((lock)->vxid.localTransactionId)
#define MY_LXID (MyProc->vxid.lxid)
#define MY_PROC_NUMBER MyProcNumber
#endif

/* 18: who does not return says so in front, where C11 wants it */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 17: a JSON lexer may be put into memory that the caller owns; NULL: it makes its own */
#if PG_VERSION_NUM < 170000
#define makeJsonLexContextCstringLen(lex, json, length, encoding, need_escapes) \
	makeJsonLexContextCstringLen(json, length, encoding, need_escapes)
#endif

/* 17: a transaction as a whole has a time limit */
#define HAS_TRANSACTION_TIMEOUT (PG_VERSION_NUM >= 170000)

/* 18: a scan counts its work for EXPLAIN, and a failed try for a lock can be logged */
#if PG_VERSION_NUM < 180000
#define index_beginscan(heap, index, snapshot, instrument, num_keys, num_orderbys) \
	index_beginscan(heap, index, snapshot, num_keys, num_orderbys)
#define LOG_LOCK_FAILURE_ARG
#else
#define LOG_LOCK_FAILURE_ARG , false
#endif

#endif /* SEATLOCK_COMPAT_H */
