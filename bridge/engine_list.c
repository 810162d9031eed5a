/*
 * Lists of orders: NewOrderList (E), ListCancelRequest (K), ListStatusRequest (M). Each order of a
 * list is taken or refused by itself, by the code that takes single orders, and lives its own life;
 * a list is a name for them. ListStatus (N) tells of them together: when the list was taken, when
 * asked, when the last of them is done. The list is journaled behind its orders, in the same turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "engine_client.h"
#include "fix_tags.h"
#include "map.h"
#include "translate_list.h"

struct list_item {
    uint64_t id; /* of the order; 0: none was kept */
    int reason;  /* 103; -1: none */
    char cl_ord_id[CL_ORD_ID_MAX + 1];
};

struct order_list {
    struct order_list *next; /* of those that are not done */
    struct order_list *older, *newer;
    uint64_t number;
    uint32_t session;
    bool ended; /* its end was told */
    char list_id[CL_ORD_ID_MAX + 1];
    char sender[ROUTING_MAX];
    size_t sender_size;
    char key[sizeof(uint32_t) + CL_ORD_ID_MAX];
    uint32_t count, done; /* items before `done` are done */
    struct list_item item[];
};

/* ---- finding ------------------------------------------------------------------------------- */

static struct bytes list_key(uint32_t session, struct bytes list_id,
                             char out[sizeof(uint32_t) + CL_ORD_ID_MAX])
{
    size_t size = list_id.size < CL_ORD_ID_MAX ? list_id.size : CL_ORD_ID_MAX;

    memcpy(out, &session, sizeof session);
    if (size > 0) {
        memcpy(out + sizeof session, list_id.data, size);
    }
    return (struct bytes){ out, sizeof session + size };
}

static bool is_done(const struct engine *e, const struct list_item *i)
{
    const struct order *o = i->id == 0 ? NULL : book_by_id(e->book, i->id);

    return o == NULL || !order_is_live(o);
}

/* A list whose orders are no longer kept is forgotten as they are. */
static bool is_kept(const struct engine *e, const struct order_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->item[i].id != 0 && book_by_id(e->book, l->item[i].id) == NULL) {
            return false;
        }
    }
    return true;
}

static void forget(struct engine *e, struct order_list *l)
{
    for (struct order_list **at = &e->list_open; *at != NULL; at = &(*at)->next) {
        if (*at == l) {
            *at = l->next;
            break;
        }
    }
    *(l->older == NULL ? &e->list_oldest : &l->older->newer) = l->newer;
    *(l->newer == NULL ? &e->list_newest : &l->newer->older) = l->older;
    (void)map_remove(e->lists, (struct bytes){ l->key, sizeof l->session + strlen(l->list_id) });
    free(l);
}

static struct order_list *list_find(struct engine *e, uint32_t session, struct bytes list_id)
{
    char key[sizeof(uint32_t) + CL_ORD_ID_MAX];
    struct order_list *l =
        list_id.size > CL_ORD_ID_MAX ? NULL : map_find(e->lists, list_key(session, list_id, key));

    if (l != NULL && !is_kept(e, l)) {
        forget(e, l);
        return NULL;
    }
    return l;
}

/* ---- records ------------------------------------------------------------------------------- */

static size_t count_items(struct bytes items, const char **error)
{
    struct record_list_item i;
    size_t count = 0;

    while (record_list_item_take(&items, &i) && i.cl_ord_id.size <= CL_ORD_ID_MAX) {
        count++;
    }
    if (items.size > 0 || count == 0 || count > LIST_ORDERS_MAX) {
        *error = "list record with items that cannot be";
        return 0;
    }
    return count;
}

