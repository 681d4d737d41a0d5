#include "daemon/conf/conf.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "daemon/conf/option.h"

struct slice {
	const char *s;
	size_t len;
};

/* The reader's place in a file, and what it has seen so far. */
struct reader {
	const char *name;
	unsigned line;
	struct slice section;		/* len 0: none yet */
	bool known;			/* the section is one of the table's */
	unsigned set[CONF_OPTIONS_MAX]; /* the line that set it; 0: none */
	struct conf *out;
	struct buf *faults;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trim(const char *s, size_t len)
{
	while (len > 0 && is_blank(*s)) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	return (struct slice){s, len};
}

static bool slice_is(struct slice a, const char *word)
{
	return strlen(word) == a.len && memcmp(word, a.s, a.len) == 0;
}

static void fault_at(struct reader *r)
{
	buf_printf(r->faults, "%s:%u: ", r->name, r->line);
}

static void fault(struct reader *r, const char *what)
{
	fault_at(r);
	buf_printf(r->faults, "%s\n", what);
}

static bool section_known(struct slice section)
{
	size_t n;
	const struct conf_option *table = conf_option_table(&n);

	for (size_t i = 0; i < n; i++)
		if (slice_is(section, table[i].section))
			return true;
	return false;
}

static void read_section(struct reader *r, struct slice line)
{
	if (line.len < 3 || line.s[line.len - 1] != ']') {
		fault(r, "a section is written [name]");
		r->section = (struct slice){"?", 1};
		r->known = false;
		return;
	}
	r->section = (struct slice){line.s + 1, line.len - 2};
	r->known = section_known(r->section);
	if (!r->known) {
		fault_at(r);
		buf_printf(r->faults, "there is no section [%.*s]\n",
			   (int)r->section.len, r->section.s);
	}
}

/* False: why says what is wrong with it. */
static bool set_value(const struct conf_option *option, struct slice value,
		      struct conf *out, struct err *why)
{
	if (value.len == 0 && !option->may_be_empty) {
		(void)err_set(why, RC_INVALID, "may not be empty");
		return false;
	}
	return option->type->read(option, value.s, value.len,
				  conf_option_field(option, out), why);
}

/* Its place in the table, or the table's length. */
static size_t find_option(struct slice section, struct slice key)
{
	size_t n, i = 0;
	const struct conf_option *table = conf_option_table(&n);

	while (i < n && !(slice_is(section, table[i].section) &&
			  slice_is(key, table[i].key)))
		i++;
	return i;
}

static void read_option(struct reader *r, struct slice key, struct slice value)
{
	size_t n, i = find_option(r->section, key);
	const struct conf_option *table = conf_option_table(&n);
	struct err why = ERR_INIT;

	if (i == n) {
		fault_at(r);
		buf_printf(r->faults, "there is no option \"%.*s\" in [%.*s]\n",
			   (int)key.len, key.s, (int)r->section.len,
			   r->section.s);
	} else if (r->set[i] != 0) {
		fault_at(r);
		buf_printf(r->faults, "%s is set already on line %u\n",
			   table[i].key, r->set[i]);
	} else {
		r->set[i] = r->line;
		if (set_value(&table[i], value, r->out, &why))
			return;
		fault_at(r);
		buf_printf(r->faults, "%s %s\n", table[i].key, why.text);
	}
}

enum rc conf_set(struct conf *conf, const char *section, const char *key,
		 const char *value, struct err *err)
{
	size_t n, i = find_option((struct slice){section, strlen(section)},
				  (struct slice){key, strlen(key)});
	const struct conf_option *table = conf_option_table(&n);
	struct slice text = {value, strlen(value)};
	struct err why = ERR_INIT;

	if (i == n)
		return err_set(err, RC_USAGE, "there is no option %s", key);
	if (!text_printable(value, text.len, false))
		return err_set(err, RC_USAGE, "%s is not printable text", key);
	if (!set_value(&table[i], text, conf, &why))
		return err_set(err, RC_USAGE, "%s %s", key, why.text);
	return RC_OK;
}

static void read_line(struct reader *r, const char *s, size_t len)
{
	struct slice line = trim(s, len);
	const char *sign;

	/* before anything of the line is shown to anybody */
	if (!text_printable(s, len, true) || memchr(s, '\r', len) != NULL) {
		fault(r, "the line is not printable UTF-8 text");
		return;
	}
	if (line.len == 0 || line.s[0] == '#')
		return;
	if (line.s[0] == '[') {
		read_section(r, line);
		return;
	}
	sign = memchr(line.s, '=', line.len);
	if (sign == NULL || sign == line.s) {
		fault(r, "a line is \"key = value\", \"[section]\" or "
			 "\"# comment\"");
		return;
	}
	if (r->section.len == 0)
		fault(r, "an option stands under a [section]");
	else if (r->known)
		read_option(
			r, trim(line.s, (size_t)(sign - line.s)),
			trim(sign + 1, line.len - (size_t)(sign + 1 - line.s)));
}

void conf_init(struct conf *out)
{
	size_t n;
	const struct conf_option *table = conf_option_table(&n);
	struct err why = ERR_INIT;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		(void)table[i].type->read(
			&table[i], table[i].init, strlen(table[i].init),
			conf_option_field(&table[i], out), &why);
}

enum rc conf_parse(const char *name, const char *text, size_t len,
		   struct conf *out, struct buf *out_faults)
{
	struct reader r = {.name = name, .out = out, .faults = out_faults};
	size_t before = out_faults->len;

