/*
 * Kraken Futures: the envelope of an answer, judged in the order HTTP status, JSON, error, and the
 * strict getters the other readers use. What cannot be read is never half believed.
 */
#include "kraken_futures.h"

#include "timestamp.h"

#define TEXT_KEPT_MAX 256 /* of the venue's prose */

/* ---- memory and fields --------------------------------------------------------------------- */

void *kraken_take(struct kraken_parse *p, size_t count, size_t size)
{
    void *memory = NULL;

    if (count == 0) {
        return NULL;
    }
    if (count <= SIZE_MAX / size) {
        memory = arena_take(p->arena, count * size);
    }
    if (memory == NULL) {
        p->bad = true;
    }
    return memory;
}

struct bytes kraken_keep(struct kraken_parse *p, struct bytes text)
{
    struct bytes copy = { NULL, 0 };

    if (text.size > 0 && !arena_copy(p->arena, text, &copy)) {
        p->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    return copy;
}

/* Turns a getter's verdict into "is there a value", noting what is malformed. */
static bool got_value(struct kraken_parse *p, enum json_get got)
{
    if (got == JSON_BAD) {
        p->bad = true;
    }
    return got == JSON_OK;
}

bool kraken_text(struct kraken_parse *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;

    *out = (struct bytes){ NULL, 0 };
    if (!got_value(p, json_text(o, name, &text))) {
        return false;
    }
    *out = kraken_keep(p, text);
    return out->size > 0;
}

bool kraken_decimal(struct kraken_parse *p, const struct cJSON *o, const char *name,
                    struct decimal *out)
{
    *out = DECIMAL_ZERO;
    return got_value(p, json_decimal(p->doc, o, name, out));
}

bool kraken_flag(struct kraken_parse *p, const struct cJSON *o, const char *name)
{
    bool value = false;

    return got_value(p, json_bool(o, name, &value)) && value;
}

bool kraken_iso_time(struct kraken_parse *p, const struct cJSON *o, const char *name,
                     int64_t *wall_us)
{
    struct bytes text;

    *wall_us = 0;
    if (!got_value(p, json_text(o, name, &text)) || text.size == 0) {
        return false;
    }
    if (!timestamp_parse_iso(text, wall_us)) {
        p->bad = true;
        *wall_us = 0;
        return false;
    }
    return true;
}

bool kraken_ms_time(struct kraken_parse *p, const struct cJSON *o, const char *name,
                    int64_t *wall_us)
{
    int64_t ms = 0;

    *wall_us = 0;
    if (!got_value(p, json_int(p->doc, o, name, &ms))) {
        return false;
    }
    if (ms < 0 || ms > INT64_MAX / US_PER_MS) {
        p->bad = true;
        return false;
    }
    *wall_us = ms * US_PER_MS;
    return true;
}

bool kraken_symbol(struct kraken_parse *p, const struct cJSON *o, const char *name,
                   struct bytes *out)
{
    struct bytes text;
    char *copy;

    *out = (struct bytes){ NULL, 0 };
    if (!got_value(p, json_text(o, name, &text)) || text.size == 0) {
        return false;
    }
    copy = kraken_take(p, text.size + 1, 1);
    if (copy == NULL) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        copy[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    *out = (struct bytes){ copy, text.size };
    return true;
}

enum venue_side kraken_side(struct kraken_parse *p, const struct cJSON *o, const char *name)
{
    struct bytes text;

