/*
 * What each address has open and how fast it connects: a table of fixed size, the least recently
 * seen address without a connection is forgotten first. Knows no socket.
 *
 * IPv6 is counted by /64: that is what one host or one customer is given, and it may use every
 * address of it.
 */
#ifndef DAEMON_PEERS_H
#define DAEMON_PEERS_H

#include "ip_list.h"

struct peers_limits { /* 0: no limit */
    uint32_t connections_max, unauthenticated_max;
    uint32_t per_minute_max;
};

enum peers_answer { PEERS_OK, PEERS_TOO_FAST, PEERS_TOO_MANY, PEERS_TOO_MANY_UNKNOWN };

struct peers;

/* `connections_max`: connections there can be in all. NULL: out of memory. */
struct peers *peers_new(size_t connections_max, const struct peers_limits *limits, uint64_t seed);
void peers_free(struct peers *p);
/* Other limits, from now on: what is open stays open. */
void peers_limit(struct peers *p, const struct peers_limits *limits);

/* A connection comes: counted if the answer is PEERS_OK. `first`: the last one of this address was
 * not refused, so this is worth a line in the log. */
MUST_CHECK enum peers_answer peers_open(struct peers *p, const struct ip_address *a,
                                        int64_t mono_us, bool *first);
/* It has logged on. */
void peers_known(struct peers *p, const struct ip_address *a);
void peers_close(struct peers *p, const struct ip_address *a, bool known);

const char *peers_answer_text(enum peers_answer answer);
/* Open connections of an address, for tests. */
size_t peers_count(const struct peers *p, const struct ip_address *a);

#endif
