/*
 * Strict reading of venues' JSON: one pass over the text decides whether it is JSON (RFC 8259) and
 * builds the tree. Names, numbers and strings are parts of the text; only a string with escapes is
 * written anew. Everything lies in the arena.
 */
#include "json.h"

#include "arena.h"
#include "bounds.h"

enum kind { KIND_NULL, KIND_FALSE, KIND_TRUE, KIND_NUMBER, KIND_TEXT, KIND_ARRAY, KIND_OBJECT };

struct json_item {
    struct json_item *next, *child;
    const char *name, *text; /* of an object's member; of a string or number: its token */
    uint32_t name_size, text_size;
    enum kind kind;
};

_Static_assert(HTTP_RESPONSE_BODY_MAX < INT32_MAX, "sizes are 32 bits wide");

/* Items are taken from the arena some at a time, and more each time. */
#define ITEMS_MIN 32
#define ITEMS_MAX 4096

/* ---- the scan ------------------------------------------------------------------------------ */

struct scan {
    struct arena *arena;
    const char *at, *end;
    struct json_item *open[JSON_DEPTH_MAX]; /* the containers around */
    size_t depth;
    struct json_item **tail; /* where the next item hangs */
    struct bytes name;       /* of the next item */
    struct json_item *spare;
    size_t spare_count, spare_next;
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

static size_t take_digits(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    return (size_t)(s->at - start);
}

/* Hangs a new item where it belongs. NULL: out of memory. */
static struct json_item *add_item(struct scan *s, enum kind kind, struct bytes text)
{
    struct json_item *item;

    if (s->spare_count == 0) {
        s->spare = arena_take(s->arena, s->spare_next * sizeof *s->spare);
        if (s->spare == NULL) {
            return NULL;
        }
        s->spare_count = s->spare_next;
        s->spare_next = s->spare_next < ITEMS_MAX ? s->spare_next * 2 : s->spare_next;
    }
    item = s->spare++;
    s->spare_count--;
    *item = (struct json_item){ .name = s->name.data,
                                .name_size = (uint32_t)s->name.size,
                                .text = text.data,
                                .text_size = (uint32_t)text.size,
                                .kind = kind };
    *s->tail = item;
    s->tail = &item->next;
    return item;
}

static bool take_number(struct scan *s)
{
    const char *start = s->at;
    struct bytes token;

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
    token = (struct bytes){ start, (size_t)(s->at - start) };
    return token.size <= JSON_NUMBER_MAX && add_item(s, KIND_NUMBER, token) != NULL;
}

/* ---- strings ------------------------------------------------------------------------------- */

/* Four hexadecimal digits; UINT32_MAX: they are not. */
static uint32_t hex4(const char *at)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                : UINT32_MAX;

