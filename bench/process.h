/*-------------------------------------------------------------------------
 *
 * process.h
 *		What the processes of a server, on this machine, take: memory and time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include "figures.h"

/* Memory of these backends of one server, and of its other processes. */
extern void process_measure_memory(const int *backends, int num_backends, Figures *figures);
/* its own megabytes; NOT_MEASURED when it is gone, or is not ours to look at */
extern double process_private_mb(int pid);
/* seconds of a core that it has taken until now; the same */
extern double process_cpu_seconds(int pid);

#endif /* BENCH_PROCESS_H */
