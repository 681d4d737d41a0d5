/* What an agreement gives, what is left of it, and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/work/agreements.h"
#include "daemon/work/feed.h"
#include "daemon/work/steps.h"
#include "tests/support/desk.h"
#include "tests/support/netfile.h"

#define HOUR ((int64_t)3600)
#define DAY (24 * HOUR)
#define CHINA (8 * HOUR)

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct desk desk;
static struct work last;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

static enum rc go(const struct principal *who, house_step step, void *arg)
{
	return house_do(&desk.house, who, WORK_MATCH_ANY, step, arg, &last);
}

static int64_t *now(void)
{
	return &desk.house.scratch.now;
}

static enum rc import_step(struct work *w, void *arg)
{
	struct buf *text = arg;
	struct msg_network *net = arena_alloc(w->arena, sizeof(*net));
	struct msg_import_report report;
	enum rc rc;

	assert_non_null(net);
	rc = proto_decode(&msg_network_table, text->data, text->len,
			  PROTO_STRICT, w->arena, net, &w->faults, &w->err);
	return rc == RC_OK ? work_import(w, net, &report) : rc;
}

/* An agreement of the two that ends on that day: "2027-03-31". */
static void agree_on(const char *id, const char *from, const char *to,
		     int notice, const char *more)
{
	struct buf text;

	buf_init(&text, 8192);
	buf_printf(&text,
		   "{\"version\":1,\"sites\":[],\"agreements\":[{\"id\":\"%s\","
		   "\"lead\":\"anzhen\",\"partner\":\"cooperating-2\","
		   "\"alliance\":\"trial\",\"valid_from\":\"%s\","
		   "\"valid_to\":\"%s\",\"kinds\":[\"remote-consultation\"],"
		   "\"quota_per_month\":{\"remote-consultation\":3},"
		   "\"ending_notice_days\":%d%s}],"
		   "\"resources\":[],\"experts\":[],\"availability\":[]}",
		   id, from, to, notice, more);
	assert_int_equal(RC_OK, go(&root, import_step, &text));
	buf_fini(&text);
}

static void agree(const char *id, const char *from, const char *to, int notice)
{
	agree_on(id, from, to, notice, "");
}

struct listing {
	struct msg_agreement_query in;
	struct msg_agreement_list out;
};

static enum rc list_step(struct work *w, void *arg)
{
	struct listing *l = arg;

	return work_agreement_list(w, &l->in, &l->out);
}

/* As that person sees it; NULL: not at all. */
static const struct msg_agreement *seen(const struct principal *who,
					const char *id)
{
	struct listing l;
	const struct msg_agreement *v;

	proto_clear(&msg_agreement_query_table, &l.in);
	l.in.limit = 200;
	assert_int_equal(RC_OK, go(who, list_step, &l));
	v = l.out.items.v;
	for (size_t i = 0; i < l.out.items.n; i++)
		if (!strcmp(v[i].id, id))
			return &v[i];
	return NULL;
}

static struct msg_agreed_kind kind_of(const struct msg_agreement *a,
				      enum kind kind)
{
	const struct msg_agreed_kind *v = a->kinds.v;
	struct msg_agreed_kind found = {0};

	for (size_t i = 0; i < a->kinds.n; i++)
		if (v[i].kind == (int)kind)
			found = v[i];
	return found;
}

