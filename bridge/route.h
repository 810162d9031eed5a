/*
 * Which account of which venue an order goes to (rules of engagement 3.3, tags 207, 1, 55), and
 * whether that venue can express its terms at all.
 */
#ifndef BRIDGE_ROUTE_H
#define BRIDGE_ROUTE_H

#include "base.h"
#include "order.h"
#include "refusal.h"
#include "symbols.h"
#include "venue.h"

/* One account as the bridge sees it. Strings live as long as the engine. */
struct route_account {
    struct bytes name; /* 1 */
    const struct venue_driver *driver;
    struct symbols *symbols;
    bool hedge; /* long and short positions side by side: orders say which they mean (77) */
};

/* `allowed` lists the session's accounts (indexes into account[]), the first being its default.
 * Chooses by 1 and 207 when given, else by the symbol among the allowed ones, else the default.
 * Unknown account: 103=15; unknown venue: 103=99; unknown symbol: 103=1. */
MUST_CHECK bool route_find(const struct route_account *account, const uint32_t *allowed,
                           size_t allowed_count, struct bytes account_name, struct bytes exchange,
                           struct bytes symbol, uint32_t *chosen,
                           const struct instrument **instrument, struct refusal *no);

/* OrdType, TimeInForce, ExecInst and the special terms against the driver's features and the
 * account's position mode: 103=11 with the tag in the text. */
MUST_CHECK bool route_check(const struct route_account *a, const struct order_terms *t,
                            struct refusal *no);

#endif
