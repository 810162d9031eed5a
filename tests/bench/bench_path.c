/*
 * The pure path of an order, without sockets and disk: NewOrderSingle bytes in -> session,
 * dictionary, engine, driver -> signed HTTP bytes out; and HTTP response in -> driver, engine,
 * session -> ExecutionReport bytes out. Prints nanoseconds an order (median of runs) for each half,
 * and for engine, book and translation alone, which alternate with the halves: the same messages,
 * the clock read around the engine's functions only, its effects pulled within and carried out
 * afterwards. With a nearly empty book and, when asked, again with many live orders in it, and what
 * memory one of those takes; asserts nothing.
 *
 *     bench_path dictionaries/FIX44.xml [orders a run [live orders [accounts [sessions]]]]
 *
 * The orders are of one session and go to one account, whatever else is configured.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "arena.h"
#include "assert.h"
#include "engine.h"
#include "fix_session.h"
#include "timestamp.h"

#define RUNS 7

extern const struct venue_driver venue_kraken_futures;

static int64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#define EFFECTS_MAX 4096
#define INTERRUPTED_NS 100000 /* other processes had the CPU meanwhile: left out, and counted */

static int64_t wall_ns(void) /* a tenth of what reading the CPU's time costs */
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct bench {
    struct effect effect[EFFECTS_MAX]; /* of the event, pulled and not yet carried out */
    size_t effect_count;
    bool core_only; /* time the engine, and nothing else */
    int64_t core_ns;
    long core_count, interrupted;
    struct engine *engine;
    struct fix_session *session;
    struct venue_account account;
    struct arena *arena;
    struct http_request request;
    struct instant now;
    uint64_t seq, call_id, http_bytes, fix_bytes;
    struct venue_call call;
};

static const uint32_t accounts[] = { 0 };

/* ---- a store that counts and keeps nothing: what is measured is the order's memory -------------
 */

static bool store_append(struct fix_store *st, uint64_t seq, struct bytes message)
{
    (void)message;
    st->next_out = seq + 1;
    return true;
}

static bool store_set_next(struct fix_store *st, uint64_t next_in, uint64_t next_out)
{
    st->next_in = next_in;
    st->next_out = next_out;
    return true;
}

static bool store_read(struct fix_store *st, uint64_t seq, struct bytes *message)
{
    (void)st;
    (void)seq;
    (void)message;
    return false;
}

static bool store_reset(struct fix_store *st)
{
    st->next_in = st->next_out = 1;
    return true;
}

static const struct fix_store_ops store_ops = {
    .append = store_append,
    .set_next = store_set_next,
    .read = store_read,
    .reset = store_reset,
};
static struct fix_store store = { &store_ops, 1, 1 };

/* A message of the client, framed. */
static struct bytes frame(char *out, size_t out_size, struct bench *b, const char *type,
                          const char *body)
{
    char inner[1024], when[TIMESTAMP_TEXT_MAX];
    unsigned sum = 0;
    int n, total;

    timestamp_print(b->now.wall_us, 3, when);
    n = snprintf(inner, sizeof inner, "35=%s\00149=CLIENT\00156=BRIDGE\00134=%llu\00152=%s\001%s",
                 type, (unsigned long long)++b->seq, when, body);
    total = snprintf(out, out_size, "8=FIX.4.4\0019=%d\001%s", n, inner);
    for (int i = 0; i < total; i++) {
        sum += (unsigned char)out[i];
    }
    total += snprintf(out + total, out_size - (size_t)total, "10=%03u\001", sum % 256);
    return (struct bytes){ out, (size_t)total };
}

static void pull(struct bench *b)
{
    b->effect_count = 0;
    while (engine_next(b->engine, &b->effect[b->effect_count])) {
        b->effect_count++;
        ASSERT(b->effect_count < EFFECTS_MAX);
    }
}

/* What the engine does about one event, and what it costs to get it said. */
struct event {
    const struct fix_msg *msg;
    enum venue_outcome outcome;
    const struct venue_reply *reply;
};

