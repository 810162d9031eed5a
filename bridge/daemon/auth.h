/*
 * Who may log on: the credentials of a Logon against the session's configuration. Pure comparison;
 * the answer to a failure (one text for all causes) and what it costs the peer are the caller's.
 */
#ifndef DAEMON_AUTH_H
#define DAEMON_AUTH_H

#include "config.h"
#include "fix_msg.h"

/* Equal, in a time that tells neither content nor length. */
MUST_CHECK bool auth_same(struct bytes a, struct bytes b);
/* auth = password with the password itself in the configuration, or none. */
MUST_CHECK bool auth_check(const struct config_session *c, const struct fix_msg *logon);

#endif
