/*
 * Answering one message of a client: what engine_client.c shares with the files that take further
 * messages (engine_security.c, engine_positions.c, engine_list.c, ...). Each of them has an entry
 * in the table of engine_client.c, reads its message itself, and answers through these.
 */
#ifndef BRIDGE_ENGINE_CLIENT_H
#define BRIDGE_ENGINE_CLIENT_H

#include "engine_internal.h"

/* One message being handled. */
struct request_in {
    struct engine *e;
    uint32_t session;
    const struct fix_msg *msg;
    struct command
        *c; /* read by translate_in where that takes the message; else only poss_resend */
};

/* Starts a message to whoever sent this one: its body is zeroed but for the time's digits. Build
 * the body, then call client_route_answer. */
struct slot *client_answer(const struct request_in *in);
/* The ids that the answer goes to; after the body was built. */
void client_route_answer(const struct request_in *in, struct slot *s);
/* BusinessMessageReject (j); reason is 380. */
void client_business_reject(const struct request_in *in, int reason, const char *text);
/* Reject (3) for what `no` says, of kind REFUSAL_SESSION. */
void client_session_reject(const struct request_in *in, const struct refusal *no);
/* Whether the session may use this account (index in the configuration). */
bool client_has_account(const struct engine *e, uint32_t session, uint32_t account);

/* Takes an order of a list, read from in->msg as a NewOrderSingle: reported and scheduled like any
 * other. The order, if one was kept; no->kind says whether it was refused. */
struct order *client_list_order(const struct request_in *in, struct refusal *no);

/* The messages with files of their own. */
void client_list(const struct request_in *in);          /* E: engine_list.c */
void client_list_cancel(const struct request_in *in);   /* K */
void client_list_execute(const struct request_in *in);  /* L */
void client_list_status(const struct request_in *in);   /* M */
void client_positions(const struct request_in *in);     /* AN: engine_positions.c */
void client_security_list(const struct request_in *in); /* x: engine_security.c */
void client_venue_status(const struct request_in *in);  /* g: engine_status.c */
void client_trades(const struct request_in *in);        /* AD: engine_trades.c */

#endif
