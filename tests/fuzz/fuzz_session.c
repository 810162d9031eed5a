/*
 * A session under hostile input: the bytes are commands, most of which feed framed messages. Every
 * promise that can be checked from outside is checked after each.
 *
 * Input: a sequence of commands. The first byte of a command chooses:
 *     < 0x80      up to the next 0xff: a message, "D|11=a|..." (SOH or '|' between fields; the type
 *                 first); header, trailer and the expected number are filled in
 *     0x80 .. df  the next byte, signed, is added to the number; then a message as before
 *     0xe0 .. ef  time passes: that many seconds
 *     0xf0        the application sends a report
 *     0xf1        raw bytes up to the next 0xff
 *     0xf2        connection lost, then a new one with a good Logon
 *     0xf3        the operator logs out
 *     0xf4        output is taken, else it stays
 *     others      nothing
 */
#include <stdio.h>
#include <stdlib.h>

#include "assert.h"
#include "fix_session.h"
#include "bounds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fix_dict *dict;

struct world {
    struct fix_session *session;
    struct fix_store *store;
    struct instant now;
    struct buf in, body, scratch;
};

static void load(void)
{
    static char xml[4 * 1024 * 1024];
    char error[256] = "cannot be opened";
    FILE *f = fopen(FUZZ_DICTIONARY, "r");

    if (f != NULL) {
        struct bytes text = { xml, fread(xml, 1, sizeof xml, f) };

        dict = fix_dict_new(text, error, sizeof error);
        fclose(f);
    }
    if (dict == NULL) {
        fprintf(stderr, "%s: %s\n", FUZZ_DICTIONARY, error);
        abort();
    }
}

static void check(const struct world *w)
{
    ASSERT(fix_session_next_in(w->session) >= 1 && fix_session_next_out(w->session) >= 1);
    ASSERT(fix_session_next_in(w->session) == w->store->next_in);
    ASSERT(fix_session_next_out(w->session) == w->store->next_out);
    ASSERT(fix_session_output(w->session).size <= FIX_OUTPUT_MAX + 2 * FIX_MESSAGE_MAX);
}

static void pull(struct world *w)
{
    struct fix_event e;

    while (fix_session_next(w->session, &e)) {
        if (e.kind == FIX_EVENT_LOGON) {
            fix_session_accept(w->session, &w->now);
        }
        if (e.kind == FIX_EVENT_MESSAGE) {
            ASSERT(e.msg != NULL && e.msg->seq < fix_session_next_in(w->session));
        }
    }
    check(w);
}

static void feed_all(struct world *w)
{
    for (;;) {
        size_t used = fix_session_feed(w->session, buf_view(&w->in), &w->now);

        ASSERT(used <= w->in.size);
        pull(w);
        if (used == 0) {
            break;
        }
        buf_consume(&w->in, used);
    }
    if (w->in.size > FIX_MESSAGE_MAX) {
        buf_clear(&w->in);
    }
}

static void close_frame(struct world *w)
{
    size_t start = w->in.size;
    unsigned sum = 0;

    buf_printf(&w->in, "8=FIX.4.4\0019=%zu\001", w->body.size);
    buf_bytes(&w->in, buf_view(&w->body));
    for (size_t i = start; i < w->in.size; i++) {
        sum += (unsigned char)w->in.data[i];
    }
    buf_printf(&w->in, "10=%03u\001", sum % 256);
}

static void message(struct world *w, const char *text, size_t size, int64_t shift)
{
    size_t type = 0;
    int64_t seq = (int64_t)fix_session_next_in(w->session) + shift;

    while (type < size && text[type] != '|' && text[type] != '\001') {
        type++;
    }
    buf_clear(&w->body);
    buf_printf(&w->body, "35=%.*s\00149=C\00156=S\00134=%lld\00152=20261029-10:00:00\001",
               (int)type, text, (long long)seq);
    for (size_t i = type + 1; i < size; i++) {
        buf_char(&w->body, text[i] == '|' ? '\001' : text[i]);
    }
    if (size > type + 1 && text[size - 1] != '|' && text[size - 1] != '\001') {
        buf_char(&w->body, '\001');
    }
    close_frame(w);
    feed_all(w);
}

static void connect(struct world *w)
{
    if (fix_session_state(w->session) != FIX_OFFLINE) {
        fix_session_disconnect(w->session, NULL, &w->now);
        pull(w);
    }
    buf_clear(&w->in);
    fix_session_connect(w->session, &w->now);
    message(w, "A|98=0|108=30", 13, 0);
}

static void report(struct world *w)
{
    struct fix_body b;

    fix_body_start(&b, "8", &w->scratch);
    fix_body_text(&b, 37, "order");
    if (!fix_session_send(w->session, &b, &w->now)) {
        abort();
    }
    pull(w);
}

static void pass_time(struct world *w, int64_t seconds)
{
    w->now.mono_us += seconds * US_PER_S;
    w->now.wall_us += seconds * US_PER_S;
    for (unsigned i = 0; i < 50 && fix_session_deadline(w->session) <= w->now.mono_us; i++) {
        fix_session_tick(w->session, &w->now);
        pull(w);
    }
    (void)fix_session_resend(w->session, &w->now);
    pull(w);
}

static void take_output(struct world *w)
{
    size_t size = fix_session_output(w->session).size;

    fix_session_wrote(w->session, size);
    (void)fix_session_resend(w->session, &w->now);
    pull(w);
}

static size_t command(struct world *w, const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, 0xff, size);
    size_t span = end == NULL ? size : (size_t)(end - data);
    const char *text = (const char *)data;

    if (data[0] < 0x80) {
        message(w, text, span, 0);
    } else if (data[0] < 0xe0) {
        if (span >= 2) {
            message(w, text + 2, span - 2, (int8_t)data[1]);
        }
    } else if (data[0] < 0xf0) {
        pass_time(w, data[0] & 0x0f);
        return 1;
    } else if (data[0] == 0xf1) {
        buf_add(&w->in, text + 1, span - 1);
        feed_all(w);
    } else {
        switch (data[0]) {
        case 0xf0: report(w); break;
        case 0xf2: connect(w); break;
        case 0xf3: fix_session_logout(w->session, "operator", &w->now); break;
        case 0xf4: take_output(w); break;
        default: break;
        }
        pull(w);
        return 1;
    }
    return end == NULL ? size : span + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fix_session_config c = { .our_comp_id = BYTES("S"), .their_comp_id = BYTES("C") };
    struct world w = { .now = { .mono_us = US_PER_S, .wall_us = INT64_C(1793268000) * US_PER_S } };

    if (dict == NULL) {
        load();
    }
    c.dict = dict;
    fix_session_config_defaults(&c);
    c.clock_skew_max_s = 0;
    c.early_max = 16;
    w.store = fix_store_mem_new();
    buf_init(&w.in, 4 * FIX_MESSAGE_MAX);
    buf_init(&w.body, 2 * FIX_MESSAGE_MAX);
    buf_init(&w.scratch, FIX_MESSAGE_MAX);
    w.session = fix_session_new(&c, w.store);
    connect(&w);
    while (size > 0) {
        size_t used = command(&w, data, size);

        data += used;
        size -= used;
    }
    fix_session_free(w.session);
    fix_store_mem_free(w.store);
    buf_fini(&w.in);
    buf_fini(&w.body);
    buf_fini(&w.scratch);
    return 0;
}