static const char *accepted_of(const char *agreement, const char *patient)
{
	struct ask_for a = ask_for("cooperating-2", patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.agreement = agreement;
	assert_int_equal(RC_OK, go(&desk.two, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, go(&desk.lead, accept_step, &on));
	return on.code;
}

static void its_sides_see_what_is_left(void **state)
{
	const struct msg_agreement *a;
	struct take t;

	(void)state;
	agree("trial-1", "2027-01-01", "2027-03-31", 30);
	t = take(accepted_of("trial-1", "P-1"), DESK_MONDAY, false);
	assert_int_equal(RC_OK, go(&desk.two, take_step, &t));
	a = seen(&desk.two, "trial-1");
	assert_non_null(a);
	assert_true(a->live);
	assert_string_equal("anzhen", a->lead);
	assert_int_equal(3, kind_of(a, KIND_REMOTE_CONSULTATION).quota);
	assert_int_equal(1, kind_of(a, KIND_REMOTE_CONSULTATION).used);
	assert_int_equal(2, kind_of(a, KIND_REMOTE_CONSULTATION).left);
	/* 2027-01-15 to 2027-03-31 in Shanghai */
	assert_int_equal(75, a->days_left);
	assert_int_equal(0, a->beyond_all);
	assert_non_null(seen(&desk.lead, "trial-1"));
	assert_null(seen(&desk.one, "trial-1"));
	assert_null(seen(&desk.other_lead, "trial-1"));
	assert_null(seen(&desk.surgeon, "trial-1"));
}

static void a_page_follows_a_page(void **state)
{
	struct listing l;
	size_t n = 0, all;

	(void)state;
	proto_clear(&msg_agreement_query_table, &l.in);
	l.in.limit = 200;
	assert_int_equal(RC_OK, go(&desk.lead, list_step, &l));
	all = l.out.items.n;
	assert_true(all > 1);
	for (l.in.limit = 1; n == 0 || l.in.cursor; l.in.cursor = l.out.next) {
		assert_int_equal(RC_OK, go(&desk.lead, list_step, &l));
		n += l.out.items.n;
		if (!l.out.next)
			break;
	}
	assert_int_equal(all, n);
	l.in.cursor = "no such/thing";
	assert_int_equal(RC_INVALID, go(&desk.lead, list_step, &l));
}

/* Too late for its own side: the refusal says by which rule, since when, and
 * who may. */
static void what_is_the_leads_alone_to_change(void **state)
{
	struct on on = {.reason.reason = "better"};
	struct shift m;
	struct take t;

	(void)state;
	agree_on("trial-1", "2027-01-01", "2027-03-31", 30,
		 ",\"late_change\":\"lead-only\","
		 "\"partner_notice_minutes\":120");
	t = take(accepted_of("trial-1", "P-1"), DESK_MONDAY, false);
	assert_int_equal(RC_OK, go(&desk.two, take_step, &t));
	on.code = t.out.code;
	m = shift(t.out.code, DESK_MONDAY + HOUR);
	*now() = DESK_MONDAY - HOUR;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RC_RULE, i ? go(&desk.two, cancel_step, &on)
					    : go(&desk.two, move_step, &m));
		const struct msg_blocker *b = last.blockers.v;

		assert_int_equal(1, last.blockers.n);
		assert_int_equal(BLOCK_LATE_CHANGE, b->reason);
		assert_string_equal("trial-1", b->rule);
		assert_int_equal(DESK_MONDAY - 2 * HOUR, b->from);
		assert_int_equal(DESK_MONDAY, b->to);
		assert_non_null(strstr(b->detail, "coordinator of anzhen"));
	}
	assert_int_equal(RC_OK, go(&desk.lead, cancel_step, &on));
}

/* --- beyond its end --- */

static void beyond_its_end_by_the_leads_word_alone(void **state)
{
	int64_t day = DESK_MONDAY + 14 * DAY;
	const struct msg_agreement *a;
	const struct msg_event *e;
	const char *code;
	struct take t;
	struct shift m;

	(void)state;
	agree("trial-1", "2027-01-01", "2027-01-25", 30);
	code = accepted_of("trial-1", "P-1");
	t = take(code, day, false);
	assert_int_equal(RC_REFUSED, go(&desk.lead, take_step, &t));
	t.in.beyond_end = true;
	assert_int_equal(RC_FORBIDDEN, go(&desk.two, take_step, &t));
	assert_int_equal(RC_OK, go(&desk.lead, take_step, &t));

	struct on on = {.code = t.out.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, go(&desk.lead, booking_step, &on));
	e = on.b.history.v;
	assert_non_null(strstr(e[0].reason, "beyond the agreement's end"));
	/* Both sides have it listed, and it moves only so, too. */
	a = seen(&desk.two, "trial-1");
	assert_int_equal(1, a->beyond_all);
	assert_string_equal(t.out.code,
			    ((const struct msg_beyond *)a->beyond.v)->booking);
	m = shift(t.out.code, day + HOUR);
	assert_int_equal(RC_REFUSED, go(&desk.lead, move_step, &m));
	m.in.beyond_end = true;
	assert_int_equal(RC_FORBIDDEN, go(&desk.two, move_step, &m));
	assert_int_equal(RC_OK, go(&desk.lead, move_step, &m));
	/* Within it the word is not needed and changes nothing. */
	m = shift(t.out.code, DESK_MONDAY);
	assert_int_equal(RC_OK, go(&desk.two, move_step, &m));
	assert_int_equal(0, seen(&desk.lead, "trial-1")->beyond_all);
}

