/* csv - see csv.h. */
#include "proto/csv.h"

#include <string.h>

#include "base/civil.h"
#include "base/code.h"

#define CELL_MAX 65536

/* What a spreadsheet begins a formula with, and what we mark that by. */
static const char *const marks[] = {"=",      "+",	"-",	  "@", "\uff1d",
				    "\uff0b", "\uff0d", "\uff20", "'"};

static bool is_formula(const char *s)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strncmp(s, marks[i], strlen(marks[i])) == 0)
			return true;
	return false;
}

static void next_cell(struct csv *csv)
{
	if (csv->begun)
		buf_chr(csv->out, ',');
	csv->begun = true;
}

static void add_quoted(struct buf *out, const char *s)
{
	buf_chr(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_chr(out, '"');
		buf_chr(out, *s);
	}
	buf_chr(out, '"');
}

void csv_cell(struct csv *csv, const char *text)
{
	struct buf cell;

	next_cell(csv);
	if (!text || !*text)
		return;
	buf_init(&cell, CELL_MAX);
	if (is_formula(text))
		buf_chr(&cell, '\'');
	if (csv->show)
		csv->show(&cell, text);
	else
		buf_str(&cell, text);
	if (cell.failed)
		csv->out->failed = true; /* never half a cell */
	else if (strpbrk(buf_cstr(&cell), ",\" \r\n"))
		add_quoted(csv->out, buf_cstr(&cell));
	else
		buf_str(csv->out, buf_cstr(&cell));
	buf_fini(&cell);
}

void csv_end(struct csv *csv)
{
	buf_str(csv->out, "\r\n");
	csv->begun = false;
}

/* --- the cells of a message --- */

static void add_string(struct csv *csv, const struct field *f, const void *at)
{
	(void)f;
	csv_cell(csv, *(const char *const *)at);
}

static void add_code(struct csv *csv, const struct field *f, const void *at)
{
	const char *stored = *(const char *const *)at;
	char shown[CODE_SHOWN_LEN + 1];
	struct code code;

	(void)f;
	if (stored && code_read(stored, strlen(stored), &code)) {
		code_show(&code, shown);
		stored = shown;
	}
	csv_cell(csv, stored);
}

void csv_number(struct csv *csv, int64_t n)
{
	next_cell(csv);
	if (n != FIELD_NONE)
		buf_int(csv->out, n);
}

static void add_integer(struct csv *csv, const struct field *f, const void *at)
{
	int64_t value = *(const int64_t *)at;
	char shown[64];

	if (f->type == FIELD_INT || value == FIELD_NONE) {
		csv_number(csv, value);
		return;
	}
	next_cell(csv);
	if (f->type == FIELD_TIME)
		civil_show_rfc3339(value,
				   csv->zone ? tz_offset(csv->zone, value, NULL)
					     : 0,
				   shown);
	else if (f->type == FIELD_DATE)
		civil_show_date(value, shown);
	else
		civil_show_wall(value, shown);
	buf_str(csv->out, shown);
}

static void add_bool(struct csv *csv, const struct field *f, const void *at)
{
	(void)f;
	csv_cell(csv, *(const bool *)at ? "true" : "false");
}

static void add_word(struct csv *csv, const struct field *f, const void *at)
{
	int word = *(const int *)at;

	csv_cell(csv, word >= 0 ? words_name(f->words, word) : NULL);
}

static void add_joined(struct buf *all, const char *text)
{
	if (all->len > 0)
		buf_chr(all, ' ');
	buf_str(all, text);
}

void csv_wordset(struct csv *csv, const struct words *words, uint32_t set)
{
	struct buf all;

	buf_init(&all, CELL_MAX);
	for (int i = 0; i < words->count; i++)
		if (set >> i & 1)
			add_joined(&all, words_name(words, i));
	csv_cell(csv, buf_cstr(&all));
	buf_fini(&all);
}

void csv_kinds(struct csv *csv, kindset kinds)
{
	csv_wordset(csv, &words_kind, kinds);
}

static void add_wordset(struct csv *csv, const struct field *f, const void *at)
{
	csv_wordset(csv, f->words, *(const uint32_t *)at);
}

static void add_list(struct csv *csv, const struct field *f, const void *at)
{
	const struct field_strs *list = at;
	struct buf all;

	(void)f;
	buf_init(&all, CELL_MAX);
	for (size_t i = 0; i < list->n; i++)
		add_joined(&all, list->v[i]);
	csv->out->failed = csv->out->failed || all.failed;
	csv_cell(csv, buf_cstr(&all));
	buf_fini(&all);
}

typedef void adder(struct csv *csv, const struct field *f, const void *at);
/* Objects have none: a row is flat. */
static adder *const adders[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = add_string,   [FIELD_TEXT] = add_string,
	[FIELD_SLUG] = add_string,  [FIELD_REF] = add_string,
	[FIELD_CODE] = add_code,    [FIELD_INT] = add_integer,
	[FIELD_BOOL] = add_bool,    [FIELD_TIME] = add_integer,
	[FIELD_DATE] = add_integer, [FIELD_WALL] = add_integer,
	[FIELD_WORD] = add_word,    [FIELD_WORDSET] = add_wordset,
	[FIELD_STRS] = add_list,    [FIELD_SLUGS] = add_list,
	[FIELD_REFS] = add_list,    [FIELD_DATES] = add_list,
};

static bool is_column(const struct field *f)
{
	return adders[f->type] && !(f->flags & FIELD_SECRET);
}

void csv_names(struct csv *csv, const struct msg *msg)
{
	for (const struct field *f = msg->fields; f->name; f++)
		if (is_column(f))
			csv_cell(csv, f->name);
}

void csv_values(struct csv *csv, const struct msg *msg, const void *in)
{
	for (const struct field *f = msg->fields; f->name; f++)
		if (is_column(f))
			adders[f->type](csv, f, (const char *)in + f->offset);
}
