/*
 * See journal_words.h. Numbers of the engine's names change from start to start, so an order keeps
 * the name itself.
 */
#include "journal_words.h"

#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "json_out.h"
#include "bounds.h"
#include "map.h"
#include "message_mask.h"
#include "timestamp.h"
#include "le.h"

struct owned {
    uint64_t id;
    const char *session;
    bool wanted; /* the order asked for */
};

struct journal_words {
    struct map *names;                              /* name -> itself, owned */
    const char *engine_session[RECORD_NUMBERS_MAX]; /* by number */
    const char *engine_account[RECORD_NUMBERS_MAX];
    const char *session[SESSIONS_MAX + 1]; /* the journal's own numbers, from 1 */
    struct map *orders;                    /* id -> struct owned, owned */
};

struct journal_words *journal_words_new(void)
{
    struct journal_words *w = calloc(1, sizeof *w);

    if (w == NULL) {
        return NULL;
    }
    w->names = map_new(0);
    w->orders = map_new(0);
    if (w->names == NULL || w->orders == NULL) {
        journal_words_free(w);
        return NULL;
    }
    return w;
}

static void free_map(struct map *m)
{
    struct bytes key;
    size_t at = 0;
    void *value;

    while (m != NULL && map_next(m, &at, &key, &value)) {
        free(value);
    }
    map_free(m);
}

void journal_words_free(struct journal_words *w)
{
    if (w != NULL) {
        free_map(w->names);
        free_map(w->orders);
        free(w);
    }
}

/* ---- names and orders ---------------------------------------------------------------------- */

static const char *keep_name(struct journal_words *w, struct bytes name)
{
    char *kept = map_find(w->names, name);

    if (kept != NULL) {
        return kept;
    }
    kept = malloc(name.size + 1);
    if (kept == NULL || !bytes_to_field(name, kept, name.size + 1) ||
        !map_put(w->names, (struct bytes){ kept, name.size }, kept)) {
        free(kept);
        return NULL;
    }
    return kept;
}

static const char *known(const char *const *table, size_t size, uint32_t number)
{
    return number < size && table[number] != NULL ? table[number] : "?";
}

const char *journal_words_session(const struct journal_words *w, uint32_t number)
{
    return known(w->engine_session, RECORD_NUMBERS_MAX, number);
}

const char *journal_words_account(const struct journal_words *w, uint32_t number)
{
    return known(w->engine_account, RECORD_NUMBERS_MAX, number);
}

static struct owned *owned(const struct journal_words *w, uint64_t id)
{
    return map_find(w->orders, (struct bytes){ (const char *)&id, sizeof id });
}

const char *journal_words_order_session(const struct journal_words *w, uint64_t id)
{
    const struct owned *o = owned(w, id);

    return o == NULL ? "?" : o->session;
}

static const char *feed_name(struct journal_words *w, const struct record *r)
{
    const char **table =
        r->name.what == RECORD_NAME_SESSION ? w->engine_session : w->engine_account;

    if (r->name.number >= RECORD_NUMBERS_MAX) {
        return "name record with a number beyond the bound";
    }
    table[r->name.number] = keep_name(w, r->name.name);
    return table[r->name.number] == NULL ? "out of memory" : NULL;
}

static const char *feed_order(struct journal_words *w, uint64_t id, uint32_t session)
{
    struct owned *o;

    if (owned(w, id) != NULL) {
        return "order record that was there before";
    }
    o = malloc(sizeof *o);
    if (o == NULL) {
        return "out of memory";
    }
    *o = (struct owned){ id, journal_words_session(w, session), false };
    if (!map_put(w->orders, (struct bytes){ (const char *)&o->id, sizeof o->id }, o)) {
        free(o);
        return "out of memory";
    }
    return NULL;
}

