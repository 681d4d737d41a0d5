#include "daemon/store/directory.h"

#include "daemon/store/rows.h"

/* $4 looks: it is theirs, or of somebody whom they work with. */
#define SEEN                                                                   \
	" AND (CAST($4 AS BIGINT) = 0 OR s.id = $4"                            \
	" OR EXISTS (SELECT 1 FROM agreement a"                                \
	"  WHERE a.lead = s.id AND a.partner = $4)"                            \
	" OR EXISTS (SELECT 1 FROM agreement a"                                \
	"  WHERE a.partner = s.id AND a.lead = $4))"
#define NAMED(slug)                                                            \
	" WHERE " slug " > $1 AND (CAST($2 AS TEXT) IS NULL OR"                \
	" SUBSTR(" slug ", 1, LENGTH(CAST($2 AS TEXT))) = CAST($2 AS TEXT))"   \
	" AND (CAST($3 AS TEXT) IS NULL OR s.slug = CAST($3 AS TEXT))"
#define SUBJECTS                                                               \
	"SELECT u.slug, u.name, s.slug, u.type, NULL FROM subject u"           \
	" JOIN site s ON s.id = u.site" NAMED("u.slug")

static const char *const texts[] = {
	[DIRECTORY_SITES] =
		"SELECT s.slug, s.name, NULL, NULL, s.time_zone FROM site "
		"s" NAMED("s.slug") SEEN " ORDER BY s.slug LIMIT $5",
	[DIRECTORY_EXPERTS] =
		SUBJECTS SEEN " AND u.type = 'expert' ORDER BY u.slug LIMIT $5",
	/* never a patient */
	[DIRECTORY_RESOURCES] =
		SUBJECTS SEEN " AND u.type NOT IN ('expert', 'seat', 'patient')"
			      " ORDER BY u.slug LIMIT $5",
};

static void from_row(struct query *q, struct arena *arena,
		     struct directory_row *out)
{
	*out = (struct directory_row){
		.slug = query_col_dup(q, 0, arena),
		.name = query_col_dup(q, 1, arena),
		.site = query_col_dup(q, 2, arena),
		.type = query_col_null(q, 3) ? -1
					     : rows_word(q, 3, &words_subject),
		.time_zone = query_col_dup(q, 4, arena),
	};
}

enum rc directory_list(struct tx *tx, const struct directory_filter *filter,
		       struct arena *arena, struct directory_row **out,
		       size_t *out_n, struct err *err)
{
	struct directory_row *v =
		arena_array(arena, (size_t)filter->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (v == NULL)
		return err_set(err, RC_NOMEM, "the list is too long");
	query_begin(&q, tx->db, texts[filter->of]);
	query_text(&q, 1, filter->after);
	query_text(&q, 2, filter->prefix);
	query_text(&q, 3, filter->site);
	query_int(&q, 4, filter->viewer);
	query_int(&q, 5, filter->limit);
	while (n < (size_t)filter->limit && query_row(&q))
		from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
