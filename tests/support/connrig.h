/*
 * connrig - one conn without a socket: the bytes, the clock, the application
 * and the peer's pace are the test's.
 *
 * The application by path: /later keeps the ticket, /stream has `pieces`
 * small pieces, /endless the same without an end, /sized the same and says
 * that they are `big` bytes, /patient keeps the ticket for three times as long,
 * /flood has pieces of `big` bytes without end, /big an answer of `big` bytes,
 * /fields all computed fields (one of them evil), /twice two answers, /204 and
 * /304, /forbidden is refused at its head, /echo the body, anything else "ok".
 */
#ifndef TESTS_SUPPORT_CONNRIG_H
#define TESTS_SUPPORT_CONNRIG_H

#include "daemon/net/conn.h"

#define CONNRIG_PAUSE_MS 300 /* of /endless */

struct connrig {
	struct net_config config;
	struct conn_env env;
	struct conn_stats stats;
	struct http_app app;
	struct clock clock;
	struct rnd rnd;
	struct conn conn;
	int64_t ms;
	struct buf held; /* input that the conn did not take */
	struct buf out;	 /* everything that it wrote */
	unsigned handled, done, freed, pieces, asked, problems, refused;
	unsigned handled_then; /* at the last problem */
	int last_status;
	uint64_t last_bytes;
	struct http_ticket ticket;
	struct http_exchange *waiting;
	char last_body[64];
	size_t big; /* length of /big's answer and of /flood's pieces */
};

/* cmocka's; *state is the rig, its conn open and idle. */
int connrig_setup(void **state);
int connrig_teardown(void **state);
void connrig_open_conn(struct connrig *rig);

/* Hands what is held to the conn for as long as it takes of it. */
void connrig_push(struct connrig *rig);
void connrig_feed(struct connrig *rig, const char *text);
void connrig_push_bytes(struct connrig *rig, size_t n);
/* The peer takes all output, until nothing more comes. */
void connrig_take_all(struct connrig *rig);
void connrig_forget_output(struct connrig *rig);
/* Time passes, and what is due is done. */
void connrig_later(struct connrig *rig, int64_t ms);
/* How often it stands in the output. */
unsigned connrig_count(const struct connrig *rig, const char *what);
bool connrig_has(const struct connrig *rig, const char *what);
void connrig_answer(struct http_exchange *x, int status, const char *text);

#endif
