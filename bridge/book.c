/*
 * The book: a table by id, one table of names for every other way to find an order. Names hang on
 * their order in a ring, so that an order is forgotten with all that leads to it.
 */
#include "book.h"

#include <stddef.h>
#include <stdlib.h>

#include "assert.h"
#include "order_pool.h"

#define IDS_MIN 1024

struct order_list {
    struct order *first, *last;
    size_t count;
};

/* The id beside the pointer: a probe that misses touches no order. */
struct id_slot {
    uint64_t id;
    struct order *order; /* NULL: empty */
};

struct book {
    struct order_pool orders;
    struct id_slot *by_id; /* open addressing, at most three quarters full */
    size_t mask;           /* of by_id */
    size_t count;
    uint64_t last_id;
    struct names cl_ord_ids, venue_ids, fills;
    struct name *foreign; /* ring, as an order's: the last one */
    size_t foreign_count;
    struct order_list *live, *ended; /* one an account, the last one shared */
    size_t account_count;
    uint32_t live_of[SESSIONS_MAX]; /* live orders of each session */
};

struct book *book_new(uint64_t seed, size_t account_count)
{
    struct book *b = calloc(1, sizeof *b);

    if (b == NULL) {
        return NULL;
    }
    b->account_count = account_count;
    names_init(&b->cl_ord_ids, seed);
    names_init(&b->venue_ids, seed ^ 1);
    names_init(&b->fills, seed ^ 2);
    b->live = calloc(account_count + 1, sizeof *b->live);
    b->ended = calloc(account_count + 1, sizeof *b->ended);
    b->by_id = calloc(IDS_MIN, sizeof *b->by_id);
    b->mask = IDS_MIN - 1;
    if (b->live == NULL || b->ended == NULL || b->by_id == NULL) {
        book_free(b);
        return NULL;
    }
    return b;
}

static void ring_free(struct name *last)
{
    struct name *n = last == NULL ? NULL : last->next;

    while (n != NULL) {
        struct name *next = n == last ? NULL : n->next;

        free(n);
        n = next;
    }
}

void book_order_free(struct book *b, struct order *o)
{
    while (o != NULL && o->request != NULL) {
        struct request *r = o->request;

        o->request = r->next;
        free(r);
    }
    if (o != NULL) {
        ring_free(o->names);
        free(o->echo);
        order_pool_give(&b->orders, o);
    }
}

void book_free(struct book *b)
{
    if (b == NULL) {
        return;
    }
    for (size_t i = 0; b->by_id != NULL && i <= b->mask; i++) {
        book_order_free(b, b->by_id[i].order);
    }
    ring_free(b->foreign);
    names_fini(&b->cl_ord_ids);
    names_fini(&b->venue_ids);
    names_fini(&b->fills);
    order_pool_fini(&b->orders);
    free(b->by_id);
    free(b->live);
    free(b->ended);
    free(b);
}

struct order *book_order_new(struct book *b)
{
    return order_pool_take(&b->orders);
}

/* ---- the table by id ----------------------------------------------------------------------- */

/* Fibonacci hashing: ids that follow each other lie far apart. */
static size_t home_of(uint64_t id, size_t mask)
{
    return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 24) & mask;
}

/* The slot that holds it, or the empty one where it would go. */
static size_t probe(const struct id_slot *table, size_t mask, uint64_t id)
{
    size_t at = home_of(id, mask);

    while (table[at].order != NULL && table[at].id != id) {
        at = (at + 1) & mask;
    }
    return at;
}

static bool ids_grow(struct book *b)
{
    size_t slots = (b->mask + 1) * 2;
    struct id_slot *fresh = calloc(slots, sizeof *fresh);

    if (fresh == NULL) {
        return false;
    }
    for (size_t i = 0; i <= b->mask; i++) {
        if (b->by_id[i].order != NULL) {
            fresh[probe(fresh, slots - 1, b->by_id[i].id)] = b->by_id[i];
        }
    }
    free(b->by_id);
    b->by_id = fresh;
    b->mask = slots - 1;
    return true;
}

static bool ids_put(struct book *b, struct order *o)
{
    size_t at;

    if (b->count + 1 > (b->mask + 1) / 4 * 3 && !ids_grow(b)) {
        return false;
    }
    at = probe(b->by_id, b->mask, o->id);
    if (b->by_id[at].order != NULL) {
        return false;
    }
    b->by_id[at] = (struct id_slot){ o->id, o };
    b->count++;
    book_set_last_id(b, o->id);
    return true;
}

