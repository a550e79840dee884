/*-------------------------------------------------------------------------
 *
 * plan_make.c
 *		Building plans: what the parser adds to, and plans made from numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "base/grow.h"
#include "seating/label.h"
#include "seating/plan_area.h"

/* a made section starts this far from the left, and this far below the last */
#define SECTION_MARGIN (2 * PLAN_SEAT_STEP)

/* places of a made area stand closer than seats */
#define PLACE_STEP (PLAN_SEAT_STEP / 2)
/* and its width is so many times its height */
#define AREA_ASPECT 4.0

static SeatingPlan *make_section(const char *section, bool general_admission, const char *category);
static char *letters_without(const char *skipped);
static const char *row_letters(int row, const char *letters);

/* Colours for categories without one: told apart also with weak colour vision. */
const char *
sl_plan_default_color(int category)
{
	static const char *const colors[] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
										 "#56B4E9", "#D55E00", "#F0E442", "#999999"};

	return colors[category % lengthof(colors)];
}

bool
sl_plan_is_accessible_name(const char *category)
{
	return pg_strcasecmp(category, "accessible") == 0;
}

int
sl_plan_add_section(SeatingPlan *plan, const char *name, bool general_admission)
{
	plan->sections =
		grow_array(plan->sections, plan->num_sections, &plan->max_sections, sizeof(PlanSection));
	plan->sections[plan->num_sections] = (PlanSection){name, general_admission, 0};
	return plan->num_sections++;
}

void
sl_plan_add_seat(SeatingPlan *plan, const PlanSeat *seat)
{
	plan->seats = grow_array(plan->seats, plan->num_seats, &plan->max_seats, sizeof(PlanSeat));
	plan->seats[plan->num_seats++] = *seat;
	plan->sections[seat->section].num_seats++;
}

SeatingPlan *
sl_plan_make_grid(const char *section, int num_rows, int seats_per_row, const char *category,
				  const char *skip_letters)
{
	PlanSeat seat = {0};
	char *letters = letters_without(skip_letters == NULL ? "" : skip_letters);
	const char **numbers;
	SeatingPlan *plan;

	if ((int64) num_rows * seats_per_row > SL_MAX_SEATS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%d rows of %d seats are too many", num_rows, seats_per_row),
						errdetail("A venue has at most %d seats and places.", SL_MAX_SEATS)));
	plan = make_section(section, false, category);
	numbers = palloc(sizeof(char *) * seats_per_row);
	for (int i = 0; i < seats_per_row; i++)
		numbers[i] = psprintf("%d", i + 1);
	for (int row = 0; row < num_rows; row++)
	{
		seat.row = seat.run = row;
		seat.row_label = row_letters(row, letters);
		for (int i = 0; i < seats_per_row; i++)
		{
			seat.seat_number = numbers[i];
			seat.position.x = SECTION_MARGIN + i * PLAN_SEAT_STEP;
			seat.position.y = SECTION_MARGIN + row * PLAN_SEAT_STEP;
			seat.along = SL_ROW_STEP * i;
			sl_plan_add_seat(plan, &seat);
		}
	}
	plan->size.x = SECTION_MARGIN + seats_per_row * PLAN_SEAT_STEP;
	plan->size.y = SECTION_MARGIN + num_rows * PLAN_SEAT_STEP;
	return plan;
}

/* An area in grey with its name in the middle, as a plan would have it. */
static JsonbContainer *
describe_area(const char *name, double width, double height, int capacity)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json,
					 "{\"shape\": \"rectangle\", \"position\": {\"x\": %g, \"y\": %g},"
					 " \"rectangle\": {\"width\": %g, \"height\": %g}, \"capacity\": %d,"
					 " \"color\": \"#EEEEEE\", \"border_color\": \"#999999\","
					 " \"text\": {\"position\": {\"x\": %g, \"y\": %g}, \"color\": \"#333333\","
					 " \"text\": ",
					 SECTION_MARGIN, SECTION_MARGIN, width, height, capacity, width / 2,
					 height / 2);
	escape_json(&json, name);
	appendStringInfoString(&json, "}}");
	return &DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)))->root;
}

SeatingPlan *
sl_plan_make_area(const char *section, int capacity, const char *category)
{
	PlanSeat seat = {.row = PLAN_NO_ROW, .run = PLAN_NO_ROW};
	double height = Max(2 * PLAN_SEAT_STEP, ceil(sqrt(capacity / AREA_ASPECT)) * PLACE_STEP);
	PlanPlace place = {0};
	PlanPoint *positions;
	PlanArea *area;
	SeatingPlan *plan;

	if (capacity > SL_MAX_SEATS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a capacity of %d is too large", capacity),
						errdetail("A venue has at most %d seats and places.", SL_MAX_SEATS)));
	plan = make_section(section, true, category);
	area = plan->areas = palloc(sizeof(PlanArea));
	plan->num_areas = 1;
	sl_plan_read_area(describe_area(section, height * AREA_ASPECT, height, capacity), &place,
					  (PlanPoint){0, 0}, area);
	area->section = 0;
	positions = palloc(sizeof(PlanPoint) * capacity);
	sl_plan_spread_places(area, capacity, positions);
	for (int i = 0; i < capacity; i++)
	{
		seat.position = positions[i];
		seat.seat_number = psprintf("%d", i + 1);
		sl_plan_add_seat(plan, &seat);
	}
	pfree(positions);
	plan->size.x = SECTION_MARGIN + area->extent.x + PLAN_SEAT_STEP;
	plan->size.y = SECTION_MARGIN + area->extent.y + PLAN_SEAT_STEP;
	return plan;
}

/* A plan of one section and one category. */
static SeatingPlan *
make_section(const char *section, bool general_admission, const char *category)
{
	SeatingPlan *plan = palloc0(sizeof(SeatingPlan));

	if (sl_label_reads_as_list(section))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("section \"%s\" begins with \"%c\"", section, section[0]),
						errdetail("A label made of it would read as a list of seats.")));
	plan->categories = palloc(sizeof(PlanCategory));
	plan->categories[0] = (PlanCategory){category, NULL, sl_plan_is_accessible_name(category)};
	plan->num_categories = 1;
	sl_plan_add_section(plan, section, general_admission);
	return plan;
}

/* The alphabet without those that are easily taken for others, as I and O for 1 and 0. */
static char *
letters_without(const char *skipped)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *letters = palloc(sizeof(alphabet));
	int count = 0;

	for (const char *c = skipped; *c != '\0'; c++)
		if (strchr(alphabet, pg_toupper((unsigned char) *c)) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"skip_letters\" must be letters from A to Z, not \"%s\"",
							skipped)));
	for (const char *c = alphabet; *c != '\0'; c++)
		if (strchr(skipped, *c) == NULL && strchr(skipped, pg_tolower((unsigned char) *c)) == NULL)
			letters[count++] = *c;
	letters[count] = '\0';
	if (count < 2)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"skip_letters\" must leave two letters at least")));
	return letters;
}

/* 0 is A, 25 is Z, 26 is AA: so many letters without a zero. */
static const char *
row_letters(int row, const char *letters)
{
	const int num_letters = (int) strlen(letters);
	char label[32]; /* SL_MAX_SEATS rows take 20 of two letters */
	char *start = label + sizeof(label) - 1;

	*start = '\0';
	for (row++; row > 0; row = (row - 1) / num_letters)
		*--start = letters[(row - 1) % num_letters];
	return pstrdup(start);
}
