/*
 * The tables that orders are found by, against plain arrays: many puts and removals in an order
 * that looks like chance, and everything is asked for again and again.
 */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>

#include "ids.h"
#include "slab.h"
#include "suites.h"

#define MANY 3000

/* The same at every run. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state >> 8;
}

/* ---- ids ----------------------------------------------------------------------------------- */

static size_t ids_told(const struct ids *t)
{
    size_t count = 0;

    for (size_t at = 0; ids_next(t, &at) != NULL;) {
        count++;
    }
    return count;
}

static void compare_ids(const struct ids *t, struct order *const there[MANY], uint64_t first)
{
    size_t count = 0;

    for (uint64_t i = 0; i < MANY; i++) {
        count += there[i] != NULL;
        CU_ASSERT_PTR_EQUAL_FATAL(ids_find(t, first + i), there[i]);
    }
    CU_ASSERT_EQUAL(t->count, count);
    CU_ASSERT_EQUAL(ids_told(t), count);
}

static void exercise_ids(uint64_t first)
{
    static struct order order[MANY];
    struct order *there[MANY] = { NULL };
    struct slab memory = { 0 };
    struct ids t = { .memory = &memory };
    uint32_t state = 1;

    CU_ASSERT_PTR_NULL(ids_find(&t, first));
    for (int round = 0; round < 20; round++) {
        for (int n = 0; n < MANY / 2; n++) {
            uint32_t i = draw(&state) % MANY;

            if (there[i] != NULL) {
                ids_remove(&t, first + i);
                there[i] = NULL;
            } else {
                CU_ASSERT_FATAL(ids_put(&t, first + i, &order[i]));
                there[i] = &order[i];
            }
        }
        compare_ids(&t, there, first);
    }
    for (uint64_t i = 0; i < MANY; i++) {
        if (there[i] != NULL) {
            ids_remove(&t, first + i);
        }
    }
    CU_ASSERT_EQUAL(t.count, 0);
    CU_ASSERT_EQUAL(t.pages, 0);
    ids_fini(&t);
    slab_fini(&memory);
}

static void test_orders_are_found_by_id(void)
{
    exercise_ids(1);
    exercise_ids(UINT64_MAX - MANY);
}

/* ---- names --------------------------------------------------------------------------------- */

#define ROOM 16 /* of a name's text */

static struct name *name_new(uint32_t i)
{
    struct name *n = calloc(1, sizeof *n + ROOM);

    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    n->scope = i % 3;
    n->size = (uint16_t)snprintf(n->text, ROOM, "c%u", i / 3);
    return n;
}

static uint32_t hash_of(const struct names *t, const struct name *n)
{
    return names_hash(t, n->scope, name_text(n));
}

static void compare_names(const struct names *t, struct name *const name[MANY],
                          const bool there[MANY])
{
    for (uint32_t i = 0; i < MANY; i++) {
        names_expect(t, hash_of(t, name[i]));
        CU_ASSERT_PTR_EQUAL_FATAL(
            names_find(t, hash_of(t, name[i]), name[i]->scope, name_text(name[i])),
            there[i] ? name[i] : NULL);
    }
}

static void test_names_are_found_in_their_scope(void)
{
    struct name *name[MANY];
    bool there[MANY] = { false };
    struct names t;
    uint32_t state = 2;

    names_init(&t, 7);
    for (uint32_t i = 0; i < MANY; i++) {
        name[i] = name_new(i);
    }
    for (int round = 0; round < 20; round++) {
        for (int n = 0; n < MANY / 2; n++) {
            uint32_t i = draw(&state) % MANY;

            if (there[i]) {
                names_remove(&t, name[i]);
            } else {
                CU_ASSERT_FATAL(names_put(&t, hash_of(&t, name[i]), name[i]));
            }
            there[i] = !there[i];
        }
        compare_names(&t, name, there);
    }
    names_fini(&t);
    for (uint32_t i = 0; i < MANY; i++) {
        free(name[i]);
    }
}

