#include "tests/support/orders_kept.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/api/kept.h"

#define PLANS (TANGLE_SUBJECTS + TANGLE_SITES)
#define LOOKS 8 /* after a step */
#define STAY 25 /* steps that the same are looked at */
#define DAYS 60
#define PLAN_MAX (1u << 20)
#define KEPT_MAX (64u << 10) /* some of it is always in the way */

struct orders_kept {
	struct kept *kept;
	const char *slug; /* of what is looked at */
	bool site;
	struct msg_schedule_query in;
	struct kept_key key;
	struct kept_before before;
	struct buf text;
	struct work_basis basis;
	enum rc rc;
	int stood, fell;
};

struct orders_kept *orders_kept_new(struct orders *o)
{
	struct orders_kept *kept = mem_alloc(sizeof(*kept));
	kept->kept = kept_new(o->house.scratch.env.stamps, KEPT_MAX);
	buf_init(&kept->text, PLAN_MAX);
	return kept;
}

void orders_kept_free(struct orders_kept *kept, int *out_stood, int *out_fell)
{
	*out_stood += kept->stood;
	*out_fell += kept->fell;
	buf_fini(&kept->text);
	kept_free(kept->kept);
	mem_free(kept);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct orders_kept *kept = arg;
	struct msg_schedule out;

	w->tx->write = false;
	kept->before = kept_before(kept->kept);
	kept->rc =
		kept->site
			? work_schedule_site(w, kept->slug, &kept->in, &out)
			: work_schedule_subject(w, kept->slug, &kept->in, &out);
	kept->basis = w->basis;
	buf_reset(&kept->text);
	if (kept->rc == RC_OK)
		proto_encode(&msg_schedule_table, &out, &kept->text);
	return RC_OK;
}

/* Somebody reads it anew, and compares it with what is kept, if it is. */
static void look_at(struct orders *o, struct orders_kept *kept, int who,
		    int plan)
{
	const struct kept_answer *had;
	char tag[KEPT_TAG_LEN + 1];
	struct work w;
	int64_t from = o->net.day * CIVIL_DAY;

	/* this week, or many days */
	proto_clear(&msg_schedule_query_table, &kept->in);
	if (who % 2)
		kept->in = (struct msg_schedule_query){from,
						       from + DAYS * CIVIL_DAY};
	kept->site = plan >= TANGLE_SUBJECTS;
	kept->slug = kept->site ? tangle_sites[plan - TANGLE_SUBJECTS]
				: o->net.subjects[plan].slug;
	kept->key = (struct kept_key){
		.view = principal_view(&o->people[who]),
		.path = {kept->slug, strlen(kept->slug)},
	};
	o->house.scratch.now = o->m.now;
	(void)house_do(&o->house, &o->people[who], WORK_MATCH_ANY, look_step,
		       kept, &w);
	had = kept_find(kept->kept, &kept->key, o->m.now);
	if (had && (kept->rc != RC_OK || had->body.len != kept->text.len ||
		    memcmp(had->body.p, kept->text.data, had->body.len) != 0))
		orders_wrong(o, "%d keeps of %s\n%.*s\nbut it is\n%s", who,
			     kept->slug, (int)had->body.len, had->body.p,
			     buf_cstr(&kept->text));
	kept->stood += had != NULL;
	kept->fell += had == NULL;
	if (had || kept->rc != RC_OK)
		return;
	kept_tag(&kept->text, tag);
	kept_put(kept->kept, &kept->key, &kept->before, &kept->basis,
		 &kept->text, tag);
}

void orders_kept_look(struct orders *o, struct orders_kept *kept)
{
	for (int i = 0; i < LOOKS; i++) {
		int k = (o->step / STAY * LOOKS + i) % (ORDERS_PEOPLE * PLANS);

		look_at(o, kept, k % ORDERS_PEOPLE, k / ORDERS_PEOPLE);
	}
}
