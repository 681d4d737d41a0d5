#include "tests/support/scratch.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/store/stamps.h"

static void die(const char *doing, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", doing, err->text);
	abort();
}

static int64_t now_of(void *ctx)
{
	return ((const struct scratch *)ctx)->now;
}

static int64_t mono_of(void *ctx)
{
	(void)ctx;
	return clock_mono_ms(clock_system());
}

void scratch_begin(struct scratch *scratch)
{
	static bool begun;

	if (!begun) {
		db_init();
		crypt_init();
		begun = true;
	}
	memset(scratch, 0, sizeof(*scratch));
	/* in memory where there is such a place: a sync costs nothing there */
	snprintf(scratch->dir, sizeof(scratch->dir), "%s/teleconsult-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(scratch->dir) == NULL)
		abort();
	snprintf(scratch->path, sizeof(scratch->path), "%s/db", scratch->dir);
	scratch->now = 1800000000;
	scratch->clock = (struct clock){now_of, mono_of, scratch};
	scratch->env.path = scratch->path;
	scratch->env.clock = &scratch->clock;
	scratch->env.rnd = rnd_system();
	scratch->env.stamps = stamps_new();
	memset(scratch->env.keys.field[0].bytes, 0x11, CRYPT_KEY_LEN);
	memset(scratch->env.keys.patient[0].bytes, 0x22, CRYPT_KEY_LEN);
}

void scratch_end(struct scratch *scratch)
{
	DIR *dir = opendir(scratch->dir);
	struct dirent *entry;

	stamps_free(scratch->env.stamps);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[400];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", scratch->dir,
			 entry->d_name);
		unlink(path);
	}
	if (dir == NULL || closedir(dir) != 0 || rmdir(scratch->dir) != 0)
		abort();
}

static struct db *open_migrated(struct scratch *scratch)
{
	struct err err = ERR_INIT;
	struct db *db;

	if (db_open(scratch->path, DB_WRITER, scratch->env.vfs, &db, &err) !=
		    RC_OK ||
	    db_migrate(db, scratch->env.rnd, &err) != RC_OK)
		die("open", &err);
	return db;
}

/* A new database. The migrations are run once in a process: they take sixty
 * times as long as a copy of the file that they leave. */
static void make_new(struct scratch *scratch)
{
	static struct buf kept;
	const char *vfs = scratch->env.vfs;
	struct err err = ERR_INIT;

	if (kept.len > 0) {
		if (file_write_new(scratch->path, kept.data, kept.len, 0600,
				   &err) != RC_OK)
			die("copy", &err);
		return;
	}
	scratch->env.vfs = NULL; /* no fault is meant for this */
	struct db *db = open_migrated(scratch);

	if (db_checkpoint(db, DB_LOG_EMPTY, &err) != RC_OK)
		die("checkpoint", &err);
	db_close(db);
	buf_init(&kept, 16u * 1024u * 1024u);
	if (file_read(scratch->path, &kept, &err) != RC_OK)
		die("keep", &err);
	scratch->env.vfs = vfs;
}

struct db *scratch_open(struct scratch *scratch)
{
	if (access(scratch->path, F_OK) != 0)
		make_new(scratch);
	return open_migrated(scratch);
}

#if defined(__SANITIZE_ADDRESS__)
/* libasan's; gcc installs no header that says so. */
void __sanitizer_purge_allocator(void);
#endif

void scratch_lean(void)
{
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_purge_allocator();
#endif
}

struct tx scratch_tx(struct scratch *scratch, struct db *db)
{
	return (struct tx){.db = db,
			   .env = &scratch->env,
			   .write = true,
			   .now = scratch->now};
}

void scratch_run(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;

	if (db_script(db, sql, &err) != RC_OK)
		die(sql, &err);
}

int64_t scratch_number(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;
	struct query q;
	int64_t number;

	query_begin(&q, db, sql);
	query_row(&q);
	number = query_col_int(&q, 0);
	if (query_end(&q, &err) != RC_OK)
		die(sql, &err);
	return number;
}

void scratch_basics(struct db *db, int n)
{
	struct err err = ERR_INIT;
	struct query q;

	scratch_run(db,
		    "INSERT INTO site (id, slug, name, tier, time_zone) VALUES"
		    " (1, 'lead', 'Lead', '3', 'Asia/Shanghai'),"
		    " (2, 'partner', 'Partner', '2', 'Asia/Shanghai');"
		    "INSERT INTO agreement (id, slug, alliance, lead, partner,"
		    " valid_from, valid_to) VALUES (1, 'a', 'a', 1, 2, 0, 9);"
		    "INSERT INTO identity (id, name, role, made_at)"
		    " SELECT 1, 'n', 'system', 0"
		    " WHERE NOT EXISTS (SELECT 1 FROM identity)");
	query_begin(&q, db,
		    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
		    " SELECT i + 1 FROM n WHERE i < $1)"
		    " INSERT INTO booking (id, code, agreement, lead, partner,"
		    " kind, status, from_time, to_time, owner, owner_site,"
		    " version) SELECT i, CAST(i AS TEXT), 1, 1, 2, 'k',"
		    " 'booked', 0, 1, 1, 1, 1 FROM n");
	query_int(&q, 1, n);
	if (query_end(&q, &err) != RC_OK)
		die("bookings", &err);
}

uint64_t scratch_seed(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = 0;

	if (given != NULL)
		seed = strtoull(given, NULL, 10);
	while (seed == 0)
		rnd_fill(rnd_system(), &seed, sizeof(seed));
	fprintf(stderr, "SEED=%" PRIu64 "\n", seed);
	return seed;
}

uint64_t scratch_random(uint64_t *state, uint64_t below)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return ((x * UINT64_C(0x2545f4914f6cdd1d)) >> 16) % below;
}
