/*-------------------------------------------------------------------------
 *
 * json.c
 *		As much of JSON as it takes to read an answer that came through Redis.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define BLANKS " \t\r\n"

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

/* behind the string that begins here */
static const char *
skip_string(const char *text)
{
	if (*text != '"')
		die("this is no string of JSON: %s", text);
	for (text++; *text != '"'; text++)
	{
		if (*text == '\\')
			text++;
		if (*text == '\0')
			die("a string of JSON does not end");
	}
	return text + 1;
}

/* behind the value that begins here */
static const char *
skip_value(const char *text)
{
	int depth = 0;

	do
	{
		if (*text == '"')
			text = skip_string(text);
		else
		{
			depth += *text == '{' || *text == '[';
			depth -= *text == '}' || *text == ']';
			text++;
		}
		/* numbers and words end where something else begins */
		if (depth == 0 && strchr(",]}" BLANKS, *text) != NULL)
			return text;
	} while (*text != '\0');
	return text;
}

const char *
json_next(const char *element)
{
	const char *text = skip_blanks(skip_value(element));

	return *text == ',' ? skip_blanks(text + 1) : NULL;
}

const char *
json_first(const char *array)
{
	const char *text = skip_blanks(array);

	if (*text != '[')
		die("this is no array of JSON: %s", array);
	text = skip_blanks(text + 1);
	return *text == ']' ? NULL : text;
}

const char *
json_member(const char *object, const char *name)
{
	const char *text = skip_blanks(object);
	size_t length = strlen(name);

	if (*text != '{')
		die("this is no object of JSON: %s", object);
	text = skip_blanks(text + 1);
	while (text != NULL && *text == '"')
	{
		const char *end = skip_string(text);
		const char *value = skip_blanks(end);

		if (*value != ':')
			die("this is no object of JSON: %s", object);
		value = skip_blanks(value + 1);
		if ((size_t) (end - text) == length + 2 && strncmp(text + 1, name, length) == 0)
			return strncmp(value, "null", 4) == 0 ? NULL : value;
		text = json_next(value);
	}
	return NULL;
}

bool
json_is_true(const char *value)
{
	return value != NULL && strncmp(value, "true", 4) == 0;
}

static char *
add_utf8(char *end, unsigned code)
{
	if (code < 0x80)
		*end++ = (char) code;
	else if (code < 0x800)
	{
		*end++ = (char) (0xC0 | code >> 6);
		*end++ = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		*end++ = (char) (0xE0 | code >> 12);
		*end++ = (char) (0x80 | (code >> 6 & 0x3F));
		*end++ = (char) (0x80 | (code & 0x3F));
	}
	return end;
}

/* One escape; *text is behind the backslash, and is moved on.  The server escapes no surrogates. */
static char *
add_escaped(char *end, const char **text)
{
	static const char letters[] = "bfnrt";
	static const char meanings[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, **text);
	char digits[5];

	if (**text == 'u')
	{
		snprintf(digits, sizeof(digits), "%.4s", *text + 1);
		*text += 1 + strlen(digits);
		return add_utf8(end, (unsigned) strtoul(digits, NULL, 16));
	}
	*end = letter != NULL ? meanings[letter - letters] : **text;
	(*text)++;
	return end + 1;
}

char *
json_string(const char *value)
{
	const char *text = value + 1;
	const char *close = skip_string(value) - 1;
	char *string = allocate((size_t) (close - value) + 1, 1);
	char *end = string;

	while (text < close)
	{
		if (*text != '\\')
			*end++ = *text++;
		else
		{
			text++;
			end = add_escaped(end, &text);
		}
	}
	return string;
}
