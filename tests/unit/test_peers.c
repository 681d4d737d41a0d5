/*
 * The caps of connections: of one address, of all, and that what left makes
 * room again, whatever the table went through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "daemon/net/peers.h"

static struct peers_key v4(const char *text)
{
	struct sockaddr_storage s = {0};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct peers_key key;

	assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
	memcpy(&s, &in, sizeof(in));
	peers_key(&s, &key);
	return key;
}

static struct peers_key v6(const char *text)
{
	struct sockaddr_storage s = {0};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct peers_key key;

	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	memcpy(&s, &in6, sizeof(in6));
	peers_key(&s, &key);
	return key;
}

static bool same(struct peers_key a, struct peers_key b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void keys(void **state)
{
	(void)state;
	assert_true(same(v4("10.1.2.3"), v6("::ffff:10.1.2.3")));
	assert_false(same(v4("10.1.2.3"), v4("10.1.2.4")));
	assert_true(same(v6("2001:db8::1"), v6("2001:db8::2:1")));
	assert_false(same(v6("2001:db8:0:1::1"), v6("2001:db8::1")));
	assert_false(same(v6("::ffff:10.1.2.3"), v6("::ffff:10.1.2.4")));
}

static void caps(void **state)
{
	struct peers *peers = peers_new(3, 2);
	struct peers_key a = v4("10.0.0.1"), b = v4("10.0.0.2");

	(void)state;
	assert_true(peers_enter(peers, &a));
	assert_true(peers_enter(peers, &a));
	assert_false(peers_enter(peers, &a)); /* its own cap */
	assert_true(peers_enter(peers, &b));
	assert_false(peers_enter(peers, &b)); /* everybody's */
	peers_leave(peers, &a);
	assert_true(peers_enter(peers, &b));
	peers_leave(peers, &b);
	peers_leave(peers, &b);
	assert_true(peers_enter(peers, &a));
	peers_leave(peers, &a);
	peers_leave(peers, &a);
	peers_free(peers);
}

#define MANY 400
#define ADDRESSES 150

/* Against plain counters, with a table that is as full as it may be. */
static void drawn_at_random(void **state)
{
	struct peers *peers = peers_new(MANY, 5);
	unsigned counts[ADDRESSES] = {0}, total = 0;
	const char *given = getenv("SEED");
	uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 10) : 11u;

	(void)state;
	printf("SEED=%u\n", seed);
	for (int step = 0; step < 20000; step++) {
		struct peers_key key = {{0}};

		seed = seed * 1664525u + 1013904223u;
		unsigned i = (seed >> 8) % ADDRESSES;
		key.bytes[0] = (uint8_t)i;
		if ((seed >> 4) % 5 < 3) {
			bool may = counts[i] < 5 && total < MANY;

			assert_int_equal(peers_enter(peers, &key), may);
			counts[i] += may;
			total += may;
		} else if (counts[i]) {
			peers_leave(peers, &key);
			counts[i]--;
			total--;
		}
	}
	peers_free(peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(caps),
		cmocka_unit_test(drawn_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
