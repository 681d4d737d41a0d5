/*
 * health - alive, and ready: what anybody may ask, and what is answered.
 *
 * Alive is whoever answers. Ready is a service that can store: the writer has
 * answered lately and kept what it was given last, the database can be read
 * and is of this program's schema, the wall clock is not behind the log, and
 * nobody has told us to stop. The answers say yes or no and nothing else; why
 * not is in the log, once, and in the status.
 */
#ifndef DAEMON_API_HEALTH_H
#define DAEMON_API_HEALTH_H

#include <stdatomic.h>

#include "daemon/api/api.h"

/* Main gives the writer a job every five seconds. */
#define HEALTH_WRITER_MS 15000

struct health {
	const struct api_config *config;
	atomic_bool draining;
	atomic_bool unready;	     /* as was said last */
	atomic_int_fast64_t main_ms; /* monotonic: main's last turn */
};

void health_init(struct health *health, const struct api_config *config);
/* RC_OK, or err says what is missing. */
enum rc health_ready(struct health *health, struct tx *tx, struct err *err);
void health_reply_alive(struct http_reply *reply);
/* reader: without a snapshot. */
void health_reply_ready(struct health *health, struct reader *reader,
			const char *request_id, struct http_reply *reply);

#endif