const char *journal_words_feed(struct journal_words *w, const struct journal_record *raw,
                               struct record *r)
{
    memset(r, 0, sizeof *r);
    if (raw->kind == JOURNAL_KIND_SESSION) {
        if (raw->session == 0 || raw->session > SESSIONS_MAX) {
            return "session record with a number beyond the bound";
        }
        w->session[raw->session] = keep_name(w, raw->body);
        return w->session[raw->session] == NULL ? "out of memory" : NULL;
    }
    if (raw->kind == JOURNAL_KIND_MARK || raw->kind == JOURNAL_KIND_END ||
        raw->kind == JOURNAL_KIND_AGE) {
        return raw->kind == JOURNAL_KIND_AGE && raw->body.size != 16 ? "age record that cannot be"
                                                                     : NULL;
    }
    if (raw->kind != JOURNAL_KIND_ENGINE) {
        bool good =
            raw->session > 0 && raw->session <= SESSIONS_MAX &&
            (raw->kind == JOURNAL_KIND_RESET ||
             (raw->kind == JOURNAL_KIND_INDEX && raw->body.size % JOURNAL_INDEX_ENTRY == 0) ||
             (raw->kind == JOURNAL_KIND_MESSAGE && raw->body.size >= 8) ||
             (raw->kind == JOURNAL_KIND_NEXT && raw->body.size == 16));

        return good ? NULL : "session record that cannot be";
    }
    if (!record_decode(raw->body, r)) {
        return "record of the order core that cannot be read";
    }
    if (r->kind == RECORD_NAME) {
        return feed_name(w, r);
    }
    if (r->kind == RECORD_KEPT_ORDER) {
        return feed_order(w, r->kept.id, r->kept.session);
    }
    return r->kind == RECORD_ORDER ? feed_order(w, r->order.id, r->order.session) : NULL;
}

/* ---- one line ------------------------------------------------------------------------------ */

static void put_text(struct buf *out, const char *key, struct bytes text)
{
    if (text.size > 0) {
        buf_printf(out, " %s=", key);
        json_out_text(out, text);
    }
}

static void put_number(struct buf *out, const char *key, struct decimal value)
{
    if (value.mantissa != 0) {
        buf_printf(out, " %s=", key);
        buf_decimal(out, value);
    }
}

static void put_time(struct buf *out, const char *key, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    if (wall_us != 0) {
        (void)timestamp_print_iso(wall_us, 6, text);
        buf_printf(out, " %s=%s", key, text);
    }
}

static void put_id(struct buf *out, uint64_t id)
{
    char text[ORDER_ID_TEXT_MAX];

    order_id_text(id, text);
    buf_printf(out, " order=%s", text);
}

static void put_word(struct buf *out, const char *name, char c)
{
    if (c != 0) {
        buf_printf(out, " %s=%c", name, c);
    }
}

/* What only some venues know. */
static void put_special_terms(struct buf *out, const struct order_terms *t)
{
    put_number(out, "cash_qty", t->cash_qty);
    put_word(out, "position_effect", t->position);
    put_word(out, "cash_margin", t->cash_margin);
    put_word(out, "self_trade", t->stp);
    put_word(out, "margin_mode", t->margin_mode);
    put_number(out, "leverage", t->leverage);
    put_number(out, "take_profit", t->take_profit);
    put_number(out, "take_profit_limit", t->take_profit_limit);
    put_number(out, "stop_loss", t->stop_loss);
    put_number(out, "stop_loss_limit", t->stop_loss_limit);
}

static void put_terms(struct buf *out, const struct order_terms *t)
{
    buf_printf(out, " type=%c", t->ord_type);
    if (t->time_in_force != 0) {
        buf_printf(out, " tif=%c", t->time_in_force);
    }
    put_number(out, "qty", t->qty);
    put_number(out, "price", t->price);
    put_number(out, "stop", t->stop_price);
    put_number(out, "trail", t->trail);
    put_time(out, "expires", t->expire_us);
    put_text(out, "exec_inst", bytes_of(t->exec_inst));
    buf_printf(out, "%s%s", t->post_only ? " post_only" : "", t->reduce_only ? " reduce_only" : "");
    put_special_terms(out, t);
}

static void put_order(const struct journal_words *w, const struct record *r, struct buf *out)
{
    put_id(out, r->order.id);
    put_text(out, "session", bytes_of(journal_words_session(w, r->order.session)));
    put_text(out, "account", bytes_of(journal_words_account(w, r->order.account)));
    put_text(out, "cl_ord_id", r->order.cl_ord_id);
    put_text(out, "symbol", r->order.symbol);
    put_text(out, "venue_symbol", r->order.venue_symbol);
    buf_printf(out, " side=%s", r->order.side == VENUE_BUY ? "buy" : "sell");
    put_terms(out, &r->order.terms);
    put_time(out, "valid_until", r->order.valid_until_us);
}

