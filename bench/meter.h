/*-------------------------------------------------------------------------
 *
 * meter.h
 *		What the server wrote and read for its answers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include "connection.h"
#include "figures.h"

typedef struct Meter
{
	double full_pages;
	double wal_bytes;
	double pages_read;
} Meter;

/* Have a backend tell now what it counted, which otherwise waits for up to a second or more. */
extern void meter_flush(Connection *connection);
/* What the server has come to by now; the connection is to the database of the trial. */
extern Meter meter_read(Connection *connection);
/* figures have the answers per second, and the seconds */
extern void meter_fill(const Meter *before, const Meter *after, Figures *figures);

#endif /* BENCH_METER_H */
