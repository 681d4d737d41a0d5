#include "daemon/main/ending.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	enum rc rc;
	enum ending ending;
} rows[] = {
	{RC_OK, ENDING_DONE},
	{RC_USAGE, ENDING_USAGE},
	{RC_CORRUPT, ENDING_DAMAGED},
	{RC_NOT_FOUND, ENDING_MISSING},
	{RC_BUSY, ENDING_TAKEN},
	{RC_EXISTS, ENDING_EXISTS},
	{RC_IO, ENDING_IO},
	{RC_FULL, ENDING_LATER},
	{RC_NOMEM, ENDING_LATER},
	{RC_FORBIDDEN, ENDING_DENIED},
	{RC_INVALID, ENDING_CONFIG},
	{RC_MALFORMED, ENDING_CONFIG},
	{RC_TOO_LARGE, ENDING_CONFIG},
};

enum ending ending_of(enum rc rc)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].rc == rc)
			return rows[i].ending;
	return ENDING_SOFTWARE;
}

/* The engine quotes what it finds in a damaged file. */
void ending_say(const char *text)
{
	bool sound = text_printable(text, strlen(text), false);

	fputs("teleconsultd: ", stderr);
	for (; *text != '\0'; text++)
		fputc(sound || (*text >= ' ' && *text < 0x7f) ? *text : '?',
		      stderr);
	fputc('\n', stderr);
}
