/*
 * Writes fields. Each field reserves its whole room once, so that it is there in full or not at
 * all.
 */
#include "fix_body.h"

#include "assert.h"
#include "digits.h"
#include "fix_tags.h"
#include "bounds.h"
#include "le.h"
#include "timestamp.h"

#define SOH '\001'
#define TAG_ROOM (sizeof(uint64_t) + 1) /* of a word, and the SOH behind the value */

_Static_assert(FIX_TAG_MAX < 1000000, "a tag and its '=' leave the highest byte of a word free");

void fix_body_start(struct fix_body *b, const char *msg_type, struct buf *out)
{
    size_t size = strlen(msg_type);

    ASSERT(size < sizeof b->msg_type);
    *b = (struct fix_body){ .time_digits = 3, .out = out };
    for (size_t i = 0; i < size; i++) {
        b->msg_type[i] = msg_type[i];
    }
    buf_clear(out);
}

void fix_body_route_back(struct fix_body *b, const struct fix_msg *m)
{
    (void)fix_msg_find(m, TAG_SENDER_SUB_ID, &b->target_sub_id);
    (void)fix_msg_find(m, TAG_ON_BEHALF_OF_COMP_ID, &b->deliver_to_comp_id);
    (void)fix_msg_find(m, TAG_ON_BEHALF_OF_SUB_ID, &b->deliver_to_sub_id);
    (void)fix_msg_find(m, TAG_SENDER_LOCATION_ID, &b->target_location_id);
    (void)fix_msg_find(m, TAG_ON_BEHALF_OF_LOCATION_ID, &b->deliver_to_location_id);
}

struct bytes fix_body_route(const struct fix_msg *m, char out[FIX_ROUTE_MAX])
{
    static const struct {
        uint32_t from;
        char to[5];
    } fields[] = {
        { TAG_ON_BEHALF_OF_COMP_ID, "128=" },
        { TAG_ON_BEHALF_OF_SUB_ID, "129=" },
        { TAG_SENDER_LOCATION_ID, "143=" },
        { TAG_ON_BEHALF_OF_LOCATION_ID, "145=" },
    };
    struct bytes value;
    size_t size = 0;

    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (fix_msg_find(m, fields[i].from, &value) && value.size > 0 && value.size <= FIX_ID_MAX) {
            memcpy(out + size, fields[i].to, 4);
            memcpy(out + size + 4, value.data, value.size);
            size += 4 + value.size;
            out[size++] = SOH;
        }
    }
    return (struct bytes){ out, size };
}

/* "tag=", with room for `value_size` more and the SOH; NULL when that does not fit. */
static inline char *begin_field(struct fix_body *b, struct fix_prefix tag, size_t value_size)
{
    char *at;

    if (!buf_reserve(b->out, TAG_ROOM + value_size)) {
        return NULL;
    }
    at = b->out->data + b->out->size;
    le64_put(at, tag.word); /* what lies behind the '=' is overwritten */
    return at + (tag.word >> 56);
}

/* `at` is behind the value. */
static inline void end_field(struct fix_body *b, char *at)
{
    *at++ = SOH;
    b->out->size = (size_t)(at - b->out->data);
}

void fix_put_bytes(struct fix_body *b, struct fix_prefix tag, struct bytes value)
{
    const char *soh = memchr(value.data, SOH, value.size);
    size_t size = soh == NULL ? value.size : (size_t)(soh - value.data);
    char *at = size == 0 ? NULL : begin_field(b, tag, size);

    if (at != NULL) {
        memcpy(at, value.data, size);
        end_field(b, at + size);
    }
}

void fix_put_char(struct fix_body *b, struct fix_prefix tag, char value)
{
    char *at = value == SOH ? NULL : begin_field(b, tag, 1);

    if (at != NULL) {
        *at++ = value;
        end_field(b, at);
    }
}

void fix_put_uint(struct fix_body *b, struct fix_prefix tag, uint64_t value)
{
    char *at = begin_field(b, tag, DIGITS_MAX);

    if (at != NULL) {
        end_field(b, at + digits_print(value, at));
    }
}

void fix_put_int(struct fix_body *b, struct fix_prefix tag, int64_t value)
{
    char *at = begin_field(b, tag, DIGITS_MAX + 1);

    if (at == NULL) {
        return;
    }
    if (value < 0) {
        *at++ = '-';
    }
    end_field(b, at + digits_print(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, at));
}

void fix_put_decimal(struct fix_body *b, struct fix_prefix tag, struct decimal value)
{
    char *at;

    if (value.mantissa == 0) {
        fix_put_char(b, tag, '0');
        return;
    }
    at = begin_field(b, tag, DECIMAL_TEXT_MAX);
    if (at != NULL) {
        end_field(b, at + decimal_print(value, at));
    }
}

void fix_put_timestamp(struct fix_body *b, struct fix_prefix tag, int64_t wall_us)
{
    char *at = begin_field(b, tag, TIMESTAMP_TEXT_MAX);

    if (at != NULL) {
        end_field(b, at + timestamp_print(wall_us, b->time_digits, at));
    }
}
