/*
 * engine_session_add: sessions added while running are named in the journal, and a later start with
 * another order of sessions takes the records all the same.
 */
#include <stdio.h>

#include "engine.h"
#include "engine_query.h"
#include "record.h"
#include "suites.h"

#define KEPT_MAX (SESSIONS_MAX + 16)

static const uint32_t accounts[] = { 0 };
static const struct instant now = { 5 * US_PER_S, 1767348000 * US_PER_S };

static struct engine_session session_of(const char *name)
{
    return (struct engine_session){
        .name = bytes_of(name), .account = accounts, .account_count = 1, .time_digits = 3
    };
}

static struct engine_account account_of(struct symbols *s)
{
    return (struct engine_account){ .name = BYTES("main"),
                                    .driver = venue_find(BYTES("kraken-futures")),
                                    .symbols = s,
                                    .calls_max = 1,
                                    .poll_fills_ms = 1000,
                                    .poll_orders_ms = 1000,
                                    .poll_idle_ms = 1000,
                                    .instruments_refresh_s = 3600,
                                    .order_wait_max_ms = 1000,
                                    .cancel_wait_max_ms = 1000,
                                    .call_timeout_ms = 1000,
                                    .rate_limit = true };
}

static struct engine *engine_of(const struct engine_session *sessions, size_t count,
                                const struct engine_account *account)
{
    const struct engine_config c = { .session = sessions,
                                     .session_count = count,
                                     .account = account,
                                     .account_count = 1,
                                     .seed = 1,
                                     .mass_cancel_max_ms = 1000 };
    struct engine *e = engine_new(&c);

    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    return e;
}

/* Pulls all effects; the records are kept. */
static void pull(struct engine *e, struct buf *kept, size_t *count)
{
    struct effect effect;

    while (engine_next(e, &effect)) {
        if (effect.kind == EFFECT_RECORD) {
            CU_ASSERT_FATAL(*count < KEPT_MAX);
            buf_init(&kept[*count], 1024);
            buf_bytes(&kept[(*count)++], effect.record);
        }
    }
}

static void an_added_session_is_named_and_known_after_a_restart(void)
{
    static struct buf kept[KEPT_MAX];
    size_t count = 0;
    struct symbols *symbols = symbols_new(1);
    struct engine_account account = account_of(symbols);
    struct engine_session first[] = { session_of("A") },
                          added[] = { session_of("B"), session_of("C") };
    struct engine_session later[] = { session_of("C"), session_of("A"), session_of("B") };
    struct engine *e = engine_of(first, 1, &account);
    struct record r;
    const char *error = "";

    engine_start(e, 7, &now);
    pull(e, kept, &count);
    for (size_t i = 0; i < ARRAY_LEN(added); i++) {
        CU_ASSERT_TRUE(engine_session_add(e, &added[i], &now));
        pull(e, kept, &count);
        CU_ASSERT_TRUE_FATAL(record_decode(buf_view(&kept[count - 1]), &r));
        CU_ASSERT_EQUAL(r.kind, RECORD_NAME);
        CU_ASSERT_EQUAL(r.name.what, RECORD_NAME_SESSION);
        CU_ASSERT_EQUAL(r.name.number, i + 1);
        CU_ASSERT_TRUE(bytes_equal(r.name.name, added[i].name));
        engine_session_up(e, (uint32_t)i + 1, NULL, &now);
        pull(e, kept, &count);
        CU_ASSERT_EQUAL(engine_session_live(e, (uint32_t)i + 1), 0);
    }
    engine_free(e);
    e = engine_of(later, ARRAY_LEN(later), &account);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_TRUE(engine_apply(e, buf_view(&kept[i]), &error));
        buf_fini(&kept[i]);
    }
    engine_free(e);
    symbols_free(symbols);
}

static void there_is_a_bound(void)
{
    static struct buf kept[KEPT_MAX];
    size_t count = 0;
    struct symbols *symbols = symbols_new(1);
    struct engine_account account = account_of(symbols);
    struct engine_session first[] = { session_of("A") }, more = session_of("B");
    struct engine *e = engine_of(first, 1, &account);

    engine_start(e, 7, &now);
    pull(e, kept, &count);
    for (size_t i = 1; i < SESSIONS_MAX; i++) {
        CU_ASSERT_TRUE_FATAL(engine_session_add(e, &more, &now));
        pull(e, kept, &count);
    }
    CU_ASSERT_FALSE(engine_session_add(e, &more, &now));
    for (size_t i = 0; i < count; i++) {
        buf_fini(&kept[i]);
    }
    engine_free(e);
    symbols_free(symbols);
}

CU_TestInfo engine_add_tests[] = {
    { "an added session is named and known after a restart",
      an_added_session_is_named_and_known_after_a_restart },
    { "there is a bound", there_is_a_bound },
    CU_TEST_INFO_NULL,
};
