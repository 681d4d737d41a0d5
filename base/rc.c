#include "base/rc.h"

#include <string.h>

#define RC_ROW(sym, name, status, leave, issue, words)                         \
	[RC_##sym] = {.code = (name),                                          \
		      .http = (status),                                        \
		      .exit = (leave),                                         \
		      .fhir = (issue),                                         \
		      .title = (words)},
static const struct rc_row rows[RC_COUNT] = {RC_TABLE(RC_ROW)};
#undef RC_ROW

const struct rc_row *rc_row(enum rc rc)
{
	unsigned at = (unsigned)rc;

	return &rows[at < RC_COUNT ? at : RC_INTERNAL];
}

enum rc rc_from_code(const char *code)
{
	for (unsigned i = 0; i < RC_COUNT; i++)
		if (strcmp(rows[i].code, code) == 0)
			return (enum rc)i;
	return RC_INTERNAL;
}
