/*
 * The judge: what clients were told against what the venue holds. Holds after every run, however it
 * went.
 *
 *   - an ExecID never comes twice; New comes before the first fill; CumQty is the sum of the fills
 * told
 *   - every order: CumQty, and whether it rests, is filled, canceled or was never there, is the
 * venue's truth
 *   - that an order was triggered is told once, before its first fill, and only when it was
 *   - the venue never got an order twice, and never held one beside the one it replaces
 *   - every request is answered exactly once
 *   - the end of a list is told once all its orders are done, and only once
 */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "base36.h"
#include "world.h"

struct view {
    char order_id[32], status, list[CL_ORD_ID_MAX + 1];
    uint32_t session;
    struct decimal cum, leaves, sum, qty;
    bool is_new, known, corrected, triggered;
    bool sized;
};

/* A drop copy tells another session's report: it is judged beside that one. */
static bool is_copy(const struct world_message *m)
{
    return strncmp(m->text, "35=8|", 5) == 0 && strstr(m->text, "|447=D|452=7|") != NULL;
}

/* An order of another hand: told to drop copies only. */
static bool is_foreign(const struct world_message *m)
{
    return strncmp(m->text, "35=8|37=V-", 10) == 0;
}

static struct decimal number(const char *text, uint32_t tag)
{
    char value[64];
    struct decimal d = DECIMAL_ZERO;

    if (world_field(text, tag, value, sizeof value) && !decimal_parse(bytes_of(value), &d)) {
        d = (struct decimal){ -1, 0 };
    }
    return d;
}

static void check_fill(struct world *w, struct view *v, const char *text)
{
    if (!v->is_new) {
        world_fail(w, "a fill before New: %s", text);
    }
    if (!decimal_add(v->sum, number(text, 32), &v->sum) ||
        !decimal_equal(v->sum, number(text, 14))) {
        world_fail(w, "CumQty is not the sum of the fills told: %s", text);
    }
}

static void check_numbers(struct world *w, const struct view *v, const char *text)
{
    struct decimal sum;
    bool live = strchr("016EA", v->status) != NULL;
    char qty[64];

    if (live && !world_field(text, 38, qty, sizeof qty)) {
        return; /* another hand's, known by its fills only */
    }

    if (!decimal_equal(v->sum, v->cum)) {
        world_fail(w, "CumQty %s differs from the fills told", text);
    }
    if (live && v->sized &&
        (!decimal_add(v->cum, v->leaves, &sum) || !decimal_equal(sum, v->qty))) {
        world_fail(w, "CumQty + LeavesQty is not OrderQty: %s", text);
    }
    if (!live && decimal_sign(v->leaves) != 0) {
        world_fail(w, "a done order with LeavesQty: %s", text);
    }
}

static void look_at(struct world *w, struct view *views, const struct world_message *m)
{
    const char *text = m->text;
    char id[32], value[64];
    struct view *v = NULL;

    if (!world_field(text, 37, id, sizeof id) || strcmp(id, "NONE") == 0) {
        return;
    }
    for (size_t i = 0; v == NULL && i < MODEL_ORDERS_MAX; i++) {
        if (!views[i].known || strcmp(views[i].order_id, id) == 0) {
            v = &views[i];
        }
    }
    if (v == NULL || !world_field(text, 150, value, sizeof value)) {
        world_fail(w, "report without ExecType or too many orders: %s", text);
        return;
    }
    v->known = true;
    v->session = m->session;
    (void)world_field(text, 66, v->list, sizeof v->list);
    memcpy(v->order_id, id, sizeof id);
    /* Another hand's order may be known by a fill first. */
    v->is_new = v->is_new || value[0] == '0' || strncmp(id, "V-", 2) == 0;
    if (value[0] == 'D' && strstr(text, "|636=Y|") != NULL) {
        if (v->triggered || !v->is_new || decimal_sign(v->sum) > 0) {
            world_fail(w, "told twice, or out of order, that it was triggered: %s", text);
        }
        v->triggered = true;
    }
    if (value[0] == 'F') {
        check_fill(w, v, text);
    }
    if (value[0] == 'G' || value[0] == 'H') {
        v->corrected = true; /* by the operator: the venue says otherwise */
        v->sum = number(text, 14);
    }
    (void)world_field(text, 39, value, sizeof value);
    v->status = value[0];
    v->cum = number(text, 14);
    v->leaves = number(text, 151);
    v->sized = world_field(text, 38, value, sizeof value); /* an amount of money has none */
    v->qty = number(text, 38);
    check_numbers(w, v, text);
}

