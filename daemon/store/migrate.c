/*
 * Migrations: numbered, never changed once released, each in a transaction of
 * its own that also records its number. To add one: write schema_N_sqlite.sql,
 * embed it below, add a row to the table, name it in the Makefile beside the
 * first.
 */
#include "base/buf.h"
#include "daemon/store/db.h"

/* The text of a file of this folder, with a NUL behind it. */
#define EMBED(name, file)                                                      \
	__asm__(".pushsection .rodata\n"                                       \
		".global " #name "\n"                                          \
		".type " #name ", @object\n" #name ":\n"                       \
		".incbin \"daemon/store/" file "\"\n"                          \
		".byte 0\n"                                                    \
		".size " #name ", . - " #name "\n"                             \
		".popsection\n");                                              \
	extern const char name[]

EMBED(migrate_schema_1, "schema_sqlite.sql");
EMBED(migrate_schema_2, "schema_2_sqlite.sql");
EMBED(migrate_schema_3, "schema_3_sqlite.sql");
EMBED(migrate_schema_4, "schema_4_sqlite.sql");
EMBED(migrate_schema_5, "schema_5_sqlite.sql");
EMBED(migrate_schema_6, "schema_6_sqlite.sql");
EMBED(migrate_schema_7, "schema_7_sqlite.sql");

static const char *const migrations[] = {
	migrate_schema_1, migrate_schema_2, migrate_schema_3, migrate_schema_4,
	migrate_schema_5, migrate_schema_6, migrate_schema_7};

#define NMIGRATIONS ((int)(sizeof(migrations) / sizeof(migrations[0])))

int db_schema_version(void)
{
	return NMIGRATIONS;
}

/* 0 for a new, empty database. */
static enum rc find_version(struct db *db, int *out, struct err *err)
{
	struct query q;
	int64_t tables = 0, metas = 0;
	enum rc rc;

	query_begin(&q, db,
		    "SELECT count(*), coalesce(sum(name = 'meta'), 0)"
		    " FROM sqlite_schema WHERE type = 'table'");
	if (query_row(&q)) {
		tables = query_col_int(&q, 0);
		metas = query_col_int(&q, 1);
	}
	rc = query_end(&q, err);
	*out = 0;
	if (rc != RC_OK || tables == 0)
		return rc;
	if (metas > 0) {
		query_begin(&q, db,
			    "SELECT CAST(value AS INTEGER) FROM meta"
			    " WHERE name = 'schema'");
		if (query_row(&q))
			*out = (int)query_col_int(&q, 0);
		rc = query_end(&q, err);
	}
	if (rc == RC_OK && *out < 1)
		rc = err_set(err, RC_CORRUPT,
			     "this is another program's database");
	return rc;
}

static enum rc record(struct db *db, int version, struct err *err)
{
	struct query q;
	struct buf number;
	enum rc rc;

	buf_init(&number, 16);
	buf_int(&number, version);
	query_begin(&q, db,
		    "INSERT INTO meta (name, value) VALUES ('schema', $1)"
		    " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
	query_text(&q, 1, buf_cstr(&number));
	rc = query_end(&q, err);
	buf_fini(&number);
	return rc;
}

/* A database's life has a name, so that ids of its event stream end with it. */
static enum rc name_epoch(struct db *db, const struct rnd *rnd, struct err *err)
{
	struct query q;
	uint8_t bytes[16];
	struct buf hex;
	enum rc rc;

	rnd_fill(rnd, bytes, sizeof(bytes));
	buf_init(&hex, 2 * sizeof(bytes));
	buf_hex(&hex, bytes, sizeof(bytes));
	query_begin(&q, db,
		    "INSERT INTO meta (name, value) VALUES ('epoch', $1)");
	query_text(&q, 1, buf_cstr(&hex));
	rc = query_end(&q, err);
	buf_fini(&hex);
	return rc;
}

enum rc db_check_references(struct db *db, struct err *err)
{
	struct query q;
	bool dangling;
	enum rc rc;

	query_begin(&q, db, "PRAGMA foreign_key_check");
	dangling = query_row(&q);
	rc = query_end(&q, err);
	if (rc == RC_OK && dangling)
		rc = err_set(err, RC_CORRUPT,
			     "a row of the database points at none");
	return rc;
}

static enum rc migrate_to(struct db *db, int version, const struct rnd *rnd,
			  struct err *err)
{
	enum rc rc = db_begin(db, err);

	if (rc == RC_OK)
		rc = db_script(db, migrations[version - 1], err);
	if (rc == RC_OK)
		rc = db_check_references(db, err);
	if (rc == RC_OK)
		rc = record(db, version, err);
	if (rc == RC_OK && version == 1)
		rc = name_epoch(db, rnd, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

enum rc db_find_schema(struct db *db, int *out, struct err *err)
{
	enum rc rc = find_version(db, out, err);

	if (rc == RC_OK && *out > NMIGRATIONS)
		return err_set(err, RC_INVALID,
			       "the database is of a newer teleconsultd"
			       " (schema %d, this program knows %d)",
			       *out, NMIGRATIONS);
	return rc;
}

enum rc db_migrate(struct db *db, const struct rnd *rnd, struct err *err)
{
	int version;
	enum rc rc = db_find_schema(db, &version, err);

	if (rc != RC_OK || version == NMIGRATIONS)
		return rc;
	rc = db_run(db, "PRAGMA foreign_keys = OFF", err);
	while (rc == RC_OK && version < NMIGRATIONS)
		rc = migrate_to(db, ++version, rnd, err);
	if (rc == RC_OK)
		rc = db_run(db, "PRAGMA foreign_keys = ON", err);
	return rc;
}
