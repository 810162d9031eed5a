/*
 * Bybit: the envelope of an answer, judged in the order HTTP status, JSON, retCode, and the getters
 * that are this venue's own beside those of answer.h.
 */
#include "bybit.h"

/* ---- fields ---------------------------------------------------------------------------------- */

struct bytes bybit_number(struct answer *p, int64_t number)
{
    char text[DECIMAL_TEXT_MAX];

    return answer_keep(p,
                       (struct bytes){ text, decimal_print((struct decimal){ number, 0 }, text) });
}

bool bybit_word(struct answer *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    if (answer_text(p, o, name, out) && bytes_is(*out, "UNKNOWN")) {
        *out = (struct bytes){ NULL, 0 };
    }
    return out->size > 0;
}

bool bybit_positive(struct answer *p, const struct cJSON *o, const char *name, struct decimal *out)
{
    return answer_filled_decimal(p, o, name, out) && decimal_sign(*out) > 0;
}

bool bybit_ms_time(struct answer *p, const struct cJSON *o, const char *name, int64_t *wall_us)
{
    return answer_filled_ms_time(p, o, name, wall_us) && *wall_us > 0;
}

enum venue_side bybit_side(struct answer *p, const struct cJSON *o, const char *name)
{
    struct bytes text;

    answer_text(p, o, name, &text);
    if (bytes_is(text, "Buy")) {
        return VENUE_BUY;
    }
    return bytes_is(text, "Sell") ? VENUE_SELL : (enum venue_side)0;
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

/* When the endpoint's budget is whole again, by the venue's clock on both sides. */
static int64_t retry_after(const struct answer *p)
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
static bool judge_status(struct answer *p)
{
    int status = p->rsp->status;

    if (status == 403) {
        p->reply->retry_after_us = BYBIT_BAN_US;
        p->outcome = answer_judge_http(p, VENUE_HELD, VENUE_REASON_THROTTLED,
                                       BYTES("this host is banned or not served"));
        return true;
    }
    if (status == 429) {
        p->reply->retry_after_us = US_PER_S;
        p->outcome = answer_judge_http(p, acts(p->call) ? VENUE_UNKNOWN : VENUE_HELD,
                                       VENUE_REASON_THROTTLED, BYTES("the venue protects itself"));
        return true;
    }
    return false;
}

/* 400, 401, 404: turned away before anything was done. */
static enum venue_outcome judge_refused(struct answer *p)
{
    if (p->rsp->status == 401) {
        return answer_judge_http(p, VENUE_REFUSED, VENUE_REASON_AUTH, BYTES("key or signature"));
    }
    return answer_judge_http(p, VENUE_REFUSED, VENUE_REASON_INVALID,
                             p->rsp->status == 404
                                 ? BYTES("no such path, or category not for the account")
                                 : BYTES("bad request"));
}

static bool is_turned_away(int status)
{
    return status == 400 || status == 401 || status == 404;
}

static enum venue_outcome judge_code(struct answer *p, int64_t code)
{
    char digits[DECIMAL_TEXT_MAX];
    size_t size;
    struct bytes text = { NULL, 0 };
    enum venue_reason reason;
    enum venue_outcome outcome;

    if (json_text(p->root, "retMsg", &text) != JSON_OK) {
        text = (struct bytes){ NULL, 0 };
    }
    outcome = bybit_judge_code(p->call, code, text, &reason);
    if (outcome == VENUE_HELD && reason == VENUE_REASON_THROTTLED) {
        p->reply->retry_after_us = retry_after(p);
    }
    size = decimal_print((struct decimal){ code, 0 }, digits);
    return answer_judge(p, outcome, reason, (struct bytes){ digits, size }, text);
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool envelope(struct answer *p)
{
    int status = p->rsp->status;
    int64_t code = 0;
    int64_t ms;

    if (judge_status(p)) {
        return false;
    }
    if (json_int(p->doc, p->root, "time", &ms) == JSON_OK && ms > 0 &&
        ms <= INT64_MAX / US_PER_MS) {
        p->reply->server_us = ms * US_PER_MS;
    }
    if (!json_is_object(p->root) || json_int(p->doc, p->root, "retCode", &code) != JSON_OK) {
        p->outcome = is_turned_away(status)
                         ? judge_refused(p)
                         : answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER,
                                             BYTES("unreadable answer"));
        return false;
    }
    if (status < 200 || (status > 299 && !is_turned_away(status))) {
        p->outcome =
            answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("no answer to rely on"));
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
    p->data = json_member(p->root, "result");
    return true;
}

enum venue_outcome bybit_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                   struct arena *arena, struct venue_reply *reply,
                                   void (*reader)(struct answer *p))
{
    return answer_run(call, rsp, arena, reply, envelope, reader);
}