/* An OrderCancelReject tells the order's present state as well. */
static void look_at_reject(struct view *views, const char *text)
{
    char id[32], status[4];

    if (!world_field(text, 37, id, sizeof id) || !world_field(text, 39, status, sizeof status)) {
        return;
    }
    for (size_t i = 0; i < MODEL_ORDERS_MAX && views[i].known; i++) {
        if (strcmp(views[i].order_id, id) == 0) {
            views[i].status = status[0];
        }
    }
}

static void check_exec_ids(struct world *w)
{
    char a[64], b[64];

    for (size_t i = 0; i < w->message_count; i++) {
        if (strncmp(w->message[i].text, "35=8|", 5) != 0 || is_copy(&w->message[i]) ||
            !world_field(w->message[i].text, 17, a, sizeof a)) {
            continue;
        }
        for (size_t j = i + 1; j < w->message_count; j++) {
            if (strncmp(w->message[j].text, "35=8|", 5) == 0 && !is_copy(&w->message[j]) &&
                world_field(w->message[j].text, 17, b, sizeof b) && strcmp(a, b) == 0) {
                world_fail(w, "ExecID %s twice", a);
            }
        }
    }
}

/* What the venue holds of an order: all that was placed for it, one after the other. */
struct truth {
    const struct model_order *last; /* NULL: what would be there now was never placed */
    struct decimal filled, qty;     /* qty: of the whole */
    bool began;                     /* something was placed */
};

static bool is_leg(const struct model_order *m, uint64_t id)
{
    const char *dash = strrchr(m->client_id, '-');
    uint64_t n;

    return dash != NULL && base36_parse(bytes_of(dash + 1), &n) && n == id;
}

static struct truth truth_of(struct world *w, const struct view *v)
{
    struct truth t = { .last = NULL };
    const struct order *o;
    uint64_t id;

    for (size_t i = 0; strncmp(v->order_id, "V-", 2) == 0 && i < w->venue->order_count; i++) {
        if (strcmp(w->venue->order[i].venue_id, v->order_id + 2) == 0) {
            t.last = &w->venue->order[i];
            t.filled = t.last->filled;
            t.qty = t.last->qty;
            t.began = true;
        }
    }
    if (!order_id_parse(bytes_of(v->order_id), &id)) {
        return t;
    }
    o = engine_order_by_id(w->engine, id);
    t.last = o == NULL ? NULL : model_find(w->venue, bytes_of(o->client_id));
    for (size_t i = 0; i < w->venue->order_count; i++) {
        const struct model_order *m = &w->venue->order[i];

        if (is_leg(m, id)) {
            t.began = true;
            ASSERT(decimal_add(t.filled, m->filled, &t.filled));
        }
    }
    if (t.last != NULL) {
        ASSERT(decimal_sub(t.filled, t.last->filled, &t.qty) &&
               decimal_add(t.qty, t.last->qty, &t.qty));
    }
    return t;
}

static bool agrees(const struct world *w, const struct view *v, const struct truth *t)
{
    if (!decimal_equal(v->cum, t->filled)) {
        return false;
    }
    if (t->last == NULL) {
        return v->status == '4' || (v->status == '8' && !t->began);
    }
    if (t->last->client_id[0] == '\0') { /* another hand's: whether it is done, and with what */
        return (strchr("01", v->status) != NULL) == (t->last->status == VENUE_ORDER_OPEN);
    }
    switch (t->last->status) {
    case VENUE_ORDER_OPEN:
    case VENUE_ORDER_PENDING:
    case VENUE_ORDER_REPLACED:
        return strchr("016E", v->status) != NULL && decimal_equal(v->qty, t->qty);
    case VENUE_ORDER_FILLED: return v->status == '2';
    case VENUE_ORDER_CANCELED:
        if (v->status == '8' && w->ghosts > 0) {
            return true; /* placed after it was told that it was not: taken back */
        }
        return v->status == '4' || (v->status == '2' && decimal_equal(v->cum, v->qty));
    case VENUE_ORDER_EXPIRED: return v->status == 'C';
    case VENUE_ORDER_REJECTED:
    case VENUE_ORDER_ABSENT: return v->status == '8';
    }
    return false;
}

