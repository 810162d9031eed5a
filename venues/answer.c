/*
 * Strict reading of an answer. See answer.h.
 */
#include "answer.h"

#include <stdio.h>
#include <strings.h>

#include "timestamp.h"

#define TEXT_KEPT_MAX 256 /* of a venue's prose */

/* ---- memory and fields --------------------------------------------------------------------- */

void *answer_take(struct answer *a, size_t count, size_t size)
{
    void *memory = NULL;

    if (count == 0) {
        return NULL;
    }
    if (count <= SIZE_MAX / size) {
        memory = arena_take(a->arena, count * size);
    }
    if (memory == NULL) {
        a->bad = true;
    }
    return memory;
}

struct bytes answer_keep(struct answer *a, struct bytes text)
{
    struct bytes copy = { NULL, 0 };

    if (text.size > 0 && !arena_copy(a->arena, text, &copy)) {
        a->bad = true;
        return (struct bytes){ NULL, 0 };
    }
    return copy;
}

struct venue_order_state *answer_orders(struct answer *a, size_t count)
{
    a->reply->order = answer_take(a, count, sizeof *a->reply->order);
    return a->reply->order;
}

static bool got_value(struct answer *a, enum json_get got)
{
    if (got == JSON_BAD) {
        a->bad = true;
    }
    return got == JSON_OK;
}

bool answer_text(struct answer *a, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;

    *out = (struct bytes){ NULL, 0 };
    if (!got_value(a, json_text(o, name, &text))) {
        return false;
    }
    *out = answer_keep(a, text);
    return out->size > 0;
}

bool answer_upper(struct answer *a, const struct cJSON *o, const char *name, struct bytes *out)
{
    struct bytes text;
    char *copy;

    *out = (struct bytes){ NULL, 0 };
    if (!got_value(a, json_text(o, name, &text)) || text.size == 0) {
        return false;
    }
    copy = answer_take(a, text.size + 1, 1);
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

bool answer_decimal(struct answer *a, const struct cJSON *o, const char *name, struct decimal *out)
{
    *out = DECIMAL_ZERO;
    return got_value(a, json_decimal(a->doc, o, name, out));
}

bool answer_flag(struct answer *a, const struct cJSON *o, const char *name)
{
    bool value = false;

    return got_value(a, json_bool(o, name, &value)) && value;
}

bool answer_iso_time(struct answer *a, const struct cJSON *o, const char *name, int64_t *wall_us)
{
    struct bytes text;

    *wall_us = 0;
    if (!got_value(a, json_text(o, name, &text)) || text.size == 0) {
        return false;
    }
    if (!timestamp_parse_iso(text, wall_us)) {
        a->bad = true;
        *wall_us = 0;
        return false;
    }
    return true;
}

bool answer_ms_time(struct answer *a, const struct cJSON *o, const char *name, int64_t *wall_us)
{
    int64_t ms = 0;

    *wall_us = 0;
    if (!got_value(a, json_int(a->doc, o, name, &ms))) {
        return false;
    }
    if (ms < 0 || ms > INT64_MAX / US_PER_MS) {
        a->bad = true;
        return false;
    }
    *wall_us = ms * US_PER_MS;
    return true;
}

static bool is_empty(const struct cJSON *o, const char *name)
{
    struct bytes text;

    return json_text(o, name, &text) == JSON_OK && text.size == 0;
}

bool answer_filled_decimal(struct answer *a, const struct cJSON *o, const char *name,
                           struct decimal *out)
{
    *out = DECIMAL_ZERO;
    return !is_empty(o, name) && answer_decimal(a, o, name, out);
}

bool answer_filled_ms_time(struct answer *a, const struct cJSON *o, const char *name,
                           int64_t *wall_us)
{
    *wall_us = 0;
    return !is_empty(o, name) && answer_ms_time(a, o, name, wall_us);
}

enum venue_side answer_side(struct answer *a, const struct cJSON *o, const char *name)
{
    struct bytes text;

    if (!got_value(a, json_text(o, name, &text))) {
        return (enum venue_side)0;
    }
    if (answer_same(text, "buy")) {
        return VENUE_BUY;
    }
    return answer_same(text, "sell") ? VENUE_SELL : (enum venue_side)0;
}

const struct cJSON *answer_array(struct answer *a, const struct cJSON *o, const char *name)
{
    const struct cJSON *array = json_member(o, name);

    if (!json_is_array(array)) {
        a->bad = true;
        return NULL;
    }
    return array;
}

/* ---- words --------------------------------------------------------------------------------- */

bool answer_same(struct bytes a, const char *b)
{
    return a.size == strlen(b) && (a.size == 0 || strncasecmp(a.data, b, a.size) == 0);
}

bool answer_contains(struct bytes text, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; size <= text.size && i <= text.size - size; i++) {
        if (strncasecmp(text.data + i, word, size) == 0) {
            return true;
        }
    }
    return false;
}

