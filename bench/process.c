/*-------------------------------------------------------------------------
 *
 * process.c
 *		What the processes of a server take: memory and time.
 *
 * Each page that several processes use is counted in shares (Pss), so that the
 * sum over all of them is what the machine has given.
 *
 *-------------------------------------------------------------------------
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

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

/* The first line of a file that the kernel has about it; false when it is gone. */
static bool
read_line(int pid, const char *name, char *line, size_t size)
{
	char *path = format_string("/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "r");
	bool found;

	free(path);
	if (file == NULL)
		return false;
	found = fgets(line, (int) size, file) != NULL;
	fclose(file);
	return found;
}

/* 0 when the process is gone */
static int
read_parent(int pid)
{
	char line[1024];
	const char *name_end = NULL;

	if (read_line(pid, "stat", line, sizeof(line)))
		name_end = strrchr(line, ')');
	/* behind the name: a letter for the state, and the parent */
	return name_end != NULL && strlen(name_end) > 4 ? (int) strtol(name_end + 4, NULL, 10) : 0;
}

/* The scheduler's own count, of nanoseconds: ticks of the clock miss what is shorter. */
double
process_cpu_seconds(int pid)
{
	char line[256];

	if (!read_line(pid, "schedstat", line, sizeof(line)))
		return NOT_MEASURED;
	return strtod(line, NULL) / NS_PER_SECOND;
}

double
process_private_mb(int pid)
{
	Usage usage;

	return read_usage(pid, &usage) ? usage.own / KB_PER_MB : NOT_MEASURED;
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
process_measure_memory(const int *backends, int num_backends, Figures *figures)
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