static bool is_final_answer(const struct world_request *r, const char *text)
{
    char id[64], exec[4] = "";

    if (!world_field(text, 11, id, sizeof id) || strcmp(id, r->cl_ord_id) != 0) {
        return false;
    }
    (void)world_field(text, 150, exec, sizeof exec);
    switch (r->type) {
    case 'D': return strncmp(text, "35=8|", 5) == 0 && (exec[0] == '0' || exec[0] == '8');
    case 'E': return exec[0] == '0' || exec[0] == '8';
    case 'F': return strncmp(text, "35=9|", 5) == 0 || exec[0] == '4';
    case 'G': return strncmp(text, "35=9|", 5) == 0 || exec[0] == '5';
    case 'q': return strncmp(text, "35=r|", 5) == 0;
    default: return false;
    }
}

static bool is_list_status(const char *text, const char *type, const char *list)
{
    char value[CL_ORD_ID_MAX + 1];

    return strncmp(text, "35=N|", 5) == 0 && world_field(text, 429, value, sizeof value) &&
           strcmp(value, type) == 0 && world_field(text, 66, value, sizeof value) &&
           (list == NULL || strcmp(value, list) == 0);
}

/* The whole list an order came in: by a ListStatus with a text, or a BusinessMessageReject. */
static bool refuses_list(const struct world_request *r, const char *text)
{
    char id[CL_ORD_ID_MAX + 1], tag[4];

    return (is_list_status(text, "1", r->list) && world_field(text, 444, id, sizeof id)) ||
           (strncmp(text, "35=j|", 5) == 0 && world_field(text, 372, tag, sizeof tag) &&
            strcmp(tag, "E") == 0 && world_field(text, 379, id, sizeof id) &&
            strcmp(id, r->list) == 0);
}

/* Canceled before it was acknowledged: the end of the order is the answer to its placement. */
static bool ended_unsent(const struct world *w, const struct world_request *r)
{
    char order[32] = "", id[64], exec[4];

    for (size_t i = 0; i < w->message_count; i++) {
        const char *text = w->message[i].text;

        if (w->message[i].session != r->session || strncmp(text, "35=8|", 5) != 0 ||
            !world_field(text, 150, exec, sizeof exec)) {
            continue;
        }
        if (order[0] == '\0' && exec[0] == 'A' && world_field(text, 11, id, sizeof id) &&
            strcmp(id, r->cl_ord_id) == 0) {
            (void)world_field(text, 37, order, sizeof order);
        } else if (exec[0] == '4' && order[0] != '\0' && world_field(text, 37, id, sizeof id) &&
                   strcmp(id, order) == 0) {
            return true;
        }
    }
    return false;
}

static void check_answers(struct world *w)
{
    for (size_t i = 0; i < w->request_count; i++) {
        const struct world_request *r = &w->request[i];
        unsigned answers = 0;
        char id[64];

        if (r->duplicate || r->type == 'H') {
            continue;
        }
        for (size_t j = 0; j < w->message_count; j++) {
            const struct world_message *m = &w->message[j];

            answers += m->session == r->session && is_final_answer(r, m->text);
            answers += m->session == r->session && strncmp(m->text, "35=j|", 5) == 0 &&
                       world_field(m->text, 379, id, sizeof id) && strcmp(id, r->cl_ord_id) == 0;
            answers += r->type == 'E' && m->session == r->session && refuses_list(r, m->text);
        }
        if (answers > 1 ||
            (answers == 0 && !((r->type == 'D' || r->type == 'E') && ended_unsent(w, r)))) {
            world_fail(w, "request 35=%c 11=%s was answered %u times", r->type, r->cl_ord_id,
                       answers);
        }
    }
}

/* Lists that were taken with something left to do (431=2). */
static void check_lists(struct world *w, const struct view *views)
{
    for (size_t i = 0; i < w->message_count; i++) {
        const struct world_message *m = &w->message[i];
        char list[CL_ORD_ID_MAX + 1], status[4] = "";
        unsigned told = 0, open = 0;

        if (!is_list_status(m->text, "1", NULL) ||
            !world_field(m->text, 431, status, sizeof status) || status[0] != '2' ||
            !world_field(m->text, 66, list, sizeof list)) {
            continue;
        }
        for (size_t k = 0; k < w->message_count; k++) {
            told += w->message[k].session == m->session &&
                    is_list_status(w->message[k].text, "5", list);
        }
        for (size_t k = 0; k < MODEL_ORDERS_MAX && views[k].known; k++) {
            open += views[k].session == m->session && strcmp(views[k].list, list) == 0 &&
                    strchr("248C", views[k].status) == NULL;
        }
        if (told != (open == 0 ? 1 : 0)) {
            world_fail(w, "the end of list %s was told %u times, %u orders are open", list, told,
                       open);
        }
    }
}

