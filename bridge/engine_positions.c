/*
 * RequestForPositions (AN): asks the venue, inside the budget questions have, and answers by
 * PositionReports (AP). Requests of one account that come together, or soon after one another,
 * share an answer; one that a fill was reported after is not used. Nothing of it is journaled: a
 * request that a restart met is to be sent again.
 */
#include <stdlib.h>

#include "assert.h"
#include "engine_client.h"
#include "fix_tags.h"
#include "translate_positions.h"

#define POSITIONS_FRESH_US US_PER_S      /* how long an answer is used */
#define POSITIONS_WAIT_US (5 * US_PER_S) /* then the client is told that there is none */
#define POSITION_REQUESTS_MAX 64         /* waiting, of all sessions */
#define REQ_ID_MAX 64

/* A request that waits for the venue. */
struct position_request {
    struct position_request *next;
    uint32_t session, account;
    int64_t deadline_us;         /* mono */
    struct position_query query; /* of texts below */
    char req_id[REQ_ID_MAX + 1], account_name[NAME_MAX_LEN + 1], symbol[SYMBOL_MAX + 1],
        exchange[16], date[16], sender_sub_id[FIX_ID_MAX + 1], route[FIX_ROUTE_MAX];
    size_t route_size;
    char *parties;
    size_t parties_size;
};

struct kept_position {
    char symbol[SYMBOL_MAX + 1];
    struct venue_position position; /* whose symbol is not used */
};

/* What an account's venue said last; `list` is being filled while `asking`. */
struct positions {
    struct kept_position *list;
    size_t count;
    bool asking, valid;
    int64_t asked_us; /* mono: when the first page was asked for */
    uint64_t fills;   /* reported in all, then */
    char cursor[CURSOR_MAX];
};

/* ---- answers ------------------------------------------------------------------------------- */

static void tell(struct engine *e, const struct position_request *r, struct position_report *p)
{
    struct slot *s = engine_slot(e, EFFECT_FIX_SEND);
    char id[32];

    if (s == NULL) {
        return;
    }
    memset(&s->body, 0, sizeof s->body);
    s->body.time_digits = e->config.session[r->session].time_digits;
    s->effect.fix.session = r->session;
    s->effect.fix.body = &s->body;
    engine_exec_id(e, id);
    p->report_id = bytes_of(id);
    p->parties = (struct bytes){ r->parties, r->parties_size };
    translate_position_report(&s->body, &s->buf, &r->query, p);
    slot_route(s, bytes_of(r->sender_sub_id), (struct bytes){ r->route, r->route_size });
}

static void tell_none(struct engine *e, const struct position_request *r,
                      enum position_result result, struct bytes text)
{
    struct position_report p = {
        .result = result, .symbol = r->query.symbol, .exchange = r->query.exchange, .text = text
    };

    tell(e, r, &p);
}

static bool is_asked(const struct engine *e, const struct position_request *r,
                     const struct kept_position *k)
{
    const struct symbols *symbols = e->config.account[r->account].symbols;
    const struct instrument *asked;

    if (r->query.symbol.size == 0) {
        return true;
    }
    asked = symbols_find(symbols, r->query.symbol);
    return asked != NULL && symbols_find_venue(symbols, bytes_of(k->symbol)) == asked;
}

static uint32_t each_position(struct engine *e, const struct position_request *r, uint32_t total,
                              bool write)
{
    const struct engine_account *a = &e->config.account[r->account];
    const struct positions *all = e->account[r->account].positions;
    uint32_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct kept_position *k = &all->list[i];
        const struct instrument *known = symbols_find_venue(a->symbols, bytes_of(k->symbol));
        struct position_report p = {
            .total = total,
            .symbol = bytes_of(known == NULL ? k->symbol : known->symbol),
            .exchange = bytes_of(a->driver->code),
            .text = k->position.isolated ? BYTES("isolated margin") : (struct bytes){ NULL, 0 },
            .position = &k->position,
        };

        if (!is_asked(e, r, k)) {
            continue;
        }
        count++;
        if (write) {
            tell(e, r, &p);
        }
    }
    return count;
}

static void answer_request(struct engine *e, const struct position_request *r)
{
    uint32_t total = each_position(e, r, 0, false);

    if (total == 0) {
        tell_none(e, r, POSITION_NONE, (struct bytes){ NULL, 0 });
    } else {
        (void)each_position(e, r, total, true);
    }
}

/* ---- requests ------------------------------------------------------------------------------ */

static void request_free(struct position_request *r)
{
    if (r != NULL) {
        free(r->parties);
        free(r);
    }
}

