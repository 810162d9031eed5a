/*
 * Plays conformance scripts on a session: no socket, a made-up clock, a store in memory.
 *
 *     conformance_runner FIX44.xml script.def...       exit 0 when every script passes
 *
 * Each script is played twice: messages fed whole, then byte by byte; both must give the same.
 * The first line of a script names its rule. A line is one step:
 *
 *     # ...             comment
 *     option KEY VALUE  a field of fix_session_config by its name; before the first C
 *     option auth manual   the script answers FIX_EVENT_LOGON itself (else all are accepted)
 *     option output hold   output is not taken until "drain" (else it is after each step)
 *     C                 a connection is there
 *     I text            a message comes in (wire.h says what is filled in)
 *     J text            as I, but it waits and arrives in one segment with the next I or R
 *     R text            bytes come in, nothing is filled in
 *     E f|f|f ...       next message out: each of tag=value, tag~part, tag, !tag, !tag=value
 *     V KIND rest       next event: MESSAGE, RESEND (a message with 97=Y), UNKNOWN, REJECTED with
 *                       fields as in E, DOWN with a part of its reason; NOTE part, LOGON and UP
 *                       look whether one came since the last I, W, C
 *     W seconds         time passes, with a tick at each deadline
 *     T seconds         the wall clock jumps, the monotonic clock does not
 *     A text            the application sends a message: 35 and body; 57, 128, 129, 143, 145 go to
 * the header B tag reason text    the application rejects the message at hand P accept | P refuse
 * text     the answer to a Logon L text            the operator ends the session D the connection
 * is lost S in out          the operator sets both numbers; "S reset"; "S refused in out" must fail
 *     F                 the store fails from now on; "F off" ends that
 *     X key=value ...   state= in= out= stored_in= stored_out=
 *     drain             takes the held output
 *
 * Output and events that no line asked for fail the script at the next step and at its end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fix_dict.h"
#include "fix_tags.h"
#include "bounds.h"
#include "play.h"
#include "wire.h"

#define START_US (INT64_C(1793268000) * US_PER_S)

/* ---- steps --------------------------------------------------------------------------------- */

static void quiet(struct play *p)
{
    const char *fault;

    if (p->event_count > 0) {
        fail(p, "event that no line asked for",
             (struct bytes){ p->event[0].text, p->event[0].size });
    }
    if (p->output_size > 0) {
        struct bytes message = wire_cut((struct bytes){ p->output, p->output_size }, &fault);

        fail(p, fault == NULL ? "output that no line asked for" : fault, message);
    }
    p->notes[0] = '\0';
}

static void start(struct play *p)
{
    if (p->session == NULL) {
        p->session = must(fix_session_new(&p->config, &p->store.base));
    }
}

static void step_connect(struct play *p, const char *text)
{
    (void)text;
    quiet(p);
    p->input_size = 0;
    start(p);
    fix_session_connect(p->session, &p->now);
    run(p);
}

static void add_input(struct play *p, const char *data, size_t size)
{
    if (size == 0) {
        fail(p, "line is too long", BYTES(""));
    }
    p->input = must(realloc(p->input, p->input_size + size + 1));
    memcpy(p->input + p->input_size, data, size);
    p->input_size += size;
}

static void step_in_later(struct play *p, const char *text)
{
    static char built[WIRE_MAX];

    add_input(p, built, wire_build(text, p->now.wall_us, built));
}

static void step_in(struct play *p, const char *text)
{
    quiet(p);
    step_in_later(p, text);
    feed(p);
}

static void step_raw(struct play *p, const char *text)
{
    static char built[WIRE_MAX];

    quiet(p);
    add_input(p, built, wire_raw(text, p->now.wall_us, built));
    feed(p);
}

/* Each of the '|'-separated wants in `text` must hold for the message. */
static void match_all(struct play *p, struct bytes message, const char *text)
{
    char want[LINE_MAX_SIZE];

    while (*text != '\0') {
        size_t size = strcspn(text, "|");

        snprintf(want, sizeof want, "%.*s", (int)size, text);
        if (!wire_matches(message, want)) {
            char what[LINE_MAX_SIZE + 32];

            snprintf(what, sizeof what, "expected %s", want);
            fail(p, what, message);
        }
        text += size + (text[size] == '|');
    }
}