static void put_event(const struct record *r, struct buf *out)
{
    put_id(out, r->event.id);
    buf_printf(out, " event=%s", order_event_text(r->event.event));
    put_text(out, "venue_id", r->event.venue_id);
    put_number(out, "qty", r->event.qty);
}

static const char *liquidity_text(enum venue_liquidity l)
{
    return l == VENUE_MAKER ? "maker" : l == VENUE_TAKER ? "taker" : "unknown";
}

static void put_fill(const struct record *r, struct buf *out)
{
    put_id(out, r->fill.id);
    put_text(out, "exec_id", r->fill.exec_id);
    put_number(out, "qty", r->fill.qty);
    put_number(out, "px", r->fill.px);
    buf_printf(out, " liquidity=%s last=%s", liquidity_text(r->fill.liquidity),
               r->fill.late   ? "no late=yes"
               : r->fill.last ? "yes"
                              : "no");
    put_time(out, "venue_time", r->fill.time_us);
}

static void put_request(const struct record *r, struct buf *out)
{
    static const char *const what[] = {
        [REQUEST_CANCEL] = "cancel", [REQUEST_REPLACE] = "replace", [REQUEST_SWAP] = "swap"
    };

    put_id(out, r->request.id);
    buf_printf(out, " request=%" PRIu64 " what=%s", r->request.request, what[r->request.what]);
    put_text(out, "cl_ord_id", r->request.cl_ord_id);
    put_text(out, "orig_cl_ord_id", r->request.orig_cl_ord_id);
    if (r->request.mass >= REQUEST_OF_OPERATOR) {
        buf_printf(out, " of=%s", r->request.mass == REQUEST_OF_LIST ? "list" : "operator");
    } else if (r->request.mass != 0) {
        buf_printf(out, " mass=%" PRIu64, r->request.mass);
    }
    if (r->request.what != REQUEST_CANCEL) {
        put_terms(out, &r->request.terms);
    }
}

static void put_mass(const struct journal_words *w, const struct record *r, struct buf *out)
{
    buf_printf(out, " mass=%" PRIu64 " type=%c orders=%" PRIu32, r->mass.mass, r->mass.type,
               r->mass.count);
    put_text(out, "session", bytes_of(journal_words_session(w, r->mass.session)));
    put_text(out, "cl_ord_id", r->mass.cl_ord_id);
    put_text(out, "symbol", r->mass.symbol);
}

static void put_list(const struct journal_words *w, const struct record *r, struct buf *out)
{
    struct bytes items = r->list.items;
    struct record_list_item i;

    buf_printf(out, " list=%" PRIu64, r->list.list);
    put_text(out, "session", bytes_of(journal_words_session(w, r->list.session)));
    put_text(out, "list_id", r->list.list_id);
    while (record_list_item_take(&items, &i)) {
        put_text(out, i.id == 0 ? "refused" : "cl_ord_id", i.cl_ord_id);
    }
}

static void put_correct(const struct record *r, struct buf *out)
{
    put_id(out, r->correct.id);
    put_text(out, "exec_id", r->correct.exec_id);
    if (decimal_sign(r->correct.qty) == 0) {
        buf_printf(out, " busted");
    }
    put_number(out, "qty", r->correct.qty);
    put_number(out, "px", r->correct.px);
}

static void put_foreign(const struct journal_words *w, const struct record *r, struct buf *out)
{
    static const char *const what[] = { "?", "since", "new", "trade", "end", "kept", "seen" };

    put_text(out, "account", bytes_of(journal_words_account(w, r->foreign.account)));
    buf_printf(out, " what=%s", what[r->foreign.what]);
    put_text(out, "venue_id", r->foreign.venue_id);
    put_text(out, "symbol", r->foreign.symbol);
    put_text(out, "exec_id", r->foreign.exec_id);
    put_number(out, "qty", r->foreign.qty);
    put_number(out, "price", r->foreign.price);
    put_number(out, "last_qty", r->foreign.last_qty);
    put_number(out, "last_px", r->foreign.last_px);
}

