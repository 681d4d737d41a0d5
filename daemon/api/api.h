/*
 * api - the skin for programs: JSON over HTTPS, /v1.
 *
 * A request goes: route -> principal -> role -> message -> one use case in one
 * transaction -> message. Reads run on the worker's own reader; changes are
 * jobs of the writer; reports, imports, wide searches and the one for nearest
 * times after a refusal run on the report thread. The skin has no rules of its
 * own: its table says who may call what and which messages go in and out, and
 * that same table prints the OpenAPI document.
 */
#ifndef DAEMON_API_API_H
#define DAEMON_API_API_H

#include "base/clock.h"
#include "base/err.h"
#include "base/invite.h"
#include "daemon/net/net.h"
#include "daemon/store/executor.h"

struct api;

struct api_config {
	const struct store_env *store;
	struct executor *executor;
	const struct clock *clock;
	const struct rnd *rnd;
	/* Who signs certificates; PEM texts that outlive the api. */
	const char *ca_cert_pem;
	const char *ca_key_pem;
	int certificate_days;
	size_t kept_max; /* bytes of answers that each worker keeps */
	/* Streams of events at once, and of one identity. */
	unsigned streams, streams_per_identity;
};

/* What invitations say: HOST:PORT of the listeners as others reach them ("":
 * nobody can), and the SHA-256 of the authority's certificate. */
struct api_public {
	uint8_t ca[32];
	char people[INVITE_ADDRESS_MAX + 1];
	char partners[INVITE_ADDRESS_MAX + 1];
};

/* config is copied, what it points to outlives the api. */
__attribute__((warn_unused_result)) enum rc
api_new(const struct api_config *config, struct api **out, struct err *err);
const struct http_app *api_app(struct api *api);
/* Where late answers go, and how others reach it; before net_start(). */
void api_set_net(struct api *api, struct net *net,
		 const struct api_public *public);
/* While draining, /readyz says "unready". Any thread. */
void api_set_draining(struct api *api, bool draining);
/* The main thread has come round: for those who ask how the threads do. */
void api_main_turned(struct api *api);
/* After the net and the executor have stopped. */
void api_free(struct api *api);

#endif
