/*
 * The made-up world: see world.h. A turn is as in the daemon: an event goes in, effects are pulled,
 * records are "durable" before anything else of the turn counts.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "fix_validate.h"

extern const struct venue_driver venue_kraken_futures;

static const uint32_t accounts[] = { 0 };

void world_fail(struct world *w, const char *format, ...)
{
    va_list args;

    if (w->failed) {
        return;
    }
    w->failed = true;
    va_start(args, format);
    vsnprintf(w->failure, sizeof w->failure, format, args);
    va_end(args);
}

bool world_field(const char *text, uint32_t tag, char *out, size_t out_size)
{
    char key[16];
    const char *at = text;
    size_t key_size = (size_t)snprintf(key, sizeof key, "%u=", tag);

    while (at != NULL && *at != '\0') {
        if (strncmp(at, key, key_size) == 0) {
            size_t size = strcspn(at + key_size, "|");

            return bytes_to_field((struct bytes){ at + key_size, size }, out, out_size);
        }
        at = strchr(at, '|');
        at = at == NULL ? NULL : at + 1;
    }
    return false;
}

/* ---- messages ------------------------------------------------------------------------------ */

static size_t frame(char *out, size_t out_size, const char *msg_type, const char *body,
                    bool outgoing)
{
    char inner[4096];
    unsigned sum = 0;
    int n =
        snprintf(inner, sizeof inner, "35=%s|49=%s|56=%s|34=1|52=20261120-10:00:00.000|%s",
                 msg_type, outgoing ? "BRIDGE" : "CLIENT", outgoing ? "CLIENT" : "BRIDGE", body);
    int total = snprintf(out, out_size, "8=FIX.4.4|9=%d|%s", n, inner);

    for (int i = 0; i < total; i++) {
        out[i] = out[i] == '|' ? '\001' : out[i];
        sum += (unsigned char)out[i];
    }
    total += snprintf(out + total, out_size - (size_t)total, "10=%03u\001", sum % 256);
    return (size_t)total;
}

/* What is sent must pass the dictionary, always. */
static void check_valid(struct world *w, const char *msg_type, const char *body)
{
    static struct fix_msg m;
    char text[8192];
    size_t size = frame(text, sizeof text, msg_type, body, true);
    enum fix_msg_error error = fix_msg_parse(&m, (struct bytes){ text, size });
    struct fix_verdict v = fix_validate(w->dict, &m, error, &fix_validate_defaults);

    if (v.reason != FIX_REJECT_NONE) {
        world_fail(w, "sent a message that the dictionary refuses: reason %d tag %u in 35=%s|%s",
                   (int)v.reason, v.tag, msg_type, body);
    }
}

static void take_message(struct world *w, uint32_t session, const struct fix_body *b)
{
    struct world_message *m = &w->message[w->message_count];
    char body[2000];
    size_t size = b->out->size < sizeof body - 1 ? b->out->size : sizeof body - 1;

    if (b->out->failed && w->body_failed != NULL) {
        w->body_failed(w);
    }
    if (w->message_count + 1 >= WORLD_MESSAGES || b->out->failed) {
        world_fail(w, "too many messages, or a body that failed");
        return;
    }
    memcpy(body, b->out->data, size);
    body[size] = '\0';
    for (size_t i = 0; i < size; i++) {
        body[i] = body[i] == '\001' ? '|' : body[i];
    }
    snprintf(m->text, sizeof m->text, "35=%s|%s", b->msg_type, body);
    m->session = session;
    m->consumed = false;
    w->message_count++;
    if (w->verbose) {
        printf("    client %c < %s\n", 'A' + (int)session, m->text);
    }
    check_valid(w, b->msg_type, body);
}

static void keep_record(struct world *w, struct bytes record)
{
    uint32_t size = (uint32_t)record.size;

    buf_add(&w->journal, &size, sizeof size);
    buf_bytes(&w->journal, record);
    ASSERT(!w->journal.failed);
}

