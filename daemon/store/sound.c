#include "daemon/store/sound.h"

#include <string.h>

#include "daemon/store/keycheck.h"

enum rc sound_version(struct db *db, int *out, struct err *err)
{
	enum rc rc = db_find_schema(db, out, err);

	if (rc == RC_OK && *out < 1)
		return err_set(err, RC_CORRUPT, "the database has no content");
	return rc;
}

enum rc sound_key(const struct store_env *env, int *out_version,
		  struct err *err)
{
	struct tx tx = {.env = env};
	enum rc rc = db_open(env->path, DB_READER, env->vfs, &tx.db, err);

	if (rc != RC_OK)
		return rc;
	rc = sound_version(tx.db, out_version, err);
	if (rc == RC_OK)
		rc = keycheck_verify(&tx, err);
	db_close(tx.db);
	return rc;
}

enum rc sound_load(struct store_env *env, struct err *err)
{
	struct tx tx = {.env = env};
	enum rc rc = db_open(env->path, DB_READER, env->vfs, &tx.db, err);

	if (rc != RC_OK)
		return rc;
	rc = keycheck_load(&tx, &env->keys, err);
	db_close(tx.db);
	return rc;
}

/* The engine's own words about the first fault. */
static enum rc check_pages(struct db *db, struct err *err)
{
	struct err why = ERR_INIT;
	struct query q;
	bool ok = false;
	enum rc rc;

	query_begin(&q, db, "PRAGMA integrity_check(1)");
	if (query_row(&q)) {
		const char *said = query_col_text(&q, 0);

		ok = said != NULL && strcmp(said, "ok") == 0;
		if (!ok)
			(void)err_set(&why, RC_CORRUPT, "%.160s",
				      said != NULL ? said : "?");
	}
	rc = query_end(&q, err);
	if (rc == RC_OK && !ok)
		rc = err_set(err, RC_CORRUPT, "the database is damaged: %s",
			     why.text);
	return rc;
}

static enum rc check_chain(struct tx *tx, struct err *err)
{
	struct event_report report;
	enum rc rc = event_verify(tx, &report, err);

	if (rc == RC_OK && !report.ok)
		rc = err_set(err, RC_CORRUPT,
			     "the event log is broken at event %lld: %s",
			     (long long)report.first_bad, report.detail);
	return rc;
}

enum rc sound_find_end(struct db *db, struct sound_end *out, struct err *err)
{
	struct query q;
	enum rc rc = event_load_head(db, &out->head, err);

	out->at = 0;
	if (rc != RC_OK)
		return rc;
	query_begin(&q, db, "SELECT at FROM event ORDER BY seq DESC LIMIT 1");
	if (query_row(&q))
		out->at = query_col_int(&q, 0);
	return query_end(&q, err);
}

enum rc sound_content(struct db *db, const struct store_env *env,
		      struct sound_end *out, struct err *err)
{
	struct tx tx = {.db = db, .env = env, .now = clock_now(env->clock)};
	enum rc rc = check_pages(db, err);

	if (rc == RC_OK)
		rc = db_check_references(db, err);
	if (rc == RC_OK)
		rc = keycheck_verify(&tx, err);
	if (rc == RC_NOT_FOUND) /* the key's check is part of ours */
		rc = RC_CORRUPT;
	if (rc == RC_OK)
		rc = check_chain(&tx, err);
	return rc == RC_OK ? sound_find_end(db, out, err) : rc;
}

static const char objects[] =
	"SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"
	" ORDER BY type, name";

static bool same_row(const struct query *a, const struct query *b)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(query_col_text(a, i), query_col_text(b, i)) != 0)
			return false;
	return true;
}

enum rc sound_schema(struct db *db, struct db *model, struct err *err)
{
	struct query got, want;
	bool more, same = true;
	enum rc rc, ended;

	query_begin(&got, db, objects);
	query_begin(&want, model, objects);
	do {
		more = query_row(&got);
		same = query_row(&want) == more;
		if (same && more)
			same = same_row(&got, &want);
	} while (same && more);
	rc = query_end(&want, err);
	ended = query_end(&got, rc == RC_OK ? err : NULL);
	if (rc == RC_OK)
		rc = ended;
	if (rc == RC_OK && !same)
		rc = err_set(err, RC_CORRUPT,
			     "the database has other tables or triggers than "
			     "this program makes");
	return rc;
}
