/*-------------------------------------------------------------------------
 *
 * store_default.h
 *		What new sessions of a role in this database begin with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_DEFAULT_H
#define SEATLOCK_STORE_DEFAULT_H

/* is default_transaction_read_only on for them; servers: what it is for the server */
extern PGDLLEXPORT bool sl_store_begins_read_only(Oid role, bool servers);

#endif /* SEATLOCK_STORE_DEFAULT_H */