static void engine_takes(struct bench *b, const struct event *ev)
{
    int64_t start_ns = b->core_only ? wall_ns() : 0, took_ns;

    if (ev->msg != NULL) {
        engine_fix_message(b->engine, 0, ev->msg, false, &b->now);
    } else {
        engine_venue_result(b->engine, b->call_id, ev->outcome, ev->reply, "", &b->now);
    }
    pull(b);
    took_ns = b->core_only ? wall_ns() - start_ns : 0;
    if (took_ns > INTERRUPTED_NS) {
        b->interrupted++;
    } else if (b->core_only) {
        b->core_ns += took_ns;
        b->core_count++;
    }
}

static void build(struct bench *b, const struct effect *f)
{
    b->call_id = f->venue.id;
    b->call = *f->venue.call;
    http_request_clear(&b->request);
    ASSERT(venue_kraken_futures.endpoint[VENUE_PLACE].build(&b->account, f->venue.call,
                                                            &b->request) == VENUE_BUILD_OK);
    b->http_bytes += b->request.target.size + b->request.headers.size + b->request.body.size;
}

/* Calls other than orders end at once and empty. */
static void carry_out(struct bench *b)
{
    static uint64_t ended[EFFECTS_MAX];
    size_t count = 0;
    struct effect f;

    for (size_t i = 0; i < b->effect_count; i++) {
        const struct effect *effect = &b->effect[i];

        if (effect->kind == EFFECT_FIX_SEND) {
            ASSERT(fix_session_send(b->session, effect->fix.body, &b->now));
        } else if (effect->kind == EFFECT_VENUE_CALL && effect->venue.call->op == VENUE_PLACE) {
            build(b, effect);
        } else if (effect->kind == EFFECT_VENUE_CALL) {
            ASSERT(count < ARRAY_LEN(ended));
            ended[count++] = effect->venue.id;
        }
    }
    for (size_t i = 0; i < count; i++) {
        engine_venue_result(b->engine, ended[i], VENUE_DONE, NULL, "", &b->now);
        ASSERT(!engine_next(b->engine, &f));
    }
}

static void drain_session(struct bench *b)
{
    struct bytes out = fix_session_output(b->session);

    b->fix_bytes += out.size;
    fix_session_wrote(b->session, out.size);
}

static void feed(struct bench *b, struct bytes message)
{
    struct fix_event e;

    ASSERT(fix_session_feed(b->session, message, &b->now) == message.size);
    while (fix_session_next(b->session, &e)) {
        if (e.kind == FIX_EVENT_LOGON) {
            fix_session_accept(b->session, &b->now);
        } else if (e.kind == FIX_EVENT_MESSAGE) {
            engine_takes(b, &(struct event){ .msg = e.msg });
            carry_out(b);
        }
    }
    drain_session(b);
}

static void answer(struct bench *b, const char *body)
{
    struct http_response rsp = { .status = 200,
                                 .headers = BYTES("Content-Type: application/json\r\n"),
                                 .body = bytes_of(body) };
    struct venue_reply reply;
    enum venue_outcome outcome;

    memset(&reply, 0, sizeof reply);
    arena_reset(b->arena);
    outcome = venue_kraken_futures.endpoint[VENUE_PLACE].parse(&b->call, &rsp, b->arena, &reply);
    ASSERT(outcome == VENUE_DONE);
    engine_takes(b, &(struct event){ .outcome = outcome, .reply = &reply });
    carry_out(b);
    drain_session(b);
}

static void load_instruments(struct symbols *s)
{
    static const struct venue_instrument list[] = {
        { .symbol = { "PF_XBTUSD", 9 }, .tick = { 1, 0 }, .lot = { 1, 4 }, .tradeable = true },
    };

    ASSERT(symbols_load(s, list, 1));
}

static struct bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *data = malloc(4 * 1024 * 1024);
    size_t n = f == NULL || data == NULL ? 0 : fread(data, 1, 4 * 1024 * 1024, f);

    if (f != NULL) {
        fclose(f);
    }
    return (struct bytes){ data, n };
}