        if (digit == UINT32_MAX) {
            return UINT32_MAX;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The character behind "\u", and where its digits end. A surrogate counts with the other of its
 * pair only. 0: not a character; nor is "\u0000" one here, since texts are handed on as text. */
static uint32_t read_code(const char **at, const char *end)
{
    uint32_t first = end - *at < 4 ? UINT32_MAX : hex4(*at);
    uint32_t second;

    if (first == UINT32_MAX || (first >= 0xdc00 && first <= 0xdfff)) {
        return 0;
    }
    *at += 4;
    if (first < 0xd800 || first > 0xdfff) {
        return first;
    }
    if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u') {
        return 0;
    }
    second = hex4(*at + 2);
    if (second < 0xdc00 || second > 0xdfff) {
        return 0;
    }
    *at += 6;
    return 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
}

/* UTF-8; at most four bytes, and never more than the escape had. */
static char *put_code(char *to, uint32_t code)
{
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = size - 1; i > 0; i--) {
        to[i] = (char)(unsigned char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    to[0] = (char)(unsigned char)(size == 1 ? code : lead[size] | code);
    return to + size;
}

/* What stands between the quotes, its escapes resolved. False: some escape is wrong, or out of
 * memory. */
static bool resolve(struct scan *s, struct bytes raw, struct bytes *out)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *at = raw.data, *end = raw.data + raw.size;
    char *text = arena_take(s->arena, raw.size), *to = text;

    if (text == NULL) {
        return false;
    }
    while (at < end) {
        const char *letter;
        uint32_t code;

        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        at++; /* never the last: a quote behind it would have been part of the string */
        if (*at == 'u') {
            at++;
            code = read_code(&at, end);
            if (code == 0) {
                return false;
            }
            to = put_code(to, code);
            continue;
        }
        letter = memchr(letters, *at++, sizeof letters - 1);
        if (letter == NULL) {
            return false;
        }
        *to++ = meant[letter - letters];
    }
    *out = (struct bytes){ text, (size_t)(to - text) };
    return true;
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

static bool take_string(struct scan *s, struct bytes *out)
{
    const char *start = s->at + 1;
    bool escapes = false;

    if (!take_char(s, '"')) {
        return false;
    }
    for (skip_plain(s); s->at < s->end; skip_plain(s)) {
        unsigned char c = (unsigned char)*s->at++;

        if (c == '"') {
            *out = (struct bytes){ start, (size_t)(s->at - start) - 1 };
            return !escapes || resolve(s, *out, out);
        }
        if (c == '\\') {
            escapes = true;
            s->at += s->at < s->end && (unsigned char)*s->at >= 0x20; /* what it escapes */
        } else if (c < 0x20) {
            return false;
        }
    }
    return false;
}

/* ---- containers ---------------------------------------------------------------------------- */

/* A member's name and its colon. */
static bool take_name(struct scan *s)
{
    skip_blanks(s);
    if (!take_string(s, &s->name)) {
        return false;
    }
    skip_blanks(s);
    return take_char(s, ':');
}

/* Opens a container; an empty one is closed at once. `*value_follows`: its first element comes
 * next. */
static bool open_container(struct scan *s, enum kind kind, bool *value_follows)
{
    struct json_item *item = add_item(s, kind, (struct bytes){ NULL, 0 });

    s->at++;
    skip_blanks(s);
    if (item == NULL || s->depth == JSON_DEPTH_MAX) {
        return false;
    }
    if (take_char(s, kind == KIND_ARRAY ? ']' : '}')) {
        return true;
    }
    s->open[s->depth++] = item;
    s->tail = &item->child;
    s->name = (struct bytes){ NULL, 0 };
    *value_follows = true;
    return kind == KIND_ARRAY || take_name(s);
}

static bool take_word(struct scan *s, const char *word, size_t size, enum kind kind)
{
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0) {
        return false;
    }
    s->at += size;
    return add_item(s, kind, (struct bytes){ NULL, 0 }) != NULL;
}

static bool take_value(struct scan *s, bool *value_follows)
{
    struct bytes text;

    *value_follows = false;
    skip_blanks(s);
    if (s->at == s->end) {
        return false;
    }
    switch (*s->at) {
    case '{': return open_container(s, KIND_OBJECT, value_follows);
    case '[': return open_container(s, KIND_ARRAY, value_follows);
    case '"': return take_string(s, &text) && add_item(s, KIND_TEXT, text) != NULL;
    case 't': return take_word(s, "true", 4, KIND_TRUE);
    case 'f': return take_word(s, "false", 5, KIND_FALSE);
    case 'n': return take_word(s, "null", 4, KIND_NULL);
    default: return take_number(s);
    }
}

/* After a value: closes containers until a comma brings the next value or nothing is open. */
static bool take_closers(struct scan *s, bool *value_follows)
{
    *value_follows = false;
    while (s->depth > 0) {
        struct json_item *open = s->open[s->depth - 1];

        skip_blanks(s);
        if (take_char(s, ',')) {
            *value_follows = true;
            s->name = (struct bytes){ NULL, 0 };
            return open->kind == KIND_ARRAY || take_name(s);
        }
        if (!take_char(s, open->kind == KIND_ARRAY ? ']' : '}')) {
            return false;
        }
        s->tail = &open->next;
        s->depth--;
    }
    return true;
}

const struct json_item *json_parse(struct bytes text, struct arena *arena)
{
    struct json_item *root = NULL;
    struct scan s = { .arena = arena,
                      .at = text.data,
                      .end = text.data + text.size,
                      .tail = &root,
                      .spare_next = ITEMS_MIN };
    bool value_follows = true;

    if (text.size == 0 || text.size > HTTP_RESPONSE_BODY_MAX) {
        return NULL;
    }
    while (value_follows) {
        if (!take_value(&s, &value_follows)) {
            return NULL;
        }
        if (!value_follows && !take_closers(&s, &value_follows)) {
            return NULL;
        }
    }
    skip_blanks(&s);
    return s.at == s.end ? root : NULL;
}

/* ---- getters ------------------------------------------------------------------------------- */

static struct bytes text_of(const struct json_item *item)
{
    return (struct bytes){ item->text, item->text_size };
}

const struct json_item *json_member(const struct json_item *object, const char *name)
{
    size_t size = strlen(name);
    const struct json_item *item;

    if (object == NULL || object->kind != KIND_OBJECT) {
        return NULL;
    }
    for (item = object->child; item != NULL; item = item->next) {
        if (item->name_size == size && memcmp(item->name, name, size) == 0) {
            break;
        }
    }
    return item;
}

enum json_get json_item_text(const struct json_item *item, struct bytes *out)
{
    if (item == NULL) {
        return JSON_ABSENT;
    }
    if (item->kind == KIND_NULL) {
        return JSON_NULL;
    }
    if (item->kind != KIND_TEXT) {
        return JSON_BAD;
    }
    *out = text_of(item);
    return JSON_OK;
}

enum json_get json_item_decimal(const struct json_item *item, struct decimal *out)
{
    struct bytes text;
    enum json_get got;