static bool keep(struct bytes *field, char *copy, size_t copy_size)
{
    bool fits = bytes_to_field(*field, copy, copy_size);

    *field = bytes_of(copy);
    return fits;
}

/* NULL: out of memory, or ids beyond what is kept. */
static struct position_request *request_new(const struct request_in *in,
                                            const struct position_query *q)
{
    struct position_request *r = calloc(1, sizeof *r);
    struct bytes sub = { NULL, 0 };
    struct buf parties;
    struct fix_body body;

    if (r == NULL) {
        return NULL;
    }
    buf_init(&parties, FIX_MESSAGE_MAX / 4);
    fix_body_start(&body, "AP", &parties);
    translate_in_parties(in->msg, &body);
    r->parties = parties.data;
    r->parties_size = parties.failed ? 0 : parties.size;
    r->session = in->session;
    r->query = *q;
    r->route_size = fix_body_route(in->msg, r->route).size;
    (void)fix_msg_find(in->msg, TAG_SENDER_SUB_ID, &sub);
    if (parties.failed || !keep(&r->query.req_id, r->req_id, sizeof r->req_id) ||
        !keep(&r->query.account, r->account_name, sizeof r->account_name) ||
        !keep(&r->query.symbol, r->symbol, sizeof r->symbol) ||
        !keep(&r->query.exchange, r->exchange, sizeof r->exchange) ||
        !keep(&r->query.date, r->date, sizeof r->date) ||
        !bytes_to_field(sub, r->sender_sub_id, sizeof r->sender_sub_id)) {
        request_free(r);
        return NULL;
    }
    return r;
}

/* Why this request cannot be taken to a venue; POSITION_VALID and the account when it can. */
static enum position_result find_account(const struct request_in *in,
                                         const struct position_query *q, uint32_t *account,
                                         const char **text)
{
    const struct engine_config *c = &in->e->config;
    size_t i = 0;

    while (i < c->account_count && !bytes_equal(c->account[i].name, q->account)) {
        i++;
    }
    if (i == c->account_count || !client_has_account(in->e, in->session, (uint32_t)i)) {
        *text = "Account(1) is not one of this session's";
        return POSITION_NOT_AUTHORIZED;
    }
    *account = (uint32_t)i;
    if (q->exchange.size > 0 && !bytes_is(q->exchange, c->account[i].driver->code)) {
        *text = "SecurityExchange(207) is not the account's venue";
        return POSITION_INVALID;
    }
    if (c->account[i].driver->endpoint[VENUE_POSITIONS].build == NULL) {
        *text = "the venue has no list of positions";
        return POSITION_UNSUPPORTED;
    }
    if (q->symbol.size > 0 && symbols_find(c->account[i].symbols, q->symbol) == NULL) {
        *text = "Symbol(55) is not known";
        return POSITION_INVALID;
    }
    return POSITION_VALID;
}

/* No venue is asked: answered at once, from the message. */
static void refuse_request(const struct request_in *in, const struct position_query *q,
                           enum position_result result, const char *text)
{
    struct slot *s = client_answer(in);
    char id[32];
    struct position_report p = {
        .result = result, .symbol = q->symbol, .exchange = q->exchange, .text = bytes_of(text)
    };

    if (s != NULL) {
        engine_exec_id(in->e, id);
        p.report_id = bytes_of(id);
        translate_position_report(&s->body, &s->buf, q, &p);
        client_route_answer(in, s);
    }
}

void client_positions(const struct request_in *in)
{
    struct engine *e = in->e;
    struct position_query q;
    struct position_request *r, **at = &e->position_request;
    const char *text;
    uint32_t account = 0;
    enum position_result result = translate_position_query(in->msg, &q, &text);
    size_t waiting = 0;

    if (result == POSITION_VALID) {
        result = find_account(in, &q, &account, &text);
    }
    for (; *at != NULL; at = &(*at)->next) {
        waiting++;
    }
    if (result == POSITION_VALID && waiting >= POSITION_REQUESTS_MAX) {
        result = POSITION_OTHER;
        text = "too many requests for positions wait for their venues";
    }
    if (result != POSITION_VALID) {
        refuse_request(in, &q, result, text);
        return;
    }
    r = request_new(in, &q);
    if (r == NULL) {
        refuse_request(in, &q, POSITION_INVALID, "PosReqID(710) or another field is too long");
        return;
    }
    r->account = account;
    r->deadline_us = e->now.mono_us + POSITIONS_WAIT_US;
    *at = r; /* answered, or asked for, when the account runs */
}

/* ---- the venue ----------------------------------------------------------------------------- */

