/*
 * FIX text of scripts to bytes and back.
 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

#include "timestamp.h"

struct text {
    char *data;
    size_t size;
    bool full;
};

static void add(struct text *t, const char *data, size_t size)
{
    if (t->size + size > WIRE_MAX) {
        t->full = true;
        return;
    }
    if (size > 0) {
        memcpy(t->data + t->size, data, size);
    }
    t->size += size;
}

/* "<NOW-3>" or "<A*500>" at `p`; how long it is, 0 when it is neither. */
static size_t expand(struct text *t, const char *p, int64_t wall_us)
{
    const char *end = strchr(p, '>');
    char stamp[TIMESTAMP_TEXT_MAX];

    if (end == NULL) {
        return 0;
    }
    if (strncmp(p, "<NOW", 4) == 0) {
        long shift_s = strtol(p + 4, NULL, 10);
        size_t n = timestamp_print(wall_us + shift_s * US_PER_S, 3, stamp);

        add(t, stamp, n);
        return (size_t)(end - p) + 1;
    }
    if (p[1] != '\0' && p[2] == '*') {
        for (long n = strtol(p + 3, NULL, 10); n > 0 && !t->full; n--) {
            add(t, p + 1, 1);
        }
        return (size_t)(end - p) + 1;
    }
    return 0;
}

static void add_line(struct text *t, const char *line, size_t size, int64_t wall_us)
{
    for (size_t i = 0; i < size; i++) {
        size_t used = line[i] == '<' ? expand(t, line + i, wall_us) : 0;

        if (used > 0) {
            i += used - 1;
        } else if (line[i] == '|') {
            add(t, "\001", 1);
        } else if (line[i] == '\\' && line[i + 1] == '0') {
            add(t, "\0", 1);
            i++;
        } else {
            add(t, line + i, 1);
        }
    }
}

size_t wire_raw(const char *line, int64_t wall_us, char out[WIRE_MAX])
{
    struct text t = { .data = out };

    add_line(&t, line, strlen(line), wall_us);
    return t.full ? 0 : t.size;
}

static bool line_has(const char *line, const char *tag)
{
    size_t size = strlen(tag);

    for (const char *p = line; p != NULL; p = strchr(p, '|')) {
        p += *p == '|';
        if (strncmp(p, tag, size) == 0 && p[size] == '=') {
            return true;
        }
        if (*p == '-' && strncmp(p + 1, tag, size) == 0 &&
            (p[size + 1] == '|' || p[size + 1] == '\0')) {
            return true; /* left out on purpose */
        }
    }
    return false;
}

/* Adds the fields of the line except the "-tag" marks. */
static void add_fields(struct text *t, const char *line, int64_t wall_us)
{
    while (*line != '\0') {
        size_t size = strcspn(line, "|");
        bool ends = line[size] == '\0';

        if (*line != '-') {
            add_line(t, line, size, wall_us);
            add(t, "\001", 1);
        }
        line += size + !ends;
    }
}

static void add_checksum(struct text *t)
{
    unsigned sum = 0;
    char field[16];

    for (size_t i = 0; i < t->size; i++) {
        sum += (unsigned char)t->data[i];
    }
    add(t, field, (size_t)snprintf(field, sizeof field, "10=%03u\001", sum % 256));
}

/* 8=, 9= and the rest from `from` on; 10= unless the rest has it. */
static size_t close_frame(struct text *t, struct bytes version, const char *body, size_t body_size,
                          bool has_checksum)
{
    char length[32];

    add(t, version.data, version.size);
    add(t, length, (size_t)snprintf(length, sizeof length, "9=%zu\001", body_size));
    add(t, body, body_size);
    if (!has_checksum) {
        add_checksum(t);
    }
    return t->full ? 0 : t->size;
}

