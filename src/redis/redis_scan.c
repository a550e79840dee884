/*-------------------------------------------------------------------------
 *
 * redis_scan.c
 *		Is a reply of Redis whole, and within limits?
 *
 * hiredis allocates whatever a length in the stream asks for, and aborts the
 * process when there is no such memory; so each reply is walked here first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "redis/redis_scan.h"

/* limits of one reply; the caller's max_elements is another one */
#define MAX_STRING_BYTES 1048576
#define MAX_LINE_BYTES 65536
#define MAX_REPLY_BYTES 16777216
#define MAX_TOTAL_FACTOR 16 /* elements of all arrays of a reply, in max_elements */

/* The first problem is kept. */
static void set_problem(RedisScan *scan, const char *format, ...) pg_attribute_printf(2, 3);

static void
set_problem(RedisScan *scan, const char *format, ...)
{
	va_list args;

	if (scan->problem[0] != '\0')
		return;
	va_start(args, format);
	(void) vsnprintf(scan->problem, sizeof(scan->problem), format, args);
	va_end(args);
}

/*
 * Read the length behind $ or *, as strictly as hiredis will: -1, or digits
 * without a zero in front.
 */
static bool
read_length(const char *text, const char *end, int64 *length)
{
	if (end - text == 2 && memcmp(text, "-1", 2) == 0)
	{
		*length = -1;
		return true;
	}
	/* 18 digits fit into 64 bits */
	if (text == end || end - text > 18 || (text[0] == '0' && end - text > 1))
		return false;
	*length = 0;
	for (; text < end; text++)
	{
		if (*text < '0' || *text > '9')
			return false;
		*length = *length * 10 + (*text - '0');
	}
	return true;
}

/* A value has come to its end, and with it maybe the arrays whose last it was. */
static void
finish_value(RedisScan *scan)
{
	while (scan->depth > 0 && --scan->num_missing[scan->depth - 1] == 0)
		scan->depth--;
	scan->is_whole = (scan->depth == 0);
}

static void
begin_string(RedisScan *scan, int64 length)
{
	if (length > MAX_STRING_BYTES)
		set_problem(scan, "Redis announced a string of %lld bytes", (long long) length);
	else if (length < 0)
		finish_value(scan);
	else
		scan->body_size = length + 2;
}

static void
begin_array(RedisScan *scan, int64 length)
{
	int64 max_total = (int64) scan->max_elements * MAX_TOTAL_FACTOR;

	if (length > scan->max_elements)
		set_problem(scan, "Redis announced an array of %lld elements, where %d are the most",
					(long long) length, scan->max_elements);
	else if (length <= 0)
		finish_value(scan);
	else if (scan->num_elements + length > max_total)
		set_problem(scan, "Redis announced a reply of more than %lld elements",
					(long long) max_total);
	else if (scan->depth == SL_REDIS_MAX_NESTING)
		set_problem(scan, "Redis announced arrays nested deeper than %d", SL_REDIS_MAX_NESTING);
	else
	{
		scan->num_elements += length;
		scan->num_missing[scan->depth++] = length;
	}
}

/* Look at a line; false when it is not all there. */
static bool
scan_line(RedisScan *scan, const char *line, Size size)
{
	const char *end;
	Size known_size;
	int64 length = 0;

	if (size == 0)
		return false;
	/* at once, since what is no Redis may never send a line end */
	if (line[0] == '\0' || strchr("+-:$*", line[0]) == NULL)
	{
		set_problem(scan, "Redis sent garbage: byte 0x%02x where a value begins",
					(unsigned char) line[0]);
		return false;
	}
	end = memchr(line + scan->searched, '\r', size - scan->searched);
	known_size = end != NULL ? (Size) (end - line) : size;
	if (known_size > MAX_LINE_BYTES)
	{
		set_problem(scan, "Redis sent a line of more than %d bytes", MAX_LINE_BYTES);
		return false;
	}
	if (end == NULL || end + 1 == line + size)
	{
		scan->searched = known_size;
		return false;
	}
	if (end[1] != '\n')
	{
		set_problem(scan, "Redis sent garbage: half a line end");
		return false;
	}
	scan->searched = 0;
	scan->passed += end + 2 - line;
	if (line[0] != '$' && line[0] != '*')
		finish_value(scan);
	else if (!read_length(line + 1, end, &length))
		set_problem(scan, "Redis sent garbage: a length that is no number");
	else if (line[0] == '$')
		begin_string(scan, length);
	else
		begin_array(scan, length);
	return true;
}

/* Look at a string whose length is known; false when it is not all there. */
static bool
scan_body(RedisScan *scan, const char *body, Size size)
{
	if (size < scan->body_size)
		return false;
	if (memcmp(body + scan->body_size - 2, "\r\n", 2) != 0)
		set_problem(scan, "Redis sent garbage: a string that does not end where it should");
	scan->passed += scan->body_size;
	scan->body_size = 0;
	finish_value(scan);
	return true;
}

/*
 * Look through what has come of a reply, from its first byte on; it may come in
 * pieces, each time with all that was there before.  True when it is all there:
 * passed is its size.  False when more must come, or when there is a problem.
 */
bool
sl_redis_scan(RedisScan *scan, const char *reply, Size size)
{
	bool goes_on = true;

	while (goes_on && !scan->is_whole && scan->problem[0] == '\0')
	{
		const char *rest = reply + scan->passed;
		Size left = size - scan->passed;

		goes_on = scan->body_size > 0 ? scan_body(scan, rest, left) : scan_line(scan, rest, left);
		if (scan->passed + scan->body_size > MAX_REPLY_BYTES)
			set_problem(scan, "Redis sent a reply of more than %d bytes", MAX_REPLY_BYTES);
	}
	return scan->is_whole && scan->problem[0] == '\0';
}
