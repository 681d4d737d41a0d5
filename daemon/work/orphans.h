/*
 * orphans - bookings to come that a change of the network leaves without
 * ground: found by putting each that leans on what changed to the core again,
 * told to those whose it is, and listed until each is moved or cancelled.
 */
#ifndef DAEMON_WORK_ORPHANS_H
#define DAEMON_WORK_ORPHANS_H

#include "daemon/store/network_lean.h"
#include "daemon/work/tools.h"

#define ORPHANS_TOLD 200 /* with their reasons, in one answer */
/* That are looked at in one change, at some 150 us each: where it is stored
 * nobody books meanwhile. Those that come first are looked at. */
#define ORPHANS_CHECKED 30000
/* For which other times are looked for in one answer, and for how long. */
#define ORPHANS_SOUGHT 50
#define ORPHANS_SOUGHT_MS 5000

struct orphan_hunt {
	struct work *w;
	/* What changed, in our words; and, said by who changed it, why. */
	const char *cause, *reason;
	struct core_span span; /* only what touches it */
	bool keep;	       /* on the worklist, and told */
	bool seek;	       /* the nearest times that would do as well */
	/* answered */
	struct field_list found; /* msg_orphan: the first of them */
	int64_t orphaned, unchecked, unsought;
	/* its own */
	int64_t begun_ms;
	int64_t sought;
};

/* The list is ended. */
__attribute__((warn_unused_result)) enum rc
orphans_find(struct orphan_hunt *hunt, const struct network_leanings *list);

/* Those on the worklist that the principal may see, as they stand now. */
enum rc work_orphan_list(struct work *w, const struct msg_orphan_query *in,
			 struct msg_orphan_list *out);

#endif