static void pull(struct world *w)
{
    struct effect f;

    while (engine_next(w->engine, &f)) {
        switch (f.kind) {
        case EFFECT_RECORD: keep_record(w, f.record); break;
        case EFFECT_FIX_SEND: take_message(w, f.fix.session, f.fix.body); break;
        case EFFECT_FIX_REJECT:
            if (w->verbose) {
                printf("    client %c < Reject %d tag %u %s\n", 'A' + (int)f.reject.session,
                       f.reject.reason, f.reject.tag, f.reject.text);
            }
            break;
        case EFFECT_VENUE_CALL:
            ASSERT(w->transit_count < ARRAY_LEN(w->transit));
            w->transit[w->transit_count].id = f.venue.id;
            w->transit[w->transit_count++].call = f.venue.call;
            break;
        case EFFECT_NOTE:
            w->ghosts += strcmp(f.note.event, "order.ghost") == 0;
            if (w->verbose) {
                printf("    note %s %s\n", f.note.event, f.note.text);
            }
            break;
        }
    }
}

static void answer_one(struct world *w)
{
    uint64_t id = w->transit[0].id;
    const struct venue_call *call = w->transit[0].call;
    struct venue_reply reply;
    const char *why;
    enum venue_outcome outcome;

    w->transit_count--;
    memmove(w->transit, w->transit + 1, w->transit_count * sizeof w->transit[0]);
    arena_reset(w->arena);
    outcome = model_call(w->venue, call, w->now.wall_us, w->arena, &reply, &why);
    if (w->verbose && venue_op_acts(call->op)) {
        printf("    venue %s %.*s -> %s %s\n", venue_op_text(call->op),
               BYTES_ARG(call->order.client_id), venue_outcome_text(outcome), why);
    }
    w->now.mono_us += 500;
    w->now.wall_us += 500;
    engine_venue_result(w->engine, id, outcome, outcome == VENUE_UNKNOWN ? NULL : &reply, why,
                        &w->now);
    pull(w);
}

void world_go(struct world *w)
{
    for (unsigned n = 0; w->transit_count > 0 && !w->hold; n++) {
        if (n > 100000) {
            world_fail(w, "the engine never comes to rest");
            return;
        }
        answer_one(w);
    }
}

static void note_one(struct world *w, uint32_t session, char type, struct bytes id,
                     const char *text)
{
    struct world_request *r = &w->request[w->request_count];

    ASSERT(w->request_count < ARRAY_LEN(w->request));
    memset(r, 0, sizeof *r);
    r->session = session;
    r->type = type;
    ASSERT(bytes_to_field(id, r->cl_ord_id, sizeof r->cl_ord_id));
    if (type == 'E') {
        (void)world_field(text, 66, r->list, sizeof r->list);
    }
    for (size_t i = 0; i < w->request_count; i++) {
        if (w->request[i].session == session &&
            strcmp(w->request[i].cl_ord_id, r->cl_ord_id) == 0) {
            w->request[i].duplicate = true; /* both get answers with the same id: not counted */
            r->duplicate = true;
        }
    }
    w->request_count++;
}

/* A list has several ClOrdIDs, one an order. Two messages with one ListID get answers by that name:
 * not counted, as for a ClOrdID. */
static void note_request(struct world *w, uint32_t session, const char *text)
{
    size_t first = w->request_count;

    for (const char *at = strstr(text, "|11="); at != NULL; at = strstr(at + 1, "|11=")) {
        note_one(w, session, text[3], (struct bytes){ at + 4, strcspn(at + 4, "|") }, text);
        if (text[3] != 'E') {
            return;
        }
    }
    for (size_t i = 0; i < first && first < w->request_count; i++) {
        struct world_request *r = &w->request[i];

        if (r->session == session && r->type == 'E' &&
            strcmp(r->list, w->request[first].list) == 0) {
            r->duplicate = true;
            for (size_t k = first; k < w->request_count; k++) {
                w->request[k].duplicate = true;
            }
        }
    }
}

