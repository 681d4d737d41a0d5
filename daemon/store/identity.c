#include "daemon/store/identity.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/certificate.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"

#define COLUMNS                                                                \
	"SELECT i.id, i.name, i.role, i.site, s.slug, s.name, s.time_zone,"    \
	" i.expert, e.slug, i.made_at, i.revoked_at, "
#define JOINS                                                                  \
	" LEFT JOIN site s ON s.id = i.site"                                   \
	" LEFT JOIN subject e ON e.id = i.expert"

static void from_row(struct query *q, struct arena *arena, struct identity *out)
{
	*out = (struct identity){
		.id = query_col_int(q, 0),
		.name = query_col_dup(q, 1, arena),
		.role = (enum role)rows_word(q, 2, &words_role),
		.site = query_col_int(q, 3),
		.site_slug = query_col_dup(q, 4, arena),
		.site_name = query_col_dup(q, 5, arena),
		.time_zone = query_col_dup(q, 6, arena),
		.expert = query_col_int(q, 7),
		.expert_slug = query_col_dup(q, 8, arena),
		.made_at = query_col_int(q, 9),
		.revoked_at = query_col_int(q, 10),
		.scopes = (scopeset)query_col_int(q, 13),
		.status = query_col_dup(q, 14, arena),
	};
	int64_t certificate = query_col_int(q, 11);
	int64_t token = query_col_int(q, 12);

	out->not_after = certificate > token ? certificate : token;
}

static enum rc take_one(struct query *q, struct arena *arena,
			struct identity *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		from_row(q, arena, out);
	return rows_end_found(q, found, "user", err);
}

/* Somebody who is known by what they show is asked for with each request of
 * theirs: kept as it was read; whether it is good still is the caller's to say.
 */
static void key_by(const uint8_t shown[32], const char *issuer,
		   struct keep_key *out)
{
	int64_t part[4];

	memcpy(part, shown, sizeof(part));
	*out = (struct keep_key){.sort = KEEP_IDENTITY,
				 .a = part[0],
				 .b = part[1],
				 .c = part[2],
				 .d = part[3],
				 .s = issuer};
}

static bool find_kept(const struct tx *tx, const struct keep_key *key,
		      struct identity *out)
{
	const struct identity *kept = keep_find(tx, key);

	if (kept)
		*out = *kept;
	return kept != NULL;
}

static enum rc take_kept(struct tx *tx, struct query *q,
			 const struct keep_key *key, struct arena *arena,
			 struct identity *out, struct err *err)
{
	struct identity *fact = NULL;

	arena = keep_arena(tx, arena);
	enum rc rc = take_one(q, arena, out, err);

	if (rc == RC_OK)
		fact = arena_alloc(arena, sizeof(*fact));
	if (fact) {
		*fact = *out;
		keep_add(tx, arena, key, fact);
	}
	return rc;
}

enum rc identity_find(struct tx *tx, const uint8_t issuer[32],
		      const uint8_t key[32], struct arena *arena,
		      struct identity *out, struct err *err)
{
	char by[2 * 32 + 1];
	struct keep_key kept;
	struct query q;

	text_hex(issuer, 32, by);
	key_by(key, by, &kept);
	if (find_kept(tx, &kept, out))
		return RC_OK;
	query_begin(&q, tx->db,
		    COLUMNS "c.not_after, 0, 0, NULL FROM certificate c"
			    " JOIN identity i ON i.id = c.identity" JOINS
			    " WHERE c.key = $1 AND c.issuer = $2");
	query_blob(&q, 1, key, 32);
	query_blob(&q, 2, issuer, 32);
	return take_kept(tx, &q, &kept, arena, out, err);
}

enum rc identity_find_token(struct tx *tx, const uint8_t hash[32],
			    struct arena *arena, struct identity *out,
			    struct err *err)
{
	struct keep_key kept;
	struct query q;

