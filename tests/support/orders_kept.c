#include "tests/support/orders_kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/stamps.h"

#define PLANS (TANGLE_SUBJECTS + TANGLE_SITES)
#define LOOKS 8 /* after a step */
#define STAY 25 /* steps that the same are looked at */
#define DAYS 60
#define PLAN_MAX (1u << 20)

/* A plan as somebody saw it. */
struct plan {
	bool held;
	int64_t at; /* as the clock was */
	uint64_t all, own;
	enum rc rc;
	struct buf text;
};

struct orders_kept {
	struct plan plans[ORDERS_PEOPLE][PLANS];
	int stood, fell;
};

struct orders_kept *orders_kept_new(void)
{
	struct orders_kept *kept = mem_alloc(sizeof(*kept));

	for (int i = 0; i < ORDERS_PEOPLE * PLANS; i++)
		buf_init(&kept->plans[i / PLANS][i % PLANS].text, PLAN_MAX);
	return kept;
}

void orders_kept_free(struct orders_kept *kept, int *out_stood, int *out_fell)
{
	*out_stood += kept->stood;
	*out_fell += kept->fell;
	for (int i = 0; i < ORDERS_PEOPLE * PLANS; i++)
		buf_fini(&kept->plans[i / PLANS][i % PLANS].text);
	mem_free(kept);
}

struct look {
	const char *slug;
	bool site;
	struct msg_schedule_query in;
	struct buf *text;
	enum rc rc;
};

static enum rc look_step(struct work *w, void *arg)
{
	struct look *look = arg;
	struct msg_schedule out;

	w->tx->write = false;
	look->rc =
		look->site
			? work_schedule_site(w, look->slug, &look->in, &out)
			: work_schedule_subject(w, look->slug, &look->in, &out);
	buf_reset(look->text);
	if (look->rc == RC_OK)
		proto_encode(&msg_schedule_table, &out, look->text);
	return RC_OK;
}

static void look(struct orders *o, int who, int plan, int64_t at,
		 struct plan *out)
{
	int64_t from = o->net.day * CIVIL_DAY;
	struct look look = {.site = plan >= TANGLE_SUBJECTS,
			    .in = {from, from + DAYS * CIVIL_DAY},
			    .text = &out->text};
	struct work w;

	look.slug = look.site ? tangle_sites[plan - TANGLE_SUBJECTS]
			      : o->net.subjects[plan].slug;
	o->house.scratch.now = at;
	(void)house_do(&o->house, &o->people[who], WORK_MATCH_ANY, look_step,
		       &look, &w);
	out->rc = look.rc;
	out->at = at;
}

/* The number that the store gave it. */
static int64_t id_of(const struct orders *o, int subject)
{
	for (int64_t id = 0; id < ORDERS_IDS; id++)
		if (o->subject_of[id] == subject)
			return id;
	abort();
}

static int64_t site_of(struct orders *o, int site)
{
	struct query q;
	int64_t id;

	query_begin(&q, o->house.db, "SELECT id FROM site WHERE slug = $1");
	query_text(&q, 1, tangle_sites[site]);
	if (!query_row(&q))
		abort();
	id = query_col_int(&q, 0);
	if (query_end(&q, NULL) != RC_OK)
		abort();
	return id;
}

static uint64_t stamp_of(struct orders *o, int plan)
{
	const struct stamps *s = o->house.scratch.env.stamps;

	if (plan < TANGLE_SUBJECTS)
		return stamps_subject(s, id_of(o, plan));
	return stamps_site(s, site_of(o, plan - TANGLE_SUBJECTS));
}

static void look_at(struct orders *o, struct orders_kept *kept, int who,
		    int number)
{
	struct plan *plan = &kept->plans[who][number];
	uint64_t all = stamps_all(o->house.scratch.env.stamps);
	uint64_t own = stamp_of(o, number);
	struct plan now = {0};
	bool stands = plan->held && plan->all == all && plan->own == own;

	buf_init(&now.text, PLAN_MAX);
	if (stands) { /* time apart, it is what it was */
		look(o, who, number, plan->at, &now);
		if (now.rc != plan->rc || now.text.len != plan->text.len ||
		    strcmp(buf_cstr(&now.text), buf_cstr(&plan->text)) != 0)
			orders_wrong(o,
				     "%d keeps of %d\n%s\nbut it is\n%s\n"
				     "and no stamp changed",
				     who, number, buf_cstr(&plan->text),
				     buf_cstr(&now.text));
	}
	kept->stood += stands;
	kept->fell += plan->held && !stands;
	buf_fini(&now.text);
	if (stands)
		return;
	look(o, who, number, o->m.now, plan);
	plan->held = true;
	plan->all = all;
	plan->own = own;
}

void orders_kept_look(struct orders *o, struct orders_kept *kept)
{
	for (int i = 0; i < LOOKS; i++) {
		int k = (o->step / STAY * LOOKS + i) % (ORDERS_PEOPLE * PLANS);

		look_at(o, kept, k % ORDERS_PEOPLE, k / ORDERS_PEOPLE);
	}
	o->house.scratch.now = o->m.now;
}
