/*
 * Bitget: the envelope of an answer, the same in both dialects, and the strict getters the other
 * readers use. The code in the body decides before the HTTP status does; what cannot be read is
 * never half believed.
 */
#include "bitget.h"

#define TEXT_KEPT_MAX 256 /* of the venue's prose */

/* ---- memory and fields --------------------------------------------------------------------- */

void *bitget_take(struct bitget_parse *p, size_t count, size_t size)
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

struct bytes bitget_keep(struct bitget_parse *p, struct bytes text)
{
    struct bytes copy = { NULL, 0 };

    if (text.size > 0 && !arena_copy(p->arena, text, &copy)) {
        p->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    return copy;
}

/* Unset values are "", null or absent, as the venue pleases. */
static bool is_unset(const struct cJSON *o, const char *name)
{
    struct bytes text;
    enum json_get got = json_text(o, name, &text);

    return got == JSON_ABSENT || got == JSON_NULL || (got == JSON_OK && text.size == 0);
}

bool bitget_text(struct bitget_parse *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;

    *out = (struct bytes){ NULL, 0 };
    if (is_unset(o, name)) {
        return false;
    }
    if (json_text(o, name, &text) != JSON_OK) {
        p->bad = true;
        return false;
    }
    *out = bitget_keep(p, text);
    return out->size > 0;
}

bool bitget_id(struct bitget_parse *p, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;
    struct decimal number;
    char digits[DECIMAL_TEXT_MAX];

    if (is_unset(o, name) || json_text(o, name, &text) == JSON_OK) {
        return bitget_text(p, o, name, out);
    }
    *out = (struct bytes){ NULL, 0 };
    if (json_decimal(p->doc, o, name, &number) != JSON_OK || decimal_normal(number).scale != 0 ||
        decimal_sign(number) < 0) {
        p->bad = true;
        return false;
    }
    *out = bitget_keep(p, (struct bytes){ digits, decimal_print(number, digits) });
    return out->size > 0;
}

bool bitget_decimal(struct bitget_parse *p, const struct cJSON *o, const char *name,
                    struct decimal *out)
{
    *out = DECIMAL_ZERO;
    if (is_unset(o, name)) {
        return false;
    }
    if (json_decimal(p->doc, o, name, out) != JSON_OK) {
        p->bad = true;
        *out = DECIMAL_ZERO;
        return false;
    }
    return true;
}

static bool ms_to_us(int64_t ms, int64_t *wall_us)
{
    if (ms < 0 || ms > INT64_MAX / US_PER_MS) {
        return false;
    }
    *wall_us = ms * US_PER_MS;
    return true;
}

bool bitget_time(struct bitget_parse *p, const struct cJSON *o, const char *name, int64_t *wall_us)
{
    int64_t ms;

    *wall_us = 0;
    if (is_unset(o, name)) {
        return false;
    }
    if (json_int(p->doc, o, name, &ms) != JSON_OK || !ms_to_us(ms, wall_us)) {
        p->bad = true;
        return false;
    }
    return true;
}

bool bitget_symbol(struct bitget_parse *p, const struct cJSON *o, const char *name,
                   struct bytes *out)
{
    struct bytes text;
    char *copy;

