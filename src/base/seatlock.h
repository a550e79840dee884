/*-------------------------------------------------------------------------
 *
 * seatlock.h
 *		What every folder of the extension shares: small limits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEATLOCK_H
#define SEATLOCK_SEATLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/uuid.h"

/*
 * What comes from outside has a bound, in bytes, that is looked at before
 * anything is copied.  Names are of events, venues, sections, categories and
 * holders, and request keys and tokens; labels are made of up to three names.
 */
#define SL_MAX_NAME_LENGTH 255
#define SL_MAX_LABEL_LENGTH 1000
#define SL_MAX_TEXT_LENGTH 1000      /* any other: an order_ref, a reason */
#define SL_MAX_LIST_LENGTH 0x4000000 /* 64 MB: a list of seats, text or array */

/* most seats one call may name, and most places one venue may have */
#define SL_MAX_SEATS 1000000

/*
 * A chunk: consecutive seats that a search for the best ones reads together, and
 * of which the board also keeps whether all are taken.
 */
#define SL_SEATS_PER_CHUNK 512

/* most of each that one venue may have: some things are compared with each other */
#define SL_MAX_SECTIONS 10000
#define SL_MAX_AREAS 10000
#define SL_MAX_CATEGORIES 1000
/* places along a row are sixteenths of its usual step */
#define SL_ROW_STEP 16

#endif /* SEATLOCK_SEATLOCK_H */
