/*
 * Kraken Futures: the envelope of an answer, judged in the order HTTP status, JSON, error. The
 * getters are those of answer.h.
 */
#include "kraken_futures.h"

#include "timestamp.h"

bool kraken_has(const struct cJSON *o, const char *name)
{
    struct bytes text;
    enum json_get got = json_text(o, name, &text);

    return got != JSON_ABSENT && got != JSON_NULL;
}

/* ---- the envelope -------------------------------------------------------------------------- */

/* `errors`: [{"code":92,"message":"..."}]. A refusal of settings came with HTTP 500, so the code
 * decides before the status there; elsewhere only a 4xx proves that the request was turned away. */
static enum venue_outcome judge_errors(struct answer *p, const struct cJSON *errors)
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
    return answer_judge(p, reason == VENUE_REASON_NONE ? VENUE_UNKNOWN : VENUE_REFUSED,
                        reason == VENUE_REASON_NONE ? VENUE_REASON_OTHER : reason,
                        bytes_of(code_text), message);
}

static enum venue_outcome judge_error(struct answer *p, struct bytes error)
{
    const struct kraken_error_rule *rule = kraken_error_find(error);

    /* Only a listed word proves that nothing happened. */
    if (rule == NULL) {
        return answer_judge(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, error, (struct bytes){ NULL, 0 });
    }
    if (rule->outcome == VENUE_HELD) {
        p->reply->retry_after_us = answer_retry_after(p, "rate-limit-reset", 0);
    }
    return answer_judge(p, rule->outcome, rule->reason, error, (struct bytes){ NULL, 0 });
}

/* The history's own shape: HTTP 401 and {"status":"unauthorized","reason":"..."}. */
static enum venue_outcome judge_unauthorized(struct answer *p)
{
    struct bytes status = { NULL, 0 };
    struct bytes reason = { NULL, 0 };

    if (json_text(p->root, "status", &status) != JSON_OK ||
        json_text(p->root, "reason", &reason) != JSON_OK) {
        return answer_judge_http(p, VENUE_REFUSED, VENUE_REASON_AUTH, (struct bytes){ NULL, 0 });
    }
    return answer_judge(p, VENUE_REFUSED, VENUE_REASON_AUTH, status, reason);
}

/* A body that says something went wrong. False: it does not. */
static bool judge_body(struct answer *p, enum venue_outcome *outcome)
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
        *outcome =
            answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("result is not success"));
        return true;
    }
    return false;
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool envelope(struct answer *p)
{
    int status = p->rsp->status;
    struct bytes server_time;

    if (status == 429) {
        p->reply->retry_after_us = answer_retry_after(p, "rate-limit-reset", 0);
        p->outcome = answer_judge_http(p, VENUE_HELD, VENUE_REASON_THROTTLED, BYTES("rate limit"));
        return false;
    }
    if (!json_is_object(p->root)) {
        p->outcome =
            answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("unreadable answer"));
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
        bool settings = p->call->op == VENUE_SET_LEVERAGE && p->outcome == VENUE_REFUSED &&
                        json_member(p->root, "errors") != NULL;

        if (status >= 500 && !settings) {
            p->outcome = VENUE_UNKNOWN; /* whatever the body says, it may have acted */
        }
        return false;
    }
    if (status < 200 || status > 299) {
        p->outcome =
            answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, BYTES("no reason given"));
        return false;
    }
    return true;
}

enum venue_outcome kraken_parse_run(const struct venue_call *call, const struct http_response *rsp,
                                    struct arena *arena, struct venue_reply *reply,
                                    void (*reader)(struct answer *p))
{
    return answer_run(call, rsp, arena, reply, envelope, reader);
}
