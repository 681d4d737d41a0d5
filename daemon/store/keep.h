/*
 * keep - what a connection keeps of the network between its transactions.
 *
 * Two sorts, both dropped by stamps (stamps.h) and by nothing else:
 *
 * - facts: rows of the network (subjects with their rules, agreements, ways
 * ...) as the store reads them. All of them are good while stamps_all stands.
 * They are never given up one by one: all go together, between two
 * transactions, when the network has changed or when they have become too many.
 * So whoever is given one may use it until the end of the transaction.
 * - blocks: the claims of a subject, and what is worked out from claims. Each
 *   says of itself by which stamps it is good. Those that were used longest ago
 *   go when there are too many, but never one that was used in the transaction
 *   that runs.
 *
 * A keep belongs to one connection and its thread: no lock, nothing shared. The
 * writer's keeps facts alone, for it reads what its own batch has not committed
 * yet; a job that changes the network sets tx->keep to NULL before it begins.
 *
 * What is kept is what the transaction would have read: keep_begin() comes
 * before the transaction begins, and a stamp that may be younger than that is
 * none (keep_stamp()).
 */
#ifndef DAEMON_STORE_KEEP_H
#define DAEMON_STORE_KEEP_H

#include "daemon/store/tx.h"

struct keep;

/* NULL where nothing may be kept (an env without stamps), or no memory. */
struct keep *keep_new(const struct store_env *env);
void keep_free(struct keep *keep);
/* Before each transaction of the connection. The writer's: before each job,
 * with the tx of it; a reader's: NULL. keep may be NULL. */
void keep_begin(struct keep *keep, const struct tx *tx);

/* --- facts --- */

enum keep_sort {
	KEEP_SUBJECT = 1,
	KEEP_EXPERT,
	KEEP_NAMED,
	KEEP_CALENDAR,
	KEEP_IDS_OF_TYPE,
	KEEP_EXPERTS_FOR,
	KEEP_TRANSFERS,
	KEEP_SITE,
	KEEP_SITE_ID,
	KEEP_AGREEMENT,
	KEEP_AGREEMENTS,
	KEEP_JOINED,
	KEEP_IDENTITY,
	KEEP_PLACE_SITE,
	KEEP_SHARES,
	KEEP_CLAIMS, /* blocks */
	KEEP_SQUAD,
};

struct keep_key {
	enum keep_sort sort;
	int64_t a, b, c, d;
	const char *s; /* NULL: none */
};

/* NULL: it is not kept. tx->keep may be NULL, here and below. */
const void *keep_find(const struct tx *tx, const struct keep_key *key);
/* Where a fact is read to: the keep's own memory, or `other` when nothing more
 * is kept. */
struct arena *keep_arena(const struct tx *tx, struct arena *other);
/* Keeps what was read to that arena, if that is the keep's. Answers fact. */
const void *keep_add(const struct tx *tx, const struct arena *arena,
		     const struct keep_key *key, const void *fact);

/* --- blocks --- */

struct keep_block {
	struct keep_key key;
	size_t bytes;
	void (*free)(struct keep_block *block);
	/* the keep's */
	struct keep_block *chain, *older, *newer;
	uint64_t turn;
};

/* Are blocks kept here? */
bool keep_blocks(const struct tx *tx);
/* The subject's stamp; 0, which is never one, where it may be younger than what
 * the transaction reads. */
uint64_t keep_stamp(const struct tx *tx, int64_t subject);
/* Is what was read under that stamp good still? */
bool keep_stands(const struct tx *tx, int64_t subject, uint64_t stamp);
/* NULL: there is none. */
struct keep_block *keep_find_block(const struct tx *tx,
				   const struct keep_key *key);
/* False when there is no room for as many bytes beside what this transaction
 * has used. Older ones may be gone afterwards. */
bool keep_room(const struct tx *tx, size_t bytes);
/* Takes it over; the key's string must live in it. After keep_room(). */
void keep_add_block_take(const struct tx *tx, struct keep_block *block);
/* Nobody finds it any more; whoever has it, until the transaction's end. */
void keep_drop_block(const struct tx *tx, struct keep_block *block);

#endif
