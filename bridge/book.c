/*
 * The book: a table by id, one table of names for every other way to find an order. Names hang on
 * their order in a ring, so that an order is forgotten with all that leads to it.
 */
#include "book.h"

#include <stddef.h>
#include <stdlib.h>

#include "assert.h"
#include "ids.h"
#include "slab.h"

struct order_list {
    struct order *first, *last;
    size_t count;
};

struct book {
    struct slab memory; /* of orders, their names and texts */
    struct ids by_id;
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
    b->by_id.memory = &b->memory;
    if (b->live == NULL || b->ended == NULL) {
        book_free(b);
        return NULL;
    }
    return b;
}

static size_t name_bytes(size_t text_size)
{
    return offsetof(struct name, text) + text_size + 1;
}

static void name_free(struct book *b, struct name *n)
{
    slab_give(&b->memory, n, name_bytes(n->size));
}

static void ring_free(struct book *b, struct name *last)
{
    struct name *n = last == NULL ? NULL : last->next;

    while (n != NULL) {
        struct name *next = n == last ? NULL : n->next;

        name_free(b, n);
        n = next;
    }
}

struct request *book_request_new(struct book *b)
{
    struct request *r = slab_take(&b->memory, sizeof *r);

    if (r != NULL) {
        memset(r, 0, sizeof *r);
    }
    return r;
}

void book_request_free(struct book *b, struct request *r)
{
    slab_give(&b->memory, r, sizeof *r);
}

void book_order_free(struct book *b, struct order *o)
{
    while (o != NULL && o->request != NULL) {
        struct request *r = o->request;

        o->request = r->next;
        book_request_free(b, r);
    }
    if (o != NULL) {
        ring_free(b, o->names);
        /* The one block of texts begins with the echo. */
        slab_give(&b->memory, (void *)(uintptr_t)o->echo, o->texts_size);
        free(o->candidate_id);
        slab_give(&b->memory, o, sizeof *o);
    }
}

void book_free(struct book *b)
{
    struct order *o;

    if (b == NULL) {
        return;
    }
    for (size_t at = 0; (o = ids_next(&b->by_id, &at)) != NULL;) {
        book_order_free(b, o);
    }
    ids_fini(&b->by_id);
    ring_free(b, b->foreign);
    names_fini(&b->cl_ord_ids);
    names_fini(&b->venue_ids);
    names_fini(&b->fills);
    slab_fini(&b->memory);
    free(b->live);
    free(b->ended);
    free(b);
}

struct order *book_order_new(struct book *b)
{
    struct order *o = slab_take(&b->memory, sizeof *o);

    if (o != NULL) {
        memset(o, 0, sizeof *o);
        o->cl_ord_id = o->venue_id = o->symbol = o->venue_symbol = o->sender_sub_id = "";
    }
    return o;
}

/* Copies `text` to *at, with an end mark, and moves *at behind it. */
static const char *put_text(char **at, struct bytes text)
{
    char *copy = *at;

    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    *at += text.size + 1;
    return copy;
}

bool book_order_texts(struct book *b, struct order *o, const struct order_texts *t)
{
    size_t size = t->echo.size + t->route.size + t->symbol.size + t->venue_symbol.size +
                  t->sender_sub_id.size + 5;
    char *at;

    ASSERT(o->echo == NULL);
    if (t->symbol.size > SYMBOL_MAX || t->venue_symbol.size > SYMBOL_MAX ||
        t->sender_sub_id.size > FIX_ID_MAX || size > UINT32_MAX) {
        return false;
    }
    at = slab_take(&b->memory, size);
    if (at == NULL) {
        return false;
    }
    o->texts_size = (uint32_t)size;
    o->echo_size = (uint32_t)t->echo.size;
    o->route_size = (uint32_t)t->route.size;
    o->echo = put_text(&at, t->echo);
    at--; /* the route lies right behind the echo */
    (void)put_text(&at, t->route);
    o->symbol = put_text(&at, t->symbol);
    o->venue_symbol = put_text(&at, t->venue_symbol);
    o->sender_sub_id = put_text(&at, t->sender_sub_id);
    return true;
}

/* ---- ids ----------------------------------------------------------------------------------- */

static bool id_put(struct book *b, struct order *o)
{
    if (ids_find(&b->by_id, o->id) != NULL || !ids_put(&b->by_id, o->id, o)) {
        return false;
    }
    book_set_last_id(b, o->id);
    return true;
}

struct order *book_by_id(const struct book *b, uint64_t id)
{
    return ids_find(&b->by_id, id);
}