void world_client(struct world *w, uint32_t session, const char *text)
{
    static struct fix_msg m;
    static char wire[8192];
    char type[4] = "", resend[2] = "";
    const char *body = strchr(text, '|');
    enum fix_msg_error error;
    struct fix_verdict v;
    size_t size;

    ASSERT(world_field(text, 35, type, sizeof type) && body != NULL);
    if (!w->repeats) {
        note_request(w, session, text);
    }
    size = frame(wire, sizeof wire, type, body + 1, false);
    error = fix_msg_parse(&m, (struct bytes){ wire, size });
    v = fix_validate(w->dict, &m, error, &fix_validate_defaults);
    if (v.reason != FIX_REJECT_NONE) {
        world_fail(w, "the scenario's own message is not valid: reason %d tag %u in %s",
                   (int)v.reason, v.tag, text);
        return;
    }
    (void)world_field(text, 97, resend, sizeof resend);
    engine_fix_message(w->engine, session, &m, resend[0] == 'Y', &w->now);
    pull(w);
    world_go(w);
}

void world_session(struct world *w, uint32_t session, bool up, const struct engine_choice *choice)
{
    if (up) {
        engine_session_up(w->engine, session, choice, &w->now);
    } else {
        engine_session_down(w->engine, session, &w->now);
    }
    pull(w);
    world_go(w);
}

void world_drain(struct world *w)
{
    engine_drain(w->engine, &w->now);
    pull(w);
    world_go(w);
}

void world_correct(struct world *w, uint32_t session, const char *cl_ord_id,
                   const struct engine_correction *how, bool strict)
{
    struct engine_correction c = *how;
    const char *why;

    c.order_id = world_order_id(w, session, cl_ord_id);
    why = engine_correct(w->engine, &c, &w->now);
    if (why != NULL && strict) {
        world_fail(w, "the correction was refused: %s", why);
    }
    pull(w);
    world_go(w);
}

void world_cancel_all(struct world *w, uint32_t session)
{
    (void)engine_cancel_all(w->engine, session, 0, &w->now);
    pull(w);
    world_go(w);
}

struct model_order *world_model(struct world *w, uint64_t order_id)
{
    const struct order *o = engine_order_by_id(w->engine, order_id);

    return o == NULL ? NULL : model_find(w->venue, bytes_of(o->client_id));
}

bool world_decide(struct world *w, uint64_t order_id, const char *what, const char *venue_id)
{
    static const enum engine_verdict verdicts[] = { ENGINE_IS_THERE, ENGINE_IS_ABSENT,
                                                    ENGINE_IS_CANCELED };
    const char *why = "";
    bool good = false;

    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        if (strcmp(what, engine_verdict_text(verdicts[i])) == 0) {
            good =
                engine_decide(w->engine, order_id, verdicts[i], bytes_of(venue_id), &w->now, &why);
        }
    }
    if (w->verbose && !good) {
        printf("    not decided: %s\n", why);
    }
    pull(w);
    world_go(w);
    return good;
}

/* ---- time and crash ------------------------------------------------------------------------ */

void world_wait(struct world *w, int64_t us)
{
    int64_t until = w->now.mono_us + us;

    for (unsigned n = 0; w->now.mono_us < until; n++) {
        int64_t next = engine_deadline(w->engine);

        next = next > until ? until : next <= w->now.mono_us ? w->now.mono_us + 1000 : next;
        next = next > w->now.mono_us + 100 * US_PER_MS ? w->now.mono_us + 100 * US_PER_MS : next;
        w->now.wall_us += next - w->now.mono_us;
        w->now.mono_us = next;
        model_tick(w->venue, w->now.wall_us);
        engine_tick(w->engine, &w->now);
        pull(w);
        world_go(w);
        if (n > 1000000 || w->failed) {
            world_fail(w, "time does not pass");
            return;
        }
    }
}

/* A new engine out of the records of a journal, before its start. */
static struct engine *replay(struct world *w, const struct buf *journal)
{
    struct engine_config c = { w->session, WORLD_SESSIONS, &w->account, 1, 0x1234, 10000, 0 };
    struct engine *e;
    const char *error = "";

