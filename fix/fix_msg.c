/*
 * Indexes the fields of a frame in one pass. A field end is looked for eight bytes at a time, but
 * never beyond the frame: it may end where readable memory ends.
 */
#include "fix_msg.h"

#include "fix_tags.h"
#include "timestamp.h"

#define SOH 1

/* The field that holds the length of a data field; FIX 4.4 vol. 6, appendix 6-C and the types of
 * the fields. Zero: not a data field. */
static const uint16_t length_tag_of[] = {
    [89] = 93,   [91] = 90,   [96] = 95,   [213] = 212, [349] = 348, [351] = 350,
    [353] = 352, [355] = 354, [357] = 356, [359] = 358, [361] = 360, [363] = 362,
    [365] = 364, [446] = 445, [619] = 618, [622] = 621,
};

static inline uint32_t length_tag(uint32_t tag)
{
    return tag < ARRAY_LEN(length_tag_of) ? length_tag_of[tag] : 0;
}

static inline size_t slot_of(uint32_t tag)
{
    return (tag ^ tag >> 8) % FIX_MSG_SLOTS;
}

/* The first SOH in [at, end), or `end`. */
static inline const char *find_soh(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t word;
        uint64_t hits;

        memcpy(&word, at, sizeof word);
        word ^= ones * SOH;
        /* The lowest set bit is the first zero byte; those above it may be false. */
        hits = (word - ones) & ~word & highs;
        if (hits != 0) {
            return at + __builtin_ctzll(hits) / 8;
        }
        at += sizeof word;
    }
#endif
    while (at < end && *at != SOH) {
        at++;
    }
    return at;
}

/* "tag=" of any length: behind the '=' it returns, or NULL when there is no tag or it is out of
 * bounds. */
static const char *read_any_tag(const char *at, const char *end, uint32_t *tag)
{
    const char *first = at;
    uint32_t value = 0;

    for (; at < end && *at != '='; at++) {
        uint32_t digit = (uint32_t)(unsigned char)*at - '0';

        if (digit > 9) {
            return NULL;
        }
        value = value * 10 + digit;
        if (value > FIX_TAG_MAX) {
            return NULL;
        }
    }
    /* A leading zero is not a tag number: FIX 4.4 vol. 1, "Field". It also covers tag 0. */
    if (at == end || at == first || *first == '0') {
        return NULL;
    }
    *tag = value;
    return at + 1;
}

/* The same; tags of one to three digits, nearly all, without a loop. */
static inline const char *read_tag(const char *at, const char *end, uint32_t *tag)
{
    if (end - at >= 4) {
        uint32_t first = (uint32_t)(unsigned char)at[0] - '0';
        uint32_t second = (uint32_t)(unsigned char)at[1] - '0';
        uint32_t third = (uint32_t)(unsigned char)at[2] - '0';

        if (first - 1 <= 8 && second <= 9) { /* no leading zero */
            if (at[2] == '=') {
                *tag = first * 10 + second;
                return at + 3;
            }
            if (third <= 9 && at[3] == '=') {
                *tag = first * 100 + second * 10 + third;
                return at + 4;
            }
        }
    }
    return read_any_tag(at, end, tag);
}

