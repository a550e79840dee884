/*-------------------------------------------------------------------------
 *
 * svg_write.c
 *		Texts, numbers and colours as an SVG picture may have them.
 *
 * Names come from plans and callers: nothing of them may end a tag, break the
 * well-formedness of the document or make a viewer fetch something.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "mb/pg_wchar.h"
#include "picture/seat_map_svg.h"
#include "utils/builtins.h"

#define MAX_COLOR_LENGTH 40
/* what stands for a letter that Unicode, or XML, does not have */
#define REPLACEMENT_CHARACTER 0xFFFD
/* beyond this, coordinates are written by printf */
#define MAX_FIXED_POINT 1e15

/*
 * The letter in UTF-8, or NULL: encodings have letters that Unicode lacks, and
 * one has no conversion at all.  A conversion leaves nothing behind that an abort
 * would have to clean up.
 */
static const char *
letter_to_utf8(const char *letter, int length)
{
	MemoryContext context = CurrentMemoryContext;
	const char *utf8 = NULL;

	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
		return letter;
	PG_TRY();
	{
		utf8 = pg_server_to_any(letter, length, PG_UTF8);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_UNTRANSLATABLE_CHARACTER &&
			geterrcode() != ERRCODE_CHARACTER_NOT_IN_REPERTOIRE &&
			geterrcode() != ERRCODE_UNDEFINED_FUNCTION)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return utf8;
}

/*
 * A letter that needs more than one byte: as it is in UTF-8, which is what XML
 * takes a document for; in any other encoding by its number.
 */
static void
put_wide_letter(StringInfo out, const char *letter, int length)
{
	const unsigned char *utf8 = (const unsigned char *) letter_to_utf8(letter, length);
	pg_wchar code = REPLACEMENT_CHARACTER;

	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII && utf8 != NULL)
		length = pg_encoding_mblen(PG_UTF8, (const char *) utf8);
	if (utf8 != NULL && length > 1 && pg_utf8_islegal(utf8, length))
		code = utf8_to_unicode(utf8);
	if (code == 0xFFFE || code == 0xFFFF)
		code = REPLACEMENT_CHARACTER;
	if (GetDatabaseEncoding() == PG_UTF8 && code != REPLACEMENT_CHARACTER)
		appendBinaryStringInfo(out, letter, length);
	else
		appendStringInfo(out, "&#x%X;", code);
}

void
sl_svg_put_text(StringInfo out, const char *text)
{
	for (const char *letter = text; *letter != '\0';)
	{
		int length = pg_mblen(letter);

		if (length > 1 || IS_HIGHBIT_SET(*letter))
			put_wide_letter(out, letter, length);
		else if (*letter == '&')
			appendStringInfoString(out, "&amp;");
		else if (*letter == '<')
			appendStringInfoString(out, "&lt;");
		else if (*letter == '>')
			appendStringInfoString(out, "&gt;");
		else if (*letter == '"')
			appendStringInfoString(out, "&quot;");
		else if ((unsigned char) *letter < ' ' || *letter == '\x7f')
			/* XML has no control characters at all */
			appendStringInfoChar(out, isspace((unsigned char) *letter) ? ' ' : '?');
		else
			appendStringInfoChar(out, *letter);
		letter += length;
	}
}

/* A length, without trailing zeros: a map has two of these for every seat. */
void
sl_svg_put_number(const SvgPicture *picture, double number)
{
	double scaled = number * picture->zoom;
	char digits[MAXINT8LEN + 1];
	int num_digits;
	int decimals = picture->decimals;
	int64 fixed;

	for (int i = 0; i < decimals; i++)
		scaled *= 10;
	if (!(fabs(scaled) < MAX_FIXED_POINT))
	{
		appendStringInfo(picture->out, "%g", number * picture->zoom);
		return;
	}
	fixed = (int64) floor(fabs(scaled) + 0.5);
	if (number < 0 && fixed > 0)
		appendStringInfoChar(picture->out, '-');
	while (decimals > 0 && fixed % 10 == 0)
	{
		fixed /= 10;
		decimals--;
	}
	num_digits = pg_lltoa(fixed, digits);
	if (decimals == 0)
	{
		appendBinaryStringInfo(picture->out, digits, num_digits);
		return;
	}
	if (num_digits > decimals)
		appendBinaryStringInfo(picture->out, digits, num_digits - decimals);
	appendStringInfoChar(picture->out, '.');
	for (int i = num_digits; i < decimals; i++)
		appendStringInfoChar(picture->out, '0');
	appendBinaryStringInfo(picture->out, digits + Max(num_digits - decimals, 0),
						   Min(num_digits, decimals));
}