bool list_apply(struct engine *e, const struct record *r, uint32_t session, const char **error)
{
    size_t count = count_items(r->list.items, error);
    struct bytes items = r->list.items, key;
    struct record_list_item i;
    struct order_list *l, *before;

    if (count == 0) {
        return false;
    }
    if (r->list.list >= e->next_list) {
        e->next_list = r->list.list + 1;
    }
    if (session >= e->config.session_count) {
        return true; /* nobody to tell */
    }
    *error = "out of memory, or a list record with a text too long";
    l = calloc(1, sizeof *l + count * sizeof l->item[0]);
    if (l == NULL || !bytes_to_field(r->list.list_id, l->list_id, sizeof l->list_id) ||
        r->list.sender.size > sizeof l->sender) {
        free(l);
        return false;
    }
    if (r->list.sender.size > 0) {
        memcpy(l->sender, r->list.sender.data, r->list.sender.size);
    }
    l->sender_size = r->list.sender.size;
    l->number = r->list.list;
    l->session = session;
    l->ended = r->list.ended;
    while (l->count < count && record_list_item_take(&items, &i)) {
        bool fits = bytes_to_field(i.cl_ord_id, l->item[l->count].cl_ord_id,
                                   sizeof l->item[l->count].cl_ord_id);

        ASSERT(fits); /* count_items looked */
        l->item[l->count].id = i.id;
        l->item[l->count++].reason = i.reason;
    }
    key = list_key(session, r->list.list_id, l->key);
    before = map_find(e->lists, key);
    if (before != NULL && before->ended) {
        forget(e, before); /* its orders were, too: the name was free again */
        before = NULL;
    }
    if (before != NULL || !map_put(e->lists, key, l)) {
        *error = "list record of a list that is there already, or out of memory";
        free(l);
        return false;
    }
    l->older = e->list_newest;
    *(l->older == NULL ? &e->list_oldest : &l->older->newer) = l;
    e->list_newest = l;
    if (!l->ended) {
        l->next = e->list_open;
        e->list_open = l;
    }
    return true;
}

bool list_apply_end(struct engine *e, const struct record *r)
{
    for (struct order_list **at = &e->list_open; *at != NULL; at = &(*at)->next) {
        if ((*at)->number == r->list_end.list) {
            (*at)->ended = true;
            *at = (*at)->next;
            return true;
        }
    }
    return true; /* of a session that left the configuration */
}

void lists_forget(struct engine *e)
{
    while (e->list_oldest != NULL && e->list_oldest->ended && !is_kept(e, e->list_oldest)) {
        forget(e, e->list_oldest);
    }
}

const struct order_list *list_next_kept(const struct engine *e, const struct order_list *after)
{
    const struct order_list *l = after == NULL ? e->list_oldest : after->newer;

    while (l != NULL && !is_kept(e, l)) {
        l = l->newer;
    }
    return l;
}

uint32_t list_session(const struct order_list *l)
{
    return l->session;
}

/* A forked process may come here: no memory is taken. */
void list_put(const struct order_list *l, uint32_t session_number, struct buf *out)
{
    char room[LIST_ORDERS_MAX * (CL_ORD_ID_MAX + 16)];
    struct buf items = { .data = room, .capacity = sizeof room, .max = sizeof room };
    struct record r = { .kind = RECORD_LIST };

    for (uint32_t i = 0; i < l->count; i++) {
        record_list_item_put(&items, &(struct record_list_item){ l->item[i].id, l->item[i].reason,
                                                                 bytes_of(l->item[i].cl_ord_id) });
    }
    r.list.list = l->number;
    r.list.session = session_number;
    r.list.ended = l->ended;
    r.list.list_id = bytes_of(l->list_id);
    r.list.sender = (struct bytes){ l->sender, l->sender_size };
    r.list.items = buf_view(&items);
    record_encode(&r, out);
    out->failed = out->failed || items.failed;
}

void lists_free(struct engine *e)
{
    size_t at = 0;
    struct bytes key;
    void *list;

    while (e->lists != NULL && map_next(e->lists, &at, &key, &list)) {
        free(list);
    }
    map_free(e->lists);
}

/* ---- telling ------------------------------------------------------------------------------- */

static enum list_order_status status_of(const struct engine *e, const struct order_list *l)
{
    bool done = true, working = false, taken = false;

    for (uint32_t i = 0; i < l->count; i++) {
        struct order *o = l->item[i].id == 0 ? NULL : book_by_id(e->book, l->item[i].id);

        taken = taken || o != NULL;
        if (o == NULL || !order_is_live(o)) {
            continue;
        }
        done = false;
        working = working || o->acked;
        for (const struct request *r = o->request; r != NULL; r = r->next) {
            if (r->mass_id == REQUEST_OF_LIST) {
                return LIST_CANCELING;
            }
        }
    }
    return !taken ? LIST_REJECTED : done ? LIST_DONE : working ? LIST_EXECUTING : LIST_RECEIVED;
}

static void fill_entries(const struct engine *e, const struct order_list *l,
                         struct list_status_entry *entry)
{
    for (uint32_t i = 0; i < l->count; i++) {
        const struct list_item *item = &l->item[i];

        entry[i].order = item->id == 0 ? NULL : book_by_id(e->book, item->id);
        entry[i].cl_ord_id =
            bytes_of(entry[i].order == NULL ? item->cl_ord_id : entry[i].order->cl_ord_id);
        entry[i].reason = item->reason;
    }
}

