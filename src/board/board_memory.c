/*-------------------------------------------------------------------------
 *
 * board_memory.c
 *		The memory of the seat board: one area of fixed size.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/settings.h"
#include "board/board_memory.h"

static dsa_area *memory; /* NULL until sl_board_memory_attach */

Size
sl_board_memory_size(void)
{
	return mul_size((Size) sl_setting_board_size, 1024);
}

/* The area must not grow beyond its place: then it would need memory outside. */
void
sl_board_memory_create(void *place, int tranche)
{
	dsa_area *area = dsa_create_in_place(place, sl_board_memory_size(), tranche, NULL);

	dsa_pin(area);
	dsa_set_size_limit(area, sl_board_memory_size());
	dsa_detach(area);
}

void
sl_board_memory_attach(void *place)
{
	MemoryContext old_context = MemoryContextSwitchTo(TopMemoryContext);

	memory = dsa_attach_in_place(place, NULL);
	dsa_pin_mapping(memory);
	MemoryContextSwitchTo(old_context);
}

bool
sl_board_memory_is_open(void)
{
	return memory != NULL;
}

void
sl_board_memory_forget(void)
{
	memory = NULL;
}

dsa_pointer
sl_board_take_memory(Size bytes)
{
	if (bytes > sl_board_memory_size())
		return InvalidDsaPointer;
	return dsa_allocate_extended(memory, bytes, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM);
}

void
sl_board_free_memory(dsa_pointer place)
{
	dsa_free(memory, place);
}

void *
sl_board_address(dsa_pointer place)
{
	return dsa_get_address(memory, place);
}
