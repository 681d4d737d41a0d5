/* pages - see pages.h. */
#include "client/pages.h"

#include <string.h>

#include "client/ask.h"
#include "client/items.h"

#define PAGE_MAX 200 /* what one answer may hold */
#define JSON_MAX (256u * 1024 * 1024)

/* What every list message begins with. */
struct page {
	struct field_list items;
	const char *next;
};

_Static_assert(sizeof(struct page) == sizeof(struct msg_request_list) &&
		       sizeof(struct page) == sizeof(struct msg_booking_list),
	       "a list message is a list and next");

void pages_init(struct pages *p)
{
	buf_init(&p->json, JSON_MAX);
}

void pages_fini(struct pages *p)
{
	buf_fini(&p->json);
}

static void take_page(struct client *c, struct pages *p,
		      const struct page *page)
{
	const struct field *list = &p->answer->fields[0];
	const char *item = page->items.v;
	size_t n = page->items.n;

	if (p->left != FIELD_NONE && n > (size_t)p->left)
		n = (size_t)p->left;
	if (c->json)
		items_append(buf_cstr(&c->answer.body), c->answer.body.len,
			     list->name, n, &p->json);
	for (size_t i = 0; i < n && !c->json; i++)
		p->take(c, p->ctx, item + i * list->msg->size);
	if (p->left != FIELD_NONE)
		p->left -= (int64_t)n;
	p->next = page->next;
}

static enum rc fetch_page(struct client *c, struct pages *p, struct err *err)
{
	struct page page = {.next = NULL};
	struct ask ask = {.path = p->path,
			  .query = p->query,
			  .query_in = p->query_in,
			  .answer = p->answer,
			  .out = &page};
	enum rc rc;

	*p->cursor = p->next;
	*p->limit = PAGE_MAX;
	if (p->left != FIELD_NONE && p->left < PAGE_MAX)
		*p->limit = p->left;
	rc = ask_get(c, &ask, err);
	if (rc == RC_OK)
		take_page(c, p, &page);
	return rc;
}

enum rc pages_fetch(struct client *c, struct pages *p, struct err *err)
{
	const char *before;
	enum rc rc;

	if (p->answer->size != sizeof(struct page))
		return err_set(err, RC_INTERNAL, "%s is no list",
			       p->answer->name);
	for (int pages = 0; pages < 2 * PAGES_ROWS_MAX / PAGE_MAX; pages++) {
		before = p->next;
		rc = fetch_page(c, p, err);
		if (rc != RC_OK || !p->next || p->left == 0)
			return rc;
		if (before && strcmp(before, p->next) == 0)
			return err_set(err, RC_INTERNAL,
				       "the server answers the same page "
				       "again and again");
	}
	return err_set(err, RC_TOO_LARGE,
		       "there are too many to show at once: narrow the list "
		       "down, or ask for less with -n");
}

void pages_json(const struct pages *p, struct buf *doc)
{
	buf_printf(doc, "\"%s\":[", p->answer->fields[0].name);
	buf_add(doc, buf_cstr(&p->json), p->json.len);
	buf_chr(doc, ']');
	doc->failed = doc->failed || p->json.failed;
}

void pages_print_json(struct client *c, const struct pages *p)
{
	struct buf doc;

	buf_init(&doc, JSON_MAX);
	buf_chr(&doc, '{');
	pages_json(p, &doc);
	if (p->next) {
		buf_str(&doc, ",\"next\":");
		buf_json(&doc, p->next, strlen(p->next));
	}
	buf_chr(&doc, '}');
	term_json(&c->out, buf_cstr(&doc), doc.len);
	c->out.failed = c->out.failed || doc.failed;
	buf_fini(&doc);
}
