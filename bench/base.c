/*-------------------------------------------------------------------------
 *
 * base.c
 *		Memory that is there, files, the clock, and the way out.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base.h"

void
die(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("driver: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		die("out of memory");
	return memory;
}

void *
reallocate(void *memory, size_t count, size_t size)
{
	memory = reallocarray(memory, count, size);
	if (memory == NULL)
		die("out of memory");
	return memory;
}

char *
copy_string(const char *string)
{
	return format_string("%s", string);
}

char *
format_string(const char *format, ...)
{
	char *result;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&result, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	return result;
}

char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (file == NULL)
		die("could not open \"%s\": %s", path, strerror(errno));
	/* no text file holds a zero byte, so this reads it to its end */
	if (getdelim(&text, &size, '\0', file) < 0)
		die("could not read \"%s\", or it is empty", path);
	fclose(file);
	return text;
}

char *
quote_array_element(const char *text)
{
	char *quoted = allocate(strlen(text) * 2 + 3, 1);
	char *end = quoted;

	*end++ = '"';
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			*end++ = '\\';
		*end++ = *text;
	}
	*end = '"';
	return quoted;
}

const char *
with_commas(double number)
{
	static char buffers[8][32];
	static unsigned next_buffer;
	char *buffer = buffers[next_buffer++ % 8];
	char digits[24];
	int num_digits = snprintf(digits, sizeof(digits), "%.0f", number);
	char *end = buffer;

	for (int i = 0; i < num_digits; i++)
	{
		if (i > 0 && (num_digits - i) % 3 == 0 && digits[i - 1] != '-')
			*end++ = ',';
		*end++ = digits[i];
	}
	*end = '\0';
	return buffer;
}

FILE *
open_for_appending(const char *path)
{
	FILE *file = fopen(path, "a");

	if (file == NULL)
		die("could not write \"%s\": %s", path, strerror(errno));
	return file;
}

void
close_written(FILE *file, const char *path)
{
	if (ferror(file) || fclose(file) != 0)
		die("could not write \"%s\"", path);
}

int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t
wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}
