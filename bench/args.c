/*-------------------------------------------------------------------------
 *
 * args.c
 *		What the driver was asked to do.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

static void
usage(void)
{
	fputs("usage: driver sell --event NAME --hold-seconds N [--connections N] [--seconds N]\n"
		  "              [--redis SOCKET]\n"
		  "       driver compare --contest NAME --load NAME --sides a,b,... --connections N\n"
		  "              --seconds N --level N --round N --peers-directory DIR --results PATH\n"
		  "              [--machine TEXT] [--redis SOCKET] [--plain HOST]\n"
		  "              [--events 'N ...'] [--changes 'N ...'] [--seats N]\n"
		  "       driver columns\n"
		  "The server is found as by psql: PGHOST, PGUSER ...\n",
		  stderr);
	exit(2);
}

static double
read_number(const char *name, const char *text, double low, double high)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !(number >= low && number <= high))
	{
		fprintf(stderr, "driver: %s must be a number from %g to %g, not \"%s\"\n", name, low, high,
				text);
		exit(2);
	}
	return number;
}

/* Numbers between blanks, each greater than the one before. */
static void
check_sizes(const char *name, const char *text)
{
	const char *rest = text;
	long before = 0;

	for (;;)
	{
		char *end;
		long size = strtol(rest, &end, 10);

		if (end == rest || (*end != ' ' && *end != '\0') || size <= before || size > 10000000)
		{
			fprintf(stderr, "driver: %s must be ascending numbers between blanks, not \"%s\"\n",
					name, text);
			exit(2);
		}
		if (*end == '\0')
			return;
		before = size;
		rest = end + 1;
	}
}

static void
read_option(int option, const char *value, Args *args)
{
	switch (option)
	{
		case 'c':
			args->connections = (int) read_number("--connections", value, 1, 1000);
			break;
		case 's':
			args->seconds = read_number("--seconds", value, 0.1, 3600);
			break;
		case 'n':
			args->contest = value;
			break;
		case 'r':
			args->round = (int) read_number("--round", value, 1, 100);
			break;
		case 'l':
			args->level = (int) read_number("--level", value, 0, 2);
			break;
		case 'e':
			args->event = value;
			break;
		case 'h':
			args->hold_seconds = (int) read_number("--hold-seconds", value, 1, 86400);
			break;
		case 'o':
			args->load = value;
			break;
		case 'p':
			args->sides = value;
			break;
		case 'd':
			args->peers_directory = value;
			break;
		case 'm':
			args->machine = value;
			break;
		case 'w':
			args->results = value;
			break;
		case 'a':
			args->plain = value;
			break;
		case 'v':
			check_sizes("--events", value);
			args->events = value;
			break;
		case 'g':
			check_sizes("--changes", value);
			args->changes = value;
			break;
		case 't':
			args->seats = (int) read_number("--seats", value, 40, 100000);
			break;
		case 'i':
			args->redis = value;
			break;
		default:
			usage();
	}
}

void
args_read(int argc, char **argv, Args *args)
{
	static const struct option options[] = {
		{"connections", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 's'},
		{"level", required_argument, NULL, 'l'},
		{"contest", required_argument, NULL, 'n'},
		{"round", required_argument, NULL, 'r'},
		{"event", required_argument, NULL, 'e'},
		{"hold-seconds", required_argument, NULL, 'h'},
		{"load", required_argument, NULL, 'o'},
		{"sides", required_argument, NULL, 'p'},
		{"peers-directory", required_argument, NULL, 'd'},
		{"machine", required_argument, NULL, 'm'},
		{"results", required_argument, NULL, 'w'},
		{"redis", required_argument, NULL, 'i'},
		{"plain", required_argument, NULL, 'a'},
		{"events", required_argument, NULL, 'v'},
		{"changes", required_argument, NULL, 'g'},
		{"seats", required_argument, NULL, 't'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*args = (Args){
		.connections = 32,
		.seconds = 15,
		.round = 1,
		.machine = "not told",
		.events = "10 100 1000",
		.changes = "10000 100000 1000000",
	};
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		read_option(option, optarg, args);
	if (optind != argc - 1)
		usage();
	args->command = argv[optind];
	if (strcmp(args->command, "sell") == 0)
	{
		if (args->event == NULL || args->hold_seconds == 0)
			usage();
	}
	else if (strcmp(args->command, "compare") == 0)
	{
		if (args->contest == NULL || args->load == NULL || args->sides == NULL ||
			args->peers_directory == NULL || args->results == NULL)
			usage();
	}
	else if (strcmp(args->command, "columns") != 0)
		usage();
}
