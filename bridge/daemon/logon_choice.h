/*
 * What a client chooses in its Logon beside its credentials (rules of engagement 3.2): what is
 * canceled when it is lost (8013), after how long (35003), and whether it is a drop copy (9406).
 */
#ifndef DAEMON_LOGON_CHOICE_H
#define DAEMON_LOGON_CHOICE_H

#include "config.h"
#include "engine.h"
#include "fix_msg.h"
#include "fix_session.h"

#define COD_TIMEOUT_MAX_MS 60000 /* 35003, rules of engagement 3.2 */

struct logon_choice {
    struct engine_choice choice;
    const char *fault; /* NULL: none. Static text for the client, once it is authenticated */
};

/* What the Logon does not say is as the session's configuration has it. */
void logon_choice_read(struct logon_choice *out, const struct fix_msg *logon,
                       const struct config_session *c);
/* The tags as they hold, each with its SOH; in `out`. */
struct bytes logon_choice_echo(const struct logon_choice *c, char out[FIX_LOGON_ECHO_MAX]);

#endif
