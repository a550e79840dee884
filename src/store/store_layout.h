/*-------------------------------------------------------------------------
 *
 * store_layout.h
 *		The sections and categories of a layout.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_STORE_LAYOUT_H
#define SEATLOCK_STORE_LAYOUT_H

#include "utils/jsonb.h"

#include "store/store.h"

typedef struct SectionName
{
	int32 section_no;
	char *name;
	bool general_admission;
} SectionName;

typedef struct CategoryName
{
	int32 category_no;
	char *name;
	char *color;
	bool accessible;
} CategoryName;

/* Both arrays in the order of their numbers. */
typedef struct LayoutNames
{
	int num_sections;
	SectionName *sections;
	int num_categories;
	CategoryName *categories;
} LayoutNames;

extern LayoutNames *sl_store_layout_read(Store *store, int32 layout_id);
extern Jsonb *sl_store_find_drawing(Store *store, int32 layout_id);

/* the index of a number; guess is where it may well be */
extern int sl_store_layout_find_section(const LayoutNames *layout, int32 section_no, int guess);
extern int sl_store_layout_find_category(const LayoutNames *layout, int32 category_no, int guess);

#endif /* SEATLOCK_STORE_LAYOUT_H */
