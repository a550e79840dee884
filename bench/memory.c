/*-------------------------------------------------------------------------
 *
 * memory.c
 *		What memory the processes of a server have in use.
 *
 * Each page that several processes use is counted in shares (Pss), so that the
 * sum over all of them is what the machine has given.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define KB_PER_MB 1024.0

/* kilobytes */
typedef struct Usage
{
	double own;
	double shared;
} Usage;

/* False when the process is gone, or is not ours to look at. */
static bool
read_usage(int pid, Usage *usage)
{
	char *path = format_string("/proc/%d/smaps_rollup", pid);
	FILE *file = fopen(path, "r");
	char line[256];
	bool found = false;

	free(path);
	*usage = (Usage){0};
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL)
	{
		if (strncmp(line, "Pss_Anon:", 9) == 0)
		{
			usage->own = strtod(line + 9, NULL);
			found = true;
		}
		else if (strncmp(line, "Pss_Shmem:", 10) == 0)
			usage->shared = strtod(line + 10, NULL);
	}
	fclose(file);
	return found;
}

/* 0 when the process is gone */
static int
read_parent(int pid)
{
	char *path = format_string("/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	char line[512];
	const char *name_end = NULL;

	free(path);
	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL)
		name_end = strrchr(line, ')');
	fclose(file);
	/* behind the name: a letter for the state, and the parent */
	return name_end != NULL && strlen(name_end) > 4 ? (int) strtol(name_end + 4, NULL, 10) : 0;
}

static bool
is_among(int pid, const int *pids, int num_pids)
{
	for (int i = 0; i < num_pids; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Add up the postmaster and all its children but the backends. */
static Usage
sum_others(int postmaster, const int *backends, int num_backends)
{
	DIR *processes = opendir("/proc");
	Usage sum = {0};

	if (processes == NULL)
		return sum;
	for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes))
	{
		int pid = (int) strtol(entry->d_name, NULL, 10);
		Usage usage;

		if (pid <= 0 || (pid != postmaster && read_parent(pid) != postmaster) ||
			is_among(pid, backends, num_backends) || !read_usage(pid, &usage))
			continue;
		sum.own += usage.own;
		sum.shared += usage.shared;
	}
	closedir(processes);
	return sum;
}

void
memory_measure(const int *backends, int num_backends, Figures *figures)
{
	Usage sum = {0};
	Usage others;

	figures->values[FIGURE_BACKEND_MB] = NOT_MEASURED;
	figures->values[FIGURE_SERVER_MB] = NOT_MEASURED;
	figures->values[FIGURE_SHARED_MB] = NOT_MEASURED;
	for (int i = 0; i < num_backends; i++)
	{
		Usage usage;

		if (!read_usage(backends[i], &usage))
			return;
		sum.own += usage.own;
		sum.shared += usage.shared;
	}
	others = sum_others(read_parent(backends[0]), backends, num_backends);
	figures->values[FIGURE_BACKEND_MB] = sum.own / num_backends / KB_PER_MB;
	figures->values[FIGURE_SERVER_MB] = others.own / KB_PER_MB;
	figures->values[FIGURE_SHARED_MB] = (sum.shared + others.shared) / KB_PER_MB;
}