void
sl_svg_put_length(const SvgPicture *picture, const char *attribute, double length)
{
	appendStringInfo(picture->out, " %s=\"", attribute);
	sl_svg_put_number(picture, length);
	appendStringInfoChar(picture->out, '"');
}

void
sl_svg_put_point(const SvgPicture *picture, const char *x_name, const char *y_name, PlanPoint point)
{
	sl_svg_put_length(picture, x_name, point.x);
	sl_svg_put_length(picture, y_name, point.y);
}

/* Functions of numbers; url(), var() and the like would make a viewer look elsewhere. */
static bool
is_color_function(const char *color, size_t length)
{
	static const char *const functions[] = {"rgb(", "rgba(", "hsl(", "hsla("};

	for (int i = 0; i < lengthof(functions); i++)
	{
		size_t name = strlen(functions[i]);

		if (pg_strncasecmp(color, functions[i], name) == 0)
			return length > name && color[length - 1] == ')' &&
				   strspn(color + name, "0123456789.,% ") == length - name - 1;
	}
	return false;
}

/* #rrggbb, a name, or rgb() and its kin; never a reference */
static bool
is_color(const char *color)
{
	size_t length = strlen(color);
	size_t letters = strspn(color, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (length == 0 || length > MAX_COLOR_LENGTH)
		return false;
	if (color[0] == '#')
		return length > 3 && strspn(color + 1, "0123456789ABCDEFabcdef") == length - 1;
	if (letters == length)
		return true;
	return is_color_function(color, length);
}

void
sl_svg_put_color(StringInfo out, const char *attribute, const char *color, const char *fallback)
{
	appendStringInfo(out, " %s=\"%s\"", attribute, color && is_color(color) ? color : fallback);
}

/* The width of a letter as a share of the font's size: of the wider of the fonts in use. */
static double
letter_width(const char *letter)
{
	if (IS_HIGHBIT_SET(*letter))
		return pg_dsplen(letter) > 1 ? 1.1 : 0.65;
	if (strchr("ijlI.,:;!|' ", *letter))
		return 0.36;
	if (strchr("mwMW@%", *letter))
		return 0.98;
	if (*letter >= 'A' && *letter <= 'Z')
		return 0.72;
	return 0.62;
}

double
sl_svg_text_width(const char *text, double size)
{
	double width = 0;

	for (; *text != '\0'; text += pg_mblen(text))
		width += letter_width(text);
	return width * size;
}

void
sl_svg_put_label(const SvgPicture *picture, const SvgText *text)
{
	PlanPoint middle = {(text->box.low.x + text->box.high.x) / 2,
						(text->box.low.y + text->box.high.y) / 2};

	appendStringInfoString(picture->out, "<text dy=\".35em\"");
	sl_svg_put_point(picture, "x", "y", middle);
	sl_svg_put_length(picture, "font-size", text->size);
	if (text->along)
	{
		appendStringInfoString(picture->out, " transform=\"rotate(-90 ");
		sl_svg_put_number(picture, middle.x);
		appendStringInfoChar(picture->out, ' ');
		sl_svg_put_number(picture, middle.y);
		appendStringInfoString(picture->out, ")\"");
	}
	appendStringInfoChar(picture->out, '>');
	sl_svg_put_text(picture->out, text->text);
	appendStringInfoString(picture->out, "</text>\n");
}
