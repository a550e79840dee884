/*-------------------------------------------------------------------------
 *
 * ticket.h
 *		The tickets under which claims wait in Redis.
 *
 * Who knows a ticket can read its verdict, and with it the token of the seats:
 * it must be unguessable.  Here its first characters tell whose it is, which
 * leaves 168 random bits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TICKET_H
#define BENCH_TICKET_H

#include "base.h"

#define TICKET_LENGTH 32
#define TICKET_MAX_NUMBER 0xFFFF

typedef struct Ticket
{
	char text[TICKET_LENGTH + 1];
} Ticket;

/* a new one, for the caller's number */
extern void ticket_draw(Ticket *ticket, int number);
extern int ticket_number(const char *text);

#endif /* BENCH_TICKET_H */
