/*
 * sqlite_floor - the floor of P2: the rows of bookings by bare SQLite.
 *
 * usage: sqlite_floor BEFORE AFTER BATCH LOG-PAGES [LIMIT]
 *
 * AFTER is a database that the daemon has booked in, BEFORE a copy of what it
 * was until then, which is written to. Whatever rows AFTER has more, in
 * whichever tables, are read into memory first; then they are inserted again by
 * prepared statements, one thread, BATCH bookings a transaction (at most LIMIT
 * in all). Schema, triggers and indexes are those of the file; pragmas, cache
 * and allocator are the daemon's own, as its driver sets them up; every commit
 * is on the disk before the next begins, and the log is moved when it is larger
 * than LOG-PAGES. Nothing is read, decided, hashed, sealed or answered. Rows
 * that the daemon changed in place are not changed here, which makes the floor
 * the lower.
 *
 * A booking's rows go in together: tables with a number for a key follow it,
 * others the booking that they name, the rest at random as their keys are. So
 * the n-th booking has its share of each table's rows.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "daemon/store/db.h"
#include "daemon/store/sqlite_db.h"
#include "tests/bench/common/wire.h"

#define TABLES_MAX 64
#define SQL_MAX 8192

struct row {
	sqlite3_value **cells;
};

struct table {
	char *name;
	sqlite3_stmt *insert;
	struct row *rows;
	size_t n, room, at;
	int ncols;
};

struct floor {
	sqlite3 *db; /* what is written to */
	struct db *driver;
	struct table tables[TABLES_MAX];
	size_t ntables;
	size_t bookings;
};

static void check(sqlite3 *db, int code, const char *what)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		wire_die("%s: %s", what, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;

	check(db, sqlite3_prepare_v2(db, sql, -1, &s, NULL), sql);
	return s;
}

static void run(sqlite3 *db, const char *sql)
{
	check(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

/* ---- reading what is new ---- */

/* How new rows of a table are told from old, and in which order they came. */
static void find_key(sqlite3 *db, const char *table, struct buf *where,
		     const char **out_order)
{
	sqlite3_stmt *s =
		prepare(db, "SELECT name, pk, type FROM pragma_table_info($1)"
			    " ORDER BY pk");
	char name[128] = "";
	int keys = 0;
	bool number = false, of_booking = false;

	sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
	buf_printf(where, "NOT EXISTS (SELECT 1 FROM old.%s o WHERE 1", table);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *column = (const char *)sqlite3_column_text(s, 0);
		const char *type = (const char *)sqlite3_column_text(s, 2);

		of_booking |= !strcmp(column, "booking");
		if (sqlite3_column_int(s, 1) == 0)
			continue;
		keys++;
		number = !strcmp(type, "INTEGER");
		snprintf(name, sizeof(name), "%s", column);
		buf_printf(where, " AND o.%s = n.%s", column, column);
	}
	buf_str(where, ")");
	sqlite3_finalize(s);
	if (keys == 1 && number) {
		buf_reset(where);
		buf_printf(where,
			   "n.%s > (SELECT coalesce(max(%s), 0) FROM old.%s)",
			   name, name, table);
	} else if (of_booking) {
		buf_reset(where);
		buf_str(where, "n.booking > (SELECT coalesce(max(id), 0)"
			       " FROM old.booking)");
	}
	*out_order = keys == 1 && number ? "1"
		     : of_booking	 ? "n.booking"
					 : "random()";
}

static void keep_row(struct table *t, sqlite3_stmt *s)
{
	struct row *row;

	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		t->rows = mem_realloc(t->rows, t->room * sizeof(*t->rows));
	}
	row = &t->rows[t->n++];
	row->cells = mem_alloc((size_t)t->ncols * sizeof(sqlite3_value *));
	for (int i = 0; i < t->ncols; i++)
		row->cells[i] = sqlite3_value_dup(sqlite3_column_value(s, i));
}

static void read_table(struct floor *f, sqlite3 *after, const char *name)
{
	struct table *t = &f->tables[f->ntables];
	struct buf where, sql;
	const char *order;
	sqlite3_stmt *s;

	if (f->ntables == TABLES_MAX)
		wire_die("too many tables");
	*t = (struct table){.name = mem_strdup(name)};
	buf_init(&where, SQL_MAX);
	buf_init(&sql, SQL_MAX);
	find_key(after, name, &where, &order);
	buf_printf(&sql, "SELECT * FROM main.%s n WHERE %s ORDER BY %s", name,
		   buf_cstr(&where), order);
	s = prepare(after, buf_cstr(&sql));
	t->ncols = sqlite3_column_count(s);
	while (sqlite3_step(s) == SQLITE_ROW)
		keep_row(t, s);
	sqlite3_finalize(s);
	if (t->n > 0)
		f->ntables++;
	if (!strcmp(name, "booking"))
		f->bookings = t->n;
	buf_fini(&where);
	buf_fini(&sql);
}

