#include "base/mem.h"
#include "daemon/store/executor.h"
#include "daemon/store/keep.h"

struct reader {
	const struct store_env *env;
	struct db *db;
	struct keep *keep;
};

enum rc reader_new(const struct store_env *env, struct reader **out,
		   struct err *err)
{
	struct db *db;
	enum rc rc = db_open(env->path, DB_READER, env->vfs, &db, err);

	if (rc != RC_OK)
		return rc;
	*out = mem_alloc(sizeof(**out));
	**out = (struct reader){env, db, keep_new(env)};
	return RC_OK;
}

void reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	keep_free(reader->keep);
	db_close(reader->db);
	mem_free(reader);
}

enum rc reader_begin(struct reader *reader, struct tx *out_tx, struct err *err)
{
	keep_begin(reader->keep, NULL);
	enum rc rc = db_read_begin(reader->db, err);

	if (rc == RC_OK)
		*out_tx = (struct tx){.db = reader->db,
				      .env = reader->env,
				      .keep = reader->keep,
				      .now = clock_now(reader->env->clock)};
	return rc;
}

void reader_end(struct reader *reader)
{
	db_read_end(reader->db);
}

void reader_watch(struct reader *reader, void (*moving)(void *ctx), void *ctx)
{
	db_watch(reader->db, moving, ctx);
}

enum rc reader_failed(const struct reader *reader)
{
	return db_failed(reader->db);
}
