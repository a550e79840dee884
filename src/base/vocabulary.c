/*-------------------------------------------------------------------------
 *
 * vocabulary.c
 *		The fixed vocabulary of the contract.
 *
 * Tables and applications store these words; changing one breaks both.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/vocabulary.h"

static const char *const verb_words[NUM_VERBS] = {
	[VERB_CLAIM] = "claim",
	[VERB_CLAIM_BEST] = "claim_best",
	[VERB_CONFIRM] = "confirm",
	[VERB_EXTEND] = "extend",
	[VERB_RELEASE] = "release",
	[VERB_SET_HOLDER] = "set_holder",
	[VERB_BOOK] = "book",
	[VERB_CANCEL] = "cancel",
	[VERB_BLOCK] = "block",
	[VERB_UNBLOCK] = "unblock",
	[VERB_RENAME_HOLDER] = "rename_holder",
	[VERB_EXPIRE] = "expire",
};

static const char *const outcome_words[NUM_OUTCOMES] = {
	[OUTCOME_HELD] = "held",
	[OUTCOME_BOOKED] = "booked",
	[OUTCOME_EXTENDED] = "extended",
	[OUTCOME_RELEASED] = "released",
	[OUTCOME_CANCELLED] = "cancelled",
	[OUTCOME_BLOCKED] = "blocked",
	[OUTCOME_UNBLOCKED] = "unblocked",
	[OUTCOME_TAKEN] = "taken",
	[OUTCOME_BUSY] = "busy",
	[OUTCOME_EXPIRED] = "expired",
	[OUTCOME_NOT_FOUND] = "not_found",
	[OUTCOME_LIMIT] = "limit",
	[OUTCOME_NOT_TOGETHER] = "not_together",
	[OUTCOME_SOLD_OUT] = "sold_out",
	[OUTCOME_NOT_ON_SALE] = "not_on_sale",
	[OUTCOME_KEY_REUSED] = "key_reused",
	[OUTCOME_CANNOT_EXTEND] = "cannot_extend",
	[OUTCOME_ORDER_REUSED] = "order_reused",
};

static const char *const reason_words[NUM_REASONS] = {
	[REASON_HELD] = "held",
	[REASON_BOOKED] = "booked",
	[REASON_NOT_FOR_SALE] = "not_for_sale",
	[REASON_UNKNOWN_SEAT] = "unknown_seat",
	[REASON_BUSY] = "busy",
};

static const char *const action_words[NUM_ACTIONS] = {
	[ACTION_HELD] = "held",           [ACTION_BOOKED] = "booked",
	[ACTION_EXTENDED] = "extended",   [ACTION_RELEASED] = "released",
	[ACTION_CANCELLED] = "cancelled", [ACTION_BLOCKED] = "blocked",
	[ACTION_UNBLOCKED] = "unblocked", [ACTION_EXPIRED] = "expired",
};

const char *
sl_vocabulary_verb(Verb verb)
{
	return verb_words[verb];
}

const char *
sl_vocabulary_status(SeatStatus status)
{
	switch (status)
	{
		case SEAT_FREE:
			return "free";
		case SEAT_HELD:
			return "held";
		case SEAT_BOOKED:
			return "booked";
		case SEAT_NOT_FOR_SALE:
			return "not_for_sale";
	}
	elog(ERROR, "unexpected seat status \"%c\"", status);
}

const char *
sl_vocabulary_outcome(Outcome outcome)
{
	return outcome_words[outcome];
}

bool
sl_vocabulary_find_outcome(const char *word, Outcome *outcome)
{
	for (int i = 0; i < NUM_OUTCOMES; i++)
	{
		if (strcmp(outcome_words[i], word) == 0)
		{
			*outcome = (Outcome) i;
			return true;
		}
	}
	return false;
}

const char *
sl_vocabulary_reason(ConflictReason reason)
{
	return reason_words[reason];
}

const char *
sl_vocabulary_action(ChangeAction action)
{
	return action_words[action];
}
