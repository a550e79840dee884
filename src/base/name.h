/*-------------------------------------------------------------------------
 *
 * name.h
 *		Names that seatlock shows, of events, venues, sections, rows, seats and
 *		categories: what may stand in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_NAME_H
#define SEATLOCK_NAME_H

#include "base/seatlock.h"

/* moves *text behind its leading white space; returns how much is left without the trailing one */
extern size_t sl_name_trim(const char **text, size_t length);
/* a character that moves the cursor, rings the bell or starts a command of the terminal */
extern bool sl_name_letter_is_control(const char *letter, int length);
/* a character without a shape that turns the direction of those around it */
extern bool sl_name_letter_is_bidirectional(const char *letter, int length);
extern bool sl_name_has_control(const char *name);

#endif /* SEATLOCK_NAME_H */
