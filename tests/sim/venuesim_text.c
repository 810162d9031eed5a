/*
 * Text in and out for the simulator. See venuesim_text.h.
 */
#include "venuesim_text.h"

#include "timestamp.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes into the store, which was made large enough before: pointers into it stay good. */
static bool decode(struct buf *store, struct bytes raw, struct bytes *out)
{
    size_t start = store->size;
    size_t i;

    for (i = 0; i < raw.size; i++) {
        char c = raw.data[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < raw.size ? hex_value(raw.data[i + 1]) : -1;
            int low = i + 2 < raw.size ? hex_value(raw.data[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        buf_char(store, c);
    }
    out->data = store->data + start;
    out->size = store->size - start;
    return true;
}

static bool add_pair(struct form *f, struct bytes pair)
{
    const char *equals = memchr(pair.data, '=', pair.size);
    size_t name_size;

    if (equals == NULL || equals == pair.data || f->count == FORM_MAX) {
        return false;
    }
    name_size = (size_t)(equals - pair.data);
    if (!decode(&f->store, (struct bytes){ pair.data, name_size }, &f->name[f->count]) ||
        !decode(&f->store, (struct bytes){ equals + 1, pair.size - name_size - 1 },
                &f->value[f->count])) {
        return false;
    }
    f->count++;
    return true;
}

static bool add_all(struct form *f, struct bytes text)
{
    size_t start = 0;

    while (start < text.size) {
        const char *end = memchr(text.data + start, '&', text.size - start);
        size_t size = end == NULL ? text.size - start : (size_t)(end - text.data) - start;

        if (!add_pair(f, (struct bytes){ text.data + start, size })) {
            return false;
        }
        start += size + 1;
    }
    return true;
}

bool form_parse(struct form *f, struct bytes query, struct bytes body)
{
    f->count = 0;
    buf_init(&f->store, query.size + body.size + 16);
    return buf_reserve(&f->store, query.size + body.size + 1) && add_all(f, query) &&
           add_all(f, body);
}

void form_fini(struct form *f)
{
    buf_fini(&f->store);
}

struct bytes form_find(const struct form *f, const char *name)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        if (bytes_is(f->name[i], name)) {
            return f->value[i];
        }
    }
    return (struct bytes){ NULL, 0 };
}

size_t form_count(const struct form *f, const char *name)
{
    size_t count = 0;
    size_t i;

    for (i = 0; i < f->count; i++) {
        count += bytes_is(f->name[i], name) ? 1 : 0;
    }
    return count;
}

void text_quote(struct buf *out, struct bytes text)
{
    size_t i;

    buf_char(out, '"');
    for (i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c < 0x20 || c >= 0x7f) {
            buf_printf(out, "\\u%04x", c); /* bytes are shown, not interpreted */
        } else {
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}

void text_bytes_member(struct buf *out, const char *name, struct bytes text)
{
    buf_text(out, ",\"");
    buf_text(out, name);
    buf_text(out, "\":");
    text_quote(out, text);
}

void text_member(struct buf *out, const char *name, const char *text)
{
    text_bytes_member(out, name, bytes_of(text));
}

void text_decimal_member(struct buf *out, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    (void)decimal_print(value, text);
    text_member(out, name, text);
}

void text_time_member(struct buf *out, const char *name, int64_t wall_us)
{
    char text[TIMESTAMP_TEXT_MAX];

    (void)timestamp_print_iso(wall_us, 3, text);
    text_member(out, name, text);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* "size":0.10 becomes "size":"0.10"; texts are left alone. */
static void quote_numbers(struct bytes text, struct buf *out)
{
    bool in_text = false;
    size_t i = 0;

    while (i < text.size) {
        char c = text.data[i];

        if (!in_text && (c == '-' || (c >= '0' && c <= '9'))) {
            size_t start = i;

            while (i < text.size && in_number(text.data[i])) {
                i++;
            }
            buf_char(out, '"');
            buf_add(out, text.data + start, i - start);
            buf_char(out, '"');
            continue;
        }
        if (c == '"') {
            in_text = !in_text;
        } else if (c == '\\' && in_text && i + 1 < text.size) {
            buf_char(out, c);
            c = text.data[++i];
        }
        buf_char(out, c);
        i++;
    }
    buf_char(out, '\0');
}

struct cJSON *text_json(struct bytes text)
{
    struct buf quoted;
    struct cJSON *json = NULL;

    buf_init(&quoted, text.size * 3 + 16);
    quote_numbers(text, &quoted);
    if (!quoted.failed) {
        json = cJSON_ParseWithOpts(quoted.data, NULL, true);
    }
    buf_fini(&quoted);
    return json;
}

struct bytes text_json_get(const struct cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) ? bytes_of(item->valuestring) : (struct bytes){ NULL, 0 };
}

bool text_json_decimal(const struct cJSON *object, const char *name, struct decimal *out)
{
    struct bytes text = text_json_get(object, name);

    return text.data != NULL && decimal_parse_json(text, out);
}

bool text_uint(struct bytes text, uint64_t *out)
{
    uint64_t value = 0;
    size_t i;

    for (i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || value > (UINT64_MAX - 9) / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = value;
    return text.size > 0;
}

int64_t text_json_int(const struct cJSON *object, const char *name, int64_t otherwise)
{
    uint64_t value;

    if (!text_uint(text_json_get(object, name), &value) || value > INT64_MAX) {
        return otherwise;
    }
    return (int64_t)value;
}

bool text_json_true(const struct cJSON *object, const char *name, bool otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}
