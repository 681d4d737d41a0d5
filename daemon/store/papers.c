#include "daemon/store/papers.h"

#include <stddef.h>
#include <string.h>

/*
 * The second form: a mark, then items: what it is (2 bytes), its length (4),
 * its bytes; what is not there is no item. The mark is no length that the
 * first form could begin with: that was five strings, each behind its length,
 * absent being the longest length. Written is the second; the first is read
 * for ever, or until it is sealed anew.
 */
#define MARK 0x80000002U

/* What an item is: a number is given once, and never used for another. */
static const struct item {
	uint16_t number;
	size_t offset; /* of a const char * */
} items[] = {
	{1, offsetof(struct papers, local_id)},
	{2, offsetof(struct papers, name)},
	{3, offsetof(struct papers, summary)},
	{4, offsetof(struct papers, reason)},
	{5, offsetof(struct papers, purpose)},
	{6, offsetof(struct papers, physician)},
	{7, offsetof(struct papers, licence)},
	{8, offsetof(struct papers, phone)},
	{9, offsetof(struct papers, attachments)},
};
#define NITEMS (sizeof(items) / sizeof(items[0]))

static const char *const *item_of(const struct papers *papers, size_t i)
{
	const char *base = (const char *)papers;

	return (const char *const *)(const void *)(base + items[i].offset);
}

static void put(struct buf *buf, uint16_t number, const char *s)
{
	uint32_t len = (uint32_t)strlen(s);

	buf_add(buf, &number, sizeof(number));
	buf_add(buf, &len, sizeof(len));
	buf_add(buf, s, len);
}

static void put_all(struct buf *buf, const struct papers *papers)
{
	const uint32_t mark = MARK;

	buf_add(buf, &mark, sizeof(mark));
	for (size_t i = 0; i < NITEMS; i++)
		if (*item_of(papers, i))
			put(buf, items[i].number, *item_of(papers, i));
}

static enum rc take(const struct buf *buf, size_t *at, struct arena *arena,
		    const char **out)
{
	uint32_t len;

	*out = NULL;
	if (buf->len - *at < sizeof(len))
		return RC_CORRUPT;
	memcpy(&len, buf->data + *at, sizeof(len));
	*at += sizeof(len);
	if (len == UINT32_MAX)
		return RC_OK;
	if (buf->len - *at < len)
		return RC_CORRUPT;
	*out = arena_strndup(arena, buf->data + *at, len);
	*at += len;
	return *out != NULL ? RC_OK : RC_NOMEM;
}

static enum rc read_first_form(const struct buf *buf, struct arena *arena,
			       struct papers *out)
{
	const char **const fields[] = {&out->local_id, &out->name,
				       &out->summary, &out->reason,
				       &out->purpose};
	enum rc rc = RC_OK;
	size_t at = 0;

	for (size_t i = 0; rc == RC_OK && i < 5; i++)
		rc = take(buf, &at, arena, fields[i]);
	return rc;
}

static enum rc take_item(const struct buf *buf, size_t *at, struct arena *arena,
			 struct papers *out)
{
	uint16_t number;

	if (buf->len - *at < sizeof(number))
		return RC_CORRUPT;
	memcpy(&number, buf->data + *at, sizeof(number));
	*at += sizeof(number);
	for (size_t i = 0; i < NITEMS; i++)
		if (items[i].number == number)
			return take(buf, at, arena,
				    (const char **)(void *)((char *)out +
							    items[i].offset));
	return RC_CORRUPT; /* of a newer program */
}

static bool is_marked(const struct buf *buf)
{
	uint32_t mark = 0;

	if (buf->len >= sizeof(mark))
		memcpy(&mark, buf->data, sizeof(mark));
	return mark == MARK;
}

static enum rc read_all(const struct buf *buf, struct arena *arena,
			struct papers *out, struct err *err)
{
	size_t at = sizeof(uint32_t);
	enum rc rc = RC_OK;

	*out = (struct papers){0};
	if (!is_marked(buf))
		rc = read_first_form(buf, arena, out);
	else
		while (rc == RC_OK && at < buf->len)
			rc = take_item(buf, &at, arena, out);
	if (rc == RC_NOMEM)
		return err_set(err, rc, "the papers are too much to read");
	return rc == RC_OK ? rc : err_set(err, rc, "the papers cannot be read");
}

enum rc papers_close(const struct tx *tx, const struct seal_place *place,
		     const struct papers *papers, struct buf *out,
		     struct err *err)
{
	struct buf plain;

	buf_init(&plain, PAPERS_MAX);
	put_all(&plain, papers);
	enum rc rc = plain.failed
			     ? err_set(err, RC_NOMEM, "the papers are too long")
			     : seal_close(tx, place, plain.data, plain.len, out,
					  err);

	buf_fini(&plain);
	return rc;
}

enum rc papers_read(const struct tx *tx, const struct seal_place *place,
		    const void *sealed, size_t len, struct arena *arena,
		    struct papers *out, struct err *err)
{
	struct buf plain;

	buf_init(&plain, PAPERS_MAX);
	enum rc rc = seal_open(tx, place, sealed, len, &plain, err);

	if (rc == RC_OK)
		rc = read_all(&plain, arena, out, err);
	buf_fini(&plain);
	return rc;
}

enum rc papers_open(struct tx *tx, const struct seal_place *place,
		    const char *sql, struct arena *arena, struct papers *out,
		    struct err *err)
{
	struct query q;
	size_t len = 0;
	enum rc opened = RC_CORRUPT;

	query_begin(&q, tx->db, sql);
	query_int(&q, 1, place->row);
	bool found = query_row(&q);

	if (found) {
		const void *sealed = query_col_blob(&q, 0, &len);

		opened = papers_read(tx, place, sealed, len, arena, out, err);
	}
	enum rc rc = query_end(&q, found && opened != RC_OK ? NULL : err);

	if (rc == RC_OK && !found)
		return err_set(err, RC_CORRUPT, "the papers are gone");
	return rc == RC_OK ? opened : rc;
}
