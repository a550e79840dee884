/*-------------------------------------------------------------------------
 *
 * redis_url.h
 *		The address of a Redis server, and how to log in there.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_REDIS_URL_H
#define SEATLOCK_REDIS_URL_H

#include "base/seatlock.h"

typedef struct RedisUrl
{
	bool tls;
	char *host; /* NULL when there is a socket */
	int port;
	char *socket;   /* a path; NULL unless unix:// */
	char *user;     /* NULL: none given */
	char *password; /* NULL: none given; never to be logged */
	int db;
} RedisUrl;

/*
 * What is wrong with it, as a clause ("the port is no number ..."), or NULL
 * when all is well.  What it says and fills in is static or palloc'd, and the
 * clause holds nothing of the text, so that it never shows a password.
 */
extern PGDLLEXPORT const char *sl_redis_url_parse(const char *text, RedisUrl *url);

#endif /* SEATLOCK_REDIS_URL_H */
