#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/lograte.h"
#include "base/text.h"

/* Below PIPE_BUF, so that a line is one write also into a pipe. */
#define LINE_MAX_LEN 2048
/* The longest end that a cut line still gets. */
#define CUT_MARK "\" cut=1\n"

struct line {
	size_t len;
	bool cut; /* something did not fit: nothing more is added */
	bool in_quotes;
	char s[LINE_MAX_LEN];
};

#define LEVELS (LOG_LVL_DEBUG + 1)

struct figures {
	_Atomic uint64_t lines, suppressed;
};

/* Where lines go; but for atomics set once before threads start. */
static struct {
	int fd;
	_Atomic(enum log_level) least;
	bool with_priority;
	const struct clock *clock;
	struct lograte *rate; /* NULL: every line passes */
	_Atomic uint64_t rate_lines;
	struct figures figures[LEVELS];
} sink = {.fd = STDERR_FILENO, .least = LOG_LVL_INFO};

void log_init(int fd, enum log_level least, int with_priority)
{
	sink.fd = fd;
	sink.least = least;
	sink.with_priority = with_priority != 0;
}

void log_set_level(enum log_level least)
{
	sink.least = least;
}

/* All of it or nothing, so that no escape is cut in two. */
static void line_add(struct line *line, const char *s, size_t len)
{
	size_t room = sizeof(line->s) - (sizeof(CUT_MARK) - 1) - line->len;

	if (line->cut || len > room) {
		line->cut = true;
		return;
	}
	memcpy(line->s + line->len, s, len);
	line->len += len;
}

static void line_str(struct line *line, const char *s)
{
	line_add(line, s, strlen(s));
}

static void count(_Atomic uint64_t *figure, uint64_t n)
{
	atomic_fetch_add_explicit(figure, n, memory_order_relaxed);
}

static void line_num(struct line *line, int64_t num)
{
	char digits[24];

	line_add(line, digits,
		 (size_t)snprintf(digits, sizeof(digits), "%" PRId64, num));
}

static size_t sequence_len(unsigned char lead)
{
	if (lead < 0xc0)
		return 1;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* C1 controls, line and paragraph separators, and what turns direction. */
static bool moves_text(const unsigned char *s, size_t len)
{
	if (len == 2)
		return s[0] == 0xc2 && s[1] < 0xa0;
	if (len != 3 || s[0] != 0xe2)
		return false;
	if (s[1] == 0x80)
		return s[2] == 0x8e || s[2] == 0x8f ||
		       (s[2] >= 0xa8 && s[2] <= 0xae);
	return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

static void line_escaped(struct line *line, const unsigned char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char hex[5] = "\\x";

		text_hex(s + i, 1, hex + 2);
		line_add(line, hex, 4);
	}
}

/* One character, or an escape in its place; answers the bytes it took. */
static size_t line_char(struct line *line, const char *s, bool utf8)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = utf8 ? sequence_len(p[0]) : 1;

	if (*s == '"' || *s == '\\')
		line_add(line, (const char[]){'\\', *s}, 2);
	else if (*s == '\n')
		line_add(line, "\\n", 2);
	else if (p[0] < 0x20 || p[0] == 0x7f || (p[0] >= 0x80 && !utf8) ||
		 moves_text(p, len))
		line_escaped(line, p, len);
	else
		line_add(line, s, len);
	return len;
}

static bool needs_quotes(const char *s)
{
	if (*s == '\0')
		return true;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f ||
		    *s == '"' || *s == '\\' || *s == '=')
			return true;
	return false;
}

static void line_value(struct line *line, const char *s)
{
	size_t len = strlen(s);
	bool utf8 = text_utf8(s, len);

	if (!needs_quotes(s)) {
		line_add(line, s, len);
		return;
	}
	line_add(line, "\"", 1);
	line->in_quotes = !line->cut;
	for (size_t i = 0; i < len && !line->cut;)
		i += line_char(line, s + i, utf8);
	line_add(line, "\"", 1);
	line->in_quotes = line->in_quotes && line->cut;
}

