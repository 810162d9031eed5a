/*
 * Strict reading of venues' JSON. A scan of the text first decides whether it is JSON at all (cJSON
 * takes more than RFC 8259 allows) and notes the span of every number, in document order; then
 * cJSON builds the tree, and a walk in the same order writes each number's index into its node.
 */
#include "json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "assert.h"
#include "bounds.h"

struct span {
    uint32_t start, size;
};

struct json_doc {
    struct bytes text;
    cJSON *root;
    struct span *number;
    size_t number_count, number_capacity;
};

_Static_assert(HTTP_RESPONSE_BODY_MAX < INT32_MAX, "spans and indexes are 32 bits wide");
_Static_assert(JSON_DEPTH_MAX < CJSON_NESTING_LIMIT, "cJSON takes what the scan lets through");

/* ---- the scan ------------------------------------------------------------------------------ */

struct scan {
    struct json_doc *doc;
    const char *at, *end;
    char closer[JSON_DEPTH_MAX]; /* '}' or ']' of each open container */
    size_t depth;
};

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        s->at++;
    }
}

static bool take_char(struct scan *s, char c)
{
    if (s->at < s->end && *s->at == c) {
        s->at++;
        return true;
    }
    return false;
}

static bool take_word(struct scan *s, const char *word, size_t size)
{
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0) {
        return false;
    }
    s->at += size;
    return true;
}

static size_t take_digits(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    return (size_t)(s->at - start);
}

static bool add_number(struct json_doc *d, size_t start, size_t size)
{
    if (d->number_count == d->number_capacity) {
        size_t capacity = d->number_capacity == 0 ? 64 : 2 * d->number_capacity;
        struct span *grown = realloc(d->number, capacity * sizeof *grown);

        if (grown == NULL) {
            return false;
        }
        d->number = grown;
        d->number_capacity = capacity;
    }
    d->number[d->number_count++] = (struct span){ (uint32_t)start, (uint32_t)size };
    return true;
}

static bool take_number(struct scan *s)
{
    const char *start = s->at;
    size_t size;

    take_char(s, '-');
    if (!take_char(s, '0') && take_digits(s) == 0) {
        return false;
    }
    if (take_char(s, '.') && take_digits(s) == 0) {
        return false;
    }
    if (take_char(s, 'e') || take_char(s, 'E')) {
        if (!take_char(s, '+')) {
            take_char(s, '-');
        }
        if (take_digits(s) == 0) {
            return false;
        }
    }
    size = (size_t)(s->at - start);
    return size <= JSON_NUMBER_MAX && add_number(s->doc, (size_t)(start - s->doc->text.data), size);
}

/* cJSON takes wrong digits for zeros and would end the text there; a zero, too, would end it. */
static bool take_hex4(struct scan *s)
{
    bool zero = true;

    if (s->end - s->at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char c = *s->at++;

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
        zero = zero && c == '0';
    }
    return !zero;
}

static bool take_escape(struct scan *s)
{
    if (s->at == s->end) {
        return false;
    }
    if (*s->at == 'u') {
        s->at++;
        return take_hex4(s);
    }
    return memchr("\"\\/bfnrt", *s->at++, 8) != NULL;
}

/* To the next byte that means something in a string, eight at a time; never beyond the text. */
static void skip_plain(struct scan *s)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);

    while (s->end - s->at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t word, quote, escape, hits;

        memcpy(&word, s->at, sizeof word);
        quote = word ^ ones * '"';
        escape = word ^ ones * '\\';
        /* The lowest set bit is the first such byte; those above it may be false. */
        hits = ((quote - ones) & ~quote) | ((escape - ones) & ~escape) |
               ((word - ones * 0x20) & ~word); /* control characters */
        hits &= highs;
        if (hits != 0) {
            s->at += __builtin_ctzll(hits) / 8;
            return;
        }
        s->at += sizeof word;
    }
#else
    (void)s;
#endif
}

