/*
 * net-serve DIR [WORKERS]: the front with a small application, for scripts.
 *
 * Writes ca.pem, client.pem and client.key to DIR, prints "partners PORT" and
 * "people PORT", and serves until its standard input ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "tests/support/netdemo.h"

static void save(const char *dir, const char *name, const struct buf *text)
{
	char path[4096];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	if (file_write_new(path, text->data, text->len, 0600, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

static void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : ".";
	int64_t now = clock_now(clock_system());
	struct netdemo_keys keys;
	struct netdemo_client client;
	struct netdemo demo;
	struct net_config config;
	struct err err = ERR_INIT;

	crypt_init();
	net_init();
	netdemo_keys_make(&keys, now);
	netdemo_client_make(&keys, now, 1, &client);
	save(dir, "ca.pem", &keys.ca);
	save(dir, "client.pem", &client.cert);
	save(dir, "client.key", &client.key);
	netdemo_init(&demo);
	net_config_init(&config);
	config.workers = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
	config.nlisten = 2;
	config.listen[0].kind = HTTP_PARTNERS;
	config.listen[0].address = "127.0.0.1";
	config.listen[1].kind = HTTP_PEOPLE;
	config.listen[1].address = "127.0.0.1";
	config.hosts[0] = "localhost";
	config.nhosts = 1;
	netdemo_tls(&keys, &config.tls);
	if (net_new(&config, &demo.app, clock_system(), rnd_system(), &demo.net,
		    &err) != RC_OK ||
	    net_start(demo.net, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	netdemo_start(&demo);
	printf("partners %u\npeople %u\n", net_port(demo.net, 0),
	       net_port(demo.net, 1));
	fflush(stdout);
	wait_for_end();
	net_drain(demo.net, 2000);
	net_join(demo.net);
	net_free(demo.net);
	netdemo_fini(&demo);
	netdemo_client_free(&client);
	netdemo_keys_free(&keys);
	return 0;
}
