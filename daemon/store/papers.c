#include "daemon/store/papers.h"

#include <string.h>

/* Five strings, each behind its length; absent: the longest length. */
static void put(struct buf *buf, const char *s)
{
	uint32_t len = s ? (uint32_t)strlen(s) : UINT32_MAX;

	buf_add(buf, &len, sizeof(len));
	if (s)
		buf_add(buf, s, len);
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

static enum rc read_all(const struct buf *buf, struct arena *arena,
			struct papers *out, struct err *err)
{
	const char **const fields[] = {&out->local_id, &out->name,
				       &out->summary, &out->reason,
				       &out->purpose};
	enum rc rc = RC_OK;
	size_t at = 0;

	for (size_t i = 0; rc == RC_OK && i < 5; i++)
		rc = take(buf, &at, arena, fields[i]);
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
	put(&plain, papers->local_id);
	put(&plain, papers->name);
	put(&plain, papers->summary);
	put(&plain, papers->reason);
	put(&plain, papers->purpose);
	enum rc rc = plain.failed
			     ? err_set(err, RC_NOMEM, "the papers are too long")
			     : seal_close(tx, place, plain.data, plain.len, out,
					  err);

	buf_fini(&plain);
	return rc;
}

enum rc papers_open(struct tx *tx, const struct seal_place *place,
		    const char *sql, struct arena *arena, struct papers *out,
		    struct err *err)
{
	struct query q;
	struct buf plain;
	size_t len = 0;
	enum rc opened = RC_CORRUPT;

	buf_init(&plain, PAPERS_MAX);
	query_begin(&q, tx->db, sql);
	query_int(&q, 1, place->row);
	if (query_row(&q)) {
		const void *sealed = query_col_blob(&q, 0, &len);

		opened = seal_open(tx, place, sealed, len, &plain, err);
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK)
		rc = opened;
	if (rc == RC_OK)
		rc = read_all(&plain, arena, out, err);
	buf_fini(&plain);
	return rc;
}
