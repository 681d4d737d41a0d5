#include "tests/bench/common/supply.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/bench/common/wire.h"

static void find_lines(struct supply *s, size_t len)
{
	const char *end = s->text + len;
	size_t n = 0;

	for (const char *p = s->text; p < end; p++)
		n += *p == '\n';
	s->lines = mem_alloc((n + 1) * sizeof(*s->lines));
	for (const char *p = s->text; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t size = (size_t)((stop ? stop : end) - p);

		if (size > 0)
			s->lines[s->n++] = (struct supply_line){p, size};
		p += size + 1;
	}
}

static void add_common(struct buf *b, const struct supply_config *config)
{
	buf_printf(b, "Host: %s\r\n", config->host);
	if (config->token)
		buf_printf(b, "Authorization: Bearer %s\r\n", config->token);
}

/* All requests in one piece; then the lines are those. */
static void render_gets(struct supply *s, const struct supply_config *config)
{
	size_t at = 0;
	struct buf b;

	buf_init(&b, (size_t)1 << 30);
	for (size_t i = 0; i < s->n; i++) {
		size_t before = b.len;

		buf_str(&b, "GET ");
		buf_add(&b, s->lines[i].at, s->lines[i].len);
		buf_str(&b, " HTTP/1.1\r\n");
		add_common(&b, config);
		buf_str(&b, "\r\n");
		s->lines[i].len = b.len - before;
	}
	if (b.failed)
		wire_die("%s: too large", config->get);
	s->rendered = mem_alloc(b.len + 1);
	memcpy(s->rendered, buf_cstr(&b), b.len);
	buf_fini(&b);
	for (size_t i = 0; i < s->n; i++) {
		s->lines[i].at = s->rendered + at;
		at += s->lines[i].len;
	}
}

/* What is the same in each, up to the end of the key. */
static void render_head(struct supply *s, const struct supply_config *config)
{
	uint8_t run[8];
	struct buf b;

	rnd_fill(rnd_system(), run, sizeof(run));
	text_hex(run, sizeof(run), s->run);
	buf_init(&b, SUPPLY_HEAD_MAX - 64);
	buf_printf(&b, "POST %s HTTP/1.1\r\n", config->post);
	add_common(&b, config);
	buf_printf(&b,
		   "Content-Type: application/json\r\n"
		   "Idempotency-Key: %s-",
		   s->run);
	if (b.failed)
		wire_die("the path or the token is too long");
	s->head_len = b.len;
	s->rendered = mem_strdup(buf_cstr(&b));
	buf_fini(&b);
}

void supply_open(struct supply *s, const struct supply_config *config)
{
	size_t len;

	memset(s, 0, sizeof(*s));
	s->once = config->post != NULL;
	s->groups = config->groups ? config->groups : 1;
	s->text = wire_file(s->once ? config->bodies : config->get, &len);
	find_lines(s, len);
	if (s->n == 0)
		wire_die("nothing to ask for");
	if (s->once)
		render_head(s, config);
	else
		render_gets(s, config);
}

bool supply_next(struct supply *s, unsigned group, size_t *out_number)
{
	size_t of = group % s->groups;
	size_t number = atomic_fetch_add_explicit(&s->next[of], 1,
						  memory_order_relaxed) *
				s->groups +
			of;

	if (s->once && number >= s->n)
		return false;
	*out_number = number % s->n;
	return true;
}

const char *supply_request(const struct supply *s, size_t number, char **room,
			   size_t *size, size_t *out_len)
{
	const struct supply_line *line = &s->lines[number];
	int n;

	if (!s->once) {
		*out_len = line->len;
		return line->at;
	}
	if (*size < SUPPLY_HEAD_MAX + line->len) {
		*size = SUPPLY_HEAD_MAX + 2 * line->len;
		*room = mem_realloc(*room, *size);
	}
	memcpy(*room, s->rendered, s->head_len);
	n = snprintf(*room + s->head_len, 64,
		     "%zu\r\nContent-Length: %zu\r\n\r\n", number, line->len);
	memcpy(*room + s->head_len + n, line->at, line->len);
	*out_len = s->head_len + (size_t)n + line->len;
	return *room;
}

void supply_close(struct supply *s)
{
	mem_free(s->text);
	mem_free(s->rendered);
	mem_free(s->lines);
}