enum venue_reason answer_reason(const struct answer_word *words, struct bytes text)
{
    for (; words->word != NULL; words++) {
        if (answer_contains(text, words->word)) {
            return words->reason;
        }
    }
    return VENUE_REASON_NONE;
}

/* ---- verdicts ------------------------------------------------------------------------------ */

static struct bytes clipped(struct bytes text)
{
    if (text.size > TEXT_KEPT_MAX) {
        text.size = TEXT_KEPT_MAX;
    }
    return text;
}

enum venue_outcome answer_judge(struct answer *a, enum venue_outcome outcome,
                                enum venue_reason reason, struct bytes code, struct bytes text)
{
    a->reply->reason = reason;
    a->reply->code = answer_keep(a, clipped(code));
    a->reply->text = answer_keep(a, clipped(text));
    return outcome;
}

enum venue_outcome answer_judge_http(struct answer *a, enum venue_outcome outcome,
                                     enum venue_reason reason, struct bytes text)
{
    char code[] = "HTTP ???";
    int status = a->rsp->status;

    if (status >= 100 && status <= 999) {
        code[5] = (char)('0' + status / 100);
        code[6] = (char)('0' + status / 10 % 10);
        code[7] = (char)('0' + status % 10);
    }
    return answer_judge(a, outcome, reason, bytes_of(code), text);
}

int64_t answer_retry_after(const struct answer *a, const char *header, int64_t otherwise_us)
{
    struct bytes value;
    struct decimal seconds;
    struct decimal us;

    if (!http_response_header(a->rsp, header, &value) || !decimal_parse(value, &seconds) ||
        decimal_sign(seconds) <= 0 || !decimal_mul(seconds, (struct decimal){ US_PER_S, 0 }, &us) ||
        !decimal_floor_to(us, (struct decimal){ 1, 0 }, &us)) {
        return otherwise_us;
    }
    us = decimal_normal(us);
    return us.scale == 0 && us.mantissa > 0 ? us.mantissa : otherwise_us;
}

/* RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". The two obsolete forms are not read. */
bool answer_date(const struct answer *a, int64_t *wall_us)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct bytes date;
    char name[4] = "";
    const char *month;
    char iso[32];
    int size;

    if (!http_response_header(a->rsp, "Date", &date) || date.size != 29 ||
        memcmp(date.data + 25, " GMT", 4) != 0) {
        return false;
    }
    memcpy(name, date.data + 8, 3);
    month = strstr(months, name);
    if (month == NULL || (month - months) % 3 != 0) {
        return false;
    }
    size = snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8sZ", date.data + 12,
                    (int)(month - months) / 3 + 1, date.data + 5, date.data + 17);
    return timestamp_parse_iso((struct bytes){ iso, (size_t)size }, wall_us);
}

void answer_disbelieve(struct answer *a)
{
    *a->reply =
        (struct venue_reply){ .http_status = a->rsp->status,
                              .server_us = a->reply->server_us,
                              .retry_after_us = a->reply->retry_after_us,
                              .reason = VENUE_REASON_OTHER,
                              .code = BYTES("unreadable"),
                              .text = BYTES("a field is missing or malformed, or the answer is "
                                            "too large") };
    a->outcome = VENUE_UNKNOWN;
}

enum venue_outcome answer_run(const struct venue_call *call, const struct http_response *rsp,
                              struct arena *arena, struct venue_reply *reply,
                              bool (*envelope)(struct answer *a), void (*reader)(struct answer *a))
{
    struct answer a = {
        .call = call, .rsp = rsp, .arena = arena, .reply = reply, .outcome = VENUE_DONE
    };

    reply->http_status = rsp->status;
    a.doc = json_doc_parse(rsp->body);
    a.root = a.doc == NULL ? NULL : json_root(a.doc);
    if (envelope(&a)) {
        reader(&a);
        if (a.bad) {
            answer_disbelieve(&a);
        }
    }
    json_doc_free(a.doc);
    return a.outcome;
}
