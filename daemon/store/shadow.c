#include "daemon/store/shadow.h"

/* With the keys that statements lean on; a new row of a copy has the next
 * number, as one of the real table would have. */
static const char *const makes[] = {
	"CREATE TEMP TABLE site AS SELECT * FROM main.site",
	"CREATE UNIQUE INDEX temp.shadow_site ON site (id)",
	"CREATE UNIQUE INDEX temp.shadow_site_slug ON site (slug)",
	"CREATE TEMP TABLE calendar_day AS SELECT * FROM main.calendar_day",
	"CREATE UNIQUE INDEX temp.shadow_calendar_day"
	" ON calendar_day (calendar, day)",
	"CREATE TEMP TABLE secondment (id INTEGER PRIMARY KEY, expert INTEGER,"
	" site INTEGER, first_day INTEGER, last_day INTEGER,"
	" remote_requests TEXT, note TEXT)",
	"INSERT INTO temp.secondment SELECT id, expert, site, first_day,"
	" last_day, remote_requests, note FROM main.secondment",
	"CREATE INDEX temp.shadow_secondment ON secondment (expert)",
	"CREATE TEMP TABLE rule AS SELECT * FROM main.rule",
	"CREATE INDEX temp.shadow_rule ON rule (subject)",
	"CREATE TEMP TABLE leave AS SELECT * FROM main.leave",
	"CREATE INDEX temp.shadow_leave ON leave (subject)",
	"CREATE TEMP TABLE roster_version AS SELECT * FROM main.roster_version",
	"CREATE UNIQUE INDEX temp.shadow_roster_version"
	" ON roster_version (part, name)",
};
#define NMAKES (sizeof(makes) / sizeof(makes[0]))

enum rc shadow_begin(struct tx *tx, struct err *err)
{
	enum rc rc = db_run(tx->db, "SAVEPOINT shadow", err);

	for (size_t i = 0; rc == RC_OK && i < NMAKES; i++)
		rc = db_run(tx->db, makes[i], err);
	return rc;
}

/* The copies go as if they had never been made. A savepoint that is not there
 * is none that could fail. */
void shadow_end(struct tx *tx)
{
	struct err err = ERR_INIT;

	if (db_in_transaction(tx->db) &&
	    db_run(tx->db, "ROLLBACK TO shadow", &err) == RC_OK)
		(void)!db_run(tx->db, "RELEASE shadow", &err);
}
