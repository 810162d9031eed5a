/*
 * Reads and indexes the fields of a frame in one pass. Where fields end is looked for in blocks of
 * 64 bytes, but never beyond the frame: it may end where readable memory ends.
 */
#include "fix_msg.h"

#include "fix_tags.h"
#include "fix_wide.h"
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

/* Of the tags that an order's fields have and those it is looked through for, no two that matter
 * share a slot: what is not there is then known at once. */
static inline size_t slot_of(uint32_t tag)
{
    return (tag ^ tag >> 7) % FIX_MSG_SLOTS;
}

/* Where SOHs are in the block that begins at `at`, a place in the frame. */
static inline uint64_t find_stops(struct bytes frame, size_t at)
{
    size_t left = frame.size - at;
    uint64_t stops = 0;

    if (left >= WIDE_BLOCK) {
        return wide_find(frame.data + at, SOH);
    }
    if (frame.size >= WIDE_BLOCK) {
        return wide_find(frame.data + frame.size - WIDE_BLOCK, SOH) >> (WIDE_BLOCK - left);
    }
    for (size_t i = 0; i < left; i++) {
        stops |= (uint64_t)(frame.data[at + i] == SOH) << i;
    }
    return stops;
}

/* "tag=": its number, or 0: none, or out of bounds; and where its value begins. */
struct tag {
    uint32_t number;
    uint32_t size; /* with the '=' */
};

static struct tag read_any_tag(const char *at, size_t size)
{
    const struct tag none = { 0, 0 };
    uint32_t number = 0;
    size_t i;

    for (i = 0; i < size && at[i] != '='; i++) {
        uint32_t digit = (uint32_t)(unsigned char)at[i] - '0';

        if (digit > 9) {
            return none;
        }
        number = number * 10 + digit;
        if (number > FIX_TAG_MAX) {
            return none;
        }
    }
    /* A leading zero is not a tag number: FIX 4.4 vol. 1, "Field". It also covers tag 0. */
    if (i == size || i == 0 || at[0] == '0') {
        return none;
    }
    return (struct tag){ number, (uint32_t)i + 1 };
}

/* The same; tags of one to three digits, nearly all, without a loop. */
static inline struct tag read_tag(const char *at, size_t size)
{
    if (size >= 4) {
        uint32_t first = (uint32_t)(unsigned char)at[0] - '0';
        uint32_t second = (uint32_t)(unsigned char)at[1] - '0';
        uint32_t third = (uint32_t)(unsigned char)at[2] - '0';

        if (first - 1 <= 8) { /* no leading zero */
            if (second <= 9 && at[2] == '=') {
                return (struct tag){ first * 10 + second, 3 };
            }
            if (at[1] == '=') {
                return (struct tag){ first, 2 };
            }
            if (at[3] == '=' && second <= 9 && third <= 9) {
                return (struct tag){ first * 100 + second * 10 + third, 4 };
            }
        }
    }
    return read_any_tag(at, size);
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
 * the truth; else 0. */
static size_t data_end(const struct fix_msg *m, uint32_t index, size_t at)
{
    uint64_t size;

    if (!parse_uint(value_at(m, index - 1), &size) || size >= m->raw.size - at ||
        m->raw.data[at + size] != SOH) {
        return 0;
    }
    return at + size;
}

/* To be found by its tag from now on. */
static inline void index_field(struct fix_msg *m, uint32_t index, uint32_t tag)
{
    uint16_t *from = &m->from[slot_of(tag)];

    if (*from == 0) {
        *from = (uint16_t)(index + 1);
    }
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
    memset(m->from, 0, sizeof m->from);
}

/* A field that is not an ordinary one: empty, or data that is read by its length. Where it ends;
 * `stop` is its first SOH. */
static size_t odd_field(struct fix_msg *m, enum fix_msg_error *error, uint32_t index, uint32_t tag,
                        size_t value, size_t stop)
{
    if (index > 0 && length_tag(tag) == m->field[index - 1].tag) {
        size_t end = data_end(m, index, value);

        if (end == 0) {
            note(error, m, FIX_MSG_DATA_LENGTH, tag);
        } else {
            stop = end;
        }
    }
    if (stop == value) {
        note(error, m, FIX_MSG_NO_VALUE, tag);
    }
    return stop;
}

static enum fix_msg_error read_fields(struct fix_msg *m)
{
    const struct bytes raw = m->raw;
    enum fix_msg_error error = FIX_MSG_OK;
    uint32_t count = 0;
    size_t at = 0;

    for (size_t block = 0; block < raw.size; block += WIDE_BLOCK) {
        for (uint64_t stops = find_stops(raw, block); stops != 0; stops &= stops - 1) {
            size_t stop = block + (size_t)__builtin_ctzll(stops);
            struct tag tag = read_tag(raw.data + at, stop - at);
            size_t value = at + tag.size;

            m->field_count = count;
            if (tag.number == 0) {
                return FIX_MSG_BAD_TAG;
            }
            if (count == FIX_FIELDS_MAX) {
                return FIX_MSG_TOO_MANY_FIELDS;
            }
            if (stop == value || length_tag(tag.number) != 0) {
                stop = odd_field(m, &error, count, tag.number, value, stop);
                /* What SOHs are in data is passed over. */
                block = stop - stop % WIDE_BLOCK;
                stops = find_stops(raw, block) & UINT64_MAX << stop % WIDE_BLOCK;
            }
            m->field[count] =
                (struct fix_field){ tag.number, (uint32_t)value, (uint32_t)(stop - value) };
            index_field(m, count, tag.number);
            count++;
            at = stop + 1;
        }
    }
    m->field_count = count;
    return at == raw.size ? error : FIX_MSG_BAD_TAG; /* not a frame: it does not end with SOH */
}

enum fix_msg_error fix_msg_parse(struct fix_msg *m, struct bytes frame)
{
    enum fix_msg_error error;

    reset(m, frame);
    error = read_fields(m);
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
    uint32_t number = m->from[slot_of(tag)];

    if (number == 0) {
        return 0;
    }
    for (; number <= m->field_count; number++) {
        if (m->field[number - 1].tag == tag) {
            return number;
        }
    }
    return 0;
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

bool fix_msg_has_any(const struct fix_msg *m, const uint32_t *tag, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (m->from[slot_of(tag[i])] != 0 && find_field(m, tag[i]) != 0) {
            return true;
        }
    }
    return false;
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
