/* week - see week.h. */
#include "client/week.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "client/when.h"

#define DAYS 7
#define SLOT 1800
#define SLOTS (CIVIL_DAY / SLOT)
#define GUTTER 6
#define FOLD 4	   /* so many empty half hours become one row */
#define MORNING 14 /* 07:00: open time before is not a reason for a row */
#define EVENING 40 /* 20:00: nor after */
#define COLUMN_MAX 24
#define OTHERS_MAX 99
#define BRIEF (12 * 3600) /* longer work is not what a night's row is for */

static const char *const kind_short[KIND_COUNT] = {
	[KIND_REMOTE_CONSULTATION] = "consult",
	[KIND_IMAGING_CONSULTATION] = "imaging",
	[KIND_CASE_DISCUSSION] = "case",
	[KIND_SURGICAL_GUIDANCE] = "guidance",
	[KIND_SURGERY_DEMONSTRATION] = "demo",
	[KIND_TEACHING_ROUND] = "teaching",
	[KIND_REMOTE_SURGERY] = "surgery",
	[KIND_EMERGENCY_CONSULTATION] = "emerg.",
	[KIND_CLINIC_SLOT] = "clinic",
	[KIND_FREE_CLINIC] = "free cl.",
	[KIND_ONSITE_VISIT] = "visit",
	[KIND_ONSITE_PROCEDURE] = "proced.",
	[KIND_REFERRAL] = "referral",
	[KIND_CASE_CONFERENCE] = "cases",
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum cell_type { CELL_CLOSED, CELL_OPEN, CELL_PAUSE, CELL_BUSY, CELL_OWN };

struct cell {
	enum cell_type type;
	const struct msg_entry *entry; /* of CELL_OWN */
	int first;  /* the half hour of this day in which the entry begins */
	bool brief; /* it does not last all day: a reason for a row at night */
};

struct grid {
	struct cell cells[SLOTS][DAYS];
	bool shown[SLOTS];
	size_t column; /* width, with the blank that ends it */
};

const char *week_kind(int kind)
{
	return kind >= 0 && kind < KIND_COUNT ? kind_short[kind] : "busy";
}

const char *week_beside(const struct msg_entry *e)
{
	static const char *const words[CLAIM_COUNT] = {
		[CLAIM_BUFFER] = "pause",
		[CLAIM_OVERRUN] = "reserve",
		[CLAIM_TRANSFER] = "transfer",
	};

	return e->role >= 0 && e->role < CLAIM_COUNT ? words[e->role] : NULL;
}

/* slug is the subject itself, or the site of the resource that it names. */
static bool is_own_side(const char *subject, const char *slug)
{
	size_t len = strlen(slug);

	return strncmp(subject, slug, len) == 0 &&
	       (subject[len] == '\0' || subject[len] == '/');
}

const char *week_site(const struct msg_schedule *s, const struct msg_entry *e)
{
	if (e->partner && s->subject && e->role != CLAIM_SURGEON &&
	    !is_own_side(s->subject, e->partner))
		return e->partner;
	return e->lead;
}

const char *week_partner(const struct msg_schedule *s,
			 const struct msg_entry *e)
{
	const char *subject = s->subject ? s->subject : "";

	/* the partner's surgeon is at home */
	if (e->partner && e->role != CLAIM_SURGEON &&
	    !is_own_side(subject, e->partner))
		return e->partner;
	if (e->expert && !is_own_side(subject, e->expert))
		return e->expert;
	return e->lead;
}

/* --- what each cell holds --- */

/* An interval in seconds since the grid's first midnight, on the wall. */
struct stretch {
	int64_t from, to;
};

static struct stretch on_wall(const struct week *w, int64_t from, int64_t to)
{
	int64_t start = w->monday * CIVIL_DAY;
	struct stretch s = {tz_to_wall(w->zone, from) - start,
			    tz_to_wall(w->zone, to) - start};

	if (s.to <= s.from) /* the clocks went back meanwhile */
		s.to = s.from + 1;
	return s;
}

static int64_t clamp(int64_t v, int64_t min, int64_t max)
{
	return v < min ? min : (v > max ? max : v);
}

/* The cells that a stretch touches: [first, last) from the grid's corner. */
struct touched {
	int first, last;
	int start; /* where it begins, which may be before the grid */
	bool brief;
};

static struct touched touched_by(struct stretch s)
{
	int64_t start = s.from - ((s.from % SLOT) + SLOT) % SLOT;

	return (struct touched){
		.first = (int)(clamp(s.from, 0, DAYS * CIVIL_DAY) / SLOT),
		.last = (int)((clamp(s.to, 0, DAYS * CIVIL_DAY) + SLOT - 1) /
			      SLOT),
		.start = (int)(clamp(start, -CIVIL_DAY, DAYS * CIVIL_DAY) /
			       SLOT),
		.brief = s.to - s.from <= BRIEF,
	};
}

static void mark(struct grid *g, struct stretch s, enum cell_type type)
{
	struct touched t = touched_by(s);

	for (int i = t.first; i < t.last; i++) {
		struct cell *c = &g->cells[i % SLOTS][i / SLOTS];

		if (c->type < type)
			c->type = type;
		c->brief = c->brief || (t.brief && type >= CELL_BUSY);
	}
}

/* A booking that may be seen; one that begins later hides one that goes on. */
static void mark_own(struct grid *g, struct stretch s,
		     const struct msg_entry *e)
{
	struct touched t = touched_by(s);

	for (int i = t.first; i < t.last; i++) {
		struct cell *c = &g->cells[i % SLOTS][i / SLOTS];
		int first = (int)clamp(t.start - i / SLOTS * SLOTS, 0, SLOTS);

		if (c->type != CELL_OWN || c->first < first) {
			c->type = CELL_OWN;
			c->entry = e;
			c->first = first;
		}
		c->brief = c->brief || t.brief;
	}
}

/* A pause of minutes shall not hide the open time around it. */
static struct stretch round_inward(struct stretch s)
{
	s.from += SLOT / 2;
	s.to -= SLOT / 2;
	return s;
}

static void mark_entries(const struct week *w, struct grid *g)
{
	const struct msg_entry *e = w->schedule->entries.v;

	for (size_t i = 0; i < w->schedule->entries.n; i++) {
		struct stretch s = on_wall(w, e[i].from, e[i].to);

		if (week_beside(&e[i]))
			mark(g, round_inward(s), CELL_PAUSE);
		else if (e[i].status >= 0)
			mark_own(g, s, &e[i]);
		else
			mark(g, s, CELL_BUSY);
	}
}

static void mark_open(const struct week *w, struct grid *g)
{
	const struct msg_open *o = w->schedule->open.v;

	for (size_t i = 0; i < w->schedule->open.n; i++)
		mark(g, on_wall(w, o[i].from, o[i].to), CELL_OPEN);
}

/* --- which rows are shown --- */

static bool slot_used(const struct grid *g, int slot)
{
	bool daytime = slot >= MORNING && slot < EVENING;

	for (int d = 0; d < DAYS; d++) {
		const struct cell *c = &g->cells[slot][d];

		if (c->brief || (daytime && c->type != CELL_CLOSED))
			return true;
	}
	return false;
}

/* Whole hours, so that every hour shown has its label; short gaps are shown,
 * too. Answers whether there is any row. */
static bool choose_rows(struct grid *g)
{
	int last = -1; /* half hour shown */

	for (int s = 0; s < SLOTS; s += 2) {
		if (!slot_used(g, s) && !slot_used(g, s + 1))
			continue;
		if (last < 0 || s - last > FOLD)
			last = s - 1;
		while (last < s + 1)
			g->shown[++last] = true;
	}
	return last >= 0;
}

/* --- drawing --- */

struct line {
	struct buf text;
	const struct term *term;
};

static void flush_line(struct line *l, struct buf *out)
{
	size_t len = l->text.len;

	while (len > 0 && l->text.data[len - 1] == ' ')
		len--;
	buf_add(out, l->text.data ? l->text.data : "", len);
	buf_chr(out, '\n');
	buf_reset(&l->text);
}

static enum term_style style_of(const struct msg_entry *e)
{
	switch (e->status) {
	case BOOKING_PENDING:
		return TERM_YELLOW;
	case BOOKING_BOOKED:
	case BOOKING_ARRIVED:
	case BOOKING_STARTED:
		return TERM_GREEN;
	default:
		return TERM_DIM;
	}
}

/* Rows of the calendar between two half hours. */
static int rows_between(const struct grid *g, int from, int to)
{
	int rows = 0;

	for (int s = from; s < to; s++)
		rows += g->shown[s];
	return rows;
}

static int64_t slot_of(const struct week *w, int64_t utc)
{
	return tz_to_wall(w->zone, utc) / SLOT;
}

/* How much other work there is meanwhile, or begins in the same half hour. */
static int others(const struct week *w, const struct msg_entry *e)
{
	const struct msg_entry *v = w->schedule->entries.v;
	int n = 0;

	for (size_t i = 0; i < w->schedule->entries.n && n < OTHERS_MAX; i++)
		n += &v[i] != e && !week_beside(&v[i]) &&
		     ((v[i].from < e->to && v[i].to > e->from) ||
		      slot_of(w, v[i].from) == slot_of(w, e->from));
	return n;
}

/* "consult", "consult?", "consul+2": the kind is cut, the marks are not. */
static void kind_label(const struct week *w, const struct msg_entry *e,
		       size_t width, char *out, size_t size)
{
	int more = others(w, e);
	char count[16] = "", marks[sizeof(count) + 1] = "";
	size_t len;

	if (more > 0)
		snprintf(count, sizeof(count), "+%d", more);
	snprintf(marks, sizeof(marks), "%s%s",
		 e->status == BOOKING_PENDING ? "?" : "", count);
	len = strlen(marks);
	snprintf(out, size, "%.*s%s", (int)(width > len ? width - len : 0),
		 week_kind(e->kind), marks);
}

static void draw_own(const struct week *w, const struct cell *c, int row,
		     size_t width, struct line *l)
{
	const struct msg_entry *e = c->entry;
	const char *partner = week_partner(w->schedule, e);
	char label[128] = "";

	if (row == 0)
		kind_label(w, e, width - 1, label, sizeof(label));
	else if (row == 1 && partner)
		snprintf(label, sizeof(label), "%s", partner);
	term_paint(&l->text, l->term, style_of(e), "\u258c", 1);
	term_paint(&l->text, l->term, style_of(e), label, width - 1);
}

static void draw_fill(struct line *l, enum cell_type type, size_t width)
{
	static const char *const fills[] = {[CELL_CLOSED] = " ",
					    [CELL_OPEN] = "\u00b7",
					    [CELL_PAUSE] = "\u2591",
					    [CELL_BUSY] = "\u2592"};
	struct buf text;

	buf_init(&text, 256);
	term_repeat(&text, fills[type], width);
	term_paint(&l->text, l->term, TERM_DIM, buf_cstr(&text), width);
	buf_fini(&text);
}

static void draw_cell(const struct week *w, const struct grid *g, int slot,
		      int day, struct line *l)
{
	const struct cell *c = &g->cells[slot][day];
	size_t width = g->column - 1;

	if (c->type == CELL_OWN)
		draw_own(w, c, rows_between(g, c->first, slot), width, l);
	else if (c->type == CELL_CLOSED)
		term_repeat(&l->text, " ", width);
	else
		draw_fill(l, c->type, width);
	buf_chr(&l->text, ' ');
}

static void draw_row(const struct week *w, const struct grid *g, int slot,
		     struct line *l, struct buf *out)
{
	if (slot % 2 == 0)
		buf_printf(&l->text, "%02d:00 ", slot / 2);
	else
		term_repeat(&l->text, " ", GUTTER);
	for (int d = 0; d < DAYS; d++)
		draw_cell(w, g, slot, d, l);
	flush_line(l, out);
}

static void draw_rows(const struct week *w, const struct grid *g,
		      struct line *l, struct buf *out)
{
	bool begun = false, gap = false;

	for (int s = 0; s < SLOTS; s++) {
		gap = gap || (begun && !g->shown[s]);
		if (!g->shown[s])
			continue;
		if (gap)
			buf_str(out, "  \u22ee\n");
		begun = true;
		gap = false;
		draw_row(w, g, s, l, out);
	}
}

static void draw_days(const struct week *w, const struct grid *g,
		      struct line *l, struct buf *out)
{
	int64_t today = when_day_of(w->zone, w->now);

	term_repeat(&l->text, " ", GUTTER);
	for (int d = 0; d < DAYS; d++) {
		struct civil c;
		char head[32];
		bool is_today = w->monday + d == today;

		civil_from_days(w->monday + d, &c);
		snprintf(head, sizeof(head), "%s %d%s", when_weekday(d), c.day,
			 is_today ? " *" : "");
		term_paint(&l->text, l->term,
			   is_today ? TERM_INVERSE : TERM_BOLD, head,
			   g->column - 1);
		buf_chr(&l->text, ' ');
	}
	flush_line(l, out);
}

static void draw_title(const struct week *w, struct buf *out)
{
	const struct msg_schedule *s = w->schedule;
	struct civil first, last;

	civil_from_days(w->monday, &first);
	civil_from_days(w->monday + DAYS - 1, &last);
	if (s->name) {
		term_paint(out, &w->term, TERM_BOLD, s->name,
			   term_columns(s->name));
		buf_str(out, "  ");
	}
	term_add(out, s->subject ? s->subject : "");
	buf_printf(out, "\n%s %d %s \u2013 %s %d %s %d, %s\n\n",
		   when_weekday(0), first.day, months[first.month - 1],
		   when_weekday(6), last.day, months[last.month - 1], last.year,
		   tz_name(w->zone));
}

static bool hides_open(const struct grid *g)
{
	for (int s = 0; s < SLOTS; s++)
		for (int d = 0; d < DAYS; d++)
			if (!g->shown[s] && g->cells[s][d].type == CELL_OPEN)
				return true;
	return false;
}

void week_render(const struct week *w, struct buf *out)
{
	struct grid g = {0};
	struct line l = {.term = &w->term};
	size_t column = (w->term.width - GUTTER) / DAYS;

	if (w->term.width < WEEK_WIDTH_MIN)
		column = (WEEK_WIDTH_MIN - GUTTER) / DAYS;
	g.column = column > COLUMN_MAX ? COLUMN_MAX : column;
	mark_open(w, &g);
	mark_entries(w, &g);
	draw_title(w, out);
	if (!choose_rows(&g)) {
		buf_str(out, "Nothing is planned, and no time is open by "
			     "day.\n");
	} else {
		buf_init(&l.text, 8192);
		draw_days(w, &g, &l, out);
		draw_rows(w, &g, &l, out);
		buf_fini(&l.text);
		buf_str(out, "\n\u00b7 open  \u2592 busy  \u2591 pause  "
			     "? held  +1 one more  * today\n");
	}
	if (hides_open(&g))
		buf_str(out, "Open also at hours that are not shown; --day "
			     "lists them.\n");
}
