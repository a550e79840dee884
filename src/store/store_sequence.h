/*-------------------------------------------------------------------------
 *
 * store_sequence.h
 *		The sequences, held against the numbers that the tables have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_SEQUENCE_H
#define SEATLOCK_STORE_SEQUENCE_H

#include "nodes/execnodes.h"

#include "store/store_sql.h"

/* 55000 when the next venue, layout or event would get a number that is not above all others' */
extern void sl_store_sequences_check(SqlScope *scope);
/* columns: sequence text, highest int8, last_value int8, advanced_to int8 */
extern void sl_store_sequences_sync(ReturnSetInfo *result);

#endif /* SEATLOCK_STORE_SEQUENCE_H */
