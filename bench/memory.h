/*-------------------------------------------------------------------------
 *
 * memory.h
 *		What memory the processes of a server have in use.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "figures.h"

/* backends are process ids of one server, on this machine. */
extern void memory_measure(const int *backends, int num_backends, Figures *figures);

#endif /* BENCH_MEMORY_H */
