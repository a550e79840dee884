/*-------------------------------------------------------------------------
 *
 * event_key.h
 *		An event as shared memory knows it: among all databases of the server.
 *
 * Numbers of events begin again when the extension is dropped and created; the
 * OID of its table does not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_EVENT_KEY_H
#define SEATLOCK_EVENT_KEY_H

#include "common/hashfn.h"

typedef struct EventKey
{
	Oid database;
	Oid table; /* seatlock.event */
	int32 event_id;
} EventKey;

static inline bool
event_key_is(const EventKey *a, const EventKey *b)
{
	return a->event_id == b->event_id && a->table == b->table && a->database == b->database;
}

static inline uint64
event_key_hash(const EventKey *key)
{
	return hash_bytes_extended((const unsigned char *) key, sizeof(EventKey), 0);
}

#endif /* SEATLOCK_EVENT_KEY_H */
