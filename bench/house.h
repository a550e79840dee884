/*-------------------------------------------------------------------------
 *
 * house.h
 *		The seats of the event that the demo sells.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_HOUSE_H
#define BENCH_HOUSE_H

#include "connection.h"

typedef struct Seat
{
	char *label;
	char *section;
	char *row_label; /* empty in general admission */
} Seat;

typedef struct House
{
	int num_seats;
	Seat *seats;   /* in seat order */
	int *by_label; /* positions in seats, sorted by label */
} House;

extern void house_read(House *house, Connection *connection, const char *event);
/* position of the seat of that label, -1 when there is none */
extern int house_find(const House *house, const char *label);
/*
 * Up to size seats of one row in seat order, the given one among them; returns
 * how many the row has to offer.
 */
extern int house_neighbours(const House *house, int seat, int size, int *seats);
extern void house_free(House *house);

#endif /* BENCH_HOUSE_H */
