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

typedef struct LayoutSection
{
	int32 section_no;
	char *name;
	bool general_admission;
} LayoutSection;

typedef struct LayoutCategory
{
	int32 category_no;
	char *name;
	char *color;
	bool accessible;
} LayoutCategory;

/* Both arrays in the order of their numbers. */
typedef struct Layout
{
	int num_sections;
	LayoutSection *sections;
	int num_categories;
	LayoutCategory *categories;
} Layout;

extern Layout *sl_store_read_layout(Store *store, int32 layout_id);
extern Jsonb *sl_store_find_drawing(Store *store, int32 layout_id);

/* the index of a number; guess is where it may well be */
extern int sl_layout_find_section(const Layout *layout, int32 section_no, int guess);
extern int sl_layout_find_category(const Layout *layout, int32 category_no, int guess);

#endif /* SEATLOCK_STORE_LAYOUT_H */
