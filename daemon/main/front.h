/*
 * front - where the front listens, out of the options and what was handed
 * over.
 */
#ifndef DAEMON_MAIN_FRONT_H
#define DAEMON_MAIN_FRONT_H

#include "daemon/api/api.h"
#include "daemon/conf/conf.h"
#include "daemon/net/net.h"
#include "daemon/sys/handover.h"

/* Everything but the TLS material; 0 workers stay 0. Borrows conf. */
void front_configure(const struct conf *conf, struct net_config *out);
/* Puts handed-over sockets in the place of the listener of that name.
 * RC_INVALID: a name that is none of ours, or nothing to listen on at all. */
__attribute__((warn_unused_result)) enum rc
front_hand_over(const struct sys_handover_env *env, struct net_config *config,
		struct err *err);
/* As others reach the listeners, for invitations: what the options say, or the
 * first host with the port that was got. "" where nobody listens. */
void front_public(const struct conf *conf, const struct net_config *config,
		  const struct net *net, struct api_public *out);
/* The same before anybody listens: the ports are the options'. */
void front_public_first(const struct conf *conf, struct api_public *out);
/* One line a listener, with the port that it got. */
void front_log(const struct net_config *config, const struct net *net);

#endif
