/*
 * fixclient: bytes <-> fields. Framing by BodyLength and CheckSum, a flat field index, decimals in
 * units of 1e-8, time, growable buffers. Knows no session and no meaning of any message.
 */
#include "fixclient.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void fc_die(const char *format, ...)
{
    va_list ap;

    fflush(stdout);
    fputs("fixclient: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(FC_EXIT_USAGE);
}

void fc_buf_add(struct fc_buf *b, const char *p, size_t len)
{
    if (b->len + len + 1 > b->cap) {
        size_t cap = b->cap < 512 ? 512 : b->cap;

        while (cap < b->len + len + 1) {
            cap *= 2;
        }
        b->p = realloc(b->p, cap);
        if (b->p == NULL) {
            fc_die("out of memory");
        }
        b->cap = cap;
    }
    if (len > 0) {
        memcpy(b->p + b->len, p, len);
    }
    b->len += len;
    b->p[b->len] = '\0';
}

void fc_buf_text(struct fc_buf *b, const char *text)
{
    fc_buf_add(b, text, strlen(text));
}

void fc_buf_uint(struct fc_buf *b, uint64_t value)
{
    char digits[24];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    fc_buf_add(b, digits + at, sizeof digits - at);
}

void fc_buf_drop(struct fc_buf *b, size_t len)
{
    if (len > 0) {
        memmove(b->p, b->p + len, b->len - len);
        b->len -= len;
    }
}

void fc_buf_free(struct fc_buf *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}

void fc_field_add(struct fc_buf *b, uint32_t tag, const char *value)
{
    fc_buf_uint(b, tag);
    fc_buf_add(b, "=", 1);
    fc_buf_text(b, value);
    fc_buf_add(b, "\001", 1);
}

void fc_field_uint(struct fc_buf *b, uint32_t tag, uint64_t value)
{
    fc_buf_uint(b, tag);
    fc_buf_add(b, "=", 1);
    fc_buf_uint(b, value);
    fc_buf_add(b, "\001", 1);
}

/* Garbage lasts until the next thing that looks like a BeginString. */
static enum fc_frame garbage(const char *p, size_t len, size_t *used, const char **why,
                             const char *reason)
{
    const char *next = len > 1 ? memmem(p + 1, len - 1, "8=FIX", 5) : NULL;

    *used = next != NULL ? (size_t)(next - p) : len;
    *why = reason;
    return FC_FRAME_BAD;
}

enum fc_frame fc_frame(const char *p, size_t len, size_t *used, const char **why)
{
    static const char begin[] = "8=FIX.4.4\0019=";
    const size_t begin_len = sizeof begin - 1;
    size_t at, body = 0, total;
    unsigned sum = 0;

    if (memcmp(p, begin, len < begin_len ? len : begin_len) != 0) {
        return garbage(p, len, used, why, "message does not start with 8=FIX.4.4, 9=");
    }
    for (at = begin_len; at < len && p[at] >= '0' && p[at] <= '9'; at++) {
        body = body * 10 + (size_t)(p[at] - '0');
        if (body > FC_MESSAGE_MAX) {
            return garbage(p, len, used, why, "BodyLength too large");
        }
    }
    if (at >= len) {
        return FC_FRAME_MORE;
    }
    if (at == begin_len || p[at] != FC_SOH) {
        return garbage(p, len, used, why, "BodyLength is not a number");
    }
    at++;
    total = at + body + 7;
    if (len < total) {
        return FC_FRAME_MORE;
    }
    if (p[at + body - 1] != FC_SOH || memcmp(p + at + body, "10=", 3) != 0 ||
        p[total - 1] != FC_SOH) {
        return garbage(p, len, used, why, "BodyLength does not lead to CheckSum");
    }
    for (size_t i = 0; i < at + body; i++) {
        sum += (unsigned char)p[i];
    }
    sum %= 256;
    p += total - 4;
    *used = total;
    if (p[0] != (char)('0' + sum / 100) || p[1] != (char)('0' + sum / 10 % 10) ||
        p[2] != (char)('0' + sum % 10)) {
        *why = "wrong CheckSum";
        return FC_FRAME_BAD;
    }
    return FC_FRAME_OK;
}

/* The data field that follows a length field, or 0. */
static uint32_t data_tag(uint32_t length_tag)
{
    static const uint32_t pair[][2] = {
        { 90, 91 },   { 93, 89 },   { 95, 96 },   { 212, 213 }, { 348, 349 }, { 350, 351 },
        { 352, 353 }, { 354, 355 }, { 356, 357 }, { 358, 359 }, { 360, 361 }, { 362, 363 },
        { 364, 365 }, { 445, 446 }, { 618, 619 }, { 621, 622 },
    };

    if (length_tag < 90 || length_tag > 621) {
        return 0;
    }
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        if (pair[i][0] == length_tag) {
            return pair[i][1];
        }
    }
    return 0;
}