	key_by(hash, NULL, &kept);
	if (find_kept(tx, &kept, out))
		return RC_OK;
	query_begin(&q, tx->db,
		    COLUMNS "0, t.not_after, t.scopes, NULL FROM token t"
			    " JOIN identity i ON i.id = t.identity" JOINS
			    " WHERE t.hash = $1");
	query_blob(&q, 1, hash, 32);
	return take_kept(tx, &q, &kept, arena, out, err);
}

/* When what they have ends, what their token is good for, and what that makes
 * them at the time $1. */
#define SQL_LISTED                                                             \
	COLUMNS                                                                \
	"(SELECT MAX(not_after) FROM certificate WHERE identity = i.id),"      \
	" (SELECT MAX(not_after) FROM token WHERE identity = i.id),"           \
	" (SELECT MAX(scopes) FROM token WHERE identity = i.id),"              \
	" " STATUS " FROM identity i" JOINS
#define STATUS                                                                 \
	"CASE WHEN i.revoked_at IS NOT NULL THEN 'revoked'"                    \
	" WHEN EXISTS (SELECT 1 FROM certificate"                              \
	"  WHERE identity = i.id AND not_after > $1)"                          \
	" OR EXISTS (SELECT 1 FROM token"                                      \
	"  WHERE identity = i.id AND not_after > $1)"                          \
	" THEN 'live' ELSE 'ended' END"

enum rc identity_by_id(struct tx *tx, int64_t id, struct arena *arena,
		       struct identity *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_LISTED " WHERE i.id = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, id);
	return take_one(&q, arena, out, err);
}

enum rc identity_list(struct tx *tx, const struct people_filter *filter,
		      struct arena *arena, struct identity **out, size_t *out_n,
		      struct err *err)
{
	struct identity *v =
		arena_array(arena, (size_t)filter->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (v == NULL)
		return err_set(err, RC_NOMEM, "the list is too long");
	query_begin(&q, tx->db,
		    SQL_LISTED " WHERE i.id < $2"
			       " AND (CAST($3 AS TEXT) IS NULL"
			       "  OR s.slug = CAST($3 AS TEXT))"
			       " AND (CAST($4 AS TEXT) IS NULL"
			       "  OR " STATUS " = CAST($4 AS TEXT))"
			       " ORDER BY i.id DESC LIMIT $5");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, filter->before);
	query_text(&q, 3, filter->site);
	query_text(&q, 4, filter->status);
	query_int(&q, 5, filter->limit);
	while (n < (size_t)filter->limit && query_row(&q))
		from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

enum rc identity_add(struct tx *tx, const struct identity_new *in,
		     int64_t *out_id, struct err *err)
{
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "INSERT INTO identity (name, role, site, expert, made_at)"
		    " VALUES ($1, $2, $3, $4, $5) RETURNING id");
	query_text(&q, 1, in->name);
	query_text(&q, 2, words_name(&words_role, (int)in->role));
	query_int_or_null(&q, 3, in->site, 0);
	query_int_or_null(&q, 4, in->expert, 0);
	query_int(&q, 5, tx->now);
	if (query_row(&q))
		*out_id = query_col_int(&q, 0);
	rc = query_end(&q, err);
	if (rc != RC_OK || in->key == NULL)
		return rc;
	const struct certificate with = {.issuer = in->issuer,
					 .key = in->key,
					 .identity = *out_id,
					 .not_after = in->not_after};

	return certificate_add(tx, &with, err);
}

enum rc identity_revoke(struct tx *tx, int64_t id, struct err *err)
{
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "UPDATE identity SET revoked_at = $1"
		    " WHERE id = $2 AND revoked_at IS NULL");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, id);
	rc = query_end(&q, err);
	if (rc == RC_OK && db_changes(tx->db) != 1)
		rc = err_set(err, RC_RULE, "the user was revoked already");
	return rc;
}

enum rc identity_other_admins(struct tx *tx, int64_t but, int64_t *out_n,
			      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM identity i"
		    " WHERE " STATUS " = 'live'"
		    " AND i.role = 'administrator' AND i.id <> $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, but);
	*out_n = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}