static struct engine *open_engine(size_t account_count, size_t session_count)
{
    struct engine_session *session = calloc(session_count, sizeof *session);
    struct engine_account *account = calloc(account_count, sizeof *account);
    struct engine_config config = { session, session_count, account, account_count, 1, 10000, 0 };
    char(*name)[32] = calloc(account_count + session_count, sizeof *name);
    struct symbols *symbols = symbols_new(1);

    ASSERT(session != NULL && account != NULL && name != NULL);
    load_instruments(symbols);
    for (size_t i = 0; i < session_count; i++, name++) {
        snprintf(*name, sizeof *name, "CLIENT%zu", i);
        session[i] = (struct engine_session){
            .name = bytes_of(*name),
            .rules = { 36, true, false },
            .account = accounts,
            .account_count = 1,
            .report_pending_new = true,
            .time_digits = 3,
        };
    }
    for (size_t i = 0; i < account_count; i++, name++) {
        snprintf(*name, sizeof *name, i == 0 ? "main" : "other%zu", i);
        account[i] = (struct engine_account){
            .name = bytes_of(*name),
            .driver = &venue_kraken_futures,
            .symbols = symbols,
            .calls_max = 1000000,
            .poll_fills_ms = 1000000,
            .poll_orders_ms = 1000000,
            .poll_idle_ms = 1000000,
            .instruments_refresh_s = 3600,
            .order_wait_max_ms = 5000,
            .cancel_wait_max_ms = 5000,
            .call_timeout_ms = 5000,
        };
    }
    return engine_new(&config);
}

static void open_all(struct bench *b, const char *dictionary, size_t accounts_count,
                     size_t sessions_count)
{
    struct fix_session_config sc;
    char error[256], wire[512];
    const char *why = "";

    memset(b, 0, sizeof *b);
    b->now = (struct instant){ 1000 * US_PER_S, INT64_C(1795000000) * US_PER_S };
    b->account = (struct venue_account){
        .driver = &venue_kraken_futures,
        .name = BYTES("main"),
        .base_url = BYTES("http://127.0.0.1"),
        .key = BYTES("key"),
        .secret = BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Nj"
                        "c4OTo7PD0+Pw=="),
    };
    ASSERT(venue_kraken_futures.account_open(&b->account, &why));
    http_request_init(&b->request);
    b->arena = arena_new(16 * 1024 * 1024);
    b->engine = open_engine(accounts_count, sessions_count);
    ASSERT(b->engine != NULL && b->arena != NULL);
    engine_note_least(b->engine, NOTE_INFO); /* as the service does by default */
    fix_session_config_defaults(&sc);
    sc.our_comp_id = BYTES("BRIDGE");
    sc.their_comp_id = BYTES("CLIENT");
    sc.dict = fix_dict_new(read_file(dictionary), error, sizeof error);
    ASSERT(sc.dict != NULL);
    b->session = fix_session_new(&sc, &store);
    engine_start(b->engine, 1, &b->now);
    pull(b);
    carry_out(b);
    fix_session_connect(b->session, &b->now);
    feed(b, frame(wire, sizeof wire, b, "A", "98=0\001108=30\001"));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run(struct bench *b, long orders, double *in_ns, double *out_ns)
{
    static long next;
    int64_t in = 0, out = 0;
    char wire[1024], body[512], reply[2048];

    for (long i = 0; i < orders; i++) {
        struct bytes message;
        int64_t t0, t1;

        b->now.mono_us += 10;
        b->now.wall_us += 10;
        snprintf(body, sizeof body,
                 "11=ORD-%ld\0011=main\00121=1\00155=PF_XBTUSD\00154=1\00160=20261118-10:00:00."
                 "000\00138=1.5\001"
                 "40=2\00144=60000\00159=1\00118=6\001",
                 ++next);
        message = frame(wire, sizeof wire, b, "D", body);
        t0 = cpu_ns();
        feed(b, message);
        t1 = cpu_ns();
        in += t1 - t0;
        snprintf(reply, sizeof reply,
                 "{\"result\":\"success\",\"serverTime\":\"2026-11-20T10:00:00.124Z\","
                 "\"sendStatus\":{\"order_id\":"
                 "\"5a8f2d0e-1f39-4b0e-9a55-%012ld\",\"cliOrdId\":\"%.*s\",\"status\":\"placed\","
                 "\"receivedTime\":"
                 "\"2026-11-20T10:00:00.123Z\",\"orderEvents\":[{\"type\":\"PLACE\","
                 "\"reducedQuantity\":null,"
                 "\"order\":{\"orderId\":\"5a8f2d0e-1f39-4b0e-9a55-%012ld\",\"cliOrdId\":\"%.*s\","
                 "\"type\":\"lmt\","
                 "\"symbol\":\"PF_XBTUSD\",\"side\":\"buy\",\"quantity\":1.5,\"filled\":0,"
                 "\"limitPrice\":60000.0,"
                 "\"reduceOnly\":false,\"timestamp\":\"2026-11-20T10:00:00.123Z\","
                 "\"lastUpdateTimestamp\":"
                 "\"2026-11-20T10:00:00.123Z\"}}]}}",
                 next, BYTES_ARG(b->call.order.client_id), next,
                 BYTES_ARG(b->call.order.client_id));
        t0 = cpu_ns();
        answer(b, reply);
        out += cpu_ns() - t0;
    }
    *in_ns = (double)in / (double)orders;
    *out_ns = (double)out / (double)orders;
}