static void step_expect(struct play *p, const char *text)
{
    const char *fault;
    struct bytes message = wire_cut((struct bytes){ p->output, p->output_size }, &fault);

    if (message.size == 0) {
        fail(p, fault == NULL ? "expected a message, there is none" : fault, BYTES(""));
        return;
    }
    match_all(p, message, text);
    memmove(p->output, p->output + message.size, p->output_size - message.size);
    p->output_size -= message.size;
}

static const struct {
    const char *name;
    enum fix_event_kind kind;
} event_names[] = {
    { "MESSAGE", FIX_EVENT_MESSAGE },   { "UNKNOWN", FIX_EVENT_UNKNOWN },
    { "REJECTED", FIX_EVENT_REJECTED }, { "DOWN", FIX_EVENT_DOWN },
    { "RESEND", FIX_EVENT_MESSAGE },
};

static void take_event(struct play *p, enum fix_event_kind kind, bool poss_resend, const char *rest)
{
    struct seen_event *e = &p->event[0];
    struct bytes text = { e->text, e->size };

    if (p->event_count == 0) {
        fail(p, "expected an event, there is none", bytes_of(rest));
        return;
    }
    if (e->kind != kind || (kind == FIX_EVENT_MESSAGE && e->poss_resend != poss_resend)) {
        fail(p, "another kind of event", text);
    } else if (kind != FIX_EVENT_DOWN) {
        match_all(p, text, rest);
    } else if (memmem(text.data, text.size, rest, strlen(rest)) == NULL) {
        fail(p, "down for another reason", text);
    }
    memmove(p->event, p->event + 1, --p->event_count * sizeof p->event[0]);
}

static void step_event(struct play *p, const char *text)
{
    size_t size = strcspn(text, " ");
    const char *rest = text + size + (text[size] == ' ');

    for (size_t i = 0; i < ARRAY_LEN(event_names); i++) {
        if (strlen(event_names[i].name) == size && strncmp(event_names[i].name, text, size) == 0) {
            take_event(p, event_names[i].kind, strncmp(text, "RESEND", 6) == 0, rest);
            return;
        }
    }
    const char *part = strncmp(text, "NOTE", 4) == 0 ? rest : text; /* NOTE part, LOGON, UP */
    if (strstr(p->notes, part) == NULL) {
        fail(p, "no such note or event", bytes_of(text));
    }
}

static void step_wait(struct play *p, const char *text)
{
    char *end;
    int64_t us = strtol(text, &end, 10) * US_PER_S;

    quiet(p);
    if (*end == '.') {
        us += strtol(end + 1, NULL, 10) * (US_PER_S / 10); /* tenths */
    }
    int64_t until = p->now.mono_us + us;
    while (!p->failed && fix_session_deadline(p->session) <= until) {
        int64_t at = fix_session_deadline(p->session);

        if (at > p->now.mono_us) {
            p->now.wall_us += at - p->now.mono_us;
            p->now.mono_us = at;
        }
        fix_session_tick(p->session, &p->now);
        run(p);
    }
    p->now.wall_us += until - p->now.mono_us;
    p->now.mono_us = until;
    fix_session_tick(p->session, &p->now);
    run(p);
}

static void step_jump(struct play *p, const char *text)
{
    p->now.wall_us += strtol(text, NULL, 10) * US_PER_S;
}

static void add_body_field(struct fix_body *b, uint32_t tag, struct bytes value)
{
    if (tag == TAG_TARGET_SUB_ID) {
        b->target_sub_id = value;
    } else if (tag == TAG_DELIVER_TO_COMP_ID) {
        b->deliver_to_comp_id = value;
    } else if (tag == TAG_DELIVER_TO_SUB_ID) {
        b->deliver_to_sub_id = value;
    } else if (tag == TAG_TARGET_LOCATION_ID) {
        b->target_location_id = value;
    } else if (tag == TAG_DELIVER_TO_LOCATION_ID) {
        b->deliver_to_location_id = value;
    } else {
        fix_body_bytes(b, tag, value);
    }
}

