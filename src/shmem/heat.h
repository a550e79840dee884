/*-------------------------------------------------------------------------
 *
 * heat.h
 *		What the seat board is worth to events, whether they are on it or not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_HEAT_H
#define SEATLOCK_HEAT_H

/* more than anybody has */
#define SL_HEAT_MAX (UINT64CONST(1) << 32)

/* seats whose reading costs as much as a refusal by the board saves */
#define SL_SEATS_PER_REFUSAL 64

/* A copy of what is counted for an event, for the view. */
typedef struct HeatReport
{
	uint64 heat;
	uint64 hits;
	uint64 misses;
	uint32 loads;
	uint32 evictions;
} HeatReport;

extern Size sl_heat_shared_size(void);
extern void sl_heat_attach(void);

/* An event is known by the hash of its key; none of these can fail. */
extern void sl_heat_count_hit(uint64 hash, int worth);
extern bool sl_heat_count_miss(uint64 hash, int worth);
extern void sl_heat_count_load(uint64 hash);
extern void sl_heat_count_eviction(uint64 hash);
extern uint64 sl_heat_of(uint64 hash);
extern void sl_heat_set_price(uint64 hash, uint64 price);
extern void sl_heat_report(uint64 hash, HeatReport *report);

/* What reading a house costs, and who finds it read is spared: in refusals. */
static inline int
heat_of_house(int num_seats)
{
	return 1 + num_seats / SL_SEATS_PER_REFUSAL;
}

#endif /* SEATLOCK_HEAT_H */