/* In its own time, to whoever sent the list. */
static void tell(struct engine *e, const struct order_list *l, enum list_status_type type,
                 const char *text)
{
    struct list_status_entry entry[LIST_ORDERS_MAX];
    struct slot *s = engine_slot(e, EFFECT_FIX_SEND);
    struct bytes sub_id, route;
    struct list_status n = { .list_id = bytes_of(l->list_id),
                             .type = type,
                             .status = status_of(e, l),
                             .text = bytes_of(text),
                             .transact_us = e->now.wall_us,
                             .entry = entry,
                             .count = l->count };

    memset(entry, 0, sizeof entry);
    fill_entries(e, l, entry);
    memset(&s->body, 0, sizeof s->body);
    s->body.time_digits = e->config.session[l->session].time_digits;
    s->effect.fix.session = l->session;
    s->effect.fix.body = &s->body;
    translate_list_status(&s->body, &s->buf, &n);
    sender_split((struct bytes){ l->sender, l->sender_size }, &sub_id, &route);
    slot_route(s, sub_id, route);
}

/* At once, as the answer to a message; `refused` (may be NULL) is beside each item. */
static void answer(const struct request_in *in, const struct order_list *l,
                   enum list_status_type type, const struct refusal *refused)
{
    struct list_status_entry entry[LIST_ORDERS_MAX];
    struct slot *s = client_answer(in);
    struct list_status n = { .list_id = bytes_of(l->list_id),
                             .type = type,
                             .status = status_of(in->e, l),
                             .transact_us = in->e->now.wall_us,
                             .entry = entry,
                             .count = l->count };

    memset(entry, 0, sizeof entry);
    fill_entries(in->e, l, entry);
    for (uint32_t i = 0; refused != NULL && i < l->count; i++) {
        entry[i].text = bytes_of(refused[i].text);
    }
    translate_list_status(&s->body, &s->buf, &n);
    client_route_answer(in, s);
}

/* Tells the lists whose last order is done; after each event. */
void lists_run(struct engine *e)
{
    struct order_list *next;

    if (!e->lists_dirty) {
        return;
    }
    for (struct order_list *l = e->list_open; l != NULL; l = next) {
        next = l->next;
        while (l->done < l->count && is_done(e, &l->item[l->done])) {
            l->done++;
        }
        if (l->done == l->count) {
            struct record r = { .kind = RECORD_LIST_END, .wall_us = e->now.wall_us };

            r.list_end.list = l->number;
            engine_commit(e, &r);
            tell(e, l, LIST_ALL_DONE, "");
        }
    }
    e->lists_dirty = false;
}

void list_cancel_failed(struct engine *e, const struct order *o, const char *text)
{
    char words[CL_ORD_ID_MAX + TEXT_MAX + 32];

    snprintf(words, sizeof words, "cancel of %s failed: %s", o->cl_ord_id, text);
    for (const struct order_list *l = e->list_open; l != NULL; l = l->next) {
        for (uint32_t i = 0; i < l->count; i++) {
            if (l->item[i].id == o->id) {
                tell(e, l, LIST_ALERT, words);
            }
        }
    }
}

/* ---- NewOrderList (E) ---------------------------------------------------------------------- */

/* Nothing of it is taken: each order is told as refused, in one message, and the ListID is free. */
static void refuse_list(const struct request_in *in, const struct list_request *list,
                        const struct refusal *no)
{
    struct list_status_entry entry[LIST_ORDERS_MAX];
    struct list_status n = { .list_id = list->list_id,
                             .type = LIST_ACK,
                             .status = LIST_REJECTED,
                             .text = bytes_of(no->text),
                             .transact_us = in->e->now.wall_us,
                             .entry = entry };
    struct fix_group g;
    struct slot *s;

    if (list->count > LIST_ORDERS_MAX) {
        client_business_reject(in, 0, no->text); /* no message of ours could name them all */
        return;
    }
    for (bool more = translate_list_begin(in->msg, &g); more && fix_group_next(in->msg, &g);) {
        entry[n.count] = (struct list_status_entry){ .reason = no->reason };
        (void)fix_group_find(in->msg, &g, TAG_CL_ORD_ID, &entry[n.count++].cl_ord_id);
    }
    s = client_answer(in);
    translate_list_status(&s->body, &s->buf, &n);
    client_route_answer(in, s);
}

