/*
 * Bybit: the envelope of an answer, judged in the order HTTP status, JSON, retCode, and the getters
 * the other readers use. What cannot be read is never half believed.
 */
#include "bybit.h"

#define TEXT_KEPT_MAX 256 /* of the venue's prose */

/* ---- memory and fields --------------------------------------------------------------------- */

void *bybit_take(struct bybit_parse *p, size_t count, size_t size)
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

struct bytes bybit_keep(struct bybit_parse *p, struct bytes text)
{
    struct bytes copy = { NULL, 0 };

    if (text.size > 0 && !arena_copy(p->arena, text, &copy)) {
        p->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    return copy;
}

struct bytes bybit_number(struct bybit_parse *p, int64_t number)
{
    char text[DECIMAL_TEXT_MAX];

    return bybit_keep(p,
                      (struct bytes){ text, decimal_print((struct decimal){ number, 0 }, text) });
}

bool bybit_text(struct bybit_parse *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;
    enum json_get got = json_text(o, name, &text);

    *out = (struct bytes){ NULL, 0 };
    if (got == JSON_BAD) {
        p->bad = true;
    }
    if (got == JSON_OK) {
        *out = bybit_keep(p, text);
    }
    return out->size > 0;
}

bool bybit_word(struct bybit_parse *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    if (bybit_text(p, o, name, out) && bytes_is(*out, "UNKNOWN")) {
        *out = (struct bytes){ NULL, 0 };
    }
    return out->size > 0;
}

/* "" stands for nothing, also where a number is meant. */
static bool is_empty(const struct cJSON *o, const char *name)
{
    struct bytes text;

    return json_text(o, name, &text) == JSON_OK && text.size == 0;
}

bool bybit_decimal(struct bybit_parse *p, const struct cJSON *o, const char *name,
                   struct decimal *out)
{
    enum json_get got;

    *out = DECIMAL_ZERO;
    if (is_empty(o, name)) {
        return false;
    }
    got = json_decimal(p->doc, o, name, out);
    if (got == JSON_BAD) {
        p->bad = true;
    }
    return got == JSON_OK;
}

bool bybit_positive(struct bybit_parse *p, const struct cJSON *o, const char *name,
                    struct decimal *out)
{
    return bybit_decimal(p, o, name, out) && decimal_sign(*out) > 0;
}

bool bybit_ms_time(struct bybit_parse *p, const struct cJSON *o, const char *name, int64_t *wall_us)
{
    int64_t ms = 0;
    enum json_get got;

    *wall_us = 0;
    if (is_empty(o, name)) {
        return false;
    }
    got = json_int(p->doc, o, name, &ms);
    if (got == JSON_BAD || ms < 0 || ms > INT64_MAX / US_PER_MS) {
        p->bad = true;
        return false;
    }
    *wall_us = got == JSON_OK ? ms * US_PER_MS : 0;
    return *wall_us > 0;
}

enum venue_side bybit_side(struct bybit_parse *p, const struct cJSON *o, const char *name)
{
    struct bytes text;

