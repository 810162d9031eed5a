/*
 * What a session costs without sockets and disks: nanoseconds per exchange. Prints numbers, asserts
 * nothing but that the exchange happened.
 *
 *     bench_session FIX44.xml [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fix_session.h"
#include "fix_tags.h"
#include "bounds.h"

static struct fix_session *session;
static struct instant now;
static struct buf scratch;
static uint64_t answers;

static int64_t clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct fix_dict *load(const char *file)
{
    static char xml[4 * 1024 * 1024];
    char error[256] = "cannot be opened";
    FILE *f = fopen(file, "r");
    struct fix_dict *dict = NULL;

    if (f != NULL) {
        struct bytes text = { xml, fread(xml, 1, sizeof xml, f) };

        dict = fix_dict_new(text, error, sizeof error);
        fclose(f);
    }
    if (dict == NULL) {
        fprintf(stderr, "%s: %s\n", file, error);
    }
    return dict;
}

/* One message of the client; only its number differs from round to round, so that building it costs
 * little beside what is measured. */
static size_t client_frame(char *out, size_t room, const char *type, uint64_t seq, const char *rest)
{
    char body[1024];
    unsigned sum = 0;
    int size = snprintf(body, sizeof body,
                        "35=%s\00149=CLIENT\00156=SERVER\00134=%llu\001"
                        "52=20261029-10:00:00.000\001%s",
                        type, (unsigned long long)seq, rest);
    int n = snprintf(out, room, "8=FIX.4.4\0019=%d\001%s", size, body);

    for (int i = 0; i < n; i++) {
        sum += (unsigned char)out[i];
    }
    return (size_t)(n + snprintf(out + n, room - (size_t)n, "10=%03u\001", sum % 256));
}

static void report(const struct fix_msg *order)
{
    struct fix_body b;
    struct bytes value;
    static uint64_t id;

    fix_body_start(&b, "8", &scratch);
    fix_body_uint(&b, TAG_ORDER_ID, ++id);
    fix_body_uint(&b, TAG_EXEC_ID, id);
    fix_body_char(&b, TAG_EXEC_TYPE, '0');
    fix_body_char(&b, TAG_ORD_STATUS, '0');
    static const uint32_t echoed[] = { TAG_CL_ORD_ID, TAG_SYMBOL,   TAG_SIDE,
                                       TAG_ORDER_QTY, TAG_ORD_TYPE, TAG_PRICE };
    for (size_t i = 0; i < ARRAY_LEN(echoed); i++) {
        if (fix_msg_find(order, echoed[i], &value)) {
            fix_body_bytes(&b, echoed[i], value);
        }
    }
    fix_body_uint(&b, TAG_LEAVES_QTY, 1);
    fix_body_uint(&b, TAG_CUM_QTY, 0);
    fix_body_uint(&b, TAG_AVG_PX, 0);
    fix_body_timestamp(&b, TAG_TRANSACT_TIME, now.wall_us);
    if (!fix_session_send(session, &b, &now)) {
        abort();
    }
}

static void exchange(const char *frame, size_t size)
{
    struct fix_event e;

    if (fix_session_feed(session, (struct bytes){ frame, size }, &now) != size) {
        abort();
    }
    while (fix_session_next(session, &e)) {
        if (e.kind == FIX_EVENT_LOGON) {
            fix_session_accept(session, &now);
        } else if (e.kind == FIX_EVENT_MESSAGE) {
            report(e.msg);
        } else if (e.kind == FIX_EVENT_DOWN) {
            fprintf(stderr, "session down: %s\n", e.reason);
            abort();
        }
    }
    size_t out = fix_session_output(session).size;
    answers += out > 0;
    fix_session_wrote(session, out);
}

static void measure(const char *name, const char *type, const char *rest, uint64_t *seq,
                    long rounds)
{
    enum { BATCH = 512, FRAME_MAX = 512 };
    static char frames[BATCH][FRAME_MAX];
    static size_t sizes[BATCH];
    int64_t spent_ns = 0;

    answers = 0;
    for (long done = 0; done < rounds; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            sizes[i] = client_frame(frames[i], FRAME_MAX, type, (*seq)++, rest);
        }
        int64_t started_ns = clock_ns();
        for (size_t i = 0; i < BATCH; i++) {
            now.mono_us += 3;
            now.wall_us += 3;
            exchange(frames[i], sizes[i]);
        }
        spent_ns += clock_ns() - started_ns;
    }
    printf("%-48s %8lld ns\n", name, (long long)(spent_ns / (int64_t)answers));
}

/* Everything sent so far, asked for again; taken as fast as it is made. */
static void measure_resend(uint64_t *seq)
{
    char frame[512];
    size_t size = client_frame(frame, sizeof frame, "2", (*seq)++,
                               "7=1\001"
                               "16=0\001");
    uint64_t numbers = fix_session_next_out(session) - 1, bytes = 0;
    int64_t started_ns = clock_ns();

    exchange(frame, size);
    while (fix_session_can_resend(session)) {
        (void)fix_session_resend(session, &now);
        for (size_t n = fix_session_output(session).size; n > 0;
             n = fix_session_output(session).size) {
            bytes += n;
            fix_session_wrote(session, n);
        }
    }
    printf("%-48s %8lld ns  (%llu numbers, %llu bytes)\n",
           "ResendRequest 1 to infinity, per number",
           (long long)((clock_ns() - started_ns) / (int64_t)numbers), (unsigned long long)numbers,
           (unsigned long long)bytes);
}

int main(int argc, char **argv)
{
    struct fix_dict *dict = argc < 2 ? NULL : load(argv[1]);
    long rounds = argc < 3 ? 200000 : strtol(argv[2], NULL, 10);
    struct fix_session_config c = { .our_comp_id = BYTES("SERVER"),
                                    .their_comp_id = BYTES("CLIENT") };
    struct fix_store *store = fix_store_mem_new();
    char frame[512];
    uint64_t seq = 2;

    if (dict == NULL || store == NULL || rounds <= 0) {
        fputs("usage: bench_session FIX44.xml [rounds]\n", stderr);
        return 2;
    }
    c.dict = dict;
    fix_session_config_defaults(&c);
    now = (struct instant){ .mono_us = 1, .wall_us = INT64_C(1793268000) * US_PER_S };
    buf_init(&scratch, FIX_MESSAGE_MAX);
    session = fix_session_new(&c, store);
    fix_session_connect(session, &now);
    exchange(frame, client_frame(frame, sizeof frame, "A", 1,
                                 "98=0\001"
                                 "108=30\001"));
    measure("TestRequest in, Heartbeat out", "1", "112=are you there\001", &seq, rounds);
    measure("NewOrderSingle in, ExecutionReport out, stored", "D",
            "11=order-0000000001\00155=BTC/USD\00154=1\00160=20261029-10:00:00.000\001"
            "38=1.5\00140=2\00144=64000.5\00159=1\001",
            &seq, rounds);
    measure_resend(&seq);
    fix_session_free(session);
    fix_store_mem_free(store);
    buf_fini(&scratch);
    fix_dict_free(dict);
    return 0;
}
