/*
 * The events of orders, each kept under its order's number: FIX messages both ways, journal
 * records, venue calls. Whose order an incoming message is about shows in what the engine does with
 * it, so its entry is made with the first of that.
 */
#include "engine_query.h"
#include "fix_peek.h"
#include "fix_tags.h"
#include "journal_words.h"
#include "monitor_internal.h"
#include "record.h"
#include "venue_rest.h"

uint64_t monitor_key_of_id(struct bytes cl_ord_id)
{
    uint64_t key = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < cl_ord_id.size; i++) {
        key = (key ^ (unsigned char)cl_ord_id.data[i]) * UINT64_C(0x100000001b3);
    }
    return key | UINT64_C(1) << 63; /* no order's number */
}

static void keep_asked(struct monitor *m, uint64_t key, int64_t wall_us)
{
    const struct history_entry e = {
        .key = key, .wall_us = wall_us, .kind = EVENT_FIX_IN, .scope = (uint16_t)m->asked_session
    };

    history_add(m->orders, &e, m->asked->raw, (struct bytes){ NULL, 0 });
    m->asked = NULL;
}

static void keep(struct monitor *m, enum monitor_event kind, uint32_t scope, uint64_t key,
                 int64_t wall_us, struct bytes a, struct bytes b)
{
    const struct history_entry e = {
        .key = key, .wall_us = wall_us, .kind = (uint16_t)kind, .scope = (uint16_t)scope
    };

    if (m->asked != NULL) {
        keep_asked(m, key, wall_us);
    }
    history_add(m->orders, &e, a, b);
}

void monitor_message(struct monitor *m, uint32_t session, const struct fix_msg *msg)
{
    if (m == NULL) {
        return;
    }
    m->messages++;
    m->asked = m->orders == NULL ? NULL : msg;
    m->asked_session = session;
}

void monitor_message_done(struct monitor *m, int64_t wall_us)
{
    struct bytes id;

    if (m != NULL && m->asked != NULL && fix_msg_find(m->asked, TAG_CL_ORD_ID, &id)) {
        keep_asked(m, monitor_key_of_id(id), wall_us);
    }
    if (m != NULL) {
        m->asked = NULL;
    }
}

/* ---- what the engine says ------------------------------------------------------------------ */

static uint64_t key_of_body(struct bytes text)
{
    struct bytes value;
    uint64_t id;

    if (fix_peek_field(text, "37", &value) && order_id_parse(value, &id)) {
        return id;
    }
    return fix_peek_field(text, "11", &value) ? monitor_key_of_id(value) : 0;
}

void monitor_send(struct monitor *m, uint32_t session, const struct fix_body *body, uint64_t seq,
                  int64_t wall_us)
{
    uint64_t key;

    if (m == NULL) {
        return;
    }
    monitor_sent_type(m, body);
    if (m->orders == NULL) {
        return;
    }
    key = key_of_body(buf_view(body->out));
    if (key != 0) {
        buf_clear(&m->text);
        buf_text(&m->text, "35=");
        buf_text(&m->text, body->msg_type);
        buf_text(&m->text, "\00134=");
        buf_uint(&m->text, seq);
        buf_char(&m->text, '\001');
        keep(m, EVENT_FIX_OUT, session, key, wall_us, buf_view(&m->text), buf_view(body->out));
    }
}

void monitor_record(struct monitor *m, struct bytes record, int64_t wall_us)
{
    struct record r;
    uint64_t key;

    if (m == NULL || m->orders == NULL || !record_decode(record, &r)) {
        return;
    }
    key = journal_words_order(&r);
    if (key != 0) {
        keep(m, EVENT_RECORD, 0, key, wall_us, record, (struct bytes){ NULL, 0 });
    }
}

/* ---- venue calls --------------------------------------------------------------------------- */

static struct monitor_call *call_of(const struct monitor *m, uint64_t id)
{
    struct monitor_call *c = &m->call[id % MONITOR_CALLS];

    return c->id == id ? c : NULL;
}

static void add_about(struct monitor_call *c, const struct order *o, bool asked)
{
    int64_t taken_us = o == NULL ? 0 : o->taken_us;

    if (o == NULL || c->count == VENUE_IDS_MAX) {
        return;
    }
    for (const struct request *r = o->request; r != NULL; r = r->next) {
        taken_us = r->state == REQUEST_SENT ? r->taken_us : taken_us;
    }
    c->about[c->count++] =
        (struct monitor_about){ .order = o->id, .taken_us = asked ? taken_us : 0 };
}

