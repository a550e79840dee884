/*-------------------------------------------------------------------------
 *
 * board_labels.c
 *		The labels of a layout, which all its events on the seat board share.
 *
 * Lock protocol: labels are written by who loads their first event, before any
 * entry has them, and never after.  The count of users is atomic.  It rises by
 * who loads another event of the layout, under the shared lock of an entry that
 * has them (so they cannot go meanwhile), and falls when a draft or an entry
 * goes: the process that brings it to 0 is the only one that knows them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "port/atomics.h"

#include "board/board_labels.h"
#include "board/board_memory.h"

typedef struct LabelSet
{
	pg_atomic_uint32 num_users; /* entries, and drafts of them */
	int num_seats;
	uint32 offsets[FLEXIBLE_ARRAY_MEMBER];
	/* then the index, then the text */
} LabelSet;

static Size
index_entries(int num_seats)
{
	return (Size) num_seats + num_seats / 2 + 1;
}

Size
sl_board_label_bytes(int num_seats, Size text_bytes)
{
	return offsetof(LabelSet, offsets) + sizeof(uint32) * (num_seats + 1) +
		   sizeof(uint32) * index_entries(num_seats) + text_bytes;
}

void
sl_board_labels_init(dsa_pointer place, int num_seats)
{
	LabelSet *set = sl_board_address(place);
	LabelParts parts;

	pg_atomic_init_u32(&set->num_users, 1);
	set->num_seats = num_seats;
	parts = sl_board_labels_parts(place);
	memset(parts.index, 0, sizeof(uint32) * parts.index_size);
	parts.offsets[0] = 0;
}

LabelParts
sl_board_labels_parts(dsa_pointer place)
{
	LabelSet *set = sl_board_address(place);
	LabelParts parts;

	parts.num_seats = set->num_seats;
	parts.offsets = set->offsets;
	parts.index_size = (uint32) index_entries(set->num_seats);
	parts.index = set->offsets + set->num_seats + 1;
	parts.text = (char *) (parts.index + parts.index_size);
	return parts;
}

/* Where the search for a label begins: the hash's share of the index. */
static uint32
index_start(const LabelParts *parts, const char *label, Size length)
{
	uint32 hash = hash_bytes((const unsigned char *) label, (int) length);

	return (uint32) (((uint64) hash * parts->index_size) >> 32);
}

static uint32
index_next(const LabelParts *parts, uint32 at)
{
	return at + 1 == parts->index_size ? 0 : at + 1;
}

/* The seats from this one on; labels has those of all. */
void
sl_board_labels_add(dsa_pointer place, int first, int count, char *const *labels)
{
	LabelParts parts = sl_board_labels_parts(place);
	uint32 offset = parts.offsets[first];

	for (int i = first; i < first + count; i++)
	{
		Size length = strlen(labels[i]);
		uint32 at = index_start(&parts, labels[i], length);

		memcpy(parts.text + offset, labels[i], length);
		offset += length;
		parts.offsets[i + 1] = offset;
		while (parts.index[at] != 0)
			at = index_next(&parts, at);
		parts.index[at] = i + 1;
	}
}

int32
sl_board_labels_find(const LabelParts *parts, const char *label, Size length)
{
	for (uint32 at = index_start(parts, label, length); parts->index[at] != 0;
		 at = index_next(parts, at))
	{
		uint32 seat = parts->index[at] - 1;
		uint32 offset = parts->offsets[seat];

		if (parts->offsets[seat + 1] - offset == length &&
			memcmp(parts->text + offset, label, length) == 0)
			return (int32) seat + 1;
	}
	return 0;
}

void
sl_board_labels_share(dsa_pointer place)
{
	LabelSet *set = sl_board_address(place);

	pg_atomic_fetch_add_u32(&set->num_users, 1);
}

void
sl_board_labels_drop(dsa_pointer place)
{
	LabelSet *set = sl_board_address(place);

	if (pg_atomic_sub_fetch_u32(&set->num_users, 1) == 0)
		sl_board_free_memory(place);
}

Size
sl_board_labels_share_bytes(dsa_pointer place)
{
	LabelSet *set = sl_board_address(place);

	return sl_board_label_bytes(set->num_seats, set->offsets[set->num_seats]) /
		   pg_atomic_read_u32(&set->num_users);
}
