#include "daemon/store/site_calendar.h"

enum rc site_calendar(struct tx *tx, int64_t site, struct arena *arena,
		      const char **out, bool *out_shared, struct err *err)
{
	struct query q;

	*out = NULL;
	*out_shared = false;
	query_begin(&q, tx->db,
		    "SELECT s.calendar, (SELECT count(*) FROM site o"
		    " WHERE o.calendar = s.calendar AND o.id <> s.id)"
		    " FROM site s WHERE s.id = $1");
	query_int(&q, 1, site);
	if (query_row(&q)) {
		*out = query_col_dup(&q, 0, arena);
		*out_shared = query_col_int(&q, 1) > 0;
	}
	return query_end(&q, err);
}

enum rc site_calendar_followed(struct tx *tx, const char *name, bool *out,
			       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT 1 FROM site WHERE calendar = $1");
	query_text(&q, 1, name);
	*out = query_row(&q);
	return query_end(&q, err);
}

enum rc site_calendar_follow(struct tx *tx, int64_t site, const char *name,
			     struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "UPDATE site SET calendar = $1 WHERE id = $2");
	query_text(&q, 1, name);
	query_int(&q, 2, site);
	return query_end(&q, err);
}

enum rc site_visits_begun(struct tx *tx, int64_t home, int64_t site,
			  int64_t first, int64_t last, int64_t *out,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM secondment d"
		    " JOIN subject s ON s.id = d.expert"
		    " WHERE s.site = $1 AND d.site = $2"
		    " AND d.first_day BETWEEN $3 AND $4");
	query_int(&q, 1, home);
	query_int(&q, 2, site);
	query_int(&q, 3, first);
	query_int(&q, 4, last);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}