static void test_a_later_name_takes_the_place_of_the_same(void)
{
    struct name *first = name_new(0), *second = name_new(0);
    struct names t;

    names_init(&t, 7);
    CU_ASSERT_TRUE(names_put(&t, hash_of(&t, first), first));
    CU_ASSERT_TRUE(names_put(&t, hash_of(&t, second), second));
    names_remove(&t, first);
    CU_ASSERT_PTR_EQUAL(names_find(&t, hash_of(&t, first), 0, BYTES("c0")), second);
    names_remove(&t, second);
    CU_ASSERT_PTR_NULL(names_find(&t, hash_of(&t, first), 0, BYTES("c0")));
    names_fini(&t);
    free(first);
    free(second);
}

/* ---- the book ------------------------------------------------------------------------------ */

static struct order *add(struct book *b, uint64_t id, struct bytes cl_ord_id)
{
    struct order *o = book_order_new(b);

    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    o->id = id;
    book_expect(b, BOOK_CL_ORD_ID, o->session, cl_ord_id);
    CU_ASSERT_FATAL(book_add(b, o, cl_ord_id));
    return o;
}

static void test_a_forgotten_order_is_found_by_nothing(void)
{
    struct book *b = book_new(3, 1);
    struct order *o = add(b, 1, BYTES("a")), *other = add(b, 2, BYTES("b"));
    const char *exec_id = book_fill_add(b, o, BYTES("x1"));

    CU_ASSERT_STRING_EQUAL(exec_id, "x1");
    CU_ASSERT_PTR_EQUAL(book_fill_add(b, o, BYTES("x1")), exec_id);
    CU_ASSERT_TRUE(book_set_venue_id(b, o, BYTES("v1")));
    CU_ASSERT_PTR_EQUAL(book_by_cl_ord_id(b, 0, BYTES("a")), o);
    CU_ASSERT_PTR_EQUAL(book_by_venue_id(b, 0, BYTES("v1")), o);
    CU_ASSERT_PTR_NULL(book_by_venue_id(b, 1, BYTES("v1")));
    CU_ASSERT_TRUE(book_fill_known(b, 0, BYTES("x1")));
    book_retire(b, o);
    book_forget(b, o);
    CU_ASSERT_PTR_NULL(book_by_id(b, 1));
    CU_ASSERT_PTR_NULL(book_by_cl_ord_id(b, 0, BYTES("a")));
    CU_ASSERT_PTR_NULL(book_by_venue_id(b, 0, BYTES("v1")));
    CU_ASSERT_FALSE(book_fill_known(b, 0, BYTES("x1")));
    CU_ASSERT_PTR_EQUAL(book_by_id(b, 2), other);
    CU_ASSERT_EQUAL(book_count(b), 1);
    CU_ASSERT_EQUAL(book_last_id(b), 2);
    book_free(b);
}

static void test_an_id_is_given_once(void)
{
    struct book *b = book_new(3, 1);
    struct order *o = add(b, 1, BYTES("a")), *again = book_order_new(b);

    again->id = 1;
    CU_ASSERT_FALSE(book_add(b, again, BYTES("b")));
    CU_ASSERT_PTR_EQUAL(book_by_id(b, 1), o);
    CU_ASSERT_PTR_NULL(book_by_cl_ord_id(b, 0, BYTES("b")));
    book_free(b);
}

CU_TestInfo book_tests[] = {
    { "orders are found by id", test_orders_are_found_by_id },
    { "names are found in their scope", test_names_are_found_in_their_scope },
    { "a later name takes the place of the same", test_a_later_name_takes_the_place_of_the_same },
    { "a forgotten order is found by nothing", test_a_forgotten_order_is_found_by_nothing },
    { "an id is given once", test_an_id_is_given_once },
    CU_TEST_INFO_NULL,
};