static bool is_fresh(const struct engine *e, const struct account *a)
{
    const struct positions *p = a->positions;

    return p->valid && p->fills == e->fills && e->now.mono_us - p->asked_us < POSITIONS_FRESH_US;
}

/* Takes the account's requests whose time is over, or all of them, out of the list. */
static void end_requests(struct engine *e, const struct account *a, bool all,
                         enum position_result result, struct bytes text)
{
    for (struct position_request **at = &e->position_request; *at != NULL;) {
        struct position_request *r = *at;

        if (r->account != a->index || !(all || e->now.mono_us >= r->deadline_us)) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        if (result == POSITION_VALID) {
            answer_request(e, r);
        } else {
            tell_none(e, r, result, text);
        }
        request_free(r);
    }
}

static bool has_requests(const struct engine *e, const struct account *a, int64_t *deadline_us)
{
    bool any = false;

    *deadline_us = NEVER_US;
    for (const struct position_request *r = e->position_request; r != NULL; r = r->next) {
        if (r->account == a->index) {
            any = true;
            *deadline_us = r->deadline_us < *deadline_us ? r->deadline_us : *deadline_us;
        }
    }
    return any;
}

static void ask(struct engine *e, struct account *a)
{
    struct positions *p = a->positions;
    struct venue_call c = { .op = VENUE_POSITIONS, .cursor = bytes_of(p->cursor) };

    if (!account_may_call(e, a, &c, RATE_POLL)) {
        return;
    }
    if (p->cursor[0] == '\0') {
        p->count = 0;
        p->valid = false;
        p->asked_us = e->now.mono_us;
        p->fills = e->fills;
    }
    p->asking = call_start(e, a, CALL_POSITIONS, &c, 0, NULL, 0) != NULL;
}

void account_run_positions(struct engine *e, struct account *a)
{
    int64_t deadline_us;

    if (e->position_request == NULL || !has_requests(e, a, &deadline_us)) {
        return;
    }
    if (a->positions == NULL) {
        a->positions = calloc(1, sizeof *a->positions);
    }
    if (a->positions == NULL) {
        end_requests(e, a, true, POSITION_OTHER, BYTES("out of memory"));
        return;
    }
    if (is_fresh(e, a)) {
        end_requests(e, a, true, POSITION_VALID, (struct bytes){ NULL, 0 });
        return;
    }
    end_requests(e, a, false, POSITION_OTHER, BYTES("the venue did not answer in time"));
    if (has_requests(e, a, &deadline_us)) {
        wake_at(a, deadline_us);
        if (!a->positions->asking) {
            ask(e, a);
        }
    }
}

/* Adds one page. False: out of memory. */
static bool keep_page(struct positions *p, const struct venue_reply *reply)
{
    struct kept_position *grown =
        realloc(p->list, (p->count + reply->position_count + 1) * sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    p->list = grown;
    for (size_t i = 0; i < reply->position_count; i++) {
        struct kept_position *k = &p->list[p->count];

        k->position = reply->position[i];
        if (decimal_sign(k->position.qty) != 0 &&
            bytes_to_field(reply->position[i].symbol, k->symbol, sizeof k->symbol)) {
            k->position.symbol = (struct bytes){ NULL, 0 };
            p->count++;
        }
    }
    return true;
}

void positions_result(struct engine *e, struct account *a, enum venue_outcome outcome,
                      const struct venue_reply *reply, const char *why)
{
    struct positions *p = a->positions;

    ASSERT(p != NULL);
    p->asking = false;
    if (outcome == VENUE_HELD) {
        return; /* the same page again, as long as the requests wait */
    }
    if (outcome != VENUE_DONE || reply == NULL || !keep_page(p, reply)) {
        p->cursor[0] = '\0';
        end_requests(e, a, true, POSITION_OTHER, venue_text(e, reply, why));
        return;
    }
    if (!reply->complete && reply->cursor.size > 0 &&
        bytes_to_field(reply->cursor, p->cursor, sizeof p->cursor)) {
        return; /* the next page is asked for when the account runs */
    }
    p->cursor[0] = '\0';
    p->valid = reply->complete;
    if (!p->valid) {
        end_requests(e, a, true, POSITION_OTHER, BYTES("the venue's list is not complete"));
    }
}

void positions_free(struct engine *e)
{
    while (e->position_request != NULL) {
        struct position_request *r = e->position_request;

        e->position_request = r->next;
        request_free(r);
    }
    for (size_t i = 0; e->account != NULL && i < e->config.account_count; i++) {
        if (e->account[i].positions != NULL) {
            free(e->account[i].positions->list);
            free(e->account[i].positions);
        }
    }
}