    symbols_free(w->symbols);
    w->symbols = symbols_new(7);
    ASSERT(w->symbols != NULL);
    ASSERT(symbols_alias(w->symbols, BYTES("BTC/USD"), BYTES("PF_XBTUSD")));
    w->account.symbols = w->symbols;
    e = engine_new(&c);
    ASSERT(e != NULL);
    for (size_t at = 0; at < journal->size;) {
        uint32_t size;

        memcpy(&size, journal->data + at, sizeof size);
        if (!engine_apply(e, (struct bytes){ journal->data + at + sizeof size, size }, &error)) {
            world_fail(w, "recovery failed: %s", error);
        }
        at += sizeof size + size;
    }
    return e;
}

static struct engine *start_engine(struct world *w)
{
    struct engine *e = replay(w, &w->journal);

    engine_start(e, 0xfeedface, &w->now);
    return e;
}

/* ---- snapshots ----------------------------------------------------------------------------- */

static struct buf snapshot_of(const struct engine *e)
{
    struct engine_snapshot at = { 0 };
    struct buf record, all;

    buf_init(&record, JOURNAL_RECORD_MAX);
    buf_init(&all, 256 * 1024 * 1024);
    while (engine_snapshot_next(e, &at, &record)) {
        uint32_t size = (uint32_t)record.size;

        ASSERT(!record.failed);
        buf_add(&all, &size, sizeof size);
        buf_bytes(&all, buf_view(&record));
        buf_clear(&record);
    }
    ASSERT(!all.failed);
    buf_fini(&record);
    return all;
}

static void expect_same(struct world *w, const struct buf *a, const struct buf *b, const char *what)
{
    if (!bytes_equal(buf_view(a), buf_view(b))) {
        world_fail(w, "%s is another state than that of the running engine", what);
    }
}

/* The symbols belong to the engine that was made last: these are only looked at. */
static struct buf snapshot_of_replay(struct world *w, const struct buf *journal)
{
    struct engine *e = replay(w, journal);
    struct buf all = snapshot_of(e);

    engine_free(e);
    return all;
}

/* The journal, replayed, gives the state of the running engine, to the byte; so does the snapshot;
 * and it takes the journal's place. */
static void compact(struct world *w)
{
    struct buf now = snapshot_of(w->engine);
    struct buf replayed = snapshot_of_replay(w, &w->journal);
    struct buf again = snapshot_of_replay(w, &now);

    expect_same(w, &now, &replayed, "what the journal's records give");
    expect_same(w, &now, &again, "what the snapshot gives");
    buf_fini(&replayed);
    buf_fini(&again);
    buf_fini(&w->journal);
    w->journal = now;
}

void world_crash(struct world *w, bool acted)
{
    world_crash_for(w, acted, US_PER_S);
}

void world_crash_for(struct world *w, bool acted, int64_t down_us)
{
    struct venue_reply reply;
    const char *why;

    if (w->verbose) {
        printf("    *** crash, %zu calls in transit %s\n", w->transit_count,
               acted ? "acted" : "lost");
    }
    for (size_t i = 0; acted && i < w->transit_count; i++) {
        arena_reset(w->arena);
        (void)model_call(w->venue, w->transit[i].call, w->now.wall_us, w->arena, &reply, &why);
    }
    w->transit_count = 0;
    if (w->through_snapshot) {
        compact(w);
    }
    engine_free(w->engine);
    w->now.mono_us += down_us;
    w->now.wall_us += down_us;
    w->engine = start_engine(w);
    pull(w);
    world_go(w);
}

static void set_nameless(struct world *w, bool has_status)
{
    static const enum venue_op lists[] = { VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY, VENUE_OP_COUNT };
    static const enum venue_op all[] = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY,
                                         VENUE_OP_COUNT };

    w->venue->anonymous = true;
    w->driver.features &= ~(uint32_t)VENUE_HAS_CLIENT_ID;
    w->driver.status_ids_max = 1;
    w->driver.endpoint[VENUE_FILLS].build = NULL;
    w->driver.endpoint[VENUE_EXECUTIONS].build = NULL;
    /* Kraken's histories are dear; venues of this kind live by theirs. */
    memset(w->driver.endpoint[VENUE_ORDER_HISTORY].cost, 0,
           sizeof w->driver.endpoint[VENUE_ORDER_HISTORY].cost);
    w->driver.endpoint[VENUE_ORDER_HISTORY].cost_fn = NULL;
    if (has_status) {
        memcpy(w->driver.lookup, all, sizeof all);
    } else {
        w->driver.endpoint[VENUE_STATUS].build = NULL;
        memcpy(w->driver.lookup, lists, sizeof lists);
    }
}