bool fc_parse(struct fc_msg *m, const char *p, size_t len)
{
    const char *end = p + len;
    uint32_t data = 0, data_len = 0;

    m->raw = p;
    m->len = len;
    m->count = 0;
    while (p < end) {
        struct fc_field *f = &m->field[m->count];
        const char *stop;

        if (m->count == FC_FIELDS_MAX || *p < '1' || *p > '9') {
            return false;
        }
        f->tag = 0;
        while (p < end && *p >= '0' && *p <= '9' && f->tag < 100000000) {
            f->tag = f->tag * 10 + (uint32_t)(*p++ - '0');
        }
        if (p >= end || *p++ != '=') {
            return false;
        }
        if (data != 0 && f->tag == data && data_len < (size_t)(end - p)) {
            stop = p + data_len;
        } else {
            stop = memchr(p, FC_SOH, (size_t)(end - p));
        }
        if (stop == NULL || *stop != FC_SOH || stop == p) {
            return false;
        }
        f->val = p;
        f->len = (uint32_t)(stop - p);
        p = stop + 1;
        m->count++;
        data = data_tag(f->tag);
        data_len = data != 0 ? (uint32_t)fc_get_uint(m, f->tag, 0) : 0;
    }
    return m->count >= 4 && m->field[2].tag == 35;
}

const struct fc_field *fc_find(const struct fc_msg *m, uint32_t tag)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->field[i].tag == tag) {
            return &m->field[i];
        }
    }
    return NULL;
}

bool fc_has(const struct fc_msg *m, uint32_t tag)
{
    return fc_find(m, tag) != NULL;
}

bool fc_is(const struct fc_msg *m, uint32_t tag, const char *value)
{
    const struct fc_field *f = fc_find(m, tag);

    return f != NULL && f->len == strlen(value) && memcmp(f->val, value, f->len) == 0;
}

uint64_t fc_get_uint(const struct fc_msg *m, uint32_t tag, uint64_t absent)
{
    const struct fc_field *f = fc_find(m, tag);
    uint64_t value = 0;

    if (f == NULL || f->len > 18) {
        return absent;
    }
    for (uint32_t i = 0; i < f->len; i++) {
        if (f->val[i] < '0' || f->val[i] > '9') {
            return absent;
        }
        value = value * 10 + (uint64_t)(f->val[i] - '0');
    }
    return value;
}

char fc_get_char(const struct fc_msg *m, uint32_t tag)
{
    const struct fc_field *f = fc_find(m, tag);

    return f != NULL && f->len == 1 ? f->val[0] : '\0';
}

void fc_get_text(const struct fc_msg *m, uint32_t tag, char *out, size_t size)
{
    const struct fc_field *f = fc_find(m, tag);
    size_t len = f != NULL ? f->len : 0;

    if (len > size - 1) {
        len = size - 1;
    }
    if (len > 0) {
        memcpy(out, f->val, len);
    }
    out[len] = '\0';
}

bool fc_decimal(const char *p, size_t len, int64_t *out)
{
    const char *end = p + len;
    bool negative = p < end && *p == '-', any = false;
    int digits = -1; /* after the point; -1: before it */
    int64_t value = 0;

    for (p += negative ? 1 : 0; p < end; p++) {
        if (*p == '.' && digits < 0) {
            digits = 0;
            continue;
        }
        if (*p < '0' || *p > '9' || (digits >= 8 && *p != '0')) {
            return false;
        }
        any = true;
        if (digits >= 8) {
            continue;
        }
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, (int64_t)(*p - '0'), &value)) {
            return false;
        }
        digits += digits >= 0 ? 1 : 0;
    }
    for (digits = digits < 0 ? 0 : digits; digits < 8; digits++) {
        if (__builtin_mul_overflow(value, (int64_t)10, &value)) {
            return false;
        }
    }
    *out = negative ? -value : value;
    return any;
}

bool fc_get_decimal(const struct fc_msg *m, uint32_t tag, int64_t *out)
{
    const struct fc_field *f = fc_find(m, tag);

    return f != NULL && fc_decimal(f->val, f->len, out);
}

uint64_t fc_hash(const char *p, size_t len, uint64_t seed)
{
    uint64_t h = seed ^ 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    }
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static int64_t clock_us(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t fc_mono_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t fc_wall_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

void fc_timestamp(char out[32], int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm tm;
    size_t n;

    gmtime_r(&seconds, &tm);
    n = strftime(out, 32, "%Y%m%d-%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03d", (int)(wall_us / 1000 % 1000));
}

void fc_compose(struct fc_buf *out, const char *sender, const char *target, const char *type,
                uint64_t seq, const char *orig_time, struct fc_buf *body)
{
    char now[32];

    fc_timestamp(now, fc_wall_us());
    fc_compose_at(out, sender, target, type, seq, now, orig_time, body);
}

void fc_compose_at(struct fc_buf *out, const char *sender, const char *target, const char *type,
                   uint64_t seq, const char *now, const char *orig_time, struct fc_buf *body)
{
    struct fc_buf head = { 0 };
    size_t start = out->len;
    unsigned sum = 0;
    char trailer[12];

    fc_field_add(&head, 35, type);
    fc_field_add(&head, 49, sender);
    fc_field_add(&head, 56, target);
    fc_field_uint(&head, 34, seq);
    if (orig_time != NULL) {
        fc_field_add(&head, 43, "Y");
    }
    fc_field_add(&head, 52, now);
    if (orig_time != NULL) {
        fc_field_add(&head, 122, orig_time);
    }
    fc_field_add(out, 8, "FIX.4.4");
    fc_field_uint(out, 9, head.len + body->len);
    fc_buf_add(out, head.p, head.len);
    fc_buf_add(out, body->p, body->len);
    fc_buf_free(&head);
    for (size_t i = start; i < out->len; i++) {
        sum += (unsigned char)out->p[i];
    }
    snprintf(trailer, sizeof trailer, "10=%03u\001", sum % 256);
    fc_buf_text(out, trailer);
}
