/*-------------------------------------------------------------------------
 *
 * ticket.c
 *		The tickets under which claims wait in Redis.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ticket.h"

#define NUMBER_LENGTH 4

/* Random bytes of the system, fetched many at a time. */
static unsigned char
random_byte(void)
{
	static unsigned char pool[256]; /* getrandom() never gives fewer of so few */
	static size_t left;

	if (left == 0)
	{
		if (getrandom(pool, sizeof(pool), 0) != (ssize_t) sizeof(pool))
			die("could not draw random bytes");
		left = sizeof(pool);
	}
	return pool[--left];
}

void
ticket_draw(Ticket *ticket, int number)
{
	static const char characters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	snprintf(ticket->text, sizeof(ticket->text), "%0*x", NUMBER_LENGTH, (unsigned) number);
	for (int i = NUMBER_LENGTH; i < TICKET_LENGTH; i++)
		ticket->text[i] = characters[random_byte() % 64];
	ticket->text[TICKET_LENGTH] = '\0';
}

int
ticket_number(const char *text)
{
	char digits[NUMBER_LENGTH + 1];

	snprintf(digits, sizeof(digits), "%s", text);
	return (int) strtol(digits, NULL, 16);
}