    if (!got_value(p, json_text(o, name, &text))) {
        return (enum venue_side)0;
    }
    if (kraken_same(text, "buy")) {
        return VENUE_BUY;
    }
    return kraken_same(text, "sell") ? VENUE_SELL : (enum venue_side)0;
}

bool kraken_has(const struct cJSON *o, const char *name)
{
    struct bytes text;
    enum json_get got = json_text(o, name, &text);

    return got != JSON_ABSENT && got != JSON_NULL;
}

const struct cJSON *kraken_array(struct kraken_parse *p, const struct cJSON *o, const char *name)
{
    const struct cJSON *array = json_member(o, name);

    if (!json_is_array(array)) {
        p->bad = true;
        return NULL;
    }
    return array;
}

/* ---- the envelope -------------------------------------------------------------------------- */

static struct bytes clipped(struct bytes text)
{
    if (text.size > TEXT_KEPT_MAX) {
        text.size = TEXT_KEPT_MAX;
    }
    return text;
}

static enum venue_outcome judge(struct kraken_parse *p, enum venue_outcome outcome,
                                enum venue_reason reason, struct bytes code, struct bytes text)
{
    p->reply->reason = reason;
    p->reply->code = kraken_keep(p, clipped(code));
    p->reply->text = kraken_keep(p, clipped(text));
    return outcome;
}

static enum venue_outcome judge_http(struct kraken_parse *p, enum venue_outcome outcome,
                                     enum venue_reason reason, const char *text)
{
    char code[] = "HTTP ???";
    int status = p->rsp->status;

    if (status >= 100 && status <= 999) {
        code[5] = (char)('0' + status / 100);
        code[6] = (char)('0' + status / 10 % 10);
        code[7] = (char)('0' + status % 10);
    }
    return judge(p, outcome, reason, bytes_of(code), bytes_of(text));
}

/* Seconds, with a fraction perhaps. Absent or unreadable: not said. */
static int64_t retry_after(const struct http_response *rsp)
{
    struct bytes value;
    struct decimal seconds;
    struct decimal us;

    if (!http_response_header(rsp, "rate-limit-reset", &value) || !decimal_parse(value, &seconds) ||
        decimal_sign(seconds) < 0 || !decimal_mul(seconds, (struct decimal){ US_PER_S, 0 }, &us) ||
        !decimal_floor_to(us, (struct decimal){ 1, 0 }, &us)) {
        return 0;
    }
    us = decimal_normal(us);
    return us.scale == 0 ? us.mantissa : 0;
}

/* `errors`: [{"code":92,"message":"..."}]. A refusal of settings came with HTTP 500, so the code
 * decides before the status there; elsewhere only a 4xx proves that the request was turned away. */
static enum venue_outcome judge_errors(struct kraken_parse *p, const struct cJSON *errors)
{
    const struct cJSON *first = json_first(errors);
    struct bytes message = { NULL, 0 };
    int64_t code = -1;
    char code_text[24];
    enum venue_reason reason = VENUE_REASON_NONE;

    if (json_int(p->doc, first, "code", &code) != JSON_OK) {
        code = -1;
    }
    if (json_text(first, "message", &message) != JSON_OK &&
        json_item_text(first, &message) != JSON_OK) {
        message = (struct bytes){ NULL, 0 };
    }
    decimal_print((struct decimal){ code, 0 }, code_text);
    if (p->call->op == VENUE_SET_LEVERAGE || p->call->op == VENUE_GET_LEVERAGE) {
        reason = kraken_setting_reason(code);
    }
    if (reason == VENUE_REASON_NONE && p->rsp->status >= 400 && p->rsp->status < 500) {
        reason = VENUE_REASON_INVALID;
    }
    return judge(p, reason == VENUE_REASON_NONE ? VENUE_UNKNOWN : VENUE_REFUSED,
                 reason == VENUE_REASON_NONE ? VENUE_REASON_OTHER : reason, bytes_of(code_text),
                 message);
}

static enum venue_outcome judge_error(struct kraken_parse *p, struct bytes error)
{
    const struct kraken_error_rule *rule = kraken_error_find(error);

    /* Only a listed word proves that nothing happened. */
    if (rule == NULL) {
        return judge(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, error, (struct bytes){ NULL, 0 });
    }
    if (rule->outcome == VENUE_HELD) {
        p->reply->retry_after_us = retry_after(p->rsp);
    }
    return judge(p, rule->outcome, rule->reason, error, (struct bytes){ NULL, 0 });
}

/* The history's own shape: HTTP 401 and {"status":"unauthorized","reason":"..."}. */
static enum venue_outcome judge_unauthorized(struct kraken_parse *p)
{
    struct bytes status = { NULL, 0 };
    struct bytes reason = { NULL, 0 };

