#include "proto/messages_day.h"

#include "proto/rows.h"

MESSAGE(noshow, "NoShow", "Somebody did not come",
	WORD(noshow, absent, REQUIRED, absent, ABSENT, "who did not"),
	TEXT(noshow, reason, SECRET, 1, 900,
	     "what is known about it, for the other side"));
