#include "base/words.h"

#include <string.h>

#define WORDS_NAME(sym, name) name,
#define WORDS_DEFINE(set, label, LIST)                                         \
	static const char *const set##_names[] = {LIST(WORDS_NAME)};           \
	const struct words words_##set = {.what = (label),                     \
					  .names = set##_names,                \
					  .count = sizeof(set##_names) /       \
						   sizeof(set##_names[0])}

WORDS_DEFINE(kind, "kind", WORDS_KIND);
WORDS_DEFINE(urgency, "urgency", WORDS_URGENCY);
WORDS_DEFINE(mode, "mode", WORDS_MODE);
WORDS_DEFINE(request_status, "request status", WORDS_REQUEST_STATUS);
WORDS_DEFINE(booking_status, "booking status", WORDS_BOOKING_STATUS);
WORDS_DEFINE(subject, "subject type", WORDS_SUBJECT);
WORDS_DEFINE(claim_role, "claim role", WORDS_CLAIM_ROLE);
WORDS_DEFINE(role, "role", WORDS_ROLE);
WORDS_DEFINE(scope, "scope", WORDS_SCOPE);
WORDS_DEFINE(block, "block", WORDS_BLOCK);
WORDS_DEFINE(absent, "who was absent", WORDS_ABSENT);
WORDS_DEFINE(need, "need", WORDS_NEED);
WORDS_DEFINE(late, "late change", WORDS_LATE);
WORDS_DEFINE(why, "reason", WORDS_WHY);
WORDS_DEFINE(by, "what rows are told apart by", WORDS_BY);
WORDS_DEFINE(walk_in, "state", WORDS_WALK_IN);
WORDS_DEFINE(clock, "clock", WORDS_CLOCK);
WORDS_DEFINE(tell, "who is told", WORDS_TELL);
WORDS_DEFINE(consent, "consent", WORDS_CONSENT);
WORDS_DEFINE(check, "check", WORDS_CHECK);
WORDS_DEFINE(gate, "gate", WORDS_GATE);
WORDS_DEFINE(unchecked, "what it takes", WORDS_UNCHECKED);
WORDS_DEFINE(contingency, "contingency", WORDS_CONTINGENCY);
WORDS_DEFINE(relax, "relaxation", WORDS_RELAX);
WORDS_DEFINE(on_holiday, "what a holiday does", WORDS_ON_HOLIDAY);
WORDS_DEFINE(together, "whether together", WORDS_TOGETHER);
WORDS_DEFINE(outcome, "outcome", WORDS_OUTCOME);
WORDS_DEFINE(roster, "change", WORDS_ROSTER);
WORDS_DEFINE(signer, "who signed", WORDS_SIGNER);
WORDS_DEFINE(course, "course", WORDS_COURSE);

int words_find(const struct words *words, const char *s, size_t len)
{
	for (int i = 0; len > 0 && i < words->count; i++)
		if (words->names[i][0] == s[0] &&
		    strlen(words->names[i]) == len &&
		    memcmp(words->names[i], s, len) == 0)
			return i;
	return -1;
}

const char *words_name(const struct words *words, int number)
{
	if (number < 0 || number >= words->count)
		return "?";
	return words->names[number];
}