    if (json_text(p->root, "status", &status) != JSON_OK ||
        json_text(p->root, "reason", &reason) != JSON_OK) {
        return judge_http(p, VENUE_REFUSED, VENUE_REASON_AUTH, "");
    }
    return judge(p, VENUE_REFUSED, VENUE_REASON_AUTH, status, reason);
}

/* A body that says something went wrong. False: it does not. */
static bool judge_body(struct kraken_parse *p, enum venue_outcome *outcome)
{
    const struct cJSON *errors = json_member(p->root, "errors");
    struct bytes text;

    if (json_is_array(errors) && json_first(errors) != NULL) {
        *outcome = judge_errors(p, errors);
        return true;
    }
    if (json_text(p->root, "error", &text) == JSON_OK && text.size > 0) {
        *outcome = judge_error(p, text);
        return true;
    }
    if (json_member(p->root, "result") != NULL &&
        (json_text(p->root, "result", &text) != JSON_OK || !bytes_is(text, "success"))) {
        *outcome = judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, "result is not success");
        return true;
    }
    return false;
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool envelope(struct kraken_parse *p)
{
    int status = p->rsp->status;
    struct bytes server_time;

    if (status == 429) {
        p->reply->retry_after_us = retry_after(p->rsp);
        p->outcome = judge_http(p, VENUE_HELD, VENUE_REASON_THROTTLED, "rate limit");
        return false;
    }
    p->doc = json_doc_parse(p->rsp->body);
    p->root = p->doc == NULL ? NULL : json_root(p->doc);
    if (!json_is_object(p->root)) {
        p->outcome = judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, "unreadable answer");
        return false;
    }
    /* A clock that cannot be read is no clock; the rest of the answer stands without it. */
    if (json_text(p->root, "serverTime", &server_time) != JSON_OK ||
        !timestamp_parse_iso(server_time, &p->reply->server_us)) {
        p->reply->server_us = 0;
    }
    if (status == 401 || status == 403) {
        p->outcome = judge_unauthorized(p);
        return false;
    }
    if (judge_body(p, &p->outcome)) {
        if (status >= 500 && !(p->call->op == VENUE_SET_LEVERAGE && p->outcome == VENUE_REFUSED)) {
            p->outcome = VENUE_UNKNOWN; /* whatever the body says, it may have acted */
        }
        return false;
    }
    if (status < 200 || status > 299) {
        p->outcome = judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, "no reason given");
        return false;
    }
    return true;
}

/* Success without the nested part is no success. */
static void disbelieve(struct kraken_parse *p)
{
    struct venue_reply *r = p->reply;

    r->order = NULL;
    r->fill = NULL;
    r->instrument = NULL;
    r->position = NULL;
    r->order_count = r->fill_count = r->instrument_count = r->position_count = 0;
    r->complete = false;
    r->cursor = r->setting = (struct bytes){ NULL, 0 };
    r->trigger_us = 0;
    r->reason = VENUE_REASON_OTHER;
    r->code = BYTES("unreadable");
    r->text = BYTES("a field is missing or malformed, or the answer is too large");
    p->outcome = VENUE_UNKNOWN;
}

enum venue_outcome kraken_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *reply,
                                    void (*reader)(struct kraken_parse *p))
{
    struct kraken_parse p = {
        .call = call, .rsp = rsp, .arena = arena, .reply = reply, .outcome = VENUE_DONE
    };

    reply->http_status = rsp->status;
    if (envelope(&p)) {
        reader(&p);
        if (p.bad) {
            disbelieve(&p);
        }
    }
    json_doc_free(p.doc);
    return p.outcome;
}