static void step_send(struct play *p, const char *text)
{
    struct fix_body b;
    char type[4];
    size_t size = strcspn(text, "|");
    bool must_fail = *text == '!'; /* "A !35=8|..." */

    text += must_fail;
    size -= must_fail;
    start(p);
    snprintf(type, sizeof type, "%.*s", (int)(size - 3), text + 3); /* 35= */
    fix_body_start(&b, type, &p->body);
    for (text += size; *text == '|'; text += size) {
        char *value;
        uint32_t tag = (uint32_t)strtoul(++text, &value, 10);

        size = strcspn(text, "|");
        add_body_field(&b, tag, (struct bytes){ value + 1, size - (size_t)(value + 1 - text) });
    }
    if (fix_session_send(p->session, &b, &p->now) == must_fail) {
        fail(p, must_fail ? "send did not fail" : "send failed", BYTES(""));
    }
    run(p);
}

static void step_reject(struct play *p, const char *text)
{
    char *reason, *rest;
    uint32_t tag = (uint32_t)strtoul(text, &reason, 10);
    enum fix_reject r = (enum fix_reject)strtol(reason, &rest, 10);

    if (!fix_session_reject(p->session, &p->at_hand, r, tag, rest + (*rest == ' '), &p->now)) {
        fail(p, "reject failed", BYTES(""));
    }
    run(p);
}

static void step_answer(struct play *p, const char *text)
{
    if (strcmp(text, "accept") == 0) {
        fix_session_accept(p->session, &p->now);
    } else {
        fix_session_refuse(p->session, text[6] == ' ' ? text + 7 : NULL, &p->now);
    }
    run(p);
}

static void step_logout(struct play *p, const char *text)
{
    quiet(p);
    fix_session_logout(p->session, text, &p->now);
    run(p);
}

static void step_disconnect(struct play *p, const char *text)
{
    quiet(p);
    fix_session_disconnect(p->session, *text == '\0' ? NULL : text, &p->now);
    run(p);
}

static void step_set(struct play *p, const char *text)
{
    bool done, refused = strncmp(text, "refused ", 8) == 0;
    char *end;

    start(p);
    text += refused ? 8 : 0;
    if (strcmp(text, "reset") == 0) {
        done = fix_session_reset(p->session);
    } else {
        uint64_t next_in = strtoull(text, &end, 10);

        done = fix_session_set_next(p->session, next_in, strtoull(end, NULL, 10));
    }
    if (done == refused) {
        fail(p, "setting the numbers went the other way", bytes_of(text));
    }
}

static void step_store(struct play *p, const char *text)
{
    p->store.fails = strcmp(text, "off") != 0;
}

static void step_check(struct play *p, const char *text)
{
    static const char *const states[] = { "OFFLINE", "CONNECTED", "UP", "LOGOUT_SENT" };
    char actual[256], what[512];

    start(p);
    snprintf(actual, sizeof actual, " state=%s in=%llu out=%llu stored_in=%llu stored_out=%llu ",
             states[fix_session_state(p->session)],
             (unsigned long long)fix_session_next_in(p->session),
             (unsigned long long)fix_session_next_out(p->session),
             (unsigned long long)p->store.base.next_in, (unsigned long long)p->store.base.next_out);
    while (*text != '\0') {
        char want[LINE_MAX_SIZE];
        size_t size = strcspn(text, " ");

        snprintf(want, sizeof want, " %.*s ", (int)size, text);
        if (strstr(actual, want) == NULL) {
            snprintf(what, sizeof what, "expected%.60s, it is%s", want, actual);
            fail(p, what, BYTES(""));
        }
        text += size + (text[size] == ' ');
    }
}

static void step_drain(struct play *p, const char *text)
{
    (void)text;
    p->hold = false;
    run(p);
}

