/*
 * oracle_facts - what the oracle knows of rules, claims and ways by themselves
 * (oracle.h).
 */
#ifndef TESTS_SUPPORT_ORACLE_FACTS_H
#define TESTS_SUPPORT_ORACLE_FACTS_H

#include "daemon/core/kind.h"
#include "tests/support/oracle.h"

#define ORACLE_INSTANCES 64

/* What would be booked. */
struct oracle_matter {
	const struct core_ask *ask;
	const struct kind_row *kind;
	const struct core_expert *e;
	struct core_span session; /* the expert's part */
	int64_t end;		  /* with its reserve */
	struct core_span operation;
	int64_t pause;
	int64_t places; /* when its session of places began; 0: none */
	int64_t place;	/* ... and where */
	struct oracle_faults *faults;
};

void oracle_add(struct oracle_faults *f, const struct core_subject *s,
		enum block reason);

int64_t oracle_day(const struct tz *zone, int64_t t);
bool oracle_among(const int64_t *numbers, size_t n, int64_t number);
bool oracle_is_away(const struct core_away *away, int64_t t);

struct oracle_instance {
	const struct core_rule *rule;
	int64_t from, to;
};

struct oracle_instances {
	struct oracle_instance v[ORACLE_INSTANCES];
	size_t n;
};

/* What of the subject's rules touches the span, and offers the kind. */
enum { ORACLE_ANY_KIND = 1, ORACLE_NO_HOLIDAYS = 2, ORACLE_NO_AWAY = 4 };
void oracle_lay(const struct oracle_matter *m, const struct core_subject *s,
		unsigned leave, struct core_span span,
		struct oracle_instances *out);
/* Is every minute in an instance at the place? on_grid: besides sessions of
 * places. */
bool oracle_covers(const struct oracle_instances *all, int64_t place,
		   bool on_grid, struct core_span span);
/* Of what is shut: would it be open but for one thing? */
enum block oracle_why_closed(const struct oracle_matter *m,
			     const struct core_subject *s,
			     struct core_span span);

bool oracle_stands(const struct core_ask *ask, const struct core_claim *c);
bool oracle_on_leave(const struct core_subject *s, struct core_span span);
/* Is anybody but the expert there for the session, or the operation? Says why
 * not. */
bool oracle_does(const struct oracle_matter *m, const struct core_subject *s,
		 bool operation, struct oracle_faults *out);

struct oracle_ways {
	struct core_span before, after;
	const struct core_claim *next;
	bool good;
};

struct oracle_ways oracle_find_ways(const struct oracle_matter *m,
				    const struct core_subject *room);

#endif
