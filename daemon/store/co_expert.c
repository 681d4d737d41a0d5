#include "daemon/store/co_expert.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/rows.h"

static enum rc drop(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "DELETE FROM co_expert WHERE booking = $1");
	query_int(&q, 1, booking);
	return query_end(&q, err);
}

static enum rc add(struct tx *tx, int64_t booking, size_t position,
		   int64_t expert, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO co_expert (booking, position, expert)"
		    " VALUES ($1, $2, $3)");
	query_int(&q, 1, booking);
	query_int(&q, 2, (int64_t)position);
	query_int(&q, 3, expert);
	return query_end(&q, err);
}

enum rc co_expert_replace(struct tx *tx, const struct booking *b,
			  const struct core_plan *plan, struct err *err)
{
	enum rc rc = b->nalso > 0 ? drop(tx, b->id, err) : RC_OK;

	for (size_t i = 0; rc == RC_OK && i < plan->nalso; i++)
		rc = add(tx, b->id, i + 1, plan->also[i].expert->subject.id,
			 err);
	return rc;
}

enum rc co_expert_read(const char *column, struct arena *arena,
		       struct booking *b)
{
	const char **words;
	int64_t *ids;
	size_t n;

	if (column == NULL || column[0] == '\0')
		return RC_OK;
	if (!rows_split(column, arena, &words, &n))
		return RC_NOMEM;
	ids = arena_array(arena, n / 2, sizeof(*ids));
	if (ids == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < n / 2; i++) {
		if (!text_int(words[2 * i], strlen(words[2 * i]), 1, INT64_MAX,
			      &ids[i]))
			return RC_CORRUPT;
		words[i] = words[2 * i + 1];
	}
	b->also = ids;
	b->also_slugs = words;
	b->nalso = n / 2;
	return RC_OK;
}

int64_t co_expert_place(const struct core_plan *plan, int64_t subject)
{
	for (size_t i = 0; i < plan->nalso; i++)
		if (plan->also[i].expert->subject.id == subject)
			return plan->also[i].place;
	return plan->place;
}
