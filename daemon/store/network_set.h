/*
 * network_set - what the writers of the network share: names to ids, and a
 * parent's children compared as text.
 */
#ifndef DAEMON_STORE_NETWORK_SET_H
#define DAEMON_STORE_NETWORK_SET_H

#include "base/buf.h"
#include "daemon/store/network_read.h"

/* The rows that are there and those that are wanted, each as text. */
struct set {
	struct buf had, wants;
};

void set_init(struct set *set);
void set_fini(struct set *set);
void set_want_text(struct set *set, const char *s);
void set_want_int(struct set *set, int64_t value);
void set_want_row(struct set *set);
/* Reads the rows that are there, n columns, and ends the query. */
enum rc set_read(struct set *set, struct query *q, int n, struct err *err);
bool set_same(const struct set *set);

/* SAME becomes CHANGED. */
void network_note_change(enum network_put *out);
/* After an UPDATE that only touches a row that differs. */
void network_say_update(struct tx *tx, enum network_put *out);
/* With $1 = parent. */
enum rc network_delete_of(struct tx *tx, const char *sql, int64_t parent,
			  struct err *err);

/* It was changed once more. */
enum rc network_raise_version(struct tx *tx, enum network_versioned part,
			      const char *name, struct err *err);

/* The id by a statement with $1 = name; find: 0 when there is none. */
extern const char NETWORK_SQL_SITE[], NETWORK_SQL_SUBJECT[];
enum rc network_find_id(struct tx *tx, const char *sql, const char *name,
			int64_t *out, struct err *err);
enum rc network_need_id(struct tx *tx, const char *sql, const char *name,
			int64_t *out, struct err *err);

#endif
