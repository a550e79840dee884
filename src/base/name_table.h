/*-------------------------------------------------------------------------
 *
 * name_table.h
 *		A hash table of names, each with a number.
 *
 * Plans have many seats that each name a category, a section or a label: a
 * search through a list for each would cost seats times names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_NAME_TABLE_H
#define SEATLOCK_NAME_TABLE_H

#include "common/hashfn.h"

typedef struct NameEntry
{
	const char *name;
	int number;
	char status; /* the table's own */
} NameEntry;

#define SH_PREFIX names
#define SH_ELEMENT_TYPE NameEntry
#define SH_KEY_TYPE const char *
#define SH_KEY name
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) (key), (int) strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp((a), (b)) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#endif /* SEATLOCK_NAME_TABLE_H */
