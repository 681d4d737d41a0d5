#include "daemon/store/probe.h"

enum rc probe_read(struct tx *tx, struct err *err)
{
	struct query q;
	int64_t schema = 0;
	enum rc rc;

	query_begin(&q, tx->db,
		    "SELECT CAST(value AS INTEGER) FROM meta"
		    " WHERE name = 'schema'");
	if (query_row(&q))
		schema = query_col_int(&q, 0);
	rc = query_end(&q, err);
	if (rc == RC_OK && schema != db_schema_version())
		rc = err_set(err, RC_INVALID,
			     "the database has schema %lld, not %d",
			     (long long)schema, db_schema_version());
	return rc;
}

enum rc probe_write(struct tx *tx, struct err *err)
{
	enum rc rc = probe_read(tx, err);

	if (rc != RC_OK)
		return rc;
	return db_run(tx->db,
		      "UPDATE meta SET value = value WHERE name = 'schema'",
		      err);
}

enum rc probe_clock(struct tx *tx, struct err *err)
{
	struct query q;
	int64_t last = 0;
	enum rc rc;

	query_begin(&q, tx->db,
		    "SELECT at FROM event ORDER BY seq DESC LIMIT 1");
	if (query_row(&q))
		last = query_col_int(&q, 0);
	rc = query_end(&q, err);
	if (rc == RC_OK && tx->now < last - PROBE_CLOCK_SLACK)
		rc = err_set(err, RC_INVALID,
			     "the clock is behind the last event: set the"
			     " machine's time");
	return rc;
}
