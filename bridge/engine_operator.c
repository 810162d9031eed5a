/*
 * What an operator asks of the engine: accounts taken out of use and back in, orders canceled that
 * no client asked to be canceled.
 */
#include "engine_internal.h"

void engine_account_enable(struct engine *e, uint32_t account, bool enabled,
                           const struct instant *now)
{
    engine_begin(e, now);
    e->account[account].disabled = !enabled;
    engine_note(e, NOTE_WARN, enabled ? "account.enabled" : "account.disabled", "account=%.*s",
                BYTES_ARG(e->config.account[account].name));
    engine_run(e);
}

static size_t cancel_on(struct engine *e, uint32_t account, uint32_t session)
{
    struct order *next;
    size_t count = 0;

    for (struct order *o = book_first_live(e->book, account); o != NULL; o = next) {
        next = o->next;
        if ((session == ENGINE_ANY || o->session == session) && !o->end_known &&
            request_oldest(o, REQUEST_CANCEL) == NULL) {
            cancel_unasked(e, o, REQUEST_OF_OPERATOR);
            count++;
        }
    }
    return count;
}

size_t engine_cancel_all(struct engine *e, uint32_t session, uint32_t account,
                         const struct instant *now)
{
    size_t count = 0;

    engine_begin(e, now);
    for (uint32_t i = 0; i < e->config.account_count; i++) {
        if (account == ENGINE_ANY || account == i) {
            count += cancel_on(e, i, session);
        }
    }
    engine_note(e, NOTE_WARN, "operator.cancel_all", "session=%.*s account=%.*s orders=%zu",
                BYTES_ARG(session == ENGINE_ANY ? BYTES("*") : e->config.session[session].name),
                BYTES_ARG(account == ENGINE_ANY ? BYTES("*") : e->config.account[account].name),
                count);
    engine_run(e);
    return count;
}