static void line_finish(struct line *line)
{
	const char *end = "\n";

	if (line->cut)
		end = line->in_quotes ? CUT_MARK : CUT_MARK + 1;
	memcpy(line->s + line->len, end, strlen(end));
	line->len += strlen(end);
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_LVL_ERR:
		return "level=error ";
	case LOG_LVL_WARN:
		return "level=warning ";
	case LOG_LVL_NOTICE:
		return "level=notice ";
	case LOG_LVL_DEBUG:
		return "level=debug ";
	case LOG_LVL_INFO:
	default:
		return "level=info ";
	}
}

static void write_line(enum log_level level, const char *what,
		       const struct log_pair *pairs)
{
	struct line line = {.len = 0};
	const char priority[] = {'<', (char)('0' + (int)level), '>'};

	if (sink.with_priority)
		line_add(&line, priority, sizeof(priority));
	else
		line_str(&line, level_name(level));
	line_str(&line, "event=");
	line_str(&line, what);
	for (; pairs->key != NULL && !line.cut; pairs++) {
		line_add(&line, " ", 1);
		line_str(&line, pairs->key);
		line_add(&line, "=", 1);
		if (pairs->str == NULL)
			line_num(&line, pairs->num);
		else
			line_value(&line, pairs->str);
	}
	line_finish(&line);
	count(&sink.figures[level].lines, 1);
	/* a log that cannot be written must not stop the service */
	while (write(sink.fd, line.s, line.len) < 0 && errno == EINTR)
		continue;
}

/* ---- not more than so many ---- */

static void on_sum(void *ctx, const struct lograte_sum *sum)
{
	const struct log_pair pairs[] = {LOG_S("of", sum->what),
					 LOG_S("whose", sum->whose),
					 LOG_N("lines", (int64_t)sum->lines),
					 LOG_N("ms", sum->ms),
					 {0}};

	(void)ctx;
	write_line((enum log_level)sum->level, "suppressed", pairs);
}

static const struct lograte_ear ear = {on_sum, NULL};

/* The values of the pairs that make the sort, with commas between. */
static const char *whose(const struct log_pair *pairs, struct line *line)
{
	line->len = 0;
	line->cut = false;
	for (; pairs->key != NULL; pairs++) {
		if (!pairs->sorts)
			continue;
		if (line->len > 0)
			line_add(line, ",", 1);
		if (pairs->str != NULL)
			line_str(line, pairs->str);
		else
			line_num(line, pairs->num);
	}
	line->s[line->len] = '\0'; /* there is room for CUT_MARK */
	return line->s;
}

static bool passes(enum log_level level, const char *what,
		   const struct log_pair *pairs)
{
	uint64_t lines = sink.rate_lines;
	struct line key;

	if (level <= LOG_LVL_NOTICE)
		lines = LOG_BAD_LINES;
	if (sink.rate == NULL || lines == 0)
		return true;
	const struct lograte_sort sort = {what, (int)level, whose(pairs, &key)};
	int64_t now = clock_mono_ms(sink.clock);
	bool is_one_more = lograte_take(sink.rate, &sort, lines, now, &ear);

	count(&sink.figures[level].suppressed, !is_one_more);
	return is_one_more;
}

void log_write(enum log_level level, const char *what,
	       const struct log_pair *pairs)
{
	if (level <= sink.least && passes(level, what, pairs))
		write_line(level, what, pairs);
}

void log_limit(const struct clock *clock)
{
	lograte_free(sink.rate);
	sink.clock = clock;
	sink.rate = clock != NULL ? lograte_new() : NULL;
}

void log_set_lines(uint64_t lines)
{
	sink.rate_lines = lines;
}

static void say_sums(bool all)
{
	if (sink.rate != NULL)
		lograte_turn(sink.rate, all, clock_mono_ms(sink.clock), &ear);
}

void log_turn(void)
{
	say_sums(false);
}

void log_last(void)
{
	say_sums(true);
}

void log_figures(enum log_level level, struct log_figures *out)
{
	const struct figures *f = &sink.figures[level];

	*out = (struct log_figures){.lines = f->lines,
				    .suppressed = f->suppressed};
}
