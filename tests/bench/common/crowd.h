/*
 * crowd - the connections of one thread of a load, and what came of them.
 *
 * Closed loop: each connection asks again as soon as it is answered. Open
 * loop (rate > 0): requests are due at even distances whatever the server
 * does; each goes to the connection that has been free longest, waits when
 * none is, and its time counts from when it was due. What is due and could
 * not even be sent before the end counts with the time that it waited.
 *
 * A connection that breaks is an error and is opened again within 20 ms; one
 * that the server ends in order ("Connection: close") is just opened again.
 * With `churn` a connection is given up after so many answers.
 */
#ifndef TESTS_BENCH_COMMON_CROWD_H
#define TESTS_BENCH_COMMON_CROWD_H

#include <netinet/in.h>
#include <openssl/ssl.h>

#include "tests/bench/common/histogram.h"
#include "tests/bench/common/supply.h"

enum crowd_mode {
	CROWD_ASK,
	CROWD_HANDSHAKES, /* open, shake hands, close, again */
	CROWD_IDLE,	  /* open all, ask once if there is what, hold */
};

struct crowd_config {
	enum crowd_mode mode;
	struct sockaddr_in to;
	const char *host;
	SSL_CTX **identities; /* taken in turn */
	unsigned nidentities;
	unsigned connections;
	double rate; /* a second, of this crowd; 0: closed loop */
	unsigned churn;
	double warmup_s, seconds;
	struct supply *supply; /* may be NULL but for CROWD_ASK */
};

#define CROWD_STATUS 600

struct crowd_figures {
	double seconds;	  /* that were counted */
	uint64_t answers; /* within them */
	uint64_t unsent;  /* due within them, never sent */
	uint64_t bytes, errors, opened, retry_after;
	uint64_t cpu_ns;
	uint64_t status[CROWD_STATUS];
	struct histogram all;
	struct histogram *by_status[CROWD_STATUS]; /* NULL: none */
	bool ran_out;
};

struct crowd;
struct crowd *crowd_new(const struct crowd_config *config);
/* Until its time is over, or nothing is left to ask. */
void crowd_run(struct crowd *c, struct crowd_figures *out);
/* Opens all, a few at a time, until they stand; false when some cannot. */
bool crowd_stand(struct crowd *c);
void crowd_free(struct crowd *c);

void crowd_figures_merge(struct crowd_figures *into,
			 const struct crowd_figures *from);
void crowd_figures_fini(struct crowd_figures *f);

#endif