/* One reading of the clock, as it lies between the two around the engine. */
static double clock_costs_ns(void)
{
    int64_t start_ns = wall_ns(), end_ns = start_ns;

    for (int i = 0; i < 1000; i++) {
        end_ns = wall_ns();
    }
    return (double)(end_ns - start_ns) / 1000;
}

static void measure(struct bench *b, long orders)
{
    double in[RUNS], out[RUNS], core[RUNS], clock[RUNS], ignored;

    for (int i = 0; i < RUNS; i++) {
        run(b, orders, &in[i], &out[i]);
        b->core_only = true;
        b->core_ns = b->core_count = 0;
        run(b, orders, &ignored, &ignored);
        b->core_only = false;
        core[i] = 2 * (double)b->core_ns / (double)b->core_count; /* two events an order */
        clock[i] = clock_costs_ns();
    }
    qsort(in, RUNS, sizeof in[0], by_value);
    qsort(out, RUNS, sizeof out[0], by_value);
    qsort(core, RUNS, sizeof core[0], by_value);
    qsort(clock, RUNS, sizeof clock[0], by_value);
    printf("NewOrderSingle in -> signed HTTP request out   %8.0f ns (median of %d runs of %ld "
           "orders)\n",
           in[RUNS / 2], RUNS, orders);
    printf("HTTP response in -> ExecutionReport New out    %8.0f ns\n", out[RUNS / 2]);
    printf("engine, book and translation alone, of both    %8.0f ns (two readings of the clock, "
           "%.0f ns, within; interrupted: %ld)\n",
           core[RUNS / 2], 2 * clock[RUNS / 2], b->interrupted);
    b->interrupted = 0;
}

static size_t allocated(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

int main(int argc, char **argv)
{
    struct bench b;
    long orders = argc > 2 ? strtol(argv[2], NULL, 10) : 20000;
    long live = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
    long accounts_count = argc > 4 ? strtol(argv[4], NULL, 10) : 1;
    long sessions_count = argc > 5 ? strtol(argv[5], NULL, 10) : 1;

    if (argc < 2 || orders < 1 || live < 0 || accounts_count < 1 || sessions_count < 1) {
        fprintf(stderr, "usage: bench_path DICTIONARY [ORDERS [LIVE [ACCOUNTS [SESSIONS]]]]\n");
        return 2;
    }
    open_all(&b, argv[1], (size_t)accounts_count, (size_t)sessions_count);
    measure(&b, orders);
    if (live > 0) {
        size_t before = allocated();
        double in, out;

        run(&b, live, &in, &out);
        printf("with %ld live orders more, %zu bytes each:\n", live,
               (allocated() - before) / (size_t)live);
        measure(&b, orders);
    }
    return 0;
}
