/*-------------------------------------------------------------------------
 *
 * seatlock.h
 *		What every room of the extension shares: small limits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEATLOCK_H
#define SEATLOCK_SEATLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/uuid.h"

/* longest event, venue, holder or request key name, in bytes */
#define SL_MAX_NAME_LENGTH 255

/* most seats one call may name, and most places one venue may have */
#define SL_MAX_SEATS 1000000

#endif /* SEATLOCK_SEATLOCK_H */
