#include "daemon/main/front.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum http_listener kind;
} kinds[] = {
	{"partners", HTTP_PARTNERS},
	{"people", HTTP_PEOPLE},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void add_listener(struct net_config *out, enum http_listener kind,
			 const struct conf_address *address)
{
	if (address->host[0] == '\0')
		return;
	out->listen[out->nlisten++] =
		(struct net_listen){.kind = kind,
				    .address = address->host,
				    .port = address->port,
				    .fd = -1};
}

void front_configure(const struct conf *conf, struct net_config *out)
{
	net_config_init(out);
	add_listener(out, HTTP_PARTNERS, &conf->partners);
	add_listener(out, HTTP_PEOPLE, &conf->people);
	for (unsigned i = 0; i < conf->hosts.n; i++)
		out->hosts[out->nhosts++] = conf->hosts.name[i];
	out->workers = (unsigned)conf->workers;
	out->max_connections = (unsigned)conf->connections;
	out->max_per_address = (unsigned)conf->connections_per_address;
	out->handshake_ms = (unsigned)conf->handshake_ms;
	out->idle_ms = (unsigned)conf->idle_ms;
	out->head_ms = (unsigned)conf->head_ms;
	out->body_ms = (unsigned)conf->body_ms;
	out->body_rate = (unsigned)conf->body_rate;
	out->handler_ms = (unsigned)conf->handler_ms;
	out->write_ms = (unsigned)conf->write_ms;
}

static void drop_kind(struct net_config *config, enum http_listener kind)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < config->nlisten; i++)
		if (config->listen[i].kind != kind || config->listen[i].fd >= 0)
			config->listen[kept++] = config->listen[i];
	config->nlisten = kept;
}

static enum rc take_one(const struct sys_handed *handed,
			struct net_config *config, struct err *err)
{
	for (size_t k = 0; k < KINDS; k++) {
		if (strcmp(kinds[k].name, handed->name) != 0)
			continue;
		drop_kind(config, kinds[k].kind);
		if (config->nlisten == NET_LISTEN_MAX)
			break;
		config->listen[config->nlisten++] = (struct net_listen){
			.kind = kinds[k].kind, .fd = handed->fd};
		return RC_OK;
	}
	return err_set(err, RC_INVALID,
		       "cannot use the socket \"%s\" that was handed over: "
		       "name one \"partners\", one \"people\"",
		       handed->name);
}

enum rc front_hand_over(const struct sys_handover_env *env,
			struct net_config *config, struct err *err)
{
	struct sys_handed handed[SYS_HANDOVER_MAX];
	unsigned n;
	enum rc rc = sys_handover(env, handed, &n, err);

	for (unsigned i = 0; rc == RC_OK && i < n; i++)
		rc = take_one(&handed[i], config, err);
	if (rc == RC_OK && config->nlisten == 0)
		rc = err_set(err, RC_INVALID,
			     "there is nothing to listen on: set partners or "
			     "people in [listen]");
	return rc;
}

#define NOBODY (-1) /* for a port: nobody listens */

static bool is_any(const char *address)
{
	return address[0] == '\0' || !strcmp(address, "::") ||
	       !strcmp(address, "0.0.0.0");
}

static void show_public(const struct conf *conf, const struct conf_public *said,
			const struct conf_address *at, int port,
			char out[INVITE_ADDRESS_MAX + 1])
{
	const char *host = conf->hosts.n > 0   ? conf->hosts.name[0]
			   : !is_any(at->host) ? at->host
					       : "localhost";
	bool six = strchr(host, ':') != NULL;

	if (port == NOBODY)
		out[0] = '\0';
	else if (said->s[0] != '\0')
		snprintf(out, INVITE_ADDRESS_MAX + 1, "%s", said->s);
	else
		snprintf(out, INVITE_ADDRESS_MAX + 1, six ? "[%s]:%d" : "%s:%d",
			 host, port);
}

static void show_both(const struct conf *conf, int partners, int people,
		      struct api_public *out)
{
	show_public(conf, &conf->public_partners, &conf->partners, partners,
		    out->partners);
	show_public(conf, &conf->public_people, &conf->people, people,
		    out->people);
}

static int port_of(const struct net_config *config, const struct net *net,
		   enum http_listener kind)
{
	for (unsigned i = 0; i < config->nlisten; i++)
		if (config->listen[i].kind == kind)
			return net_port(net, i);
	return NOBODY;
}

void front_public(const struct conf *conf, const struct net_config *config,
		  const struct net *net, struct api_public *out)
{
	show_both(conf, port_of(config, net, HTTP_PARTNERS),
		  port_of(config, net, HTTP_PEOPLE), out);
}

static int port_said(const struct conf_address *at)
{
	return at->host[0] != '\0' ? at->port : NOBODY;
}

void front_public_first(const struct conf *conf, struct api_public *out)
{
	show_both(conf, port_said(&conf->partners), port_said(&conf->people),
		  out);
}

static const char *name_of(enum http_listener kind)
{
	for (size_t k = 0; k < KINDS; k++)
		if (kinds[k].kind == kind)
			return kinds[k].name;
	return "?";
}

void front_log(const struct net_config *config, const struct net *net)
{
	for (unsigned i = 0; i < config->nlisten; i++) {
		const struct net_listen *l = &config->listen[i];

		log_event(LOG_LVL_INFO, "listening",
			  LOG_S("listener", name_of(l->kind)),
			  LOG_S("address",
				l->fd >= 0 ? "handed-over" : l->address),
			  LOG_N("port", net_port(net, i)));
	}
}