static void ids_remove(struct book *b, const struct order *o)
{
    size_t gap = probe(b->by_id, b->mask, o->id);

    ASSERT(b->by_id[gap].order == o);
    for (size_t at = (gap + 1) & b->mask; b->by_id[at].order != NULL; at = (at + 1) & b->mask) {
        size_t home = home_of(b->by_id[at].id, b->mask);

        /* Into the gap unless its home lies behind the gap (cyclically). */
        if (((at - home) & b->mask) >= ((at - gap) & b->mask)) {
            b->by_id[gap] = b->by_id[at];
            gap = at;
        }
    }
    b->by_id[gap] = (struct id_slot){ 0, NULL };
    b->count--;
}

struct order *book_by_id(const struct book *b, uint64_t id)
{
    return b->by_id[probe(b->by_id, b->mask, id)].order;
}

size_t book_count(const struct book *b)
{
    return b->count;
}

uint64_t book_last_id(const struct book *b)
{
    return b->last_id;
}

void book_set_last_id(struct book *b, uint64_t id)
{
    b->last_id = id > b->last_id ? id : b->last_id;
}

/* ---- names --------------------------------------------------------------------------------- */

static struct names *table_of(struct book *b, enum book_name_kind kind)
{
    switch (kind) {
    case BOOK_CL_ORD_ID: return &b->cl_ord_ids;
    case BOOK_VENUE_ID: return &b->venue_ids;
    case BOOK_FILL:
    case BOOK_TOLD:
    case BOOK_FOREIGN: return &b->fills;
    }
    UNREACHABLE();
}

static void ring_add(struct name **last, struct name *n)
{
    n->next = *last == NULL ? n : (*last)->next;
    if (*last != NULL) {
        (*last)->next = n;
    }
    *last = n;
}

/* `head`: bytes of the struct in front of the text. NULL: out of memory. */
static struct name *name_new(size_t head, enum book_name_kind kind, uint32_t scope,
                             struct bytes text, struct order *o)
{
    struct name *n = text.size > UINT16_MAX ? NULL : malloc(head + text.size);

    if (n == NULL) {
        return NULL;
    }
    memset(n, 0, head < sizeof *n ? head : sizeof *n);
    n->owner = o;
    n->scope = scope;
    n->size = (uint16_t)text.size;
    n->kind = (uint8_t)kind;
    n->at = (uint8_t)head;
    if (text.size > 0) {
        memcpy((char *)n + head, text.data, text.size);
    }
    return n;
}

/* Right behind the last member: what the compiler pads stays in use. */
#define PLAIN_HEAD (offsetof(struct name, at) + 1)

static bool add_name(struct book *b, struct name *n, struct name **ring)
{
    if (n == NULL) {
        return false;
    }
    if (!names_put(table_of(b, (enum book_name_kind)n->kind), n)) {
        free(n);
        return false;
    }
    ring_add(ring, n);
    return true;
}

static bool add_plain(struct book *b, enum book_name_kind kind, uint32_t scope, struct bytes text,
                      struct order *o)
{
    const struct name *n = names_find(table_of(b, kind), scope, text);

    return (n != NULL && n->owner == o) ||
           add_name(b, name_new(PLAIN_HEAD, kind, scope, text, o), &o->names);
}

static struct order *find(const struct names *t, uint32_t scope, struct bytes text)
{
    const struct name *n = names_find(t, scope, text);

    return n == NULL ? NULL : n->owner;
}

struct order *book_by_cl_ord_id(const struct book *b, uint32_t session, struct bytes cl_ord_id)
{
    return find(&b->cl_ord_ids, session, cl_ord_id);
}

struct order *book_by_venue_id(const struct book *b, uint32_t account, struct bytes venue_id)
{
    return find(&b->venue_ids, account, venue_id);
}

bool book_name(struct book *b, struct order *o, struct bytes cl_ord_id)
{
    return add_plain(b, BOOK_CL_ORD_ID, o->session, cl_ord_id, o);
}

bool book_old_venue_id(struct book *b, struct order *o, struct bytes venue_id)
{
    return add_plain(b, BOOK_VENUE_ID, o->account, venue_id, o);
}

bool book_set_venue_id(struct book *b, struct order *o, struct bytes venue_id)
{
    if (venue_id.size == 0 || bytes_is(venue_id, o->venue_id)) {
        return true;
    }
    return bytes_to_field(venue_id, o->venue_id, sizeof o->venue_id) &&
           book_old_venue_id(b, o, venue_id);
}

