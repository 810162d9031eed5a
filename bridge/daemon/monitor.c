/*
 * Taking down counts and durations; the events of orders are in monitor_events.c.
 */
#include "monitor.h"

#include <stdlib.h>

#include "fix_peek.h"
#include "monitor_internal.h"

#define DUE_MAX 1024
#define CALLS_SIZE ((size_t)4 * 1024 * 1024)
#define TEXT_SIZE ((size_t)16 * 1024)

static const char *const type_text[MONITOR_TYPES + 1] = {
    "A", "0", "1", "2", "3", "4", "5", "D",  "F",  "G",  "H",  "q",       "AF",    "AN",
    "8", "9", "j", "r", "B", "E", "N", "AP", "AO", "AE", "AD", "AQ",      "x",     "y",
    "e", "f", "c", "d", "V", "W", "X", "Y",  "g",  "h",  "BE", "garbled", "other",
};

const char *monitor_type_text(size_t type)
{
    return type <= MONITOR_TYPES ? type_text[type] : NULL;
}

#define TYPE_GARBLED (MONITOR_TYPES - 1)
#define TYPE_OTHER MONITOR_TYPES

static size_t type_of(struct bytes type)
{
    if (type.size == 0) {
        return TYPE_GARBLED;
    }
    for (size_t i = 0; i < TYPE_GARBLED; i++) {
        if (type_text[i][0] == type.data[0] && bytes_is(type, type_text[i])) {
            return i;
        }
    }
    return TYPE_OTHER;
}

const char *monitor_stage_text(enum monitor_stage s)
{
    switch (s) {
    case STAGE_DURABLE: return "durable";
    case STAGE_SENT: return "sent";
    case STAGE_ANSWERED: return "answered";
    case STAGE_REPORTED: return "reported";
    case STAGE_COUNT: break;
    }
    return "?";
}

const char *monitor_reject_text(enum monitor_reject r)
{
    switch (r) {
    case REJECT_ORDER: return "order";
    case REJECT_CANCEL: return "cancel";
    case REJECT_BUSINESS: return "business";
    case REJECT_SESSION: return "session";
    case REJECT_COUNT: break;
    }
    return "?";
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool open_histories(struct monitor *m, size_t size)
{
    if (size == 0) {
        return true;
    }
    m->orders = history_new(size);
    m->calls = history_new(CALLS_SIZE);
    return m->orders != NULL && m->calls != NULL && buf_reserve(&m->text, TEXT_SIZE);
}

struct monitor *monitor_new(size_t account_count, size_t history_size)
{
    struct monitor *m = calloc(1, sizeof *m);

    if (m == NULL) {
        return NULL;
    }
    buf_init(&m->text, TEXT_SIZE);
    m->account_count = account_count;
    m->account = calloc(account_count + 1, sizeof *m->account);
    m->due = calloc(DUE_MAX, sizeof *m->due);
    m->call = calloc(MONITOR_CALLS, sizeof *m->call);
    if (m->account == NULL || m->due == NULL || m->call == NULL ||
        !open_histories(m, history_size)) {
        monitor_free(m);
        return NULL;
    }
    return m;
}

void monitor_free(struct monitor *m)
{
    if (m == NULL) {
        return;
    }
    history_free(m->orders);
    history_free(m->calls);
    buf_fini(&m->text);
    free(m->account);
    free(m->due);
    free(m->call);
    free(m);
}

/* ---- FIX ----------------------------------------------------------------------------------- */

void monitor_received(struct monitor *m, struct bytes piece)
{
    if (m != NULL) {
        m->fix_in[type_of(fix_peek(piece).type)]++;
    }
}

static void count_reject(struct monitor *m, enum monitor_reject kind, struct bytes text,
                         const char *tag)
{
    struct bytes value;

    if (fix_peek_field(text, tag, &value)) {
        m->rejects[kind][fix_peek_number(value, REJECT_REASONS - 2)]++;
    }
}

size_t monitor_wrote(struct monitor *m, struct bytes raw)
{
    struct fix_peek p = fix_peek(raw);
    struct bytes whole = { raw.data, p.size }, again;

    if (m != NULL) {
        m->fix_out[type_of(p.type)]++;
        if (bytes_is(p.type, "3") && !fix_peek_field(whole, "43", &again)) {
            count_reject(m, REJECT_SESSION, whole, "373"); /* the engine's own too */
        }
    }
    return p.size;
}

void monitor_sent_type(struct monitor *m, const struct fix_body *body)
{
    struct bytes text = buf_view(body->out);

    switch (body->msg_type[1] == '\0' ? body->msg_type[0] : '\0') {
    case '8': count_reject(m, REJECT_ORDER, text, "103"); break;
    case '9': count_reject(m, REJECT_CANCEL, text, "102"); break;
    case 'j': count_reject(m, REJECT_BUSINESS, text, "380"); break;
    case 'r': count_reject(m, REJECT_CANCEL, text, "532"); break;
    default: break;
    }
}

/* ---- the turn ------------------------------------------------------------------------------ */

void monitor_sealed(struct monitor *m, uint64_t lsn, const struct instant *now)
{
    if (m == NULL || m->messages == 0) {
        return;
    }
    if (m->due_count < DUE_MAX) {
        m->due[(m->due_first + m->due_count++) % DUE_MAX] = (struct monitor_due){
            .lsn = lsn,
            .received_us = now->mono_us,
            .count = m->messages,
        };
    }
    m->messages = 0;
}

bool monitor_awaits(const struct monitor *m)
{
    return m != NULL && m->due_count > 0;
}

void monitor_durable(struct monitor *m, uint64_t durable, const struct instant *now)
{
    while (monitor_awaits(m) && m->due[m->due_first].lsn <= durable) {
        const struct monitor_due *d = &m->due[m->due_first];

        histogram_add(&m->stage[STAGE_DURABLE], now->mono_us - d->received_us, d->count);
        m->due_first = (m->due_first + 1) % DUE_MAX;
        m->due_count--;
    }
}
