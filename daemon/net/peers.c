#include "daemon/net/peers.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct entry {
	struct peers_key key;
	unsigned count; /* 0: free */
};

/* Open addressing, linear probing; twice as many places as connections. */
struct peers {
	pthread_mutex_t lock;
	unsigned max_connections;
	unsigned max_per_address;
	unsigned total;
	size_t mask;
	struct entry *entries;
};

struct peers *peers_new(unsigned max_connections, unsigned max_per_address)
{
	struct peers *peers = mem_alloc(sizeof(*peers));
	size_t size = 16;

	while (size < (size_t)max_connections * 2)
		size *= 2;
	pthread_mutex_init(&peers->lock, NULL);
	peers->max_connections = max_connections;
	peers->max_per_address = max_per_address;
	peers->mask = size - 1;
	peers->entries = mem_alloc(size * sizeof(*peers->entries));
	return peers;
}

void peers_free(struct peers *peers)
{
	if (!peers)
		return;
	pthread_mutex_destroy(&peers->lock);
	mem_free(peers->entries);
	mem_free(peers);
}

void peers_key(const struct sockaddr_storage *address, struct peers_key *out)
{
	*out = (struct peers_key){{0}};
	if (address->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		out->bytes[10] = out->bytes[11] = 0xff;
		memcpy(out->bytes + 12, &in.sin_addr, 4);
	} else if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		bool v4 = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
		memcpy(out->bytes, &in6.sin6_addr, v4 ? 16 : 8);
	}
}

/* FNV-1a; who floods it must own the addresses, and meets the bound. */
static size_t place_of(const struct peers *peers, const struct peers_key *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < sizeof(key->bytes); i++)
		hash = (hash ^ key->bytes[i]) * 0x100000001b3u;
	return (size_t)(hash ^ hash >> 32) & peers->mask;
}

static size_t find(const struct peers *peers, const struct peers_key *key)
{
	size_t i = place_of(peers, key);

	while (peers->entries[i].count &&
	       memcmp(&peers->entries[i].key, key, sizeof(*key)) != 0)
		i = (i + 1) & peers->mask;
	return i;
}

bool peers_enter(struct peers *peers, const struct peers_key *key)
{
	bool enters = false;

	pthread_mutex_lock(&peers->lock);
	struct entry *entry = &peers->entries[find(peers, key)];
	if (peers->total < peers->max_connections &&
	    entry->count < peers->max_per_address) {
		entry->key = *key;
		entry->count++;
		peers->total++;
		enters = true;
	}
	pthread_mutex_unlock(&peers->lock);
	return enters;
}

/* Closes the gap at i, so that no probe stops short of what lies behind it. */
static void close_gap(struct peers *peers, size_t i)
{
	struct entry *e = peers->entries;

	for (size_t j = (i + 1) & peers->mask; e[j].count;
	     j = (j + 1) & peers->mask) {
		size_t home = place_of(peers, &e[j].key);

		if (((j - home) & peers->mask) < ((j - i) & peers->mask))
			continue;
		e[i] = e[j];
		e[j].count = 0;
		i = j;
	}
}

void peers_leave(struct peers *peers, const struct peers_key *key)
{
	pthread_mutex_lock(&peers->lock);
	size_t i = find(peers, key);
	if (!peers->entries[i].count)
		abort(); /* left more often than entered */
	peers->total--;
	if (--peers->entries[i].count == 0)
		close_gap(peers, i);
	pthread_mutex_unlock(&peers->lock);
}