static void put_choice(const struct journal_words *w, const struct record *r, struct buf *out)
{
    put_text(out, "session", bytes_of(journal_words_session(w, r->session.session)));
    buf_printf(out, " cancel=%c grace_ms=%" PRIu32 "%s%s", "NSY"[r->session.cancel],
               r -> session.grace_ms, r->session.copy ? " copy" : "",
               r->session.armed ? " armed" : "");
}

static void put_forget(const struct record *r, struct buf *out)
{
    uint64_t id;

    for (size_t i = 0; record_forgotten(r, i, &id); i++) {
        put_id(out, id);
    }
}

static void put_kept(const struct journal_words *w, const struct record_kept *k, struct buf *out)
{
    put_id(out, k->id);
    put_text(out, "session", bytes_of(journal_words_session(w, k->session)));
    put_text(out, "account", bytes_of(journal_words_account(w, k->account)));
    buf_printf(out, " state=%s", order_state_text(k->state));
    put_text(out, "cl_ord_id", k->cl_ord_id);
    put_text(out, "venue_id", k->venue_id);
    put_text(out, "symbol", k->symbol);
    put_text(out, "venue_symbol", k->venue_symbol);
    buf_printf(out, " side=%s", k->side == VENUE_BUY ? "buy" : "sell");
    put_terms(out, &k->terms);
    put_number(out, "cum_qty", k->cum_qty);
    put_number(out, "avg_px", avg_px_value(&k->avg, k->inverse));
    put_time(out, "taken", k->taken_us);
    put_time(out, "valid_until", k->valid_until_us);
}

static void put_record(const struct journal_words *w, const struct record *r, struct buf *out)
{
    static const char *const state[] = {
        [REQUEST_TAKEN] = "taken",
        [REQUEST_SENT] = "sent",
        [REQUEST_DOUBT] = "doubt",
        [REQUEST_PLACING] = "placing",
    };

    switch (r->kind) {
    case RECORD_START:
        buf_printf(out, " boot=%" PRIu64 " mark=%" PRIx64, r->start.boot, r->start.mark);
        return;
    case RECORD_NAME:
        buf_printf(out, " %s=%" PRIu32, r->name.what == RECORD_NAME_SESSION ? "session" : "account",
                   r->name.number);
        put_text(out, "name", r->name.name);
        return;
    case RECORD_ORDER: put_order(w, r, out); return;
    case RECORD_EVENT: put_event(r, out); return;
    case RECORD_FILL: put_fill(r, out); return;
    case RECORD_REQUEST: put_request(r, out); return;
    case RECORD_REQUEST_STATE:
        put_id(out, r->request_state.id);
        buf_printf(out, " request=%" PRIu64 " state=%s", r->request_state.request,
                   state[r->request_state.state]);
        return;
    case RECORD_REQUEST_END:
        put_id(out, r->request_end.id);
        buf_printf(out, " request=%" PRIu64 " answer=%s", r->request_end.request,
                   r->request_end.done ? "done" : "rejected");
        return;
    case RECORD_MASS: put_mass(w, r, out); return;
    case RECORD_MASS_END: buf_printf(out, " mass=%" PRIu64, r->mass_end.mass); return;
    case RECORD_LIST: put_list(w, r, out); return;
    case RECORD_LIST_END: buf_printf(out, " list=%" PRIu64, r->list_end.list); return;
    case RECORD_CORRECT: put_correct(r, out); return;
    case RECORD_FOREIGN: put_foreign(w, r, out); return;
    case RECORD_DEADMAN:
        put_text(out, "account", bytes_of(journal_words_account(w, r->deadman.account)));
        put_time(out, "fires", r->deadman.fires_us);
        return;
    case RECORD_SESSION: put_choice(w, r, out); return;
    case RECORD_DECISION:
        put_id(out, r->decision.id);
        buf_printf(out, " what=%s", engine_verdict_text((enum engine_verdict)r->decision.verdict));
        put_text(out, "venue_id", r->decision.venue_id);
        return;
    case RECORD_SETTING:
        put_text(out, "account", bytes_of(journal_words_account(w, r->setting.account)));
        put_text(out, "setting", r->setting.name);
        put_text(out, "value", r->setting.value);
        buf_printf(out, " done=%s", r->setting.done ? "yes" : "no");
        return;
    case RECORD_FORGET: put_forget(r, out); return;
    case RECORD_COUNTERS:
        buf_printf(out, " last_order=%" PRIu64 " next_request=%" PRIu64 " next_mass=%" PRIu64,
                   r->counters.last_order, r->counters.next_request, r->counters.next_mass);
        return;
    case RECORD_KEPT_ORDER: put_kept(w, &r->kept, out); return;
    case RECORD_KEPT_NAME:
        put_id(out, r->kept_name.id);
        put_text(out, r->kept_name.venue_id ? "venue_id" : "cl_ord_id", r->kept_name.text);
        return;
    case RECORD_KEPT_FILL: put_fill(r, out); return;
    case RECORD_KEPT_MASS:
        buf_printf(out, " mass=%" PRIu64 " pending=%" PRIu32 " proven=%" PRIu32, r->kept_mass.mass,
                   r->kept_mass.pending, r->kept_mass.proven);
        return;
    }
    UNREACHABLE();
}

