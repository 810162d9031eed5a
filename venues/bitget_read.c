/*
 * Bitget: the envelope of an answer, the same in both dialects, and the getters that are this
 * venue's own beside those of answer.h. The code in the body decides before the HTTP status does;
 * what cannot be read is never half believed.
 */
#include "bitget.h"

/* ---- fields ---------------------------------------------------------------------------------- */

/* Unset values are "", null or absent, as the venue pleases. */
static bool is_unset(const struct cJSON *o, const char *name)
{
    struct bytes text;
    enum json_get got = json_text(o, name, &text);

    return got == JSON_ABSENT || got == JSON_NULL || (got == JSON_OK && text.size == 0);
}

bool bitget_id(struct answer *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;
    struct decimal number;
    char digits[DECIMAL_TEXT_MAX];

    if (is_unset(o, name) || json_text(o, name, &text) == JSON_OK) {
        return answer_text(p, o, name, out);
    }
    *out = (struct bytes){ NULL, 0 };
    if (json_decimal(p->doc, o, name, &number) != JSON_OK || decimal_normal(number).scale != 0 ||
        decimal_sign(number) < 0) {
        p->bad = true;
        return false;
    }
    *out = answer_keep(p, (struct bytes){ digits, decimal_print(number, digits) });
    return out->size > 0;
}

static bool ms_to_us(int64_t ms, int64_t *wall_us)
{
    if (ms < 0 || ms > INT64_MAX / US_PER_MS) {
        return false;
    }
    *wall_us = ms * US_PER_MS;
    return true;
}

bool bitget_word(const struct cJSON *o, const char *name, const char *word)
{
    struct bytes text;

    return json_text(o, name, &text) == JSON_OK && answer_same(text, word);
}

const struct cJSON *bitget_rows(struct answer *p, const struct cJSON *o)
{
    struct bytes text;

    if (json_is_array(o)) {
        return o;
    }
    if (json_item_text(o, &text) != JSON_NULL) {
        p->bad = true;
    }
    return NULL;
}

void bitget_set_cursor(struct answer *p, unsigned stage, struct bytes id)
{
    struct buf text;

    buf_init(&text, 128);
    buf_uint(&text, stage);
    buf_char(&text, ':');
    buf_bytes(&text, id);
    if (text.failed) {
        p->bad = true;
    } else {
        p->reply->cursor = answer_keep(p, buf_view(&text));
    }
    buf_fini(&text);
}

struct venue_order_state bitget_asked(struct answer *p, const struct venue_order *asked)
{
    return (struct venue_order_state){ .client_id = answer_keep(p, asked->client_id),
                                       .venue_id = answer_keep(p, asked->venue_id),
                                       .symbol = answer_keep(p, asked->symbol),
                                       .side = asked->side,
                                       .status = VENUE_ORDER_PENDING };
}

void bitget_oldest_first(struct venue_reply *r)
{
    if (r->fill_count < 2 || r->fill[0].time_us < r->fill[r->fill_count - 1].time_us) {
        return;
    }
    for (size_t i = 0, k = r->fill_count - 1; i < k; i++, k--) {
        struct venue_fill swapped = r->fill[i];

        r->fill[i] = r->fill[k];
        r->fill[k] = swapped;
    }
}

/* ---- the envelope -------------------------------------------------------------------------- */

static enum venue_outcome judge_http(struct answer *p, struct bytes text)
{
    if (p->rsp->status == 429) {
        return answer_judge_http(p, VENUE_HELD, VENUE_REASON_THROTTLED, BYTES("rate limit"));
    }
    return answer_judge_http(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, text);
}

static enum venue_outcome judge_code(struct answer *p, struct bytes code, struct bytes text)
{
    const struct bitget_code_rule *rule = bitget_code_find(code, (enum bitget_dialect)p->dialect);
    int status = p->rsp->status;

    if (rule != NULL && rule->outcome == VENUE_HELD) {
        return answer_judge(p, VENUE_HELD, rule->reason, code, text);
    }
    if (status == 429) {
        return answer_judge(p, VENUE_HELD, VENUE_REASON_THROTTLED, code, text);
    }
    if (rule == NULL || status >= 500) {
        return answer_judge(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, code, text);
    }
    return answer_judge(p, rule->outcome, bitget_field_reason(rule->reason, text), code, text);
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool is_success(struct answer *p)
{
    struct bytes code = { NULL, 0 };
    struct bytes text = { NULL, 0 };
    int64_t ms;

    if (!json_is_object(p->root) || !bitget_id(p, p->root, "code", &code)) {
        p->bad = false;
        p->outcome = judge_http(p, BYTES("unreadable answer"));
    } else {
        /* A clock that cannot be read is no clock; the rest of the answer stands without it. */
        if (json_int(p->doc, p->root, "requestTime", &ms) != JSON_OK ||
            !ms_to_us(ms, &p->reply->server_us)) {
            p->reply->server_us = 0;
        }
        if (json_text(p->root, "msg", &text) != JSON_OK) {
            text = (struct bytes){ NULL, 0 };
        }
        p->data = json_member(p->root, "data");
        if (!bytes_is(code, "00000")) {
            p->outcome = judge_code(p, code, text);
        } else if (p->rsp->status < 200 || p->rsp->status > 299) {
            p->outcome = judge_http(p, BYTES("success in the body, but not in the status"));
        } else {
            return true;
        }
    }
    if (p->outcome == VENUE_HELD) {
        p->reply->retry_after_us = answer_retry_after(p, "Retry-After", 0);
    }
    return false;
}

/* The order asked about does not exist (now), or there is none to cancel: an answer, not a
 * refusal. */
static void read_none(struct answer *p)
{
    struct venue_reply *r = p->reply;
    const struct venue_call *c = p->call;

    if (c->op != VENUE_STATUS && c->op != VENUE_CANCEL_ALL) {
        return;
    }
    r->reason = VENUE_REASON_NONE;
    r->complete = true;
    p->outcome = VENUE_DONE;
    r->order = answer_take(p, c->op == VENUE_STATUS ? 1 : 0, sizeof *r->order);
    if (r->order == NULL) {
        return;
    }
    r->order_count = 1;
    r->order[0].status = VENUE_ORDER_ABSENT;
    r->order[0].code = r->code;
    if (c->venue_id_count > 0) {
        r->order[0].venue_id = answer_keep(p, c->venue_id[0]);
    }
    if (c->client_id_count > 0) {
        r->order[0].client_id = answer_keep(p, c->client_id[0]);
    }
}

static bool envelope(struct answer *p, enum bitget_dialect dialect)
{
    p->dialect = (int)dialect;
    if (is_success(p)) {
        return true;
    }
    if (p->outcome == VENUE_REFUSED && p->reply->reason == VENUE_REASON_UNKNOWN_ORDER) {
        read_none(p);
    }
    if (p->bad) {
        answer_disbelieve(p);
    }
    return false;
}

static bool envelope_v1(struct answer *p)
{
    return envelope(p, BITGET_V1);
}

static bool envelope_v2(struct answer *p)
{
    return envelope(p, BITGET_V2);
}

enum venue_outcome bitget_parse_run(enum bitget_dialect dialect, const struct venue_call *call,
                                    const struct http_response *rsp, struct arena *arena,
                                    struct venue_reply *reply, bitget_reader_fn *reader)
{
    return answer_run(call, rsp, arena, reply, dialect == BITGET_V1 ? envelope_v1 : envelope_v2,
                      reader);
}
