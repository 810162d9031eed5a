/*
 * Writing JSON.
 */
#include "json_out.h"

#include <time.h>

void json_out_text(struct buf *out, struct bytes text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c < ' ' || c >= 0x7f) {
            buf_printf(out, "\\u%04x", c);
        } else {
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}

void json_out_item(struct buf *out)
{
    char last = out->size == 0 ? '{' : out->data[out->size - 1];

    if (last != '{' && last != '[' && last != ':') {
        buf_char(out, ',');
    }
}

void json_out_key(struct buf *out, const char *key)
{
    json_out_item(out);
    json_out_text(out, bytes_of(key));
    buf_char(out, ':');
}

void json_out_key_text(struct buf *out, const char *key, struct bytes text)
{
    json_out_key(out, key);
    json_out_text(out, text);
}

void json_out_key_int(struct buf *out, const char *key, int64_t value)
{
    json_out_key(out, key);
    buf_int(out, value);
}

void json_out_key_uint(struct buf *out, const char *key, uint64_t value)
{
    json_out_key(out, key);
    buf_uint(out, value);
}

void json_out_key_bool(struct buf *out, const char *key, bool value)
{
    json_out_key(out, key);
    buf_text(out, value ? "true" : "false");
}

/* As text: a JSON number becomes a double in most readers. */
void json_out_key_decimal(struct buf *out, const char *key, struct decimal value)
{
    json_out_key(out, key);
    buf_char(out, '"');
    buf_decimal(out, value);
    buf_char(out, '"');
}

void json_out_key_time(struct buf *out, const char *key, int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / US_PER_S);
    struct tm t;

    json_out_key(out, key);
    if (wall_us <= 0 || gmtime_r(&seconds, &t) == NULL) {
        buf_text(out, "null");
        return;
    }
    buf_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"", t.tm_year + 1900, t.tm_mon + 1,
               t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(wall_us % US_PER_S));
}
