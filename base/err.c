#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drops a UTF-8 sequence that the bound cut in two. */
static void trim_broken_tail(char *s, size_t len)
{
	size_t start = len;

	while (start > 0 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)s[start - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)s[start - 1];
		size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;

		if (len - start < need)
			s[start - 1] = '\0';
	}
}

enum rc(err_set)(struct err *err, enum rc rc, const char *fmt, ...)
{
	va_list args;
	int n;

	if (err == NULL)
		return rc;
	err->rc = rc;
	va_start(args, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	if (n < 0)
		err->text[0] = '\0';
	if (n >= (int)sizeof(err->text))
		trim_broken_tail(err->text, sizeof(err->text) - 1);
	for (char *s = err->text; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
	return rc;
}