static bool take_string(struct scan *s)
{
    if (!take_char(s, '"')) {
        return false;
    }
    for (skip_plain(s); s->at < s->end; skip_plain(s)) {
        unsigned char c = (unsigned char)*s->at++;

        if (c == '"') {
            return true;
        }
        if (c < 0x20 || (c == '\\' && !take_escape(s))) {
            return false;
        }
    }
    return false;
}

/* A member's name and its colon. */
static bool take_name(struct scan *s)
{
    skip_blanks(s);
    if (!take_string(s)) {
        return false;
    }
    skip_blanks(s);
    return take_char(s, ':');
}

/* Opens a container; an empty one is closed at once. `*value_follows`: its first element comes
 * next. */
static bool open_container(struct scan *s, char closer, bool *value_follows)
{
    s->at++;
    skip_blanks(s);
    *value_follows = false;
    if (s->depth == JSON_DEPTH_MAX) {
        return false;
    }
    if (take_char(s, closer)) {
        return true;
    }
    s->closer[s->depth++] = closer;
    *value_follows = true;
    return closer == ']' || take_name(s);
}

static bool take_value(struct scan *s, bool *value_follows)
{
    *value_follows = false;
    skip_blanks(s);
    if (s->at == s->end) {
        return false;
    }
    switch (*s->at) {
    case '{': return open_container(s, '}', value_follows);
    case '[': return open_container(s, ']', value_follows);
    case '"': return take_string(s);
    case 't': return take_word(s, "true", 4);
    case 'f': return take_word(s, "false", 5);
    case 'n': return take_word(s, "null", 4);
    default: return take_number(s);
    }
}

/* After a value: closes containers until a comma brings the next value or nothing is open. */
static bool take_closers(struct scan *s, bool *value_follows)
{
    *value_follows = false;
    while (s->depth > 0) {
        skip_blanks(s);
        if (take_char(s, ',')) {
            *value_follows = true;
            return s->closer[s->depth - 1] == ']' || take_name(s);
        }
        if (!take_char(s, s->closer[s->depth - 1])) {
            return false;
        }
        s->depth--;
    }
    return true;
}

static bool scan_text(struct json_doc *d)
{
    struct scan s = { .doc = d, .at = d->text.data, .end = d->text.data + d->text.size };
    bool value_follows = true;

    while (value_follows) {
        if (!take_value(&s, &value_follows)) {
            return false;
        }
        if (!value_follows && !take_closers(&s, &value_follows)) {
            return false;
        }
    }
    skip_blanks(&s);
    return s.at == s.end;
}

/* ---- the tree ------------------------------------------------------------------------------ */

