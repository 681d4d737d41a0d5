/*
 * peers - how many connections each address has, over all workers.
 *
 * An IPv6 peer is its /64: nobody has less. Bounded: the table is as large as
 * max_connections needs and never grows. Thread-safe (one lock, taken when a
 * connection comes and when it goes).
 */
#ifndef DAEMON_NET_PEERS_H
#define DAEMON_NET_PEERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct peers;

struct peers_key {
	uint8_t bytes[16];
};

struct peers *peers_new(unsigned max_connections, unsigned max_per_address);
void peers_free(struct peers *peers);
/* False when the address, or all together, have as many as they may. */
bool peers_enter(struct peers *peers, const struct peers_key *key);
void peers_leave(struct peers *peers, const struct peers_key *key);

void peers_key(const struct sockaddr_storage *address, struct peers_key *out);

#endif