/* Digits only, 1 to 19 of them significant; QuickFIX and FIX allow leading zeros. */
static bool parse_uint(struct bytes text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.size == 0) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';

        if (digit > 9 || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

static inline struct bytes value_at(const struct fix_msg *m, uint32_t index)
{
    return (struct bytes){ m->raw.data + m->field[index].offset, m->field[index].size };
}

/* Where the data field that starts at `at` ends, if the field before it says its length and tells
 * the truth; else NULL. */
static const char *data_end(const struct fix_msg *m, const char *at, const char *end)
{
    uint64_t size;

    if (!parse_uint(value_at(m, m->field_count - 1), &size) || size >= (uint64_t)(end - at) ||
        at[size] != SOH) {
        return NULL;
    }
    return at + size;
}

/* Hangs the field of this index behind its like. */
static inline void index_field(struct fix_msg *m, uint32_t index, uint32_t tag)
{
    size_t slot = slot_of(tag);
    uint16_t number = (uint16_t)(index + 1);

    if (m->head[slot] == 0) {
        m->head[slot] = number;
    } else {
        m->next[m->tail[slot] - 1] = number;
    }
    m->tail[slot] = number;
    m->next[index] = 0;
}

static void note(enum fix_msg_error *error, struct fix_msg *m, enum fix_msg_error what,
                 uint32_t tag)
{
    if (*error == FIX_MSG_OK) {
        *error = what;
        m->error_tag = tag;
    }
}

static void reset(struct fix_msg *m, struct bytes frame)
{
    m->raw = frame;
    m->msg_type = (struct bytes){ NULL, 0 };
    m->seq = 0;
    m->error_tag = 0;
    m->field_count = 0;
    memset(m->head, 0, sizeof m->head);
}

/* A field that is not an ordinary one: empty, or data that is read by its length. Where it ends;
 * `stop` is its first SOH. */
static const char *odd_field(struct fix_msg *m, enum fix_msg_error *error, uint32_t tag,
                             const char *value, const char *stop, const char *end,
                             uint32_t previous)
{
    if (previous != 0 && length_tag(tag) == previous) {
        const char *data = data_end(m, value, end);

        if (data == NULL) {
            note(error, m, FIX_MSG_DATA_LENGTH, tag);
        } else {
            stop = data;
        }
    }
    if (stop == value) {
        note(error, m, FIX_MSG_NO_VALUE, tag);
    }
    return stop;
}

static enum fix_msg_error index_fields(struct fix_msg *m)
{
    const char *const start = m->raw.data, *const end = start + m->raw.size;
    enum fix_msg_error error = FIX_MSG_OK;
    uint32_t previous = 0;

    for (const char *at = start; at < end;) {
        uint32_t index = m->field_count, tag;
        const char *value = read_tag(at, end, &tag), *stop;

        if (value == NULL) {
            return FIX_MSG_BAD_TAG;
        }
        if (index == FIX_FIELDS_MAX) {
            return FIX_MSG_TOO_MANY_FIELDS;
        }
        stop = find_soh(value, end);
        if (stop == end) {
            return FIX_MSG_BAD_TAG; /* not a frame: it does not end with SOH */
        }
        if (stop == value || length_tag(tag) != 0) {
            stop = odd_field(m, &error, tag, value, stop, end, previous);
        }
        m->field[index] =
            (struct fix_field){ tag, (uint32_t)(value - start), (uint32_t)(stop - value) };
        index_field(m, index, tag);
        m->field_count = index + 1;
        previous = tag;
        at = stop + 1;
    }
    return error;
}

enum fix_msg_error fix_msg_parse(struct fix_msg *m, struct bytes frame)
{
    enum fix_msg_error error;

    reset(m, frame);
    error = index_fields(m);
    /* What the session asks of every message, however far it could be read. */
    (void)fix_msg_find(m, TAG_MSG_TYPE, &m->msg_type);
    if (fix_msg_get_uint(m, TAG_MSG_SEQ_NUM, &m->seq) != FIX_GET_OK) {
        m->seq = 0;
    }
    return error;
}

void fix_msg_view(struct fix_msg *view, const struct fix_msg *m, struct bytes msg_type)
{
    reset(view, m->raw);
    view->msg_type = msg_type;
    view->seq = m->seq;
}

void fix_msg_view_add(struct fix_msg *view, const struct fix_msg *m, uint32_t index)
{
    view->field[view->field_count] = m->field[index];
    index_field(view, view->field_count, m->field[index].tag);
    view->field_count++; /* never more than m has */
}

const char *fix_msg_error_text(enum fix_msg_error e)
{
    switch (e) {
    case FIX_MSG_OK: return "no error";
    case FIX_MSG_BAD_TAG: return "unreadable tag";
    case FIX_MSG_NO_VALUE: return "tag without a value";
    case FIX_MSG_DATA_LENGTH: return "data field does not end where its length says";
    case FIX_MSG_TOO_MANY_FIELDS: return "too many fields";
    }
    return "unknown error";
}

/* 1-based, 0: none. */
static uint32_t find_field(const struct fix_msg *m, uint32_t tag)
{
    uint32_t number = m->head[slot_of(tag)];

    while (number != 0 && m->field[number - 1].tag != tag) {
        number = m->next[number - 1];
    }
    return number;
}

bool fix_msg_find(const struct fix_msg *m, uint32_t tag, struct bytes *value)
{
    uint32_t number = find_field(m, tag);

    if (number == 0) {
        return false;
    }
    *value = value_at(m, number - 1);
    return true;
}

bool fix_msg_has(const struct fix_msg *m, uint32_t tag)
{
    return find_field(m, tag) != 0;
}

enum fix_get fix_msg_get_char(const struct fix_msg *m, uint32_t tag, char *out)
{
    struct bytes value;

    if (!fix_msg_find(m, tag, &value)) {
        return FIX_GET_ABSENT;
    }
    if (value.size != 1) {
        return FIX_GET_BAD;
    }
    *out = value.data[0];
    return FIX_GET_OK;
}

enum fix_get fix_msg_get_bool(const struct fix_msg *m, uint32_t tag, bool *out)
{
    char letter = '\0';
    enum fix_get got = fix_msg_get_char(m, tag, &letter);

    if (got != FIX_GET_OK) {
        return got;
    }
    if (letter != 'Y' && letter != 'N') {
        return FIX_GET_BAD;
    }
    *out = letter == 'Y';
    return FIX_GET_OK;
}

enum fix_get fix_msg_get_uint(const struct fix_msg *m, uint32_t tag, uint64_t *out)
{
    struct bytes value;

    if (!fix_msg_find(m, tag, &value)) {
        return FIX_GET_ABSENT;
    }
    return parse_uint(value, out) ? FIX_GET_OK : FIX_GET_BAD;
}

enum fix_get fix_msg_get_int(const struct fix_msg *m, uint32_t tag, int64_t *out)
{
    struct bytes value;
    uint64_t magnitude;
    bool negative;

    if (!fix_msg_find(m, tag, &value)) {
        return FIX_GET_ABSENT;
    }
    negative = value.size > 0 && value.data[0] == '-';
    value.data += negative;
    value.size -= negative;
    if (!parse_uint(value, &magnitude) || magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return FIX_GET_BAD;
    }
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return FIX_GET_OK;
}

enum fix_get fix_msg_get_decimal(const struct fix_msg *m, uint32_t tag, struct decimal *out)
{
    struct bytes value;

    if (!fix_msg_find(m, tag, &value)) {
        return FIX_GET_ABSENT;
    }
    return decimal_parse(value, out) ? FIX_GET_OK : FIX_GET_BAD;
}

enum fix_get fix_msg_get_timestamp(const struct fix_msg *m, uint32_t tag, int64_t *wall_us)
{
    struct bytes value;

    if (!fix_msg_find(m, tag, &value)) {
        return FIX_GET_ABSENT;
    }
    return timestamp_parse(value, wall_us) ? FIX_GET_OK : FIX_GET_BAD;
}

/* The group whose count field has this 0-based index. */
static bool group_at(const struct fix_msg *m, uint32_t count_index, uint32_t limit,
                     uint32_t delimiter, struct fix_group *g)
{
    uint32_t first = count_index + 1;
    uint64_t count;

    if (!parse_uint(value_at(m, count_index), &count) || count == 0 || first >= limit ||
        m->field[first].tag != delimiter) {
        return false;
    }
    *g = (struct fix_group){
        .delimiter = delimiter,
        .left = count > FIX_FIELDS_MAX ? FIX_FIELDS_MAX : (uint32_t)count,
        .first = first,
        .end = first,
        .limit = limit,
    };
    return true;
}

bool fix_group_begin(const struct fix_msg *m, uint32_t count_tag, uint32_t delimiter,
                     struct fix_group *g)
{
    uint32_t number = find_field(m, count_tag);

    return number != 0 && group_at(m, number - 1, m->field_count, delimiter, g);
}

/* 0-based index of the tag in [first, end), or `end`. */
static uint32_t find_between(const struct fix_msg *m, uint32_t first, uint32_t end, uint32_t tag)
{
    while (first < end && m->field[first].tag != tag) {
        first++;
    }
    return first;
}

bool fix_group_begin_in(const struct fix_msg *m, const struct fix_group *outer, uint32_t count_tag,
                        uint32_t delimiter, struct fix_group *g)
{
    uint32_t index = find_between(m, outer->first, outer->end, count_tag);

    return index < outer->end && group_at(m, index, outer->end, delimiter, g);
}

bool fix_group_next(const struct fix_msg *m, struct fix_group *g)
{
    if (g->left == 0 || g->end >= g->limit || m->field[g->end].tag != g->delimiter) {
        return false;
    }
    g->left--;
    g->first = g->end;
    g->end = g->left == 0 ? g->limit : find_between(m, g->first + 1, g->limit, g->delimiter);
    return true;
}

bool fix_group_find(const struct fix_msg *m, const struct fix_group *g, uint32_t tag,
                    struct bytes *value)
{
    uint32_t index = find_between(m, g->first, g->end, tag);

    if (index == g->end) {
        return false;
    }
    *value = value_at(m, index);
    return true;
}