/* ---- options ------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t offset;
    size_t size;
} options[] = {
#define FIELD_SIZE(f) sizeof(((struct fix_session_config *)0)->f)
#define OPTION(f)                                                                                  \
    {                                                                                              \
#f, offsetof(struct fix_session_config, f), FIELD_SIZE(f)                                  \
    }
    OPTION(heartbeat_min_s),
    OPTION(heartbeat_max_s),
    OPTION(heartbeat_zero_allowed),
    OPTION(logon_timeout_ms),
    OPTION(clock_skew_max_s),
    OPTION(time_digits),
    OPTION(reset_on_logon),
    OPTION(reset_on_logout),
    OPTION(reset_on_disconnect),
    OPTION(reset_by_client_allowed),
    OPTION(send_next_expected),
    OPTION(send_last_processed),
    OPTION(test_environment),
    OPTION(early_max),
    OPTION(output_max),
    OPTION(validate.user_defined_fields),
    OPTION(validate.allow_unknown_fields),
    OPTION(validate.fields_out_of_order),
    OPTION(validate.fields_have_values),
    OPTION(validate.unordered_group_fields),
    OPTION(validate.check_required),
#undef OPTION
#undef FIELD_SIZE
};

static void step_option(struct play *p, const char *text)
{
    size_t key_size = strcspn(text, " ");
    const char *value = text + key_size + (text[key_size] == ' ');

    if (strncmp(text, "auth ", 5) == 0) {
        p->manual = strcmp(value, "manual") == 0;
        return;
    }
    if (strncmp(text, "output ", 7) == 0) {
        p->hold = strcmp(value, "hold") == 0;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (strlen(options[i].key) == key_size && strncmp(options[i].key, text, key_size) == 0) {
            char *at = (char *)&p->config + options[i].offset;
            uint32_t number = (uint32_t)strtoul(value, NULL, 10);
            bool flag = *value == 'Y';

            memcpy(at, options[i].size == 1 ? (void *)&flag : (void *)&number, options[i].size);
            return;
        }
    }
    fail(p, "unknown option", bytes_of(text));
}

/* ---- a script ------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    void (*step)(struct play *p, const char *text);
} steps[] = {
    { "C", step_connect },    { "I", step_in },        { "J", step_in_later },
    { "R", step_raw },        { "E", step_expect },    { "V", step_event },
    { "W", step_wait },       { "T", step_jump },      { "A", step_send },
    { "B", step_reject },     { "P", step_answer },    { "L", step_logout },
    { "D", step_disconnect }, { "S", step_set },       { "F", step_store },
    { "X", step_check },      { "drain", step_drain }, { "option", step_option },
};

static void play_line(struct play *p, char *line)
{
    size_t size = strcspn(line, " ");
    const char *text = line + size + (line[size] == ' ');

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (strlen(steps[i].word) == size && strncmp(steps[i].word, line, size) == 0) {
            steps[i].step(p, text);
            return;
        }
    }
    fail(p, "unknown step", bytes_of(line));
}

static void play_file(struct play *p, FILE *f)
{
    char line[LINE_MAX_SIZE];

    while (!p->failed && fgets(line, sizeof line, f) != NULL) {
        p->line++;
        line[strcspn(line, "\n")] = '\0';
        if (p->line == 1 && line[0] != '#') {
            fail(p, "the first line does not name the rule", BYTES(""));
        }
        if (line[0] != '#' && line[0] != '\0') {
            play_line(p, line);
        }
    }
    quiet(p);
    if (p->session == NULL) {
        fail(p, "the script does nothing", BYTES(""));
    }
}

static bool play_script(const char *file, const struct fix_dict *dict, bool bytewise)
{
    struct play *p = must(calloc(1, sizeof *p));
    FILE *f = fopen(file, "r");

    p->file = file;
    p->bytewise = bytewise;
    p->now = (struct instant){ .mono_us = 5 * US_PER_S, .wall_us = START_US };
    p->config.our_comp_id = BYTES("SERVER");
    p->config.their_comp_id = BYTES("CLIENT");
    p->config.dict = dict;
    fix_session_config_defaults(&p->config);
    p->store.base = (struct fix_store){ &flaky_ops, 1, 1 };
    p->store.inner = must(fix_store_mem_new());
    buf_init(&p->body, FIX_MESSAGE_MAX);
    if (f == NULL) {
        fail(p, "cannot be opened", BYTES(""));
    } else {
        play_file(p, f);
        fclose(f);
    }
    bool passed = !p->failed;
    fix_session_free(p->session);
    fix_store_mem_free(p->store.inner);
    buf_fini(&p->body);
    free(p->input);
    free(p->output);
    free(p);
    return passed;
}

static struct fix_dict *load_dictionary(const char *file)
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

int main(int argc, char **argv)
{
    struct fix_dict *dict = argc < 3 ? NULL : load_dictionary(argv[1]);
    int failed = 0;

    if (dict == NULL) {
        fputs("usage: conformance_runner FIX44.xml script.def...\n", stderr);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        bool whole = play_script(argv[i], dict, false);
        bool split = play_script(argv[i], dict, true);

        failed += !(whole && split);
    }
    fix_dict_free(dict);
    printf("%d scripts, %d failed\n", argc - 2, failed);
    return failed == 0 ? 0 : 1;
}
