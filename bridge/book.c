/*
 * The book: one array by id, one map for every other way to name an order. Keys of the maps are a
 * small number (session or account) followed by the text, kept in a block of their own.
 */
#include <stdlib.h>

#include "assert.h"
#include "book.h"
#include "map.h"

/* A key of a map and what it names; `order` is NULL for execution ids, which name nothing. */
struct name {
    struct name *next; /* all of them, for book_free */
    struct order *order;
    size_t size;
    char text[];
};

struct live_list {
    struct order *first, *last;
    size_t count;
};

struct book {
    struct order **by_id; /* index: id - 1; ids are dense */
    size_t count, capacity;
    struct map *cl_ord_ids, *venue_ids, *fills;
    struct name *names;
    struct live_list *live; /* one an account */
    size_t account_count;
};

#define KEY_MAX (sizeof(uint32_t) + 256)

static struct bytes make_key(uint32_t scope, struct bytes text, char key[KEY_MAX])
{
    size_t size = text.size < KEY_MAX - sizeof scope ? text.size : KEY_MAX - sizeof scope;

    memcpy(key, &scope, sizeof scope);
    if (size > 0) {
        memcpy(key + sizeof scope, text.data, size);
    }
    return (struct bytes){ key, sizeof scope + size };
}

struct book *book_new(uint64_t seed, size_t account_count)
{
    struct book *b = calloc(1, sizeof *b);

    if (b == NULL) {
        return NULL;
    }
    b->account_count = account_count;
    b->cl_ord_ids = map_new(seed);
    b->venue_ids = map_new(seed ^ 1);
    b->fills = map_new(seed ^ 2);
    b->live = calloc(account_count + 1, sizeof *b->live);
    if (b->cl_ord_ids == NULL || b->venue_ids == NULL || b->fills == NULL || b->live == NULL) {
        book_free(b);
        return NULL;
    }
    return b;
}

static void order_free(struct order *o)
{
    while (o != NULL && o->request != NULL) {
        struct request *r = o->request;

        o->request = r->next;
        free(r);
    }
    if (o != NULL) {
        free(o->echo);
        free(o);
    }
}

void book_free(struct book *b)
{
    if (b == NULL) {
        return;
    }
    for (size_t i = 0; i < b->count; i++) {
        order_free(b->by_id[i]);
    }
    while (b->names != NULL) {
        struct name *n = b->names;

        b->names = n->next;
        free(n);
    }
    map_free(b->cl_ord_ids);
    map_free(b->venue_ids);
    map_free(b->fills);
    free(b->by_id);
    free(b->live);
    free(b);
}

struct order *book_order_new(void)
{
    return calloc(1, sizeof(struct order));
}

static bool add_name(struct book *b, struct map *m, uint32_t scope, struct bytes text,
                     struct order *o)
{
    char key[KEY_MAX];
    struct bytes k = make_key(scope, text, key);
    struct name *n = malloc(sizeof *n + k.size);

    if (n == NULL) {
        return false;
    }
    n->order = o;
    n->size = k.size;
    memcpy(n->text, k.data, k.size);
    if (!map_put(m, (struct bytes){ n->text, n->size }, n)) {
        free(n);
        return false;
    }
    n->next = b->names;
    b->names = n;
    return true;
}

static struct order *find_name(const struct map *m, uint32_t scope, struct bytes text)
{
    char key[KEY_MAX];
    const struct name *n = map_find(m, make_key(scope, text, key));

    return n == NULL ? NULL : n->order;
}

static void live_add(struct live_list *l, struct order *o)
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

/* Accounts that left the configuration share the last list. */
static struct live_list *live_list_of(const struct book *b, uint32_t account)
{
    return &b->live[account < b->account_count ? account : b->account_count];
}

bool book_add(struct book *b, struct order *o)
{
    ASSERT(o->id == b->count + 1);
    if (b->count == b->capacity) {
        size_t capacity = b->capacity == 0 ? 1024 : b->capacity * 2;
        struct order **grown = realloc(b->by_id, capacity * sizeof *grown);

        if (grown == NULL) {
            order_free(o);
            return false;
        }
        b->by_id = grown;
        b->capacity = capacity;
    }
    if (o->cl_ord_id[0] != '\0' &&
        !add_name(b, b->cl_ord_ids, o->session, bytes_of(o->cl_ord_id), o)) {
        order_free(o);
        return false;
    }
    b->by_id[b->count++] = o;
    live_add(live_list_of(b, o->account), o);
    return true;
}

bool book_name(struct book *b, struct order *o, struct bytes cl_ord_id)
{
    return add_name(b, b->cl_ord_ids, o->session, cl_ord_id, o);
}

bool book_set_venue_id(struct book *b, struct order *o, struct bytes venue_id)
{
    if (venue_id.size == 0 || bytes_is(venue_id, o->venue_id)) {
        return true;
    }
    return bytes_to_field(venue_id, o->venue_id, sizeof o->venue_id) &&
           add_name(b, b->venue_ids, o->account, venue_id, o);
}

void book_retire(struct book *b, struct order *o)
{
    struct live_list *l = live_list_of(b, o->account);

    if (o->prev == NULL && o->next == NULL && l->first != o) {
        return; /* retired before */
    }
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

struct order *book_by_id(const struct book *b, uint64_t id)
{
    return id >= 1 && id <= b->count ? b->by_id[id - 1] : NULL;
}

struct order *book_by_cl_ord_id(const struct book *b, uint32_t session, struct bytes cl_ord_id)
{
    return find_name(b->cl_ord_ids, session, cl_ord_id);
}

struct order *book_by_venue_id(const struct book *b, uint32_t account, struct bytes venue_id)
{
    return find_name(b->venue_ids, account, venue_id);
}

struct order *book_first_live(const struct book *b, uint32_t account)
{
    return live_list_of(b, account)->first;
}

size_t book_live_count(const struct book *b, uint32_t account)
{
    return live_list_of(b, account)->count;
}

size_t book_count(const struct book *b)
{
    return b->count;
}

bool book_fill_known(const struct book *b, uint32_t account, struct bytes exec_id)
{
    char key[KEY_MAX];

    return map_find(b->fills, make_key(account, exec_id, key)) != NULL;
}

bool book_fill_seen(struct book *b, uint32_t account, struct bytes exec_id, bool *fresh)
{
    *fresh = !book_fill_known(b, account, exec_id);
    return !*fresh || add_name(b, b->fills, account, exec_id, NULL);
}
