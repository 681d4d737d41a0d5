/*
 * tangle - a small network in which everything collides, as plain values.
 *
 * A lead (hub) with two partners (east, west), of which one (east) leads the
 * other in turn, and a site that works with nobody (far); two experts at the
 * hub, who are everywhere, one at each partner, who operates too; rooms for
 * one and for three, a link for two, ways between places, sessions of places,
 * tiny quotas. tangle_make() draws it, tangle_shake() changes some of it, and
 * tangle_write() says it as a network file. What a test knows of the network
 * it reads here, never out of the store.
 */
#ifndef TESTS_SUPPORT_TANGLE_H
#define TESTS_SUPPORT_TANGLE_H

#include "base/buf.h"
#include "base/words.h"
#include "tests/support/fake.h"

enum { HUB, EAST, WEST, FAR, TANGLE_SITES };

/* Whatever can be claimed has a number: experts, then rooms; a test counts its
 * patients on from TANGLE_SUBJECTS. By slug, as the service goes through
 * them. */
enum { EASTERN, ONE, TWO, WESTERN, TANGLE_EXPERTS };
enum {
	EAST_CLINIC = TANGLE_EXPERTS,
	EAST_DEVICE,
	EAST_OR,
	EAST_STUDIO,
	EAST_STUDIO_2,
	HUB_CLINIC,
	HUB_LINK,
	HUB_STUDIO,
	HUB_STUDIO_2,
	WEST_OR,
	WEST_STUDIO,
	TANGLE_SUBJECTS
};
#define TANGLE_NONE (-1)

struct tangle_subject {
	const char *slug;
	enum subject_type type;
	int site;
	int capacity;
	/* experts */
	int buffer, cap; /* minutes; a day, 0: no limit */
	kindset kinds;
	bool brain; /* besides the heart */
};

struct tangle_rule {
	bool on;
	int of;
	int place; /* or TANGLE_NONE */
	const char *zone;
	unsigned weekdays; /* bit 0: Monday; 0: daily */
	int start, minutes;
	kindset kinds;
	int slot; /* minutes; 0: no session of places */
	bool on_holidays;
	int64_t exdate, rdate; /* 0: none */
};
#define TANGLE_RULES 12
#define TANGLE_STAY_RULES 2

struct tangle_stay {
	bool on;
	int expert, site;
	int64_t first, last;
	bool remote;
	struct tangle_rule rules[TANGLE_STAY_RULES];
};
#define TANGLE_STAYS 3

struct tangle_leave {
	bool on;
	int of;
	int64_t from, to; /* wall, in the zone of the subject's site */
};
#define TANGLE_LEAVES 4

/* Between two rooms, or two sites; minutes 0: no such way is said. */
struct tangle_way {
	bool of_sites;
	int a, b;
	int minutes;
};
#define TANGLE_WAYS 8

struct tangle_agreement {
	const char *slug;
	int lead, partner;
	int64_t first, last;
	kindset kinds;
	int quota[KIND_COUNT]; /* -1: none */
	bool heart;	       /* for that specialty alone */
	int overrun;	       /* -1: as the kind has it */
	int notice;	       /* minutes */
};
#define TANGLE_AGREEMENTS 3

struct tangle {
	int64_t day; /* the first on which something may happen */
	const char *zones[TANGLE_SITES];
	struct tangle_subject subjects[TANGLE_SUBJECTS];
	struct tangle_rule rules[TANGLE_RULES];
	struct tangle_stay stays[TANGLE_STAYS];
	struct tangle_leave leaves[TANGLE_LEAVES];
	struct tangle_way ways[TANGLE_WAYS];
	struct tangle_agreement agreements[TANGLE_AGREEMENTS];
	/* the calendar of hub and east; 0: no such day */
	int64_t day_off, shifted;
	int works_as;
};

extern const char *const tangle_sites[TANGLE_SITES];

void tangle_make(struct tangle *t, struct fake_rnd *rnd);
/* Changes one to three things; answers what, for a trace. */
void tangle_shake(struct tangle *t, struct fake_rnd *rnd, struct buf *out_what);
/* Appends the file. */
void tangle_write(const struct tangle *t, struct buf *out);

#endif
