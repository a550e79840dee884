/*-------------------------------------------------------------------------
 *
 * sale.h
 *		The demo's sale: buyers, progress, and the account at the end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_SALE_H
#define BENCH_SALE_H

#include "args.h"

/* False when a buyer met an error or was told what the server does not keep. */
extern bool sale_run(const Args *args);

#endif /* BENCH_SALE_H */
