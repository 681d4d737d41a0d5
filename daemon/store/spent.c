#include "daemon/store/spent.h"

#include "daemon/store/rows.h"

enum rc spent_add(struct tx *tx, const struct booking *b, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO spent_place (booking, sequence, agreement,"
		    " kind, from_time) VALUES ($1, $2, $3, $4, $5)");
	query_int(&q, 1, b->id);
	query_int(&q, 2, b->sequence);
	query_int(&q, 3, b->agreement);
	query_text(&q, 4, words_name(&words_kind, (int)b->kind));
	query_int(&q, 5, b->from);
	return query_end(&q, err);
}

enum rc spent_used(struct tx *tx, const struct spent_ask *ask, int64_t *out,
		   struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db,
		    "SELECT " SQL_SPENT("$1", "$2", "$3", "$4", "$5", "$6"));
	query_int(&q, 1, ask->agreement);
	query_text(&q, 2, words_name(&words_kind, (int)ask->kind));
	query_int(&q, 3, ask->month.from);
	query_int(&q, 4, ask->month.to);
	query_int(&q, 5, ask->ignore_booking);
	query_int(&q, 6, tx->now);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	return query_end(&q, err);
}
