#include "tests/support/orders_sought.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/keep.h"

#define LOOKS 2 /* after a step */
#define TEXT_MAX (1u << 20)

struct orders_sought {
	struct keep *keep;
	uint64_t rnd;
	int told, none;
};

struct look {
	struct msg_slots_query in;
	const char *with[2];
	struct keep *keep;
	struct buf text;
	struct msg_slots out;
	enum rc rc;
};

struct orders_sought *orders_sought_new(struct orders *o)
{
	struct orders_sought *s = mem_alloc(sizeof(*s));

	s->keep = keep_new(&o->house.scratch.env);
	s->rnd = o->seed | 1;
	return s;
}

void orders_sought_free(struct orders_sought *s, int *out_told, int *out_none)
{
	*out_told += s->told;
	*out_none += s->none;
	keep_free(s->keep);
	mem_free(s);
}

static int64_t below(struct orders_sought *s, uint64_t bound)
{
	return (int64_t)scratch_random(&s->rnd, bound);
}

/* Few of a kind, so that the same is asked again and again. */
static void draw(struct orders *o, struct orders_sought *s, struct look *look)
{
	static const enum kind kinds[] = {
		KIND_REMOTE_CONSULTATION, KIND_SURGICAL_GUIDANCE,
		KIND_CLINIC_SLOT, KIND_ONSITE_PROCEDURE};
	static const int rooms[] = {EAST_OR, HUB_LINK, EAST_STUDIO, HUB_STUDIO};
	struct msg_slots_query *in = &look->in;
	int64_t day = o->net.day * CIVIL_DAY;

	proto_clear(&msg_slots_query_table, in);
	in->kind = (int)kinds[below(s, 4)];
	if (below(s, 2))
		in->specialty = "heart";
	if (!below(s, 4))
		in->expert = below(s, 2) ? "one" : "two";
	if (below(s, 2))
		in->site = tangle_sites[EAST];
	if (in->kind != KIND_CLINIC_SLOT && below(s, 2))
		in->duration_minutes = 60;
	if (in->kind == KIND_SURGICAL_GUIDANCE && !below(s, 3))
		in->before_minutes = 45;
	in->with.v = look->with;
	for (int i = below(s, 3) ? 0 : (int)below(s, 3); i > 0; i--) {
		int room = rooms[(in->with.n ? 2 : 0) + below(s, 2)];

		look->with[in->with.n++] = o->net.subjects[room].slug;
	}
	if (below(s, 2)) /* else from now on */
		in->from = day + below(s, 6) * CIVIL_DAY;
	if (below(s, 2))
		in->to = (in->from == FIELD_NONE ? o->m.now : in->from) +
			 (1 + below(s, 9)) * CIVIL_DAY / 2;
	in->n = 1 + below(s, 2) * 20;
	in->why_not = !below(s, 8);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct look *look = arg;
	const struct msg_slots *out = &look->out;

	w->tx->write = false;
	w->tx->keep = look->keep;
	look->rc = work_slots(w, &look->in, &look->out);
	buf_reset(&look->text);
	buf_printf(&look->text, "%s: ", rc_row(look->rc)->code);
	if (look->rc == RC_OK)
		proto_encode(&msg_slots_table, out, &look->text);
	else
		buf_printf(&look->text, "%s", w->err.text);
	for (size_t i = 0; i < w->faults.n; i++)
		buf_printf(&look->text, " %s: %s", w->faults.v[i].pointer,
			   w->faults.v[i].detail);
	return RC_OK;
}

static void look_once(struct orders *o, struct orders_sought *s)
{
	static const int searchers[] = {HUB_LEAD, EAST_LEAD, EAST_PEOPLE,
					WEST_PEOPLE};
	int who = searchers[below(s, 4)];
	struct look kept = {.keep = s->keep};
	struct work w;

	draw(o, s, &kept);
	struct look anew = kept;

	anew.keep = NULL;
	anew.in.with.v = anew.with;
	kept.in.with.v = kept.with;
	buf_init(&kept.text, TEXT_MAX);
	buf_init(&anew.text, TEXT_MAX);
	keep_begin(s->keep, NULL);
	(void)house_do(&o->house, &o->people[who], WORK_MATCH_ANY, look_step,
		       &kept, &w);
	(void)house_do(&o->house, &o->people[who], WORK_MATCH_ANY, look_step,
		       &anew, &w);
	if (strcmp(buf_cstr(&kept.text), buf_cstr(&anew.text)) != 0)
		orders_wrong(o,
			     "%d, who keeps, is told of %s %s from %" PRId64
			     " to %" PRId64 "\n%s\nbut it is\n%s",
			     who, words_name(&words_kind, kept.in.kind),
			     kept.in.expert ? kept.in.expert : "", kept.in.from,
			     kept.in.to, buf_cstr(&kept.text),
			     buf_cstr(&anew.text));
	if (anew.rc == RC_OK)
		s->told += (int)anew.out.slots.n;
	s->none += anew.rc == RC_OK && anew.out.slots.n == 0;
	buf_fini(&kept.text);
	buf_fini(&anew.text);
}

void orders_sought_look(struct orders *o, struct orders_sought *s)
{
	o->house.scratch.now = o->m.now;
	for (int i = 0; i < LOOKS; i++)
		look_once(o, s);
}