static const char *kind_text(enum record_kind k)
{
    static const char *const text[] = {
        [RECORD_START] = "start",
        [RECORD_NAME] = "name",
        [RECORD_ORDER] = "order",
        [RECORD_EVENT] = "event",
        [RECORD_FILL] = "fill",
        [RECORD_REQUEST] = "request",
        [RECORD_REQUEST_STATE] = "request-state",
        [RECORD_REQUEST_END] = "request-end",
        [RECORD_MASS] = "mass-cancel",
        [RECORD_MASS_END] = "mass-cancel-end",
        [RECORD_LIST] = "list",
        [RECORD_LIST_END] = "list-end",
        [RECORD_CORRECT] = "correction",
        [RECORD_DEADMAN] = "deadman",
        [RECORD_FOREIGN] = "foreign",
        [RECORD_SESSION] = "session-choice",
        [RECORD_SETTING] = "setting",
        [RECORD_FORGET] = "forget",
        [RECORD_COUNTERS] = "counters",
        [RECORD_KEPT_ORDER] = "kept-order",
        [RECORD_KEPT_NAME] = "kept-name",
        [RECORD_KEPT_FILL] = "kept-fill",
        [RECORD_KEPT_MASS] = "kept-mass",
        [RECORD_DECISION] = "decision",
    };

    return (size_t)k < ARRAY_LEN(text) && text[k] != NULL ? text[k] : "?";
}

static void put_session_record(const struct journal_words *w, const struct journal_record *raw,
                               struct buf *out)
{
    if (raw->kind == JOURNAL_KIND_AGE) {
        buf_printf(out, " segment=%" PRIu64, le64_get(raw->body.data));
        put_time(out, "ended", (int64_t)le64_get(raw->body.data + 8));
    }
    if (raw->session == 0) {
        return;
    }
    buf_printf(out, " session=%s", known(w->session, ARRAY_LEN(w->session), raw->session));
    if (raw->kind == JOURNAL_KIND_INDEX) {
        buf_printf(out, " messages=%zu", raw->body.size / JOURNAL_INDEX_ENTRY);
    }
    if (raw->kind == JOURNAL_KIND_MESSAGE) {
        buf_printf(out, " seq=%" PRIu64 " ", le64_get(raw->body.data));
        message_mask(out, (struct bytes){ raw->body.data + 8, raw->body.size - 8 }, '|');
    } else if (raw->kind == JOURNAL_KIND_NEXT) {
        buf_printf(out, " next_in=%" PRIu64 " next_out=%" PRIu64, le64_get(raw->body.data),
                   le64_get(raw->body.data + 8));
    }
}

void journal_words_line(const struct journal_words *w, const struct journal_place *at,
                        const struct journal_record *raw, const struct record *r, struct buf *out)
{
    static const char *const session_kind[] = {
        [JOURNAL_KIND_SESSION] = "session",  [JOURNAL_KIND_MESSAGE] = "sent",
        [JOURNAL_KIND_NEXT] = "next",        [JOURNAL_KIND_RESET] = "reset",
        [JOURNAL_KIND_MARK] = "compacted",   [JOURNAL_KIND_INDEX] = "sent-before",
        [JOURNAL_KIND_AGE] = "segment-full", [JOURNAL_KIND_END] = "snapshot-end",
    };

    buf_printf(out, "%" PRIu64 " %s%" PRIu64 ":%" PRIu64, at->lsn, at->snapshot ? "snapshot " : "",
               at->segment, at->offset);
    if (raw->kind == JOURNAL_KIND_ENGINE) {
        char text[TIMESTAMP_TEXT_MAX];

        (void)timestamp_print_iso(r->wall_us, 6, text);
        buf_printf(out, " %s %s", text, kind_text(r->kind));
        put_record(w, r, out);
    } else {
        buf_printf(out, " - %s", session_kind[raw->kind]);
        put_session_record(w, raw, out);
    }
    buf_char(out, '\n');
}

