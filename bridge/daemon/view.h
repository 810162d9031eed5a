/*
 * What the service's parts look like to an operator: JSON objects, for the control socket and the
 * HTTP interface alike. Changes nothing.
 */
#ifndef DAEMON_VIEW_H
#define DAEMON_VIEW_H

#include "buf.h"
#include "fix_session.h"
#include "order.h"

struct session;
struct shell;

/* Each appends one object, with a comma in front where one is needed. */
void view_session(const struct shell *sh, const struct session *s, struct buf *out);
void view_order(const struct shell *sh, const struct order *o, struct buf *out);
void view_account(const struct shell *sh, uint32_t index, struct buf *out);
void view_stats(const struct shell *sh, struct buf *out);

const char *view_state(enum fix_session_state state);
/* Whether clients can be served: recovered, and what was unknown since before the start is settled.
 * `why` (may be NULL) takes a line for each reason against it. */
bool view_ready(const struct shell *sh, struct buf *why);
/* Bytes of memory in use; 0: not known. */
uint64_t view_memory(void);

#endif