/* Numbers the number nodes in document order. False: the tree and the scan disagree. */
static bool number_nodes(struct json_doc *d)
{
    cJSON *parent[JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    size_t index = 0;
    cJSON *node = d->root;

    for (;;) {
        if (cJSON_IsNumber(node)) {
            node->valueint = (int)index;
            index++;
        }
        if (node->child != NULL) {
            ASSERT(depth < ARRAY_LEN(parent));
            parent[depth++] = node;
            node = node->child;
            continue;
        }
        while (depth > 0 && node->next == NULL) {
            node = parent[--depth];
        }
        if (depth == 0) {
            return index == d->number_count;
        }
        node = node->next;
    }
}

struct json_doc *json_doc_parse(struct bytes text)
{
    struct json_doc *d;

    if (text.size == 0 || text.size > HTTP_RESPONSE_BODY_MAX) {
        return NULL;
    }
    d = calloc(1, sizeof *d);
    if (d == NULL) {
        return NULL;
    }
    d->text = text;
    if (!scan_text(d)) {
        goto fail;
    }
    d->root = cJSON_ParseWithLengthOpts(text.data, text.size, NULL, 0);
    if (d->root == NULL || !number_nodes(d)) {
        goto fail;
    }
    return d;

fail:
    json_doc_free(d);
    return NULL;
}

void json_doc_free(struct json_doc *d)
{
    if (d == NULL) {
        return;
    }
    cJSON_Delete(d->root);
    free(d->number);
    free(d);
}

const struct cJSON *json_root(const struct json_doc *d)
{
    return d->root;
}

static struct bytes number_text(const struct json_doc *d, const cJSON *node)
{
    size_t index = (size_t)node->valueint;

    ASSERT(index < d->number_count);
    return (struct bytes){ d->text.data + d->number[index].start, d->number[index].size };
}

/* ---- getters ------------------------------------------------------------------------------- */

const struct cJSON *json_member(const struct cJSON *object, const char *name)
{
    const cJSON *item = json_first(object);

    /* An array's elements have no name. */
    while (item != NULL && item->string != NULL &&
           (item->string[0] != name[0] || strcmp(item->string, name) != 0)) {
        item = item->next;
    }
    return item == NULL || item->string == NULL ? NULL : item;
}

enum json_get json_item_text(const struct cJSON *item, struct bytes *out)
{
    if (item == NULL) {
        return JSON_ABSENT;
    }
    if (cJSON_IsNull(item)) {
        return JSON_NULL;
    }
    if (!cJSON_IsString(item)) {
        return JSON_BAD;
    }
    *out = bytes_of(item->valuestring);
    return JSON_OK;
}

enum json_get json_item_decimal(const struct json_doc *d, const struct cJSON *item,
                                struct decimal *out)
{
    struct bytes text;
    enum json_get got;

    if (cJSON_IsNumber(item)) {
        return decimal_parse_json(number_text(d, item), out) ? JSON_OK : JSON_BAD;
    }
    got = json_item_text(item, &text);
    if (got != JSON_OK) {
        return got;
    }
    return decimal_parse_json(text, out) || decimal_parse(text, out) ? JSON_OK : JSON_BAD;
}

enum json_get json_text(const struct cJSON *object, const char *name, struct bytes *out)
{
    return json_item_text(json_member(object, name), out);
}

enum json_get json_bool(const struct cJSON *object, const char *name, bool *out)
{
    const cJSON *item = json_member(object, name);

    if (item == NULL) {
        return JSON_ABSENT;
    }
    if (cJSON_IsNull(item)) {
        return JSON_NULL;
    }
    if (!cJSON_IsBool(item)) {
        return JSON_BAD;
    }
    *out = cJSON_IsTrue(item);
    return JSON_OK;
}

enum json_get json_decimal(const struct json_doc *d, const struct cJSON *object, const char *name,
                           struct decimal *out)
{
    return json_item_decimal(d, json_member(object, name), out);
}

enum json_get json_int(const struct json_doc *d, const struct cJSON *object, const char *name,
                       int64_t *out)
{
    struct decimal value;
    enum json_get got = json_decimal(d, object, name, &value);

    if (got != JSON_OK) {
        return got;
    }
    value = decimal_normal(value);
    if (value.scale != 0) {
        return JSON_BAD;
    }
    *out = value.mantissa;
    return JSON_OK;
}

const struct cJSON *json_first(const struct cJSON *array)
{
    return array == NULL ? NULL : array->child;
}

const struct cJSON *json_next(const struct cJSON *item)
{
    return item->next;
}

size_t json_count(const struct cJSON *array)
{
    size_t count = 0;

    for (const cJSON *item = json_first(array); item != NULL; item = item->next) {
        count++;
    }
    return count;
}

bool json_is_object(const struct cJSON *item)
{
    return cJSON_IsObject(item);
}

bool json_is_array(const struct cJSON *item)
{
    return cJSON_IsArray(item);
}

struct bytes json_name(const struct cJSON *item)
{
    return bytes_of(item->string);
}

/* ---- writing ------------------------------------------------------------------------------- */

void json_put_text(struct buf *out, struct bytes text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c < 0x20) {
            buf_printf(out, "\\u%04x", c);
        } else {
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}
