/*-------------------------------------------------------------------------
 *
 * redis_url.c
 *		The address of a Redis server, read from its URL.
 *
 *		redis://[user[:password]@]host[:port][/db]
 *		rediss://...					the same, over TLS
 *		unix://[user[:password]@]/path[?db=n]
 *
 * User, password, host and path may hold %-escapes.  A password with an
 * unescaped @, : or ? is understood too.  One with an unescaped / would leave
 * a part of itself where the host or the path belongs, and these are shown in
 * messages: both are checked, so that such a URL is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/redis_url.h"

#define DEFAULT_PORT 6379
#define MAX_PORT 65535

#define DIGITS "0123456789"
#define NAME_CHARACTERS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_"
#define IPV6_CHARACTERS NAME_CHARACTERS ":%" /* % before the name of an interface */

/* What follows the prefix, or NULL. */
static const char *
skip_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return pg_strncasecmp(text, prefix, length) == 0 ? text + length : NULL;
}

static bool
read_number(const char *text, int min, int max, int *number)
{
	long long value;

	if (text[0] == '\0' || text[strspn(text, DIGITS)] != '\0')
		return false;
	value = strtoll(text, NULL, 10);
	if (value < min || value > max)
		return false;
	*number = (int) value;
	return true;
}

/* Resolve the escapes of a part; an empty one becomes NULL. */
static const char *
decode(const char *text, char **decoded)
{
	char *to;

	*decoded = NULL;
	if (text[0] == '\0')
		return NULL;
	to = *decoded = palloc(strlen(text) + 1);
	for (const char *from = text; *from != '\0'; from++)
	{
		if (*from != '%')
		{
			*to++ = *from;
			continue;
		}
		if (!isxdigit((unsigned char) from[1]) || !isxdigit((unsigned char) from[2]))
			return "a % has no two hexadecimal digits behind it";
		*to = (char) strtol((char[]){from[1], from[2], '\0'}, NULL, 16);
		if (*to++ == '\0')
			return "%00 cannot be part of it";
		from += 2;
	}
	*to = '\0';
	return NULL;
}

/* user[:password]; the text is cut up. */
static const char *
parse_user(char *text, RedisUrl *url)
{
	char *colon = strchr(text, ':');

	if (colon != NULL)
	{
		const char *problem = decode(colon + 1, &url->password);

		if (problem != NULL)
			return problem;
		*colon = '\0';
	}
	return decode(text, &url->user);
}

static const char *
parse_port(const char *text, RedisUrl *url)
{
	if (!read_number(text, 1, MAX_PORT, &url->port))
		return "the port is no number from 1 to 65535";
	return NULL;
}

static const char *
parse_db(const char *text, RedisUrl *url)
{
	if (!read_number(text, 0, PG_INT32_MAX, &url->db))
		return "the database is no number from 0 to 2147483647";
	return NULL;
}

/* host[:port]; the text is cut up. */
static const char *
parse_host(char *text, RedisUrl *url)
{
	bool in_brackets = (text[0] == '[');
	char *end = in_brackets ? strchr(++text, ']') : text + strcspn(text, ":");
	const char *port;
	const char *problem;

	if (end == NULL)
		return "the host begins with [ and does not end with ]";
	port = in_brackets ? end + 1 : end;
	if (port[0] != '\0')
	{
		if (port[0] != ':')
			return "between the ] and the port there must be a :";
		if (!in_brackets && strchr(port + 1, ':') != NULL)
			return "an IPv6 address must be in brackets";
		problem = parse_port(port + 1, url);
		if (problem != NULL)
			return problem;
	}
	*end = '\0';
	problem = decode(text, &url->host);
	if (problem != NULL)
		return problem;
	if (url->host == NULL)
		return "the host is missing";
	if (url->host[strspn(url->host, in_brackets ? IPV6_CHARACTERS : NAME_CHARACTERS)] != '\0')
		return "the host has a character that is in no name or address";
	return NULL;
}

/* [user[:password]@]host[:port][/db] */
static const char *
parse_network(const char *text, RedisUrl *url)
{
	char *host = pnstrdup(text, strcspn(text, "/"));
	const char *db = text + strlen(host);
	char *at = strrchr(host, '@');
	const char *problem = NULL;

	if (at != NULL)
	{
		*at = '\0';
		problem = parse_user(host, url);
		host = at + 1;
	}
	if (problem == NULL && db[0] != '\0' && db[1] != '\0')
		problem = parse_db(db + 1, url);
	return problem != NULL ? problem : parse_host(host, url);
}

static const char *
parse_path(const char *text, RedisUrl *url)
{
	struct sockaddr_un address;
	const char *problem = decode(text, &url->socket);

	if (problem != NULL)
		return problem;
	if (url->socket == NULL)
		return "the path of the socket is missing";
	if (strlen(url->socket) >= sizeof(address.sun_path))
		return psprintf("the path of the socket is longer than %zu bytes",
						sizeof(address.sun_path) - 1);
	return NULL;
}

/* [user[:password]@]/path[?db=n] */
static const char *
parse_local(const char *text, RedisUrl *url)
{
	char *user = pnstrdup(text, strcspn(text, "/"));
	const char *path = text + strlen(user);
	const char *query = path + strcspn(path, "?");
	const char *problem = NULL;

	if (strchr(path, '@') != NULL)
		return "an @ in the path of the socket must be written as %40";
	if (user[0] != '\0')
	{
		char *last = user + strlen(user) - 1;

		if (*last != '@')
			return "the path of the socket does not begin with /";
		*last = '\0';
		problem = parse_user(user, url);
	}
	if (problem == NULL && query[0] != '\0')
	{
		const char *db = skip_prefix(query, "?db=");

		problem = db != NULL ? parse_db(db, url) : "after the ? there must be db= and a number";
	}
	return problem != NULL ? problem : parse_path(pnstrdup(path, query - path), url);
}

const char *
sl_redis_url_parse(const char *text, RedisUrl *url)
{
	const char *rest;

	memset(url, 0, sizeof(*url));
	url->port = DEFAULT_PORT;
	rest = skip_prefix(text, "unix://");
	if (rest != NULL)
		return parse_local(rest, url);
	rest = skip_prefix(text, "rediss://");
	url->tls = (rest != NULL);
	if (rest == NULL)
		rest = skip_prefix(text, "redis://");
	if (rest == NULL)
		return "it must begin with redis://, rediss:// or unix://";
	return parse_network(rest, url);
}
