/*
 * Faults on demand: rules by operation, count and probability. Which one strikes is decided here;
 * what it does is in venuesim_http.c.
 */
#include "venuesim.h"
#include "venuesim_text.h"

#include <cjson/cJSON.h>

static const char *const names[FAULT_KIND_COUNT] = {
    [FAULT_NONE] = "none",
    [FAULT_DELAY_BEFORE] = "delay_before",
    [FAULT_DELAY_AFTER] = "delay_after",
    [FAULT_ACT_DROP] = "act_drop",
    [FAULT_DROP] = "drop",
    [FAULT_ERROR_BEFORE] = "error_before",
    [FAULT_ERROR_AFTER] = "error_after",
    [FAULT_GARBAGE] = "garbage",
    [FAULT_TRUNCATED] = "truncated",
    [FAULT_RATE_LIMIT] = "rate_limit",
    [FAULT_RATE_LIMIT_429] = "rate_limit_429",
    [FAULT_HTML] = "html",
    [FAULT_SLOW_BODY] = "slow_body",
    [FAULT_CLOSE] = "close",
    [FAULT_WRONG_LENGTH] = "wrong_length",
    [FAULT_STATUS] = "status",
    [FAULT_ERROR] = "error",
};

const char *fault_text(enum fault_kind kind)
{
    return names[kind];
}

static bool contains(struct bytes text, const char *what)
{
    return text.size > 0 && memmem(text.data, text.size, what, strlen(what)) != NULL;
}

static bool strikes(struct fault *f, const char *op, struct bytes query, struct bytes body)
{
    if (f->count == 0 || (strcmp(f->op, "*") != 0 && strcmp(f->op, op) != 0)) {
        return false;
    }
    if (f->match[0] != '\0' && !contains(query, f->match) && !contains(body, f->match)) {
        return false;
    }
    if (f->skip > 0) {
        f->skip--;
        return false;
    }
    return f->probability >= 1000000 || sim_random(&f->rng) % 1000000 < f->probability;
}

const struct fault *faults_pick(struct faults *f, const char *op, struct bytes query,
                                struct bytes body)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct fault *rule = &f->item[i];

        if (strikes(rule, op, query, body)) {
            rule->hit++;
            if (rule->count != UINT64_MAX) {
                rule->count--;
            }
            return rule;
        }
    }
    return NULL;
}

static bool kind_find(struct bytes name, enum fault_kind *out)
{
    unsigned k;

    for (k = 1; k < FAULT_KIND_COUNT; k++) {
        if (bytes_is(name, names[k])) {
            *out = (enum fault_kind)k;
            return true;
        }
    }
    return false;
}

static bool probability_of(const struct cJSON *json, uint32_t *out)
{
    struct decimal p;
    struct decimal ppm;

    *out = 1000000;
    if (text_json_get(json, "probability").data == NULL) {
        return true;
    }
    if (!text_json_decimal(json, "probability", &p) || decimal_sign(p) < 0 ||
        decimal_compare(p, (struct decimal){ 1, 0 }) > 0) {
        return false;
    }
    ppm = sim_mul_round(p, (struct decimal){ 1000000, 0 }, 0);
    *out = (uint32_t)ppm.mantissa;
    return true;
}

static bool optional_field(const struct cJSON *json, const char *name, char *field, size_t size)
{
    struct bytes text = text_json_get(json, name);

    field[0] = '\0';
    return text.data == NULL || bytes_to_field(text, field, size);
}

const char *faults_add(struct faults *f, const struct cJSON *json, unsigned *id)
{
    struct fault rule = { 0 };

    if (f->count == FAULTS_MAX) {
        return "too many faults";
    }
    if (!kind_find(text_json_get(json, "fault"), &rule.kind)) {
        return "fault: unknown kind (GET /sim/help)";
    }
    if (text_json_get(json, "op").size == 0 ||
        !optional_field(json, "op", rule.op, sizeof rule.op)) {
        return "op: an operation's name or *";
    }
    if (!optional_field(json, "match", rule.match, sizeof rule.match) ||
        !optional_field(json, rule.kind == FAULT_STATUS ? "status" : "error", rule.word,
                        sizeof rule.word)) {
        return "match, status or error: too long";
    }
    if (rule.kind == FAULT_STATUS && rule.word[0] == '\0') {
        return "status: missing";
    }
    if (!probability_of(json, &rule.probability)) {
        return "probability: 0 to 1";
    }
    rule.skip = (uint64_t)text_json_int(json, "skip", 0);
    rule.count = (uint64_t)text_json_int(json, "count", -1); /* absent: for ever */
    rule.rng = (uint64_t)text_json_int(json, "seed", 1);
    rule.delay_us = text_json_int(json, "delay_ms", 0) * US_PER_MS;
    rule.interval_us = text_json_int(json, "interval_ms", 10) * US_PER_MS;
    rule.bytes = (size_t)text_json_int(json, "bytes", rule.kind == FAULT_SLOW_BODY ? 16 : 0);
    rule.http = (unsigned)text_json_int(json, "http", rule.kind == FAULT_HTML ? 502 : 500);
    rule.act = text_json_true(json, "act", false);
    rule.id = ++f->last_id;
    *id = rule.id;
    f->item[f->count++] = rule;
    return NULL;
}

bool faults_remove(struct faults *f, unsigned id)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        if (f->item[i].id == id) {
            memmove(&f->item[i], &f->item[i + 1], (f->count - i - 1) * sizeof f->item[0]);
            f->count--;
            return true;
        }
    }
    return false;
}

void faults_members(const struct faults *f, struct buf *out)
{
    size_t i;

    buf_text(out, "\"faults\":[");
    for (i = 0; i < f->count; i++) {
        const struct fault *rule = &f->item[i];

        buf_printf(out, "%s{\"id\":%u", i == 0 ? "" : ",", rule->id);
        text_member(out, "op", rule->op);
        text_member(out, "fault", names[rule->kind]);
        buf_text(out, ",\"hit\":");
        buf_uint(out, rule->hit);
        if (rule->count != UINT64_MAX) {
            buf_text(out, ",\"left\":");
            buf_uint(out, rule->count);
        }
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void faults_write(const struct faults *f, struct buf *out)
{
    buf_char(out, '{');
    faults_members(f, out);
    buf_text(out, "}\n");
}
