#include "daemon/store/course.h"

#include <string.h>

#include "daemon/store/rows.h"
#include "daemon/store/seal.h"

#define TEXT_BYTES ((size_t)4 * COURSE_TEXT_MAX)

static struct seal_place place_of(const struct request *r, int64_t id)
{
	return (struct seal_place){"course.content", id, r->partner};
}

enum rc course_add(struct tx *tx, const struct request *r,
		   const struct course *in, struct err *err)
{
	struct seal_place place;
	struct query q;
	struct buf sealed;
	int64_t id;
	enum rc rc =
		rows_last_id(tx->db, "SELECT max(id) FROM course", &id, err);

	if (rc != RC_OK)
		return rc;
	place = place_of(r, ++id);
	buf_init(&sealed, TEXT_BYTES + 256);
	rc = seal_close(tx, &place, in->text, strlen(in->text), &sealed, err);
	if (rc == RC_OK) {
		query_begin(&q, tx->db,
			    "INSERT INTO course (id, request, what, at,"
			    " said_at, site, by_name, content)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
		query_int(&q, 1, id);
		query_int(&q, 2, r->id);
		query_text(&q, 3, words_name(&words_course, (int)in->what));
		query_int(&q, 4, in->at);
		query_int(&q, 5, tx->now);
		query_int(&q, 6, in->site);
		query_text(&q, 7, in->by);
		query_blob(&q, 8, sealed.data, sealed.len);
		rc = query_end(&q, err);
	}
	buf_fini(&sealed);
	return rc;
}

static enum rc open_text(struct tx *tx, const struct request *r,
			 struct query *q, struct arena *arena, const char **out,
			 struct err *err)
{
	struct seal_place place = place_of(r, query_col_int(q, 0));
	struct buf plain;
	size_t len;
	const void *sealed = query_col_blob(q, 6, &len);

	buf_init(&plain, TEXT_BYTES);
	enum rc rc = seal_open(tx, &place, sealed, len, &plain, err);

	if (rc == RC_OK) {
		*out = arena_strndup(arena, plain.data, plain.len);
		rc = *out ? RC_OK : rows_full(err);
	}
	buf_fini(&plain);
	return rc;
}

enum rc course_list(struct tx *tx, const struct request *r, struct arena *arena,
		    struct course **out, size_t *out_n, struct err *err)
{
	struct course *v = NULL;
	struct query q;
	size_t n = 0;
	enum rc rc = RC_OK, ended;

	query_begin(&q, tx->db,
		    "SELECT c.id, c.what, c.at, c.said_at, s.slug, c.by_name,"
		    " c.content FROM course c JOIN site s ON s.id = c.site"
		    " WHERE c.request = $1 ORDER BY c.at, c.id");
	query_int(&q, 1, r->id);
	while (rc == RC_OK && query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v) {
			rc = rows_full(err);
			break;
		}
		v[n] = (struct course){
			.what = (enum course_what)rows_word(&q, 1,
							    &words_course),
			.at = query_col_int(&q, 2),
			.said_at = query_col_int(&q, 3),
			.site_slug = query_col_dup(&q, 4, arena),
			.by = query_col_dup(&q, 5, arena),
		};
		rc = open_text(tx, r, &q, arena, &v[n].text, err);
		n++;
	}
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	*out = v;
	*out_n = n;
	return rc == RC_OK ? ended : rc;
}
