/*
 * A read view over one framed message: fields indexed once, values borrowed from the frame, nothing
 * copied, nothing allocated. Data fields (95/96, 354/355, ...) are read by their length, so that an
 * embedded SOH or '=' does no harm.
 *
 * A field is looked up by tag in a step or two: by an index to where its like begin, from where one
 * walks on only if another tag shares that place. Fields inside repeating groups share the index:
 * `find` gives the first occurrence in the message; fix_group_* walks the entries of a group.
 */
#ifndef FIX_MSG_H
#define FIX_MSG_H

#include "base.h"
#include "decimal.h"
#include "bounds.h"

enum fix_msg_error {
    FIX_MSG_OK,
    FIX_MSG_BAD_TAG,     /* "tag=" unreadable, zero or beyond FIX_TAG_MAX; error_tag: 0 */
    FIX_MSG_NO_VALUE,    /* "tag=<SOH>"; SessionRejectReason 4. The view is complete all the same */
    FIX_MSG_DATA_LENGTH, /* a data field does not end where its length field says; reason 5/6 */
    FIX_MSG_TOO_MANY_FIELDS,
};

struct fix_field {
    uint32_t tag;
    uint32_t offset; /* of the value, in raw */
    uint32_t size;   /* of the value */
};

#define FIX_MSG_SLOTS 256

/* About 25 KiB: keep one per connection or on the stack of the turn, not per message. */
struct fix_msg {
    struct bytes raw;
    struct bytes msg_type; /* 35 */
    uint64_t seq;          /* 34; 0 when absent or malformed */
    uint32_t error_tag;    /* for fix_msg_parse's error */
    uint32_t field_count;
    struct fix_field field[FIX_FIELDS_MAX];
    /* Lookup: private to fix_msg.c. The first field with a tag of this slot, 1-based: there one
     * begins to look. 0: there is none. */
    uint16_t from[FIX_MSG_SLOTS];
};

/* `frame` as fix_frame_find gives it; it must outlive the view. On an error other than BAD_TAG and
 * TOO_MANY_FIELDS every field is indexed all the same. */
enum fix_msg_error fix_msg_parse(struct fix_msg *m, struct bytes frame);
const char *fix_msg_error_text(enum fix_msg_error e);

/* First field with this tag; the empty value of "tag=<SOH>" counts as there. */
bool fix_msg_find(const struct fix_msg *m, uint32_t tag, struct bytes *value);
bool fix_msg_has(const struct fix_msg *m, uint32_t tag);
/* Whether it has one of these. */
bool fix_msg_has_any(const struct fix_msg *m, const uint32_t *tag, size_t count);

/* Typed getters. ABSENT and BAD are different things: a bad value is a reject, an absent one may be
 * fine. `out` is untouched unless FIX_GET_OK. */
enum fix_get { FIX_GET_OK, FIX_GET_ABSENT, FIX_GET_BAD };

enum fix_get fix_msg_get_char(const struct fix_msg *m, uint32_t tag, char *out);
enum fix_get fix_msg_get_bool(const struct fix_msg *m, uint32_t tag, bool *out); /* Y or N */
enum fix_get fix_msg_get_uint(const struct fix_msg *m, uint32_t tag,
                              uint64_t *out); /* digits only */
enum fix_get fix_msg_get_int(const struct fix_msg *m, uint32_t tag, int64_t *out);
enum fix_get fix_msg_get_decimal(const struct fix_msg *m, uint32_t tag, struct decimal *out);
enum fix_get fix_msg_get_timestamp(const struct fix_msg *m, uint32_t tag, int64_t *wall_us);

/* A view over some of the fields of `m`, read like a message of its own: an order of a list, say.
 * Begins with no field and m's number; add fields by their index in m->field, in their order.
 * Values stay m's, and `msg_type` the caller's. */
void fix_msg_view(struct fix_msg *view, const struct fix_msg *m, struct bytes msg_type);
void fix_msg_view_add(struct fix_msg *view, const struct fix_msg *m, uint32_t index);

/* Repeating groups. `delimiter` is the first field of an entry (447 delimits nothing: 448 does).
 *
 *     struct fix_group g;
 *     if (fix_group_begin(m, 453, 448, &g))
 *         while (fix_group_next(m, &g))
 *             fix_group_find(m, &g, 452, &role);
 */
struct fix_group {
    uint32_t delimiter;
    uint32_t left;       /* entries not yet visited */
    uint32_t first, end; /* fields of the current entry: [first, end) */
    uint32_t limit;      /* where the group ends at the latest */
};

/* False when the count field is absent, zero, or not followed by the delimiter. */
bool fix_group_begin(const struct fix_msg *m, uint32_t count_tag, uint32_t delimiter,
                     struct fix_group *g);
/* The same for a group nested in the current entry of `outer`. */
bool fix_group_begin_in(const struct fix_msg *m, const struct fix_group *outer, uint32_t count_tag,
                        uint32_t delimiter, struct fix_group *g);
bool fix_group_next(const struct fix_msg *m, struct fix_group *g);
/* Within the current entry only. The last entry extends to the end of the message's body, so ask
 * only for tags that belong to the group. */
bool fix_group_find(const struct fix_msg *m, const struct fix_group *g, uint32_t tag,
                    struct bytes *value);

#endif
