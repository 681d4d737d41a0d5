/*
 * fuzz_client - what the tool reads from people and servers and puts on a
 * terminal. The first byte chooses: a typed time, text to be shown, a list
 * document, a schedule, words to be completed (a line each). Held: a time that
 * is taken is a time that can be shown and typed back; nothing that a terminal
 * obeys is written; text is as wide as it says; a row of CSV is a line; the
 * calendar stays within its width; completion says something or nothing.
 */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "client/complete.h"
#include "client/items.h"
#include "client/week.h"
#include "client/when.h"
#include "proto/csv.h"

#define OUT_MAX (64u << 20)
#define NOW 1796090400 /* a Tuesday */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static const struct tz *zone_of(const char *name)
{
	static struct tz_store *zones;
	const struct tz *zone;

	if (!zones)
		zones = tz_store_new(TZ_SYSTEM_DIR);
	must(tz_get(zones, name, &zone, NULL) == RC_OK);
	return zone;
}

static void check_time(const char *s)
{
	const struct when w = {.zone = zone_of("Europe/Berlin"), .now = NOW};
	char exact[64], shown[WHEN_LEN + 1], span[WHEN_SPAN_LEN + 1];
	int64_t from, to, back;

	if (when_read(&w, s, &from, NULL) == RC_OK &&
	    from > civil_days(2, 1, 1) * CIVIL_DAY &&
	    from < civil_days(9999, 1, 1) * CIVIL_DAY) {
		when_show_exact(w.zone, from, exact);
		must(when_read(&w, exact, &back, NULL) == RC_OK);
		must(back == from);
		when_show(w.zone, from, shown);
		must(when_read(&w, shown, &back, NULL) == RC_OK);
		must(tz_to_wall(w.zone, back) / 60 ==
		     tz_to_wall(w.zone, from) / 60);
	}
	if (when_read_span(&w, s, &from, &to, NULL) != RC_OK)
		return;
	must(from < to);
	when_show_span(w.zone, from, to, span);
}

static void check_text(const char *s)
{
	struct buf out;
	size_t columns = term_columns(s);

	buf_init(&out, OUT_MAX);
	term_add(&out, s);
	must(text_printable(buf_cstr(&out), out.len, false));
	must(term_columns(buf_cstr(&out)) == columns);
	buf_reset(&out);
	term_fit(&out, s, 9);
	must(term_columns(buf_cstr(&out)) == 9);
	buf_reset(&out);
	term_add_lines(&out, s, "  ");
	must(text_printable(buf_cstr(&out), out.len, true));
	buf_fini(&out);
}

static void check_rows(const struct msg_request_list *list)
{
	const struct msg_request *r = list->items.v;
	struct buf out;
	struct csv csv = {.out = &out, .zone = zone_of("Europe/Berlin")};

	for (size_t i = 0; i < list->items.n; i++) {
		buf_init(&out, OUT_MAX);
		csv_values(&csv, &msg_request_table, &r[i]);
		must(!out.failed);
		must(text_printable(buf_cstr(&out), out.len, false));
		csv_end(&csv);
		buf_fini(&out);
	}
}

/* Well-formed is what the callers of items_append() know. */
static void check_items(const char *json, size_t len)
{
	struct msg_request_list list;
	struct field_faults faults;
	struct arena arena;
	struct buf out;

	arena_init(&arena, OUT_MAX);
	buf_init(&out, OUT_MAX);
	if (proto_decode(&msg_request_list_table, json, len, PROTO_LENIENT,
			 &arena, &list, &faults, NULL) == RC_OK) {
		items_append(json, len, "items", list.items.n, &out);
		must((list.items.n == 0) == (out.len == 0));
		check_rows(&list);
		term_json(&out, json, len);
		must(text_printable(buf_cstr(&out), out.len, true));
	}
	buf_fini(&out);
	arena_fini(&arena);
}

static size_t widest(const char *text)
{
	size_t most = 0, len;
	struct buf line;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		buf_init(&line, OUT_MAX);
		buf_add(&line, text, len);
		if (term_columns(buf_cstr(&line)) > most)
			most = term_columns(buf_cstr(&line));
		buf_fini(&line);
	}
	return most;
}

static void check_week(const char *json, size_t len)
{
	struct field_faults faults;
	struct msg_schedule schedule;
	struct arena arena;
	struct buf out;
	struct week week = {.schedule = &schedule,
			    .zone = zone_of("Asia/Shanghai"),
			    .monday = civil_days(2026, 11, 30),
			    .now = NOW,
			    .term = {.width = 80, .cut = true}};

	arena_init(&arena, OUT_MAX);
	buf_init(&out, OUT_MAX);
	if (proto_decode(&msg_schedule_table, json, len, PROTO_LENIENT, &arena,
			 &schedule, &faults, NULL) == RC_OK) {
		/* the title is as long as the name */
		schedule.name = NULL;
		schedule.subject = "x";
		week_render(&week, &out);
		must(text_printable(buf_cstr(&out), out.len, true));
		must(widest(buf_cstr(&out)) <= 80);
	}
	buf_fini(&out);
	arena_fini(&arena);
}

#define LINE_WORDS_MAX 300

/* Nobody is enrolled, so that no server is asked. */
static void check_completion(char *text)
{
	const struct client_env env = {.home = {.config_home = "/nonexistent"},
				       .clock = clock_system(),
				       .rnd = rnd_system()};
	const char *words[LINE_WORDS_MAX];
	struct client client;
	size_t n = 0;
	char *end;

	for (; n < LINE_WORDS_MAX && text; text = end) {
		end = strchr(text, '\n');
		if (end)
			*end++ = '\0';
		words[n++] = text;
	}
	client_init(&client, &env);
	complete(&client, words, n);
	must(!client.out.failed);
	client_fini(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	char *text;

	if (!ready) {
		proto_init(1);
		must(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	}
	ready = true;
	if (size == 0)
		return 0;
	text = malloc(size);
	must(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] >= 0xf0)
		check_completion(text);
	else if (data[0] % 4 == 0)
		check_time(text);
	else if (data[0] % 4 == 1)
		check_text(text);
	else if (data[0] % 4 == 2)
		check_items(text, size - 1);
	else
		check_week(text, size - 1);
	free(text);
	return 0;
}