const struct name *book_next_name(const struct order *o, const struct name *at)
{
    if (o->names == NULL || at == o->names) {
        return NULL;
    }
    return at == NULL ? o->names->next : at->next;
}

/* ---- fills --------------------------------------------------------------------------------- */

bool book_fill_add(struct book *b, struct order *o, struct bytes exec_id)
{
    return add_plain(b, BOOK_FILL, o->account, exec_id, o);
}

bool book_fill_known(const struct book *b, uint32_t account, struct bytes exec_id)
{
    return names_find(&b->fills, account, exec_id) != NULL;
}

static void drop_oldest_foreign(struct book *b)
{
    struct name *oldest = b->foreign->next;

    names_remove(&b->fills, oldest);
    b->foreign->next = oldest->next;
    free(oldest);
    b->foreign_count--;
}

bool book_fill_seen(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh)
{
    *fresh = !book_fill_known(b, account, exec_id);
    if (!*fresh) {
        return true;
    }
    if (b->foreign_count == BOOK_FOREIGN_MAX) {
        drop_oldest_foreign(b);
    }
    b->foreign_count++;
    return add_name(b, name_new(PLAIN_HEAD, BOOK_FOREIGN, account, exec_id, NULL), &b->foreign);
}

bool book_fill_told(struct book *b, uint32_t account, struct bytes exec_id)
{
    struct name *n;
    bool fresh;

    if (!book_fill_seen(b, account, exec_id, &fresh)) {
        return false;
    }
    n = names_find(&b->fills, account, exec_id);
    if (n->kind == BOOK_FOREIGN) {
        n->kind = BOOK_TOLD;
    }
    return true;
}

const struct name *book_next_told(const struct book *b, const struct name *at)
{
    do {
        at = b->foreign == NULL || at == b->foreign ? NULL
             : at == NULL                           ? b->foreign->next
                                                    : at->next;
    } while (at != NULL && at->kind != BOOK_TOLD);
    return at;
}

/* ---- live and ended ------------------------------------------------------------------------ */

static void list_add(struct order_list *l, struct order *o)
{
    o->prev = l->last;
    o->next = NULL;
    if (l->last != NULL) {
        l->last->next = o;
    } else {
        l->first = o;
    }
    l->last = o;
    l->count++;
}

static void list_remove(struct order_list *l, struct order *o)
{
    if (o->prev != NULL) {
        o->prev->next = o->next;
    } else {
        l->first = o->next;
    }
    if (o->next != NULL) {
        o->next->prev = o->prev;
    } else {
        l->last = o->prev;
    }
    o->prev = o->next = NULL;
    l->count--;
}

static size_t list_index(const struct book *b, uint32_t account)
{
    return account < b->account_count ? account : b->account_count;
}

bool book_add(struct book *b, struct order *o)
{
    if (!ids_put(b, o)) {
        book_order_free(b, o);
        return false;
    }
    if (o->cl_ord_id[0] != '\0' && !book_name(b, o, bytes_of(o->cl_ord_id))) {
        ids_remove(b, o);
        book_order_free(b, o);
        return false;
    }
    list_add(&b->live[list_index(b, o->account)], o);
    if (o->session < SESSIONS_MAX) {
        b->live_of[o->session]++;
    }
    return true;
}

void book_retire(struct book *b, struct order *o)
{
    size_t i = list_index(b, o->account);

    if (!o->retired && o->session < SESSIONS_MAX) {
        b->live_of[o->session]--;
    }
    list_remove(o->retired ? &b->ended[i] : &b->live[i], o);
    list_add(&b->ended[i], o);
    o->retired = true;
}

void book_forget(struct book *b, struct order *o)
{
    ASSERT(o->retired && o->request == NULL);
    for (const struct name *n = NULL; (n = book_next_name(o, n)) != NULL;) {
        names_remove(table_of(b, (enum book_name_kind)n->kind), n);
    }
    list_remove(&b->ended[list_index(b, o->account)], o);
    ids_remove(b, o);
    book_order_free(b, o);
}

struct order *book_first_live(const struct book *b, uint32_t account)
{
    return b->live[list_index(b, account)].first;
}

struct order *book_last_live(const struct book *b, uint32_t account)
{
    return b->live[list_index(b, account)].last;
}

struct order *book_first_ended(const struct book *b, uint32_t account)
{
    return b->ended[list_index(b, account)].first;
}

size_t book_session_live(const struct book *b, uint32_t session)
{
    return session < SESSIONS_MAX ? b->live_of[session] : 0;
}

size_t book_live_count(const struct book *b, uint32_t account)
{
    return b->live[list_index(b, account)].count;
}
