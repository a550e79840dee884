/*-------------------------------------------------------------------------
 *
 * side.c
 *		The sides of a contest.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "side.h"

static void
read_side(Side *side, const Contest *contest, const char *directory, const char *name)
{
	const char *size = strchr(name, '@');
	char *peer_name =
		format_string("%.*s", (int) (size != NULL ? size - name : (long) strlen(name)), name);

	memset(side, 0, sizeof(*side));
	side->name = copy_string(name);
	side->load = contest->load;
	peer_read(&side->peer, directory, peer_name);
	if (size != NULL)
	{
		side->load.num_seats = atoi(size + 1);
		side->title =
			format_string("%s, %s seats", side->peer.title, with_commas(side->load.num_seats));
	}
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

/* what the contest names, with the peers that were asked for in place of "*" */
static char *
expand_names(const Contest *contest, const char *peers)
{
	const char *star = strchr(contest->sides, '*');

	if (star == NULL)
		return copy_string(contest->sides);
	return format_string("%.*s%s%s", (int) (star - contest->sides), contest->sides, peers,
						 star + 1);
}

Side *
sides_read(const Contest *contest, const char *directory, const char *peers, int *num_sides)
{
	char *list = expand_names(contest, peers);
	Side *sides = NULL;
	char *rest = NULL;
	int count = 0;

	for (char *name = strtok_r(list, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest))
	{
		/* a peer may be asked for that takes part anyway */
		if (has_side(sides, count, name))
			continue;
		sides = reallocate(sides, (size_t) count + 1, sizeof(Side));
		read_side(&sides[count++], contest, directory, name);
	}
	free(list);
	if (count == 0)
		die("no peers are named");
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
