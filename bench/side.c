/*-------------------------------------------------------------------------
 *
 * side.c
 *		The sides of a contest.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "side.h"

/* What the contest's @SIZE means. */
static void
set_size(Side *side, const Contest *contest, int size)
{
	const char *unit = "seats";

	side->size = size;
	if (contest->kind == KIND_HISTORY)
	{
		side->load.num_changes = size;
		unit = "changes";
	}
	else if (contest->load.by_events)
	{
		side->load.num_events = size;
		unit = "events";
	}
	else
		side->load.num_seats = size;
	side->title = format_string("%s, %s %s", side->peer.title, with_commas(size), unit);
}

static void
read_side(Side *side, const Contest *contest, const Args *args, const char *name)
{
	const char *size = strchr(name, '@');
	char *peer_name =
		format_string("%.*s", (int) (size != NULL ? size - name : (long) strlen(name)), name);

	memset(side, 0, sizeof(*side));
	side->name = copy_string(name);
	side->load = contest->load;
	peer_read(&side->peer, args->peers_directory, peer_name);
	if (side->peer.plain)
		side->host = args->plain;
	if (args->seats > 0 && side->load.by_events && contest->kind != KIND_HISTORY)
		side->load.num_seats = args->seats;
	if (size != NULL)
		set_size(side, contest, atoi(size + 1));
	else
		side->title = copy_string(side->peer.title);
	free(peer_name);
}

static bool
has_side(const Side *sides, int num_sides, const char *name)
{
	for (int i = 0; i < num_sides; i++)
		if (strcmp(sides[i].name, name) == 0)
			return true;
	return false;
}

/* Every name once with each of the sizes, which are between blanks. */
static char *
repeat_names(const char *names, const char *sizes)
{
	char *text;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	char *all_sizes = copy_string(sizes);
	char *rest_of_sizes = NULL;

	if (stream == NULL)
		die("out of memory");
	for (char *size = strtok_r(all_sizes, " ", &rest_of_sizes); size != NULL;
		 size = strtok_r(NULL, " ", &rest_of_sizes))
	{
		char *all_names = copy_string(names);
		char *rest = NULL;

		for (char *name = strtok_r(all_names, ", ", &rest); name != NULL;
			 name = strtok_r(NULL, ", ", &rest))
			fprintf(stream, "%s@%s,", name, size);
		free(all_names);
	}
	fclose(stream);
	free(all_sizes);
	return text;
}

/* all sides' names, separated by commas */
static char *
list_sides(const Contest *contest, const Args *args)
{
	if (contest->kind == KIND_HISTORY)
		return repeat_names(args->sides, args->changes);
	if (contest->kind != KIND_CREATE && contest->load.by_events)
		return repeat_names(args->sides, args->events);
	return copy_string(args->sides);
}

Side *
sides_read(const Contest *contest, const Args *args, int *num_sides)
{
	char *list = list_sides(contest, args);
	Side *sides = NULL;
	char *rest = NULL;
	int count = 0;

	for (char *name = strtok_r(list, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest))
	{
		/* a peer may be asked for that takes part anyway */
		if (has_side(sides, count, name))
			continue;
		sides = reallocate(sides, (size_t) count + 1, sizeof(Side));
		read_side(&sides[count++], contest, args, name);
	}
	free(list);
	if (count == 0)
		die("no sides are named");
	*num_sides = count;
	return sides;
}

void
sides_free(Side *sides, int num_sides)
{
	for (int i = 0; i < num_sides; i++)
	{
		free(sides[i].name);
		free(sides[i].title);
		peer_free(&sides[i].peer);
	}
	free(sides);
}