static void read_all(struct floor *f, const char *before, const char *path)
{
	sqlite3 *after;
	sqlite3_stmt *s;
	char *attach =
		sqlite3_mprintf("ATTACH 'file:%q?immutable=1' AS old", before);

	check(NULL,
	      sqlite3_open_v2(path, &after,
			      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
	      path);
	run(after, attach);
	s = prepare(after, "SELECT name FROM main.sqlite_schema"
			   " WHERE type = 'table'"
			   " AND name NOT LIKE 'sqlite_%' ORDER BY name");
	while (sqlite3_step(s) == SQLITE_ROW)
		read_table(f, after, (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_free(attach);
	sqlite3_close(after);
	if (f->bookings == 0)
		wire_die("%s has no new bookings", path);
}

/* ---- writing it again ---- */

/* Referred to come before those that refer. */
static int rank(const char *name)
{
	static const char *const first[] = {"subject", "request", "booking",
					    "claim", "event"};

	for (int i = 0; i < 5; i++)
		if (!strcmp(name, first[i]))
			return i;
	return 5;
}

static int by_rank(const void *a, const void *b)
{
	const struct table *x = a, *y = b;

	return rank(x->name) - rank(y->name);
}

static void prepare_inserts(struct floor *f)
{
	qsort(f->tables, f->ntables, sizeof(f->tables[0]), by_rank);
	for (size_t i = 0; i < f->ntables; i++) {
		struct table *t = &f->tables[i];
		struct buf sql;

		buf_init(&sql, SQL_MAX);
		buf_printf(&sql, "INSERT INTO %s VALUES (?", t->name);
		for (int k = 1; k < t->ncols; k++)
			buf_str(&sql, ", ?");
		buf_str(&sql, ")");
		t->insert = prepare(f->db, buf_cstr(&sql));
		buf_fini(&sql);
	}
}

static void insert(struct floor *f, struct table *t)
{
	const struct row *row = &t->rows[t->at++];

	for (int i = 0; i < t->ncols; i++)
		sqlite3_bind_value(t->insert, i + 1, row->cells[i]);
	check(f->db, sqlite3_step(t->insert), t->name);
	sqlite3_reset(t->insert);
}

/* The n-th booking's share of every table. */
static void insert_booking(struct floor *f, size_t n)
{
	for (size_t i = 0; i < f->ntables; i++) {
		struct table *t = &f->tables[i];

		while (t->at < t->n * (n + 1) / f->bookings)
			insert(f, t);
	}
}

static size_t write_all(struct floor *f, size_t batch, int64_t log_pages,
			size_t limit)
{
	size_t commits = 0;

	for (size_t n = 0; n < f->bookings && n < limit; commits++) {
		run(f->db, "BEGIN IMMEDIATE");
		for (size_t i = 0; i < batch && n < f->bookings; i++)
			insert_booking(f, n++);
		run(f->db, "COMMIT");
		if (db_log_pages(f->driver) > log_pages &&
		    db_checkpoint(f->driver, log_pages, NULL) != RC_OK)
			wire_die("the log cannot be moved");
	}
	return commits;
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct err err = ERR_INIT;
	size_t limit = argc == 6 ? (size_t)atoll(argv[5]) : SIZE_MAX;

	if (argc < 5)
		wire_die("usage: sqlite_floor BEFORE AFTER BATCH LOG-PAGES"
			 " [LIMIT]");
	crypt_init();
	db_init();
	read_all(&f, argv[1], argv[2]);
	if (db_open(argv[1], DB_WRITER, NULL, &f.driver, &err) != RC_OK)
		wire_die("%s: %s", argv[1], err.text);
	f.db = f.driver->handle;
	prepare_inserts(&f);
	if (limit > f.bookings)
		limit = f.bookings;
	uint64_t begun = wire_now_ns(), cpu = wire_thread_ns();
	size_t commits =
		write_all(&f, (size_t)atoll(argv[3]), atoll(argv[4]), limit);
	double seconds = (double)(wire_now_ns() - begun) / 1e9;

	cpu = wire_thread_ns() - cpu;
	printf("{\"bookings\":%zu,\"seconds\":%.3f,\"per_second\":%.1f,"
	       "\"commits\":%zu,\"cpu_seconds\":%.3f,\"rows\":{",
	       limit, seconds, (double)limit / seconds, commits,
	       (double)cpu / 1e9);
	for (size_t i = 0; i < f.ntables; i++)
		printf("%s\"%s\":%.2f", i ? "," : "", f.tables[i].name,
		       (double)f.tables[i].n / (double)f.bookings);
	printf("}}\n");
	for (size_t i = 0; i < f.ntables; i++)
		sqlite3_finalize(f.tables[i].insert);
	db_close(f.driver);
	return 0;
}