static void take_list(const struct request_in *in, const struct list_request *list)
{
    struct engine *e = in->e;
    struct record r = { .kind = RECORD_LIST, .wall_us = e->now.wall_us };
    struct refusal refused[LIST_ORDERS_MAX];
    struct request_in one = { e, in->session, &e->list_order, in->c };
    struct fix_group g;
    struct buf items;
    size_t count = 0;
    char sender[ROUTING_MAX];

    buf_init(&items, JOURNAL_RECORD_MAX / 2);
    r.list.ended = true;
    for (bool more = translate_list_begin(in->msg, &g);
         more && count < list->count && translate_list_next(in->msg, &g, &e->list_order); count++) {
        struct refusal *no = memset(&refused[count], 0, sizeof *no);
        struct order *o = client_list_order(&one, no);
        struct record_list_item item = { .id = o == NULL ? 0 : o->id,
                                         .reason = no->kind == REFUSAL_NONE ? -1 : no->reason };

        (void)fix_msg_find(&e->list_order, TAG_CL_ORD_ID, &item.cl_ord_id);
        if (item.cl_ord_id.size > CL_ORD_ID_MAX) {
            item.cl_ord_id.size = CL_ORD_ID_MAX; /* refused for it */
        }
        record_list_item_put(&items, &item);
        r.list.ended = r.list.ended && (o == NULL || !order_is_live(o));
    }
    r.list.list = e->next_list;
    r.list.session = in->session;
    r.list.list_id = list->list_id;
    r.list.sender = sender_of(in->msg, sender);
    r.list.items = buf_view(&items);
    ASSERT(!items.failed); /* out of memory: nothing of this turn has left */
    engine_commit(e, &r);
    buf_fini(&items);
    answer(in, list_find(e, in->session, list->list_id), LIST_ACK, refused);
}

void client_list(const struct request_in *in)
{
    struct list_request list;
    struct refusal no;
    bool sound = translate_list(in->msg, &list, &no);
    struct order_list *known = list_find(in->e, in->session, list.list_id);
    struct bytes sub = { NULL, 0 };

    (void)fix_msg_find(in->msg, TAG_SENDER_SUB_ID, &sub);
    if (known != NULL && in->c->poss_resend) {
        answer(in, known, LIST_RESPONSE, NULL);
    } else if (known != NULL) {
        /* Not by a ListStatus: that would read as the end of the list that is there. */
        client_business_reject(in, 0, "ListID(66) was used before: the first list is untouched");
    } else if (in->c->poss_resend) {
        client_business_reject(
            in, 0, "PossResend(97) of a list that is not known: send it as new if it is meant");
    } else if (in->e->draining) {
        client_business_reject(in, 4, "the gateway is being stopped and takes no new orders");
    } else if (sub.size > FIX_ID_MAX) {
        client_business_reject(in, 0, "SenderSubID(50) is too long");
    } else if (!sound) {
        refuse_list(in, &list, &no);
    } else {
        take_list(in, &list);
    }
}

/* ---- ListCancelRequest (K), ListStatusRequest (M), ListExecute (L) -------------------------- */

static struct order_list *named_list(const struct request_in *in)
{
    struct bytes list_id = { NULL, 0 };
    struct order_list *l;

    (void)fix_msg_find(in->msg, TAG_LIST_ID, &list_id);
    l = list_find(in->e, in->session, list_id);
    if (l == NULL) {
        client_business_reject(in, 1, "ListID(66) is not known");
    }
    return l;
}

static bool wants_cancel(struct engine *e, struct order *o)
{
    return o != NULL && order_is_live(o) && !o->end_known &&
           request_oldest(o, REQUEST_CANCEL) == NULL && engine_account_of(e, o) != NULL;
}

void client_list_cancel(const struct request_in *in)
{
    struct engine *e = in->e;
    struct order_list *l = named_list(in);

    for (uint32_t i = 0; l != NULL && i < l->count; i++) {
        struct order *o = l->item[i].id == 0 ? NULL : book_by_id(e->book, l->item[i].id);

        if (!wants_cancel(e, o)) {
            continue;
        }
        mass_take_request(e, o, REQUEST_OF_LIST);
        if (o->state == ORDER_TAKEN && !o->in_call) {
            order_cancel_unsent(e, o);
        } else {
            order_schedule(e, o);
        }
    }
    if (l != NULL) {
        answer(in, l, LIST_RESPONSE, NULL);
    }
}

void client_list_status(const struct request_in *in)
{
    const struct order_list *l = named_list(in);

    if (l != NULL) {
        answer(in, l, LIST_RESPONSE, NULL);
    }
}

void client_list_execute(const struct request_in *in)
{
    client_business_reject(in, 3,
                           "lists are executed at once; there is nothing to wait for (433=1)");
}
