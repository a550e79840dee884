/*-------------------------------------------------------------------------
 *
 * peer.c
 *		Peers, read from their files.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "peer.h"

/* The value of "-- key: value" among the lines of text, or NULL; caller frees. */
static char *
find_header(const char *text, const char *key)
{
	char *prefix = format_string("-- %s: ", key);
	size_t length = strlen(prefix);
	char *value = NULL;

	for (const char *line = text; strncmp(line, "--", 2) == 0; line = strchr(line, '\n') + 1)
	{
		if (strchr(line, '\n') == NULL)
			break;
		if (strncmp(line, prefix, length) == 0)
		{
			value = format_string("%.*s", (int) strcspn(line + length, "\n"), line + length);
			break;
		}
	}
	free(prefix);
	return value;
}

static char *
require_header(const char *text, const char *key, const char *path)
{
	char *value = find_header(text, key);

	if (value == NULL)
		die("\"%s\" does not begin with a line \"-- %s: ...\"", path, key);
	return value;
}

static PeerRedis
read_redis(const char *text, const char *path)
{
	char *word = find_header(text, "redis");
	PeerRedis redis = REDIS_UNUSED;

	if (word != NULL && strcmp(word, "used") == 0)
		redis = REDIS_USED;
	else if (word != NULL && strcmp(word, "stopped") == 0)
		redis = REDIS_STOPPED;
	else if (word != NULL)
		die("\"%s\" wants Redis to be \"%s\"", path, word);
	free(word);
	return redis;
}

static bool
read_maps(const char *text, const char *path)
{
	char *word = find_header(text, "maps");
	bool tables = word == NULL;

	if (word != NULL && strcmp(word, "board") != 0)
		die("\"%s\" wants connections to map \"%s\"", path, word);
	free(word);
	return tables;
}

static bool
read_plain(const char *text, const char *path)
{
	char *word = find_header(text, "server");
	bool plain = word != NULL;

	if (plain && strcmp(word, "plain") != 0)
		die("\"%s\" asks a server \"%s\"", path, word);
	free(word);
	return plain;
}

/* The file's text behind those that it uses. */
static void
write_setup(FILE *setup, const char *directory, const char *name)
{
	char *path = format_string("%s/%s.sql", directory, name);
	char *text = read_file(path);
	char *used = find_header(text, "uses");
	char *rest = NULL;

	for (char *next = used != NULL ? strtok_r(used, ", ", &rest) : NULL; next != NULL;
		 next = strtok_r(NULL, ", ", &rest))
		write_setup(setup, directory, next);
	fprintf(setup, "%s\n", text);
	free(used);
	free(text);
	free(path);
}

static char *
read_setup(const char *directory, const char *name)
{
	char *text;
	size_t length;
	FILE *setup = open_memstream(&text, &length);

	if (setup == NULL)
		die("out of memory");
	write_setup(setup, directory, "base");
	write_setup(setup, directory, name);
	fclose(setup);
	return text;
}

void
peer_read(Peer *peer, const char *directory, const char *name)
{
	char *path = format_string("%s/%s.sql", directory, name);
	char *text = read_file(path);

	peer->name = copy_string(name);
	peer->title = require_header(text, "title", path);
	peer->role = require_header(text, "role", path);
	peer->redis = read_redis(text, path);
	peer->maps_tables = read_maps(text, path);
	peer->plain = read_plain(text, path);
	peer->house = find_header(text, "house");
	if (peer->house == NULL)
		peer->house = copy_string(name);
	peer->claim = require_header(text, "claim", path);
	peer->call = find_header(text, "call");
	peer->read = find_header(text, "read");
	peer->release = find_header(text, "release");
	peer->options = find_header(text, "options");
	peer->setup = read_setup(directory, name);
	free(text);
	free(path);
}

void
peer_free(Peer *peer)
{
	free(peer->name);
	free(peer->title);
	free(peer->claim);
	free(peer->call);
	free(peer->read);
	free(peer->role);
	free(peer->release);
	free(peer->house);
	free(peer->options);
	free(peer->setup);
}