	conf_init(out);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end != NULL ? (size_t)(end - text) - at : len - at;

		r.line++;
		read_line(&r, text + at, n);
		at += n + 1;
	}
	return out_faults->len == before && !out_faults->failed ? RC_OK
								: RC_INVALID;
}

enum rc conf_load(const char *path, struct conf *out, struct buf *out_faults,
		  struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, CONF_FILE_MAX);
	rc = file_read(path, &text, err);
	if (rc == RC_OK)
		rc = conf_parse(path, buf_cstr(&text), text.len, out,
				out_faults);
	buf_fini(&text);
	return rc;
}

/* Help in comment lines of at most 78 columns. */
static void print_help(struct buf *out, const char *help)
{
	size_t column = 0;

	while (*help != '\0') {
		size_t word = strcspn(help, " ");

		if (column == 0 || column + 1 + word > 78) {
			buf_str(out, column == 0 ? "# " : "\n# ");
			column = 2;
		} else {
			buf_chr(out, ' ');
			column++;
		}
		buf_add(out, help, word);
		column += word;
		help += word + (help[word] == ' ');
	}
	buf_chr(out, '\n');
}

static void print_value(struct buf *out, const struct conf_option *option,
			const struct conf *conf)
{
	struct buf shown;

	buf_init(&shown, CONF_FILE_MAX);
	option->type->show(conf_option_value(option, conf), &shown);
	buf_printf(out, "%s =%s%s\n", option->key, shown.len > 0 ? " " : "",
		   buf_cstr(&shown));
	buf_fini(&shown);
}

void conf_print(const struct conf *conf, struct buf *out)
{
	size_t n;
	const struct conf_option *table = conf_option_table(&n);
	const char *section = "";

	for (size_t i = 0; i < n; i++) {
		const struct conf_option *o = &table[i];

		if (strcmp(section, o->section) != 0)
			buf_printf(out, "%s[%s]\n", i > 0 ? "\n" : "",
				   o->section);
		section = o->section;
		buf_chr(out, '\n');
		print_help(out, o->help);
		buf_printf(out, "# Default: %s; for example: %s%s\n",
			   o->init[0] != '\0' ? o->init : "empty", o->example,
			   o->reload ? "; read again on reload" : "");
		print_value(out, o, conf);
	}
}

static bool same(const struct conf_option *option, const struct conf *a,
		 const struct conf *b)
{
	struct buf shown[2];
	bool equal;

	buf_init(&shown[0], CONF_FAULTS_MAX);
	buf_init(&shown[1], CONF_FAULTS_MAX);
	option->type->show(conf_option_value(option, a), &shown[0]);
	option->type->show(conf_option_value(option, b), &shown[1]);
	equal = strcmp(buf_cstr(&shown[0]), buf_cstr(&shown[1])) == 0;
	buf_fini(&shown[0]);
	buf_fini(&shown[1]);
	return equal;
}

void conf_reload(struct conf *into, const struct conf *from,
		 void (*on_change)(void *ctx, const char *section,
				   const char *key, bool reloaded),
		 void *ctx)
{
	size_t n;
	const struct conf_option *table = conf_option_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (same(&table[i], into, from))
			continue;
		if (table[i].reload)
			memcpy(conf_option_field(&table[i], into),
			       conf_option_value(&table[i], from),
			       table[i].type->size);
		on_change(ctx, table[i].section, table[i].key, table[i].reload);
	}
}