/* ---- filters ------------------------------------------------------------------------------- */

uint64_t journal_words_order(const struct record *r)
{
    switch (r->kind) {
    case RECORD_ORDER: return r->order.id;
    case RECORD_EVENT: return r->event.id;
    case RECORD_FILL:
    case RECORD_KEPT_FILL: return r->fill.id;
    case RECORD_KEPT_ORDER: return r->kept.id;
    case RECORD_KEPT_NAME: return r->kept_name.id;
    case RECORD_REQUEST: return r->request.id;
    case RECORD_REQUEST_STATE: return r->request_state.id;
    case RECORD_REQUEST_END: return r->request_end.id;
    case RECORD_CORRECT: return r->correct.id;
    case RECORD_DECISION: return r->decision.id;
    case RECORD_START:
    case RECORD_NAME:
    case RECORD_MASS:
    case RECORD_MASS_END:
    case RECORD_LIST:
    case RECORD_LIST_END:
    case RECORD_DEADMAN:
    case RECORD_FOREIGN:
    case RECORD_SESSION:
    case RECORD_SETTING:
    case RECORD_FORGET:
    case RECORD_COUNTERS:
    case RECORD_KEPT_MASS: return 0;
    }
    UNREACHABLE();
}

static bool has_field(struct bytes message, const char *tag, struct bytes value)
{
    const char *at = message.data, *end = message.data + message.size;
    size_t size = strlen(tag);

    while ((at = memmem(at, (size_t)(end - at), tag, size)) != NULL) {
        at += size;
        if ((size_t)(end - at) > value.size && memcmp(at, value.data, value.size) == 0 &&
            at[value.size] == '\001') {
            return true;
        }
    }
    return false;
}

static bool message_is_about(struct bytes message, struct bytes order)
{
    return has_field(message, "\00137=", order) || has_field(message, "\00111=", order) ||
           has_field(message, "\00141=", order);
}

static bool is_about(struct journal_words *w, const struct record *r, struct bytes order)
{
    uint64_t id = journal_words_order(r), wanted;
    struct owned *o = owned(w, id);

    if (o == NULL) {
        return false;
    }
    o->wanted = o->wanted || (order_id_parse(order, &wanted) && wanted == id) ||
                (r->kind == RECORD_ORDER && bytes_equal(r->order.cl_ord_id, order)) ||
                (r->kind == RECORD_REQUEST && bytes_equal(r->request.cl_ord_id, order)) ||
                (r->kind == RECORD_KEPT_ORDER && bytes_equal(r->kept.cl_ord_id, order)) ||
                (r->kind == RECORD_KEPT_NAME && bytes_equal(r->kept_name.text, order));
    return o->wanted;
}

bool journal_words_match(struct journal_words *w, const struct journal_record *raw,
                         const struct record *r, struct bytes session, struct bytes order)
{
    const char *whose;

    if (raw->kind != JOURNAL_KIND_ENGINE) {
        whose = known(w->session, ARRAY_LEN(w->session), raw->session);
        return (session.size == 0 || bytes_is(session, whose)) &&
               (order.size == 0 ||
                (raw->kind == JOURNAL_KIND_MESSAGE && message_is_about(raw->body, order)));
    }
    whose = r->kind == RECORD_MASS      ? journal_words_session(w, r->mass.session)
            : r->kind == RECORD_LIST    ? journal_words_session(w, r->list.session)
            : r->kind == RECORD_SESSION ? journal_words_session(w, r->session.session)
                                        : journal_words_order_session(w, journal_words_order(r));
    return (session.size == 0 || bytes_is(session, whose)) &&
           (order.size == 0 || is_about(w, r, order));
}