static void set_anonymous(struct world *w)
{
    set_nameless(w, false);
}

static void set_named_by_venue(struct world *w)
{
    set_nameless(w, true);
}

static void set_unsure(struct world *w)
{
    set_nameless(w, true);
    w->venue->anonymous = false;
    w->venue->unsure = true;
    w->driver.features |= VENUE_CLIENT_ID_UNSURE;
}

static void set_by_symbol(struct world *w)
{
    const struct venue_endpoint executions = w->driver.endpoint[VENUE_EXECUTIONS];

    set_nameless(w, true);
    w->venue->by_symbol = true;
    w->driver.features |= VENUE_LISTS_BY_SYMBOL;
    w->driver.endpoint[VENUE_EXECUTIONS] = executions;
}

static void set_fills_only(struct world *w)
{
    set_nameless(w, true);
    w->venue->fills_only = true;
    w->driver.features |= VENUE_STATUS_IS_FILLS;
    w->driver.endpoint[VENUE_OPEN_ORDERS].build = NULL;
    w->driver.endpoint[VENUE_ORDER_HISTORY].build = NULL;
}

static void set_async(struct world *w)
{
    w->venue->asynchronous = true;
}

static void set_no_amend(struct world *w)
{
    w->driver.endpoint[VENUE_REPLACE].build = NULL;
}

static void set_attached(struct world *w)
{
    w->driver.features |= VENUE_HAS_ATTACHED_TPSL;
}

static void set_self_trade(struct world *w)
{
    w->driver.features |= VENUE_HAS_STP;
}

static void set_money(struct world *w)
{
    w->driver.features |= VENUE_HAS_QUOTE_QTY;
}

static void set_successors(struct world *w)
{
    w->venue->successors = true;
}

static void set_hedge(struct world *w)
{
    w->driver.features |= VENUE_HAS_POSITION_SIDE;
    w->account.hedge = true;
}

static void set_untimed(struct world *w)
{
    w->driver.process_before_us = 0;
}

static void set_eager(struct world *w)
{
    w->account.poll_fills_ms = 50;
}

static const struct {
    const char *word;
    void (*set)(struct world *w);
} kinds[] = {
    { "anonymous", set_anonymous },   { "nameless", set_named_by_venue },
    { "unsure", set_unsure },         { "by-symbol", set_by_symbol },
    { "fills-only", set_fills_only }, { "async", set_async },
    { "no-amend", set_no_amend },     { "tpsl", set_attached },
    { "stp", set_self_trade },        { "quote", set_money },
    { "hedge", set_hedge },           { "successors", set_successors },
    { "eager", set_eager },           { "untimed", set_untimed },
};

bool world_kind(struct world *w, const char *words)
{
    char text[128], *save = NULL;

    snprintf(text, sizeof text, "%s", words);
    for (char *word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        size_t i = 0;

        while (i < ARRAY_LEN(kinds) && strcmp(word, kinds[i].word) != 0) {
            i++;
        }
        if (i == ARRAY_LEN(kinds)) {
            return false;
        }
        kinds[i].set(w);
    }
    world_crash(w, false);
    return true;
}

void world_setting(struct world *w, const char *words)
{
    size_t i = w->account.setting_count;
    char what[32] = "";
    bool leverage;

    ASSERT(i < ARRAY_LEN(w->setting));
    (void)sscanf(words, "%31s %31s", what, w->setting_value[i]);
    leverage = strcmp(what, "leverage") == 0;
    w->setting[i] = (struct engine_setting){
        .what = leverage ? VENUE_SETTING_LEVERAGE : VENUE_SETTING_SELF_TRADE,
        .symbol = leverage ? BYTES("PF_XBTUSD") : BYTES(""),
        .want = bytes_of(w->setting_value[i]),
        .apply = strstr(words, " apply") != NULL,
        .warn = strstr(words, " warn") != NULL,
    };
    w->account.setting = w->setting;
    w->account.setting_count = i + 1;
    world_crash(w, false);
}