/* One of a batch. Cancels may name it by the venue's id alone. */
static const struct order *instructed(const struct engine *e, uint32_t account,
                                      const struct venue_order *v)
{
    const struct order *o = engine_order_by_client_id(e, v->client_id);

    return o != NULL || v->venue_id.size == 0 ? o
                                              : engine_order_by_venue_id(e, account, v->venue_id);
}

void monitor_call(struct monitor *m, const struct engine *e, const struct effect *effect)
{
    const struct venue_call *v = m == NULL ? NULL : effect->venue.call;
    struct monitor_call *c;

    if (m == NULL) {
        return;
    }
    c = &m->call[effect->venue.id % MONITOR_CALLS];
    c->id = effect->venue.id;
    c->count = 0;
    if (effect->venue.order != 0) {
        c->about[c->count++] = (struct monitor_about){ .order = effect->venue.order,
                                                       .taken_us = effect->venue.taken_us };
    }
    for (size_t i = 0; i < v->instruction_count; i++) {
        add_about(c, instructed(e, effect->venue.account, &v->instruction[i].order), true);
    }
    for (size_t i = 0; i < v->client_id_count; i++) {
        add_about(c, engine_order_by_client_id(e, v->client_id[i]), false);
    }
}

/* Whether it carries out what a client asked for. */
static bool was_asked(const struct monitor_call *c)
{
    return c != NULL && c->count > 0 && c->about[0].taken_us != 0;
}

/* `text` is about all orders of the call. */
static void keep_all(struct monitor *m, enum monitor_event kind, uint32_t account,
                     const struct monitor_call *c, int64_t wall_us)
{
    for (size_t i = 0; i < c->count; i++) {
        keep(m, kind, account, c->about[i].order, wall_us, buf_view(&m->text),
             (struct bytes){ NULL, 0 });
    }
}

void monitor_call_sent(struct monitor *m, uint64_t id, const struct venue_account *account,
                       uint32_t index, const struct venue_call *call,
                       const struct http_request *request, const struct instant *now)
{
    const struct monitor_call *c = m == NULL ? NULL : call_of(m, id);

    if (c == NULL) {
        return;
    }
    for (size_t i = 0; was_asked(c) && i < c->count; i++) {
        histogram_add(&m->stage[STAGE_SENT], now->wall_us - c->about[i].taken_us, 1);
    }
    if (m->orders != NULL && c->count > 0) {
        buf_clear(&m->text);
        venue_rest_request(&m->text, account, call, request);
        keep_all(m, EVENT_REST_OUT, index, c, now->wall_us);
    }
}

void monitor_call_ids(const struct monitor *m, uint64_t id, struct buf *out)
{
    const struct monitor_call *c = m == NULL ? NULL : call_of(m, id);
    char text[ORDER_ID_TEXT_MAX];

    for (size_t i = 0; c != NULL && i < c->count; i++) {
        order_id_text(c->about[i].order, text);
        buf_printf(out, " id=%s", text);
    }
}

static void count_call(struct monitor_account *a, const struct venue_result *r)
{
    a->calls[r->call->op][r->outcome]++;
    if (r->took_us > 0) {
        histogram_add(&a->took, r->took_us, 1);
        a->lately_us[a->lately_count++ % ARRAY_LEN(a->lately_us)] =
            r->took_us > UINT32_MAX ? UINT32_MAX : (uint32_t)r->took_us;
    }
}

void monitor_call_ended(struct monitor *m, const struct venue_account *account,
                        const struct venue_result *r, const struct instant *now)
{
    const struct history_entry e = { .wall_us = now->wall_us, .scope = (uint16_t)r->account };
    const struct monitor_call *c = m == NULL ? NULL : call_of(m, r->id);

    if (m == NULL || r->account >= m->account_count) {
        return;
    }
    count_call(&m->account[r->account], r);
    if (was_asked(c) && r->took_us > 0) {
        histogram_add(&m->stage[STAGE_ANSWERED], r->took_us, c->count);
    }
    if (m->orders == NULL) {
        return;
    }
    buf_clear(&m->text);
    buf_text(&m->text, "op=");
    buf_text(&m->text, venue_op_text(r->call->op));
    venue_rest_result(&m->text, r);
    venue_rest_answer(&m->text, account, r);
    history_add(m->calls, &e, buf_view(&m->text), (struct bytes){ NULL, 0 });
    if (c != NULL) {
        keep_all(m, EVENT_REST_IN, r->account, c, now->wall_us);
    }
}

void monitor_answer(struct monitor *m, const struct venue_result *r)
{
    const struct monitor_call *c = m == NULL ? NULL : call_of(m, r->id);

    if (m != NULL) {
        m->answering = was_asked(c);
    }
}

void monitor_answer_done(struct monitor *m)
{
    if (m != NULL) {
        m->answering = false;
    }
}