static size_t build_explicit(const char *line, int64_t wall_us, struct text *body, struct text *t)
{
    size_t first = strcspn(line, "|");
    bool has_length = strncmp(line + first, "|9=", 3) == 0;
    bool has_checksum = strstr(line, "|10=") != NULL;
    const char *rest = line + first + (line[first] == '|');

    if (!has_length) {
        add_fields(body, rest, wall_us);
        struct text version = { .data = t->data };
        add_line(&version, line, first, wall_us);
        add(&version, "\001", 1);
        t->size = version.size;
        return close_frame(t, (struct bytes){ NULL, 0 }, body->data, body->size, has_checksum);
    }
    add_fields(t, line, wall_us);
    if (!has_checksum) {
        add_checksum(t);
    }
    return t->full ? 0 : t->size;
}

size_t wire_build(const char *line, int64_t wall_us, char out[WIRE_MAX])
{
    static char scratch[WIRE_MAX];
    struct text body = { .data = scratch };
    struct text t = { .data = out };
    size_t first = strcspn(line, "|");

    if (strncmp(line, "8=", 2) == 0) {
        return build_explicit(line, wall_us, &body, &t);
    }
    add_line(&body, line, first, wall_us);
    add(&body, "\001", 1);
    add_fields(&body, line_has(line, "49") ? "" : "49=CLIENT", wall_us);
    add_fields(&body, line_has(line, "56") ? "" : "56=SERVER", wall_us);
    add_fields(&body, line_has(line, "52") ? "" : "52=<NOW>", wall_us);
    add_fields(&body, line + first + (line[first] == '|'), wall_us);
    return close_frame(&t, BYTES("8=FIX.4.4\001"), body.data, body.size, false);
}

struct bytes wire_cut(struct bytes stream, const char **fault)
{
    const struct bytes none = { NULL, 0 };
    static const char begin[] = "8=FIX.4.4\0019=";
    size_t head = sizeof begin - 1, length = 0;
    unsigned sum = 0;
    char trailer[16];

    *fault = NULL;
    if (stream.size == 0) {
        return none;
    }
    *fault = "output does not begin with 8=FIX.4.4|9=";
    if (stream.size < head || memcmp(stream.data, begin, head) != 0) {
        return none;
    }
    for (; head < stream.size && stream.data[head] >= '0' && stream.data[head] <= '9'; head++) {
        length = length * 10 + (size_t)(stream.data[head] - '0');
    }
    *fault = "output: BodyLength is wrong";
    if (head + 1 + length + 7 > stream.size) {
        return none;
    }
    size_t end = head + 1 + length;
    for (size_t i = 0; i < end; i++) {
        sum += (unsigned char)stream.data[i];
    }
    snprintf(trailer, sizeof trailer, "10=%03u\001", sum % 256);
    *fault = "output: CheckSum is wrong, or not where BodyLength says";
    if (memcmp(stream.data + end, trailer, 7) != 0) {
        return none;
    }
    *fault = NULL;
    return (struct bytes){ stream.data, end + 7 };
}

static const char *find_text(struct bytes in, const char *text, size_t size)
{
    return memmem(in.data, in.size, text, size);
}

bool wire_matches(struct bytes frame, const char *want)
{
    char field[1024];
    size_t tag_size = strcspn(want, "=~");
    int n;

    if (*want == '!') {
        n = snprintf(field, sizeof field, strchr(want, '=') == NULL ? "\001%s=" : "\001%s\001",
                     want + 1);
        return find_text(frame, field, (size_t)n) == NULL;
    }
    if (want[tag_size] == '=') {
        if (strncmp(want, "8=", 2) == 0) {
            return strncmp(frame.data, want, strlen(want)) == 0;
        }
        n = snprintf(field, sizeof field, "\001%s\001", want);
        return find_text(frame, field, (size_t)n) != NULL;
    }
    n = snprintf(field, sizeof field, "\001%.*s=", (int)tag_size, want);
    const char *at = find_text(frame, field, (size_t)n);
    if (at == NULL || want[tag_size] == '\0') {
        return at != NULL;
    }
    const char *value = at + n;
    const char *end = memchr(value, '\001', frame.size - (size_t)(value - frame.data));
    struct bytes inside = { value, (size_t)(end - value) };
    return find_text(inside, want + tag_size + 1, strlen(want + tag_size + 1)) != NULL;
}