/* ---- life ---------------------------------------------------------------------------------- */

static struct bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *data = malloc(4 * 1024 * 1024);
    size_t n = 0;

    if (f != NULL && data != NULL) {
        n = fread(data, 1, 4 * 1024 * 1024, f);
    }
    if (f != NULL) {
        fclose(f);
    }
    return (struct bytes){ data, n };
}

/* What clients may send beyond the stock dictionary. */
static const struct {
    uint32_t tag;
    const char *name, *type;
} customs[] = {
    { 7928, "SelfTradePrevention", "CHAR" }, { 20005, "Leverage", "QTY" },
    { 22100, "MarginMode", "CHAR" },         { 22101, "TakeProfitPx", "PRICE" },
    { 22102, "StopLossPx", "PRICE" },        { 22103, "TakeProfitLimitPx", "PRICE" },
    { 22104, "StopLossLimitPx", "PRICE" },
};

struct world *world_new(const char *dictionary_path)
{
    struct world *w = calloc(1, sizeof *w);
    struct bytes xml = read_file(dictionary_path);
    char error[512] = "";

    ASSERT(w != NULL);
    w->dict = fix_dict_new(xml, error, sizeof error);
    free((void *)(uintptr_t)xml.data);
    if (w->dict == NULL) {
        fprintf(stderr, "%s: %s\n", dictionary_path, error);
        exit(2);
    }
    for (size_t i = 0; i < ARRAY_LEN(customs); i++) {
        ASSERT(fix_dict_add_field(w->dict, BYTES("D"), customs[i].tag, customs[i].name,
                                  customs[i].type));
    }
    /* As the daemon has it; nothing that is sent has this field. */
    ASSERT(fix_dict_add_field(w->dict, BYTES("G"), 22109, "CancelAndNew", "BOOLEAN"));
    w->message = calloc(WORLD_MESSAGES, sizeof *w->message);
    w->venue = malloc(sizeof *w->venue);
    w->arena = arena_new(256 * 1024 * 1024);
    ASSERT(w->message != NULL && w->venue != NULL && w->arena != NULL);
    model_init(w->venue);
    buf_init(&w->journal, 256 * 1024 * 1024);
    w->now = (struct instant){ 1000 * US_PER_S, INT64_C(1763632800) * US_PER_S };
    w->driver = venue_kraken_futures;
    w->account = (struct engine_account){
        .name = BYTES("main"),
        .driver = &w->driver,
        .calls_max = 16,
        .poll_fills_ms = 500,
        .poll_orders_ms = 2000,
        .poll_idle_ms = 10000,
        .instruments_refresh_s = 3600,
        .order_wait_max_ms = 2000,
        .cancel_wait_max_ms = 30000,
        .call_timeout_ms = 5000,
        .bulk_cancel = true,
        .rate_limit = true,
        .deadman_timeout_s = 60,
    };
    for (unsigned i = 0; i < WORLD_SESSIONS; i++) {
        w->session[i] = (struct engine_session){
            .name = i == 0 ? BYTES("A") : BYTES("B"),
            .rules = { 36, true, false },
            .account = accounts,
            .account_count = 1,
            .report_pending_new = true,
            .time_digits = 3,
            .choice = { .grace_ms = 500 },
            .copy = accounts,
            .copy_count = 1,
            .client = i == 0 ? BYTES("CLIENT-A") : BYTES("CLIENT-B"),
        };
    }
    w->engine = start_engine(w);
    pull(w);
    world_go(w);
    return w;
}

void world_free(struct world *w)
{
    engine_free(w->engine);
    symbols_free(w->symbols);
    fix_dict_free(w->dict);
    arena_free(w->arena);
    buf_fini(&w->journal);
    free(w->message);
    free(w->venue);
    free(w);
}
