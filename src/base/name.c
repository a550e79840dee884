/*-------------------------------------------------------------------------
 *
 * name.c
 *		Names that seatlock shows, of events, venues, sections, rows, seats and
 *		categories: what may stand in them.
 *
 * Labels of seats are made of such names, and calls trim the labels that they
 * are given.  So set-up trims by the very same rule: a seat whose label began
 * with a tab could be sold to nobody.  White space is ASCII's, whatever the
 * locale, since two sessions must not disagree about it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "base/name.h"

#define DELETE 0x7f
#define IS_C1(code) ((code) >= 0x80 && (code) <= 0x9f)

static bool
is_white_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t
sl_name_trim(const char **text, size_t length)
{
	while (length > 0 && is_white_space((*text)[0]))
	{
		(*text)++;
		length--;
	}
	while (length > 0 && is_white_space((*text)[length - 1]))
		length--;
	return length;
}

/*
 * ISO's sets of one byte keep 0x80 to 0x9f for control; Windows' and Cyrillic ones
 * have letters there.
 */
static bool
encoding_has_c1_bytes(void)
{
	switch (GetDatabaseEncoding())
	{
		case PG_LATIN1:
		case PG_LATIN2:
		case PG_LATIN3:
		case PG_LATIN4:
		case PG_LATIN5:
		case PG_LATIN6:
		case PG_LATIN7:
		case PG_LATIN8:
		case PG_LATIN9:
		case PG_LATIN10:
		case PG_ISO_8859_5:
		case PG_ISO_8859_6:
		case PG_ISO_8859_7:
		case PG_ISO_8859_8:
			return true;
		default:
			return false;
	}
}

static bool
is_utf8(void)
{
	return GetDatabaseEncoding() == PG_UTF8;
}

bool
sl_name_letter_is_control(const char *letter, int length)
{
	const unsigned char *bytes = (const unsigned char *) letter;

	if (length == 1)
		return bytes[0] < ' ' || bytes[0] == DELETE || (IS_C1(bytes[0]) && encoding_has_c1_bytes());
	return length == 2 && is_utf8() && IS_C1(utf8_to_unicode(bytes));
}

bool
sl_name_letter_is_bidirectional(const char *letter, int length)
{
	pg_wchar code;

	if (length < 2 || length > 3 || !is_utf8())
		return false;
	code = utf8_to_unicode((const unsigned char *) letter);
	return code == 0x061C || code == 0x200E || code == 0x200F ||
		   (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool
sl_name_has_control(const char *name)
{
	while (*name != '\0')
	{
		int length = pg_mblen(name);

		if (sl_name_letter_is_control(name, length))
			return true;
		name += length;
	}
	return false;
}