    if (item != NULL && item->kind == KIND_NUMBER) {
        return decimal_parse_json(text_of(item), out) ? JSON_OK : JSON_BAD;
    }
    got = json_item_text(item, &text);
    if (got != JSON_OK) {
        return got;
    }
    return decimal_parse_json(text, out) || decimal_parse(text, out) ? JSON_OK : JSON_BAD;
}

enum json_get json_text(const struct json_item *object, const char *name, struct bytes *out)
{
    return json_item_text(json_member(object, name), out);
}

enum json_get json_bool(const struct json_item *object, const char *name, bool *out)
{
    const struct json_item *item = json_member(object, name);

    if (item == NULL) {
        return JSON_ABSENT;
    }
    if (item->kind == KIND_NULL) {
        return JSON_NULL;
    }
    if (item->kind != KIND_TRUE && item->kind != KIND_FALSE) {
        return JSON_BAD;
    }
    *out = item->kind == KIND_TRUE;
    return JSON_OK;
}

enum json_get json_decimal(const struct json_item *object, const char *name, struct decimal *out)
{
    return json_item_decimal(json_member(object, name), out);
}

enum json_get json_int(const struct json_item *object, const char *name, int64_t *out)
{
    struct decimal value;
    enum json_get got = json_decimal(object, name, &value);

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

const struct json_item *json_first(const struct json_item *array)
{
    return array == NULL ? NULL : array->child;
}

const struct json_item *json_next(const struct json_item *item)
{
    return item->next;
}

size_t json_count(const struct json_item *array)
{
    size_t count = 0;

    for (const struct json_item *item = json_first(array); item != NULL; item = item->next) {
        count++;
    }
    return count;
}

bool json_is_object(const struct json_item *item)
{
    return item != NULL && item->kind == KIND_OBJECT;
}

bool json_is_array(const struct json_item *item)
{
    return item != NULL && item->kind == KIND_ARRAY;
}

struct bytes json_name(const struct json_item *item)
{
    return (struct bytes){ item->name, item->name_size };
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