/* The copy says the same, word for word, but for who entered the order. */
static bool same_report(const char *report, const char *copy)
{
    static const uint32_t tags[] = { 11, 37, 17, 150, 39, 14, 151, 6, 31, 32, 41, 58, 378, 103 };
    char a[256], b[256];

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        bool in_a = world_field(report, tags[i], a, sizeof a);
        bool in_b = world_field(copy, tags[i], b, sizeof b);

        if (in_a != in_b || (in_a && strcmp(a, b) != 0)) {
            return false;
        }
    }
    return true;
}

/* From the first copy on, every report of others but answers to questions is copied exactly once.
 */
static void check_copies(struct world *w)
{
    char id[64], other[64], exec[4] = "";
    size_t first = 0;

    while (first < w->message_count && !is_copy(&w->message[first])) {
        first++;
    }
    for (size_t i = first; i < w->message_count; i++) {
        const struct world_message *m = &w->message[i];
        unsigned copies = 0;

        if (strncmp(m->text, "35=8|", 5) != 0 || is_copy(m) || is_foreign(m) ||
            !world_field(m->text, 17, id, sizeof id)) {
            continue;
        }
        (void)world_field(m->text, 150, exec, sizeof exec);
        for (size_t j = first; j < w->message_count; j++) {
            copies += is_copy(&w->message[j]) &&
                      world_field(w->message[j].text, 17, other, sizeof other) &&
                      strcmp(id, other) == 0 && same_report(m->text, w->message[j].text);
        }
        if (copies != (exec[0] == 'I' ? 0 : 1) && w->copies_all) {
            world_fail(w, "a report was copied %u times: %s", copies, m->text);
        }
    }
}

void world_judge(struct world *w)
{
    struct view *views = calloc(MODEL_ORDERS_MAX, sizeof *views);

    w->hold = false;
    world_go(w);
    w->venue->rule_count = 0;
    world_wait(w, 60 * US_PER_S);
    for (size_t i = 0; views != NULL && i < w->message_count; i++) {
        if (is_copy(&w->message[i])) {
            continue;
        }
        if (strncmp(w->message[i].text, "35=8|", 5) == 0) {
            look_at(w, views, &w->message[i]);
        } else if (strncmp(w->message[i].text, "35=9|", 5) == 0) {
            look_at_reject(views, w->message[i].text);
        }
    }
    check_exec_ids(w);
    check_answers(w);
    check_lists(w, views);
    check_copies(w);
    for (size_t i = 0; views != NULL && i < MODEL_ORDERS_MAX && views[i].known; i++) {
        struct truth t = truth_of(w, &views[i]);
        const struct model_order *m = t.last;

        if (!views[i].corrected && !agrees(w, &views[i], &t)) {
            char cum[DECIMAL_TEXT_MAX], filled[DECIMAL_TEXT_MAX];

            decimal_print(views[i].cum, cum);
            decimal_print(t.filled, filled);
            world_fail(w,
                       "order %s: the client was told 39=%c 14=%s, the venue holds %s (status %d, "
                       "filled %s)",
                       views[i].order_id, views[i].status, cum, m == NULL ? "nothing" : m->venue_id,
                       m == NULL ? -1 : (int)m->status, filled);
        }
    }
    if (w->venue->rested_twice) {
        world_fail(w, "an order rested beside the one it replaces");
    }
    for (size_t i = 0; i < w->venue->order_count; i++) {
        if (w->venue->order[i].placed != 1) {
            world_fail(w, "%s was placed %u times", w->venue->order[i].client_id,
                       w->venue->order[i].placed);
        }
    }
    free(views);
}

uint64_t world_order_id(struct world *w, uint32_t session, const char *cl_ord_id)
{
    char id[32], value[64];
    uint64_t n;

    for (size_t i = w->message_count; i-- > 0;) {
        const char *text = w->message[i].text;

        if (w->message[i].session == session && strncmp(text, "35=8|", 5) == 0 &&
            world_field(text, 11, value, sizeof value) && strcmp(value, cl_ord_id) == 0 &&
            world_field(text, 37, id, sizeof id) && order_id_parse(bytes_of(id), &n)) {
            return n;
        }
    }
    return 0;
}

struct model_order *world_order(struct world *w, uint32_t session, const char *cl_ord_id)
{
    const struct order *o = engine_order_by_id(w->engine, world_order_id(w, session, cl_ord_id));

    return o == NULL ? NULL : model_find(w->venue, bytes_of(o->client_id));
}
