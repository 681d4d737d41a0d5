#include "tests/support/scratch.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

struct db *scratch_open(struct scratch *scratch)
{
	struct err err = ERR_INIT;
	struct db *db;

	if (db_open(scratch->path, DB_WRITER, scratch->env.vfs, &db, &err) !=
		    RC_OK ||
	    db_migrate(db, scratch->env.rnd, &err) != RC_OK)
		die("open", &err);
	return db;
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
