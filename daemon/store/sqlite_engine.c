#include "daemon/store/sqlite_engine.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/store/db.h"
#include "daemon/store/sqlite_log.h"

/* xSize has no counterpart in mem_ops: every block starts with its size. */
#define BLOCK_HEAD 16

static void *block_alloc(int size)
{
	char *p = mem_ops()->alloc(BLOCK_HEAD + (size_t)size);

	if (p == NULL)
		return NULL;
	memcpy(p, &size, sizeof(size));
	return p + BLOCK_HEAD;
}

static void block_free(void *p)
{
	if (p != NULL)
		mem_ops()->free((char *)p - BLOCK_HEAD);
}

static void *block_realloc(void *old, int size)
{
	char *p = mem_ops()->realloc((char *)old - BLOCK_HEAD,
				     BLOCK_HEAD + (size_t)size);

	if (p == NULL)
		return NULL;
	memcpy(p, &size, sizeof(size));
	return p + BLOCK_HEAD;
}

static int block_size(void *p)
{
	int size;

	memcpy(&size, (char *)p - BLOCK_HEAD, sizeof(size));
	return size;
}

static int block_round(int size)
{
	return (size + 7) & ~7;
}

static int block_init(void *unused)
{
	(void)unused;
	return SQLITE_OK;
}

static void block_shutdown(void *unused)
{
	(void)unused;
}

/* Refusals by a constraint are answers, not events; the rest is worth a line:
 * parameters are never in it, statements hold only $1, $2. */
static void engine_says(void *unused, int code, const char *text)
{
	(void)unused;
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_NOTICE:
	case SQLITE_BUSY:
	case SQLITE_SCHEMA:
		return;
	default:
		log_event(LOG_LVL_WARN, "sqlite", LOG_N("code", code),
			  LOG_S("text", text),
			  LOG_DO("look at the disk and its space; if both are "
				 "well, "
				 "report it"));
	}
}

void db_init(void)
{
	static const sqlite3_mem_methods methods = {
		block_alloc, block_free, block_realloc,	 block_size,
		block_round, block_init, block_shutdown, NULL};

	if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_LOG, engine_says, NULL) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK || !sqlite_log_register())
		abort();
}

static const struct {
	int code; /* extended, or a primary one for all of its kind */
	enum rc rc;
} codes[] = {
	{SQLITE_CONSTRAINT_UNIQUE, RC_EXISTS},
	{SQLITE_CONSTRAINT_PRIMARYKEY, RC_EXISTS},
	{SQLITE_CONSTRAINT_ROWID, RC_EXISTS},
	{SQLITE_IOERR_NOMEM, RC_NOMEM},
	/* the log's index cannot grow: the disk is full, nothing is stored */
	{SQLITE_IOERR_SHMSIZE, RC_FULL},
	{SQLITE_CONSTRAINT, RC_RULE},
	{SQLITE_MISMATCH, RC_RULE},
	{SQLITE_BUSY, RC_BUSY},
	{SQLITE_LOCKED, RC_BUSY},
	{SQLITE_PROTOCOL, RC_BUSY},
	{SQLITE_SCHEMA, RC_BUSY},
	{SQLITE_FULL, RC_FULL},
	{SQLITE_IOERR, RC_IO},
	{SQLITE_CORRUPT, RC_CORRUPT},
	{SQLITE_NOTADB, RC_CORRUPT},
	{SQLITE_NOMEM, RC_NOMEM},
	{SQLITE_TOOBIG, RC_TOO_LARGE},
	{SQLITE_READONLY, RC_FORBIDDEN},
	{SQLITE_PERM, RC_FORBIDDEN},
	{SQLITE_AUTH, RC_FORBIDDEN},
	{SQLITE_CANTOPEN, RC_FORBIDDEN},
};

enum rc sqlite_engine_rc(int code, const char *text)
{
	if (code == SQLITE_CONSTRAINT_TRIGGER)
		return strncmp(text, "guard:", 6) == 0 ? RC_REFUSED : RC_RULE;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code || codes[i].code == (code & 0xff))
			return codes[i].rc;
	return RC_INTERNAL;
}
