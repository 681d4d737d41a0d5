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

static const char *const kind_short[KIND_COUNT] = {
	[KIND_REMOTE_CONSULTATION] = "consult",
	[KIND_IMAGING_CONSULTATION] = "imaging",
	[KIND_CASE_DISCUSSION] = "case",
	[KIND_SURGICAL_GUIDANCE] = "guidance",
	[KIND_SURGERY_DEMONSTRATION] = "demo",
	[KIND_TEACHING_ROUND] = "teaching",
	[KIND_REMOTE_SURGERY] = "surgery",
	[KIND_EMERGENCY_CONSULTATION] = "urgent",
	[KIND_CLINIC_SLOT] = "clinic",
	[KIND_FREE_CLINIC] = "free cl.",
	[KIND_ONSITE_VISIT] = "visit",
	[KIND_ONSITE_PROCEDURE] = "procedur",
	[KIND_REFERRAL] = "referral",
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum cell_type { CELL_CLOSED, CELL_OPEN, CELL_PAUSE, CELL_BUSY, CELL_OWN };

struct cell {
	enum cell_type type;
	const struct msg_entry *entry; /* of CELL_OWN */
	int starts;		       /* bookings that begin in this cell */
	int row;		       /* of the booking: 0 is its first */
};

struct grid {
	struct cell cells[SLOTS][DAYS];
	bool used[SLOTS];
	bool shown[SLOTS];
	size_t column; /* width, with the blank that ends it */
};

const char *week_kind(int kind)
{
	return kind >= 0 && kind < KIND_COUNT ? kind_short[kind] : "busy";
}

/* slug is the subject itself, or the site of the resource that it names. */
static bool is_own_side(const char *subject, const char *slug)
{
	size_t len = strlen(slug);

	return strncmp(subject, slug, len) == 0 &&
	       (subject[len] == '\0' || subject[len] == '/');
}

const char *week_partner(const struct msg_schedule *s,
			 const struct msg_entry *e)
{
	const char *subject = s->subject ? s->subject : "";

	if (e->partner && !is_own_side(subject, e->partner))
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

static void mark(struct grid *g, struct stretch s, enum cell_type type)
{
	int64_t first = clamp(s.from, 0, DAYS * CIVIL_DAY) / SLOT;
	int64_t last = (clamp(s.to, 0, DAYS * CIVIL_DAY) + SLOT - 1) / SLOT;

	for (int64_t i = first; i < last; i++) {
		struct cell *c = &g->cells[i % SLOTS][i / SLOTS];

		if (c->type < type)
			c->type = type;
	}
}

/* A booking that may be seen; one that begins here hides one that goes on. */
static void mark_own(struct grid *g, struct stretch s,
		     const struct msg_entry *e)
{
	int64_t start = s.from - ((s.from % SLOT) + SLOT) % SLOT;
	int64_t first = clamp(s.from, 0, DAYS * CIVIL_DAY) / SLOT;
	int64_t last = (clamp(s.to, 0, DAYS * CIVIL_DAY) + SLOT - 1) / SLOT;

	for (int64_t i = first; i < last; i++) {
		struct cell *c = &g->cells[i % SLOTS][i / SLOTS];
		int row = (int)clamp(i - start / SLOT, 0, 1000);

		if (c->type != CELL_OWN || c->row > row) {
			c->type = CELL_OWN;
			c->entry = e;
			c->row = row;
		}
		c->starts += row == 0;
	}
}

static void mark_entries(const struct week *w, struct grid *g)
{
	const struct msg_entry *e = w->schedule->entries.v;

	for (size_t i = 0; i < w->schedule->entries.n; i++) {
		struct stretch s = on_wall(w, e[i].from, e[i].to);

		if (e[i].role == CLAIM_BUFFER)
			mark(g, s, CELL_PAUSE);
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

	for (int d = 0; d < DAYS; d++)
		if (g->cells[slot][d].type >= (daytime ? CELL_OPEN : CELL_BUSY))
			return true;
	return false;
}

/* Whole hours, so that every hour shown has its label. */
static void choose_rows(struct grid *g)
{
	bool any = false;

	for (int s = 0; s < SLOTS; s++) {
		g->used[s] = slot_used(g, s);
		any = any || g->used[s];
	}
	for (int s = 0; s < SLOTS; s += 2) {
		bool day = !any && s >= 16 && s < 36; /* 08:00 to 18:00 */

		g->shown[s] = g->used[s] || g->used[s + 1] || day;
		g->shown[s + 1] = g->shown[s];
	}
}

/* How many hidden half hours follow, up to the next row; 0 at the end. */
static int hidden_run(const struct grid *g, int slot)
{
	int end = slot;

	while (end < SLOTS && !g->shown[end])
		end++;
	return end < SLOTS ? end - slot : 0;
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

static void own_label(const struct week *w, const struct cell *c, char *out,
		      size_t size)
{
	const struct msg_entry *e = c->entry;
	const char *partner = week_partner(w->schedule, e);

	out[0] = '\0';
	if (c->row == 0 && c->starts > 1)
		snprintf(out, size, "%.6s +%d", week_kind(e->kind),
			 c->starts - 1);
	else if (c->row == 0)
		snprintf(out, size, "%s%s", week_kind(e->kind),
			 e->status == BOOKING_PENDING ? "?" : "");
	else if (c->row == 1 && partner)
		snprintf(out, size, "%s", partner);
}

static void draw_own(const struct week *w, const struct cell *c, size_t width,
		     struct line *l)
{
	char label[128];

	own_label(w, c, label, sizeof(label));
	term_paint(&l->text, l->term, style_of(c->entry), "\u258c", 1);
	term_paint(&l->text, l->term, style_of(c->entry), label, width - 1);
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

static void draw_cell(const struct week *w, const struct grid *g,
		      const struct cell *c, struct line *l)
{
	size_t width = g->column - 1;

	if (c->type == CELL_OWN)
		draw_own(w, c, width, l);
	else if (c->type == CELL_CLOSED)
		term_repeat(&l->text, " ", width);
	else
		draw_fill(l, c->type, width);
	buf_chr(&l->text, ' ');
}

static void draw_rows(const struct week *w, const struct grid *g,
		      struct line *l, struct buf *out)
{
	bool begun = false;

	for (int s = 0; s < SLOTS; s++) {
		if (!g->shown[s]) {
			if (begun && hidden_run(g, s) >= FOLD)
				buf_str(out, "  \u22ee\n");
			s += begun ? hidden_run(g, s) : 0;
			if (!g->shown[s])
				continue;
		}
		begun = true;
		if (s % 2 == 0)
			buf_printf(&l->text, "%02d:00 ", s / 2);
		else
			term_repeat(&l->text, " ", GUTTER);
		for (int d = 0; d < DAYS; d++)
			draw_cell(w, g, &g->cells[s][d], l);
		flush_line(l, out);
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
	choose_rows(&g);
	buf_init(&l.text, 8192);
	draw_title(w, out);
	draw_days(w, &g, &l, out);
	draw_rows(w, &g, &l, out);
	buf_str(out, "\n\u00b7 open  \u2592 busy  \u2591 pause  ? held  "
		     "* today\n");
	if (hides_open(&g))
		buf_str(out, "Open also at hours that are not shown; --day "
			     "lists them.\n");
	buf_fini(&l.text);
}