/* --- both sides are told --- */

struct told {
	struct msg_feed_query in;
	int64_t after;
	int ending, ended;
};

static bool tell(void *ctx, const struct msg_change *change)
{
	struct told *t = ctx;

	if (strcmp(change->thing, "agreement") != 0)
		return true;
	assert_string_equal("trial-1", change->agreement);
	assert_null(change->code);
	t->ending += !strcmp(change->verb, "ending");
	t->ended += !strcmp(change->verb, "end");
	return true;
}

static enum rc told_step(struct work *w, void *arg)
{
	struct told *t = arg;
	struct work_feed feed;
	struct work_feed_span span = {.after = t->after,
				      .upto = w->tx->head.seq,
				      .tell = tell,
				      .ctx = t};
	int64_t seq;
	enum rc rc = work_feed_begin(w, &t->in, &feed);

	return rc == RC_OK ? work_feed_read(w, &feed, &span, &seq) : rc;
}

static int64_t begin;

static void told_is(const struct principal *who, int ending, int ended)
{
	struct told t = {.after = begin};

	proto_clear(&msg_feed_query_table, &t.in);
	assert_int_equal(RC_OK, go(who, told_step, &t));
	assert_int_equal(ending, t.ending);
	assert_int_equal(ended, t.ended);
}

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = 64};
	enum rc rc = steps_run(w->tx, &steps);

	(void)arg;
	w->err = steps.why;
	return rc;
}

static void until(int64_t at)
{
	*now() = at;
	for (int i = 0; i < 3; i++)
		assert_int_equal(RC_OK, go(&desk.lead, due_step, NULL));
}

static int64_t midnight(int year, int month, int day)
{
	return civil_days(year, month, day) * DAY - CHINA;
}

static void both_sides_are_told_once(void **state)
{
	(void)state;
	until(*now());
	begin = desk.house.head.seq;
	agree("trial-1", "2027-01-01", "2027-03-31", 20);
	until(midnight(2027, 3, 12) - 1);
	told_is(&desk.lead, 0, 0);
	until(midnight(2027, 3, 12));
	told_is(&desk.lead, 1, 0);
	/* Imported anew, with another quota or the same, it is no news. */
	agree("trial-1", "2027-01-02", "2027-03-31", 20);
	agree("trial-1", "2027-01-02", "2027-03-31", 20);
	until(midnight(2027, 4, 1) - 1);
	told_is(&desk.two, 1, 0);
	until(midnight(2027, 4, 1));
	until(midnight(2027, 5, 1));
	told_is(&desk.two, 1, 1);
	told_is(&desk.lead, 1, 1);
	told_is(&root, 0, 0);
	told_is(&desk.one, 0, 0);
	told_is(&desk.surgeon, 0, 0);
}

static void an_extended_one_ends_later(void **state)
{
	(void)state;
	until(*now());
	begin = desk.house.head.seq;
	agree("trial-1", "2027-01-01", "2027-03-31", 20);
	until(midnight(2027, 3, 20));
	agree("trial-1", "2027-01-01", "2027-06-30", 20);
	until(midnight(2027, 4, 10));
	told_is(&desk.lead, 1, 0);
	until(midnight(2027, 6, 20));
	until(midnight(2027, 7, 2));
	told_is(&desk.lead, 2, 1);
}

/* Its successor begins the day after. */
static void one_that_goes_on_is_no_news(void **state)
{
	(void)state;
	until(*now());
	begin = desk.house.head.seq;
	agree("trial-1", "2027-01-01", "2027-03-31", 20);
	agree("trial-2", "2027-04-01", "2030-03-31", 20);
	until(midnight(2027, 5, 1));
	told_is(&desk.lead, 0, 0);
}

/* Nor is one that was over when it came. */
static void one_of_long_ago_is_no_news(void **state)
{
	(void)state;
	until(*now());
	begin = desk.house.head.seq;
	agree("trial-1", "2020-01-01", "2020-03-31", 20);
	until(midnight(2027, 5, 1));
	told_is(&desk.lead, 0, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_sides_see_what_is_left),
		TEST(what_is_the_leads_alone_to_change),
		TEST(a_page_follows_a_page),
		TEST(beyond_its_end_by_the_leads_word_alone),
		TEST(both_sides_are_told_once),
		TEST(an_extended_one_ends_later),
		TEST(one_that_goes_on_is_no_news),
		TEST(one_of_long_ago_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