    if (!bitget_text(p, o, name, &text) || (copy = bitget_take(p, text.size + 1, 1)) == NULL) {
        *out = (struct bytes){ NULL, 0 };
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        copy[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    *out = (struct bytes){ copy, text.size };
    return true;
}

bool bitget_word(const struct cJSON *o, const char *name, const char *word)
{
    struct bytes text;

    return json_text(o, name, &text) == JSON_OK && bitget_same(text, word);
}

const struct cJSON *bitget_rows(struct bitget_parse *p, const struct cJSON *o)
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

void bitget_set_cursor(struct bitget_parse *p, unsigned stage, struct bytes id)
{
    struct buf text;

    buf_init(&text, 128);
    buf_uint(&text, stage);
    buf_char(&text, ':');
    buf_bytes(&text, id);
    if (text.failed) {
        p->bad = true;
    } else {
        p->reply->cursor = bitget_keep(p, buf_view(&text));
    }
    buf_fini(&text);
}

struct venue_order_state bitget_asked(struct bitget_parse *p, const struct venue_order *asked)
{
    return (struct venue_order_state){ .client_id = bitget_keep(p, asked->client_id),
                                       .venue_id = bitget_keep(p, asked->venue_id),
                                       .symbol = bitget_keep(p, asked->symbol),
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

static struct bytes clipped(struct bytes text)
{
    if (text.size > TEXT_KEPT_MAX) {
        text.size = TEXT_KEPT_MAX;
    }
    return text;
}

static enum venue_outcome judge(struct bitget_parse *p, enum venue_outcome outcome,
                                enum venue_reason reason, struct bytes code, struct bytes text)
{
    p->reply->reason = reason;
    p->reply->code = bitget_keep(p, clipped(code));
    p->reply->text = bitget_keep(p, clipped(text));
    return outcome;
}

static enum venue_outcome judge_http(struct bitget_parse *p, const char *text)
{
    char code[] = "HTTP ???";
    int status = p->rsp->status;

    if (status >= 100 && status <= 999) {
        code[5] = (char)('0' + status / 100);
        code[6] = (char)('0' + status / 10 % 10);
        code[7] = (char)('0' + status % 10);
    }
    if (status == 429) {
        return judge(p, VENUE_HELD, VENUE_REASON_THROTTLED, bytes_of(code), BYTES("rate limit"));
    }
    return judge(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, bytes_of(code), bytes_of(text));
}

static enum venue_outcome judge_code(struct bitget_parse *p, struct bytes code, struct bytes text)
{
    const struct bitget_code_rule *rule = bitget_code_find(code, p->dialect);
    int status = p->rsp->status;

    if (rule != NULL && rule->outcome == VENUE_HELD) {
        return judge(p, VENUE_HELD, rule->reason, code, text);
    }
    if (status == 429) {
        return judge(p, VENUE_HELD, VENUE_REASON_THROTTLED, code, text);
    }
    if (rule == NULL || status >= 500) {
        return judge(p, VENUE_UNKNOWN, VENUE_REASON_OTHER, code, text);
    }
    return judge(p, rule->outcome, bitget_field_reason(rule->reason, text), code, text);
}

/* Seconds. Absent or unreadable: not said. */
static int64_t retry_after(const struct http_response *rsp)
{
    struct bytes value;
    struct decimal seconds;
    struct decimal us;

    if (!http_response_header(rsp, "Retry-After", &value) || !decimal_parse(value, &seconds) ||
        decimal_sign(seconds) < 0 || !decimal_mul(seconds, (struct decimal){ US_PER_S, 0 }, &us) ||
        !decimal_floor_to(us, (struct decimal){ 1, 0 }, &us)) {
        return 0;
    }
    us = decimal_normal(us);
    return us.scale == 0 ? us.mantissa : 0;
}

/* True: success as far as the envelope can say. False: `outcome` is decided. */
static bool envelope(struct bitget_parse *p)
{
    const struct cJSON *root;
    struct bytes code = { NULL, 0 };
    struct bytes text = { NULL, 0 };
    int64_t ms;

    p->doc = json_doc_parse(p->rsp->body);
    root = p->doc == NULL ? NULL : json_root(p->doc);
    if (!json_is_object(root) || !bitget_id(p, root, "code", &code)) {
        p->bad = false;
        p->outcome = judge_http(p, "unreadable answer");
    } else {
        /* A clock that cannot be read is no clock; the rest of the answer stands without it. */
        if (json_int(p->doc, root, "requestTime", &ms) != JSON_OK ||
            !ms_to_us(ms, &p->reply->server_us)) {
            p->reply->server_us = 0;
        }
        if (json_text(root, "msg", &text) != JSON_OK) {
            text = (struct bytes){ NULL, 0 };
        }
        p->data = json_member(root, "data");
        if (!bytes_is(code, "00000")) {
            p->outcome = judge_code(p, code, text);
        } else if (p->rsp->status < 200 || p->rsp->status > 299) {
            p->outcome = judge_http(p, "success in the body, but not in the status");
        } else {
            return true;
        }
    }
    if (p->outcome == VENUE_HELD) {
        p->reply->retry_after_us = retry_after(p->rsp);
    }
    return false;
}

static void disbelieve(struct bitget_parse *p)
{
    struct venue_reply *r = p->reply;

    r->order = NULL;
    r->fill = NULL;
    r->instrument = NULL;
    r->position = NULL;
    r->order_count = r->fill_count = r->instrument_count = r->position_count = 0;
    r->complete = false;
    r->cursor = r->setting = (struct bytes){ NULL, 0 };
    r->reason = VENUE_REASON_OTHER;
    r->code = BYTES("unreadable");
    r->text = BYTES("a field is missing or malformed, or the answer is too large");
    p->outcome = VENUE_UNKNOWN;
}

/* The order asked about does not exist (now), or there is none to cancel: an answer, not a
 * refusal. */
static void read_none(struct bitget_parse *p)
{
    struct venue_reply *r = p->reply;
    const struct venue_call *c = p->call;

    if (c->op != VENUE_STATUS && c->op != VENUE_CANCEL_ALL) {
        return;
    }
    r->reason = VENUE_REASON_NONE;
    r->complete = true;
    p->outcome = VENUE_DONE;
    r->order = bitget_take(p, c->op == VENUE_STATUS ? 1 : 0, sizeof *r->order);
    if (r->order == NULL) {
        return;
    }
    r->order_count = 1;
    r->order[0].status = VENUE_ORDER_ABSENT;
    r->order[0].code = r->code;
    if (c->venue_id_count > 0) {
        r->order[0].venue_id = bitget_keep(p, c->venue_id[0]);
    }
    if (c->client_id_count > 0) {
        r->order[0].client_id = bitget_keep(p, c->client_id[0]);
    }
}

enum venue_outcome bitget_parse_run(enum bitget_dialect dialect, const struct venue_call *call,
                                    const struct http_response *rsp, struct arena *arena,
                                    struct venue_reply *reply, bitget_reader_fn *reader)
{
    struct bitget_parse p = { .call = call,
                              .rsp = rsp,
                              .arena = arena,
                              .reply = reply,
                              .dialect = dialect,
                              .outcome = VENUE_DONE };

    reply->http_status = rsp->status;
    if (envelope(&p)) {
        reader(&p);
    } else if (p.outcome == VENUE_REFUSED && reply->reason == VENUE_REASON_UNKNOWN_ORDER) {
        read_none(&p);
    }
    if (p.bad) {
        disbelieve(&p);
    }
    json_doc_free(p.doc);
    return p.outcome;
}
