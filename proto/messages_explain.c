#include "proto/messages_explain.h"

#include "base/words.h"
#include "proto/messages_out.h"
#include "proto/rows.h"

#define REMOVALS_MAX 200
#define RELAXATIONS_MAX 32
#define DETAIL_LEN 400

MESSAGE(fair, "Fair", "Why this expert, where none was named",
	COUNT(fair, minutes, REQUIRED,
	      "in sessions, with what is ahead; but to the lead with the "
	      "calls"),
	COUNT(fair, night_calls, OPTIONAL,
	      "to emergencies at night meanwhile; to the lead alone"),
	COUNT(fair, weeks, REQUIRED, "from how many weeks ago on"),
	COUNT(fair, rank, REQUIRED, "1: whoever has had the least"),
	COUNT(fair, of, REQUIRED, "how many suit"),
	STR(fair, detail, OPTIONAL, 1, DETAIL_LEN, "a sentence"));

MESSAGE(removal, "Removal", "One reason that took times away",
	STR(removal, subject, OPTIONAL, 1, 129,
	    "who or what; absent: a rule of the agreement"),
	WORD(removal, role, OPTIONAL, claim_role, CLAIM,
	     "as what it is needed"),
	WORD(removal, reason, REQUIRED, block, BLOCK, "what is in the way"),
	STR(removal, rule, OPTIONAL, 1, 400,
	    "the rule that says so, in its own words"),
	COUNT(removal, alone, REQUIRED, "chances that it alone took"),
	COUNT(removal, with_others, REQUIRED,
	      "chances that it took together with other reasons"),
	COUNT(removal, of, REQUIRED, "chances in which it takes part"),
	TIME(removal, from, OPTIONAL, "since when the first lies in the way"),
	TIME(removal, to, OPTIONAL, "until when the last does"),
	COUNT(removal, minutes, OPTIONAL,
	      "how long that is altogether within the window"),
	STR(removal, detail, OPTIONAL, 1, DETAIL_LEN, "a sentence"));

MESSAGE(relaxed, "Relaxed", "One thing that would be given way in",
	WORD(relaxed, what, REQUIRED, relax, RELAX, "in what"),
	STR(relaxed, value, OPTIONAL, 1, 129,
	    "which room, language, modality, agreement; to which title"),
	INT(relaxed, minutes, OPTIONAL, 1, 1440, "how long it would still be"),
	WORD(relaxed, granted_by, REQUIRED, role, ROLE, "who may grant it"),
	STR(relaxed, detail, OPTIONAL, 1, DETAIL_LEN, "a sentence"));

MESSAGE(relaxation, "Relaxation", "What would give a time",
	OBJECTS(relaxation, changes, REQUIRED, relaxed, 2,
		"one change; or two, where no single one gives any"),
	OBJECT(relaxation, slot, REQUIRED, slot, "the first time of it"));

MESSAGE(explanation, "Explanation", "Why there is no time, and what would help",
	SLUG(explanation, agreement, REQUIRED, "under which agreement"),
	TIME(explanation, from, REQUIRED, "the window that was searched"),
	TIME(explanation, to, REQUIRED, "until then"),
	INT(explanation, every, REQUIRED, 1, INT64_MAX,
	    "one start out of so many was asked about; 1: each"),
	COUNT(explanation, chances, REQUIRED,
	      "starts that were asked about, of each expert"),
	COUNT(explanation, by_one, REQUIRED, "that one reason alone took"),
	COUNT(explanation, by_several, REQUIRED, "that several took together"),
	OBJECTS(explanation, removals, REQUIRED, removal, REMOVALS_MAX,
		"what took them, what took the most alone first"),
	INT(explanation, removals_more, OPTIONAL, 1, INT64_MAX,
	    "how many reasons there are beyond those"),
	OBJECTS(explanation, relaxations, REQUIRED, relaxation, RELAXATIONS_MAX,
		"what would give a time, the smallest first"),
	BOOL(explanation, cut, OPTIONAL,
	     "not every change could be tried; ask for less"));
