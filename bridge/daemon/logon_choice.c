/*
 * See logon_choice.h.
 */
#include "logon_choice.h"

#include <stdio.h>

#include "fix_tags.h"

static const char cancel_char[] = {
    [ENGINE_CANCEL_MARKED] = 'N', [ENGINE_CANCEL_SESSION] = 'S', [ENGINE_CANCEL_ACCOUNT] = 'Y'
};

static const char *read_cancel(struct engine_choice *out, const struct fix_msg *logon,
                               const struct config_session *c)
{
    struct bytes value;

    if (!fix_msg_find(logon, TAG_CANCEL_ON_DISCONNECT, &value)) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(cancel_char); i++) {
        if (value.size == 1 && value.data[0] == cancel_char[i]) {
            out->cancel = (enum engine_cancel)i;
            return out->cancel == ENGINE_CANCEL_ACCOUNT && !c->cancel_account &&
                           c->cancel_on_disconnect != ENGINE_CANCEL_ACCOUNT
                       ? "CancelOrdersOnDisconnect (8013) Y is not allowed for this session"
                       : NULL;
        }
    }
    return "CancelOrdersOnDisconnect (8013) must be N, S or Y";
}

static const char *read_grace(struct engine_choice *out, const struct fix_msg *logon)
{
    uint64_t ms;

    if (!fix_msg_has(logon, TAG_COD_TIMEOUT_WINDOW)) {
        return NULL;
    }
    if (fix_msg_get_uint(logon, TAG_COD_TIMEOUT_WINDOW, &ms) != FIX_GET_OK ||
        ms > COD_TIMEOUT_MAX_MS) {
        return "CODTimeoutWindow (35003) must be 0 to 60000";
    }
    out->grace_ms = (uint32_t)ms;
    return NULL;
}

static const char *read_copy(struct engine_choice *out, const struct fix_msg *logon,
                             const struct config_session *c)
{
    switch (fix_msg_get_bool(logon, TAG_DROP_COPY_FLAG, &out->copy)) {
    case FIX_GET_ABSENT: return NULL;
    case FIX_GET_BAD: return "DropCopyFlag (9406) must be Y or N";
    case FIX_GET_OK: break;
    }
    if (out->copy && c->drop_copy.count == 0) {
        return "DropCopyFlag (9406) Y is not allowed for this session";
    }
    return !out->copy && c->accounts.count == 0
               ? "this session is a drop copy: DropCopyFlag (9406) Y"
               : NULL;
}

void logon_choice_read(struct logon_choice *out, const struct fix_msg *logon,
                       const struct config_session *c)
{
    *out = (struct logon_choice){ .choice = { .cancel = (enum engine_cancel)c->cancel_on_disconnect,
                                              .grace_ms = c->cancel_grace,
                                              .copy = c->accounts.count == 0 } };
    out->fault = read_cancel(&out->choice, logon, c);
    if (out->fault == NULL) {
        out->fault = read_grace(&out->choice, logon);
    }
    if (out->fault == NULL) {
        out->fault = read_copy(&out->choice, logon, c);
    }
}

struct bytes logon_choice_echo(const struct logon_choice *c, char out[FIX_LOGON_ECHO_MAX])
{
    int n = snprintf(out, FIX_LOGON_ECHO_MAX, "%u=%c\001%u=%u\001%s", TAG_CANCEL_ON_DISCONNECT,
                     cancel_char[c->choice.cancel], TAG_COD_TIMEOUT_WINDOW, c->choice.grace_ms,
                     c->choice.copy ? "9406=Y\001" : "");

    return (struct bytes){ out, (size_t)n };
}
