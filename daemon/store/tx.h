/*
 * tx - one transaction as a use case sees it.
 *
 * A reading tx is a snapshot on a reader's connection. A writing tx is a
 * savepoint on the writer's: it appends events to the chain and is undone,
 * chain head included, when the use case answers anything but RC_OK. Whoever
 * writes through a tx may be run again, so it has no other effect.
 */
#ifndef DAEMON_STORE_TX_H
#define DAEMON_STORE_TX_H

#include "base/clock.h"
#include "base/crypt.h"
#include "base/tz.h"
#include "daemon/stat/tally.h"
#include "daemon/store/db.h"
#include "daemon/store/keys.h"

struct stamps;

/* What the store needs besides a connection; lives as long as the service. */
struct store_env {
	const char *path;
	const char *vfs; /* NULL: the engine's own */
	struct store_keys keys;
	struct stamps *stamps; /* NULL: nothing is kept */
	struct tz_store *zones;
	const struct clock *clock;
	const struct rnd *rnd;
};

/* The chain's end: the last event's number and hash. */
struct event_head {
	int64_t seq; /* 0: no event yet */
	uint8_t hash[32];
};

struct keep;

struct tx {
	struct db *db;
	const struct store_env *env;
	bool write;
	struct keep *keep;	 /* keep.h; NULL: nothing is kept */
	int64_t now;		 /* one time for the whole transaction */
	struct event_head head;	 /* writing: as this tx has moved it */
	struct stat_tally tally; /* counted when it is committed */
};

#endif