    bybit_text(p, o, name, &text);
    if (bytes_is(text, "Buy")) {
        return VENUE_BUY;
    }
    return bytes_is(text, "Sell") ? VENUE_SELL : (enum venue_side)0;
}

const struct cJSON *bybit_array(struct bybit_parse *p, const struct cJSON *o, const char *name)
{
    const struct cJSON *array = json_member(o, name);

    if (!json_is_array(array)) {
        p->bad = true;
        return NULL;
    }
    return array;
}

/* ---- retCode ------------------------------------------------------------------------------- */

/* Whether the call leaves something changed at the venue: a mere question may be repeated. */
static bool acts(const struct venue_call *call)
{
    return venue_op_acts(call->op) &&
           !(call->op == VENUE_DEADMAN && bybit_arg(call, "show") != NULL);
}

static bool is_setter(enum venue_op op)
{
    return op == VENUE_SET_LEVERAGE || op == VENUE_POSITION_TRIGGERS;
}

static bool mentions(struct bytes text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.size; i++) {
        if (memcmp(text.data + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Texts vary for one code, so they only sharpen the reason of a refusal that is one anyway. */
static enum venue_reason parameter_reason(struct bytes text)
{
    if (mentions(text, "symbol") || mentions(text, "Symbol")) {
        return VENUE_REASON_SYMBOL;
    }
    return mentions(text, "qty") || mentions(text, "Qty") ? VENUE_REASON_QUANTITY
                                                          : VENUE_REASON_UNSUPPORTED;
}

enum venue_outcome bybit_judge_code(const struct venue_call *call, int64_t code, struct bytes text,
                                    enum venue_reason *reason)
{
    const struct bybit_code_rule *rule = bybit_code_find(code);

    *reason = rule == NULL ? VENUE_REASON_OTHER : rule->reason;
    if (is_setter(call->op) && bybit_code_unchanged(code)) {
        *reason = VENUE_REASON_NONE;
        return VENUE_DONE;
    }
    if (code == 10001) {
        *reason = parameter_reason(text);
    }
    /* Overloaded, and nothing to lose: a question waits and is asked again. */
    if (code == 429 && !acts(call)) {
        return VENUE_HELD;
    }
    return rule == NULL ? VENUE_UNKNOWN : rule->outcome;
}

/* ---- the envelope -------------------------------------------------------------------------- */

static struct bytes clipped(struct bytes text)
{
    if (text.size > TEXT_KEPT_MAX) {
        text.size = TEXT_KEPT_MAX;
    }
    return text;
}

static enum venue_outcome judge_http(struct bybit_parse *p, enum venue_outcome outcome,
                                     enum venue_reason reason, const char *text)
{
    char code[] = "HTTP ???";
    int status = p->rsp->status;

    if (status >= 100 && status <= 999) {
        code[5] = (char)('0' + status / 100);
        code[6] = (char)('0' + status / 10 % 10);
        code[7] = (char)('0' + status % 10);
    }
    p->reply->reason = reason;
    p->reply->code = bybit_keep(p, bytes_of(code));
    p->reply->text = bybit_keep(p, bytes_of(text));
    return outcome;
}

/* When the endpoint's budget is whole again, by the venue's clock on both sides. */
static int64_t retry_after(const struct bybit_parse *p)
{
    struct bytes text;
    struct decimal at;
    int64_t now_ms = p->reply->server_us / US_PER_MS;

    if (now_ms == 0 || !http_response_header(p->rsp, "X-Bapi-Limit-Reset-Timestamp", &text) ||
        !decimal_parse(text, &at) || at.scale != 0 || at.mantissa <= now_ms ||
        at.mantissa - now_ms > 60 * 1000) {
        return US_PER_S; /* the window of every budget */
    }
    return (at.mantissa - now_ms) * US_PER_MS;
}

/* Statuses that decide by themselves. False: the body has to. */
static bool judge_status(struct bybit_parse *p)
{
    int status = p->rsp->status;

    if (status == 403) {
        p->reply->retry_after_us = BYBIT_BAN_US;
        p->outcome =
            judge_http(p, VENUE_HELD, VENUE_REASON_THROTTLED, "this host is banned or not served");
        return true;
    }
    if (status == 429) {
        p->reply->retry_after_us = US_PER_S;
        p->outcome = judge_http(p, acts(p->call) ? VENUE_UNKNOWN : VENUE_HELD,
                                VENUE_REASON_THROTTLED, "the venue protects itself");
        return true;
    }
    return false;
}

/* 400, 401, 404: turned away before anything was done. */
static enum venue_outcome judge_refused(struct bybit_parse *p)
{
    if (p->rsp->status == 401) {
        return judge_http(p, VENUE_REFUSED, VENUE_REASON_AUTH, "key or signature");
    }
    return judge_http(p, VENUE_REFUSED, VENUE_REASON_INVALID,
                      p->rsp->status == 404 ? "no such path, or category not for the account"
                                            : "bad request");
}

static bool is_turned_away(int status)
{
    return status == 400 || status == 401 || status == 404;
}

static enum venue_outcome judge_code(struct bybit_parse *p, int64_t code)
{
    struct bytes text = { NULL, 0 };
    enum venue_reason reason;
    enum venue_outcome outcome;

    if (json_text(p->root, "retMsg", &text) != JSON_OK) {
        text = (struct bytes){ NULL, 0 };
    }
    outcome = bybit_judge_code(p->call, code, text, &reason);
    p->reply->reason = reason;
    p->reply->code = bybit_number(p, code);
    p->reply->text = bybit_keep(p, clipped(text));
    if (outcome == VENUE_HELD && reason == VENUE_REASON_THROTTLED) {
        p->reply->retry_after_us = retry_after(p);
    }
    return outcome;
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool envelope(struct bybit_parse *p)
{
    int status = p->rsp->status;
    int64_t code = 0;
    int64_t ms;

    if (judge_status(p)) {
        return false;
    }
    p->doc = json_doc_parse(p->rsp->body);
    p->root = p->doc == NULL ? NULL : json_root(p->doc);
    if (json_int(p->doc, p->root, "time", &ms) == JSON_OK && ms > 0 &&
        ms <= INT64_MAX / US_PER_MS) {
        p->reply->server_us = ms * US_PER_MS;
    }
    if (!json_is_object(p->root) || json_int(p->doc, p->root, "retCode", &code) != JSON_OK) {
        p->outcome = is_turned_away(status)
                         ? judge_refused(p)
                         : judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, "unreadable answer");
        return false;
    }
    if (status < 200 || (status > 299 && !is_turned_away(status))) {
        p->outcome = judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, "no answer to rely on");
        return false;
    }
    if (is_turned_away(status) && bybit_code_find(code) == NULL) {
        p->outcome = judge_refused(p);
        return false;
    }
    if (code != 0) {
        p->outcome = judge_code(p, code);
        return false;
    }
    p->result = json_member(p->root, "result");
    return true;
}

/* Success without the nested part is no success. */
static void disbelieve(struct bybit_parse *p)
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

enum venue_outcome bybit_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                   struct arena *arena, struct venue_reply *reply,
                                   void (*reader)(struct bybit_parse *p))
{
    struct bybit_parse p = {
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
