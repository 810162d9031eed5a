/*
 * Messages for tests, written as people do: "11=c1|55=PF_XBTUSD|54=1".
 */
#ifndef TESTS_UNIT_BRIDGE_WIRE_H
#define TESTS_UNIT_BRIDGE_WIRE_H

#include "base.h"
#include "decimal.h"
#include "fix_msg.h"
#include "fix_validate.h"

/* A whole, framed message; lives until the next call. Aborts on a text that is no message. */
const struct fix_msg *wire_message(const char *msg_type, const char *fields);
/* What a stock client's dictionary says to such a message; a fault is printed. */
enum fix_reject wire_verdict(const char *msg_type, const char *fields);
/* A body as text, with '|' for SOH; lives until the next call. */
const char *wire_text(struct bytes body);
/* Aborts on what is no decimal. */
struct decimal dec(const char *text);

#endif
