/*-------------------------------------------------------------------------
 *
 * group.h
 *		Many buyers' claims decided and committed together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_GROUP_H
#define SEATLOCK_GROUP_H

#include "shmem/stat.h"
#include "verbs/verbs.h"

/* most requests in one group */
#define SL_MAX_GROUP 64

typedef enum MemberState
{
	MEMBER_WAITING,    /* nothing of it is committed */
	MEMBER_COMMITTING, /* it may be */
	MEMBER_ANSWERED
} MemberState;

typedef struct GroupMember
{
	int number;   /* the clerk's, to know it by */
	bool suspect; /* the clerk has seen it fail: to be run by itself */
	bool failed;  /* it raised an error of its own when it ran by itself */
	MemberState state;
	const ClaimRequest *request;
	bool late;          /* decide no more, see CallTerms */
	EventRow event;     /* its number is 0 until it was found */
	ClaimResult result; /* kept for statistics; of no event: not to be counted */
	char *answer;       /* as the clerk packed it */
	Size answer_size;
} GroupMember;

/*
 * Who brings members and takes their answers away.  Answers are packed before
 * the commit, where an error still costs nobody anything; finish must not fail.
 */
typedef struct GroupClerk
{
	/* false: it has no room, which answer_room has told beforehand of a success */
	bool (*pack_result)(GroupMember *member, const ClaimResult *result);
	void (*pack_error)(GroupMember *member, const ErrorData *error);
	void (*finish)(GroupMember *member);
	void (*note_error)(const char *message);
	Size answer_room; /* for the labels of an answer, see claim_answer_size; 0: any */
} GroupClerk;

extern PGDLLEXPORT void sl_group_init(void);
extern PGDLLEXPORT MemoryContext sl_group_context(void);
extern PGDLLEXPORT int sl_group_run(const GroupClerk *clerk, GroupMember *members, int num_members);

#endif /* SEATLOCK_GROUP_H */
