/*-------------------------------------------------------------------------
 *
 * intake.h
 *		Claims that wait in Redis, decided here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_INTAKE_H
#define SEATLOCK_INTAKE_H

#include "redis/redis_link.h"

extern void sl_intake_init(bool read_only);
extern bool sl_intake_is_open(RedisLink *link);
extern void sl_intake_start_over(void);
extern bool sl_intake_run(RedisLink *link);

#endif /* SEATLOCK_INTAKE_H */