size_t book_count(const struct book *b)
{
    return b->by_id.count;
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

/* What a name is to be. */
struct calling {
    enum book_name_kind kind;
    uint32_t scope, hash;
    struct bytes text;
};

static struct calling calling(struct book *b, enum book_name_kind kind, uint32_t scope,
                              struct bytes text)
{
    return (struct calling){ kind, scope, names_hash(table_of(b, kind), scope, text), text };
}

/* A new name at the end of `ring`. NULL: out of memory. */
static struct name *name_add(struct book *b, const struct calling *c, struct order *o,
                             struct name **ring)
{
    struct bytes text = c->text;
    struct name *n = text.size > UINT16_MAX ? NULL : slab_take(&b->memory, name_bytes(text.size));

    if (n == NULL) {
        return NULL;
    }
    n->owner = o;
    n->scope = c->scope;
    n->size = (uint16_t)text.size;
    n->kind = (uint8_t)c->kind;
    if (text.size > 0) {
        memcpy(n->text, text.data, text.size);
    }
    n->text[text.size] = '\0';
    if (!names_put(table_of(b, c->kind), c->hash, n)) {
        name_free(b, n);
        return NULL;
    }
    ring_add(ring, n);
    return n;
}

/* The order's name with this text, new or of before. NULL: out of memory. */
static const struct name *name_of(struct book *b, enum book_name_kind kind, uint32_t scope,
                                  struct bytes text, struct order *o)
{
    const struct calling c = calling(b, kind, scope, text);
    const struct name *n = names_find(table_of(b, kind), c.hash, scope, text);

    return n != NULL && n->owner == o ? n : name_add(b, &c, o, &o->names);
}

static struct name *find_name(const struct names *t, uint32_t scope, struct bytes text)
{
    return names_find(t, names_hash(t, scope, text), scope, text);
}

static struct order *find(const struct names *t, uint32_t scope, struct bytes text)
{
    const struct name *n = find_name(t, scope, text);

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

void book_expect(struct book *b, enum book_name_kind kind, uint32_t scope, struct bytes text)
{
    const struct names *t = table_of(b, kind);

    if (text.size > 0) {
        names_expect(t, names_hash(t, scope, text));
    }
}

bool book_name(struct book *b, struct order *o, struct bytes cl_ord_id)
{
    return name_of(b, BOOK_CL_ORD_ID, o->session, cl_ord_id, o) != NULL;
}

bool book_set_cl_ord_id(struct book *b, struct order *o, struct bytes cl_ord_id)
{
    const struct name *n = NULL;

    if (cl_ord_id.size == 0 || bytes_is(cl_ord_id, o->cl_ord_id)) {
        o->cl_ord_id = cl_ord_id.size == 0 ? "" : o->cl_ord_id;
        return true;
    }
    if (cl_ord_id.size <= CL_ORD_ID_MAX) {
        n = name_of(b, BOOK_CL_ORD_ID, o->session, cl_ord_id, o);
    }
    o->cl_ord_id = n == NULL ? o->cl_ord_id : n->text;
    return n != NULL;
}

bool book_old_venue_id(struct book *b, struct order *o, struct bytes venue_id)
{
    return name_of(b, BOOK_VENUE_ID, o->account, venue_id, o) != NULL;
}

bool book_set_venue_id(struct book *b, struct order *o, struct bytes venue_id)
{
    const struct name *n = NULL;

    if (venue_id.size == 0 || bytes_is(venue_id, o->venue_id)) {
        return true;
    }
    if (venue_id.size <= VENUE_ID_MAX) {
        n = name_of(b, BOOK_VENUE_ID, o->account, venue_id, o);
    }
    o->venue_id = n == NULL ? o->venue_id : n->text;
    return n != NULL;
}

const struct name *book_next_name(const struct order *o, const struct name *at)
{
    if (o->names == NULL || at == o->names) {
        return NULL;
    }
    return at == NULL ? o->names->next : at->next;
}

/* ---- fills --------------------------------------------------------------------------------- */

const char *book_fill_add(struct book *b, struct order *o, struct bytes exec_id)
{
    const struct name *n = name_of(b, BOOK_FILL, o->account, exec_id, o);

    return n == NULL ? NULL : n->text;
}

bool book_fill_known(const struct book *b, uint32_t account, struct bytes exec_id)
{
    return find_name(&b->fills, account, exec_id) != NULL;
}

static void drop_oldest_foreign(struct book *b)
{
    struct name *oldest = b->foreign->next;

    names_remove(&b->fills, oldest);
    b->foreign->next = oldest->next;
    name_free(b, oldest);
    b->foreign_count--;
}

/* The execution's name, new or of before. NULL: out of memory. */
static struct name *see_fill(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh)
{
    const struct calling c = calling(b, BOOK_FOREIGN, account, exec_id);
    struct name *n = names_find(&b->fills, c.hash, account, exec_id);

    *fresh = n == NULL;
    if (n != NULL) {
        return n;
    }
    if (b->foreign_count == BOOK_FOREIGN_MAX) {
        drop_oldest_foreign(b);
    }
    b->foreign_count++;
    return name_add(b, &c, NULL, &b->foreign);
}

bool book_fill_seen(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh)
{
    return see_fill(b, account, exec_id, fresh) != NULL;
}

bool book_fill_told(struct book *b, uint32_t account, struct bytes exec_id)
{
    bool fresh;
    struct name *n = see_fill(b, account, exec_id, &fresh);

    if (n != NULL && n->kind == BOOK_FOREIGN) {
        n->kind = BOOK_TOLD;
    }
    return n != NULL;
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

bool book_add(struct book *b, struct order *o, struct bytes cl_ord_id)
{
    if (!id_put(b, o)) {
        book_order_free(b, o);
        return false;
    }
    if (!book_set_cl_ord_id(b, o, cl_ord_id)) {
        ids_remove(&b->by_id, o->id);
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
    ids_remove(&b->by_id, o->id);
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
