/*-------------------------------------------------------------------------
 *
 * answer.c
 *		What a buyer of the demo is told, in SQL or through Redis.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer.h"
#include "json.h"

/* between the labels in ANSWER_COLUMNS; no label of a plan holds it */
#define SEPARATOR "\x1f"

typedef enum AnswerColumn
{
	ANSWER_OK,
	ANSWER_OUTCOME,
	ANSWER_TOKEN,
	ANSWER_EXPIRES_AT,
	ANSWER_RETRY_AFTER_MS,
	ANSWER_SEATS
} AnswerColumn;

static void
add_seat(Answer *answer, const House *house, const char *label)
{
	int seat = answer->num_seats < DEMO_MAX_PARTY ? house_find(house, label) : -1;

	if (seat < 0)
		die("the answer names seats that are none, or too many: %s", label);
	answer->seats[answer->num_seats++] = seat;
}

static void
read_labels(Answer *answer, const House *house, const char *labels)
{
	char *list = copy_string(labels);
	char *rest = NULL;

	for (char *label = strtok_r(list, SEPARATOR, &rest); label != NULL;
		 label = strtok_r(NULL, SEPARATOR, &rest))
		add_seat(answer, house, label);
	free(list);
}

char *
answer_read_row(Answer *answer, const PGresult *result, const House *house)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		return copy_string(PQresultErrorMessage(result));
	*answer = (Answer){.ok = strcmp(PQgetvalue(result, 0, ANSWER_OK), "t") == 0};
	snprintf(answer->outcome, sizeof(answer->outcome), "%s", PQgetvalue(result, 0, ANSWER_OUTCOME));
	snprintf(answer->token, sizeof(answer->token), "%s", PQgetvalue(result, 0, ANSWER_TOKEN));
	answer->expires_at = (int64_t) strtod(PQgetvalue(result, 0, ANSWER_EXPIRES_AT), NULL);
	answer->retry_after_ms = atoi(PQgetvalue(result, 0, ANSWER_RETRY_AFTER_MS));
	read_labels(answer, house, PQgetvalue(result, 0, ANSWER_SEATS));
	return NULL;
}

/* A member of an object as text in a buffer; empty where there is none. */
static void
read_text(const char *object, const char *name, char *buffer, size_t size)
{
	const char *value = json_member(object, name);
	char *text = value != NULL ? json_string(value) : NULL;

	snprintf(buffer, size, "%s", text != NULL ? text : "");
	free(text);
}

/* microseconds since 1970 of 2026-11-27T19:30:00.123456+01:00; 0 of an empty text */
static int64_t
read_time(const char *text)
{
	struct tm parts = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	double fraction = 0;
	char *zone;
	int64_t seconds;

	if (text[0] == '\0')
		return 0;
	if (rest == NULL)
		die("this is no time: %s", text);
	seconds = timegm(&parts);
	zone = (char *) rest;
	if (*rest == '.')
		fraction = strtod(rest, &zone);
	if (strptime(zone, "%z", &parts) == NULL)
		die("this is no time with its zone: %s", text);
	return (seconds - parts.tm_gmtoff) * INT64_C(1000000) + (int64_t) (fraction * 1000000 + 0.5);
}

char *
answer_read_json(Answer *answer, const char *json, const House *house)
{
	char time[48];
	const char *number = json_member(json, "retry_after_ms");
	const char *seats = json_member(json, "seats");

	*answer = (Answer){.ok = json_is_true(json_member(json, "ok"))};
	read_text(json, "outcome", answer->outcome, sizeof(answer->outcome));
	if (strcmp(answer->outcome, "error") == 0)
		return json_string(json_member(json, "message"));
	read_text(json, "token", answer->token, sizeof(answer->token));
	read_text(json, "expires_at", time, sizeof(time));
	answer->expires_at = read_time(time);
	answer->retry_after_ms = number != NULL ? atoi(number) : 0;
	for (const char *seat = seats != NULL ? json_first(seats) : NULL; seat != NULL;
		 seat = json_next(seat))
	{
		char *label = json_string(seat);

		add_seat(answer, house, label);
		free(label);
	}
	return NULL;
}
