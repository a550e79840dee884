/*-------------------------------------------------------------------------
 *
 * board_memory.h
 *		The memory of the seat board: one area of fixed size.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_BOARD_MEMORY_H
#define SEATLOCK_BOARD_MEMORY_H

#include "utils/dsa.h"

/* what the events of this server may take */
extern Size sl_board_memory_size(void);
/* at the start of the server, and of each process; place is in shared memory */
extern void sl_board_memory_create(void *place, int tranche);
extern void sl_board_memory_attach(void *place);
extern bool sl_board_memory_is_open(void);
extern void sl_board_memory_forget(void);

/* InvalidDsaPointer: there is none */
extern dsa_pointer sl_board_take_memory(Size bytes);
extern void sl_board_free_memory(dsa_pointer place);
extern void *sl_board_address(dsa_pointer place);

#endif /* SEATLOCK_BOARD_MEMORY_H */
