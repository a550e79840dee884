/*-------------------------------------------------------------------------
 *
 * names.h
 *		The names of the seats of a trial, as the server writes and reads them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include "connection.h"

typedef struct SeatName
{
	char *text; /* quoted, as an element of an array literal */
	int seat;
} SeatName;

typedef struct Names
{
	int count;
	SeatName *by_seat;
	SeatName *by_text; /* the same, sorted */
} Names;

/* The connection is to the database of the trial. */
extern void names_read(Names *names, Connection *connection);
/* The seats' names as an array, by its brackets: {} a literal of SQL, [] JSON. */
extern void names_write(const Names *names, const int *seats, int num_seats, const char *brackets,
						char *text, size_t size);
/* The seats that a JSON array names; returns how many, at most max_seats. */
extern int names_parse(const Names *names, const char *json, int *seats, int max_seats);
/* The seat of that name, quoted as in an array literal; -1 when there is none. */
extern int names_find(const Names *names, const char *quoted);
extern void names_free(Names *names);

#endif /* BENCH_NAMES_H */
