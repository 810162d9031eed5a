/*
 * One pass over the fields of a message, in the order of the message: the first fault found is the
 * verdict; required fields are looked at when their scope ends. Which members of a scope were seen
 * is a flag each (a set of bits would make each field wait for the one before it).
 *
 * The form of single values is checked in fix_value.c.
 */
#include "fix_validate.h"

#include "assert.h"
#include "fix_dict_impl.h"
#include "fix_tags.h"
#include "fix_value.h"
#include "timestamp.h"

#define USER_DEFINED_MIN 5000

const struct fix_validate_options fix_validate_defaults = {
    .fields_out_of_order = true,
    .fields_have_values = true,
    .user_defined_fields = true,
    .unordered_group_fields = true,
    .check_required = true,
    .allow_unknown_fields = false,
};

struct walk {
    const struct fix_dict *dict;
    const struct fix_msg *msg;
    const struct fix_validate_options *options;
    struct fix_verdict verdict;
};

/* A scope being walked; those it is nested in hang on `outer`. */
struct frame {
    const struct dict_scope *scope;
    const struct frame *outer;
    bool seen[DICT_MEMBERS_MAX]; /* only as many as the scope has members are cleared */
};

static bool fail(struct walk *w, enum fix_reject reason, uint32_t tag)
{
    w->verdict = (struct fix_verdict){ reason, tag };
    return false;
}

static inline void frame_clear(struct frame *f)
{
    memset(f->seen, 0, f->scope->count);
}

static bool check_required(struct walk *w, const struct frame *f)
{
    for (uint32_t i = 0; w->options->check_required && i * 64 < f->scope->count; i++) {
        for (uint64_t left = f->scope->required[i]; left != 0; left &= left - 1) {
            size_t index = i * 64 + (size_t)__builtin_ctzll(left);

            if (!f->seen[index]) {
                return fail(w, FIX_REJECT_REQUIRED_MISSING, f->scope->member[index].tag);
            }
        }
    }
    return true;
}

static inline struct bytes value_of(const struct walk *w, const struct fix_field *field)
{
    return (struct bytes){ w->msg->raw.data + field->offset, field->size };
}

static bool check_value(struct walk *w, const struct dict_member *member,
                        const struct fix_field *field)
{
    struct bytes value = value_of(w, field);

    if (value.size == 0) {
        return !w->options->fields_have_values || fail(w, FIX_REJECT_NO_VALUE, field->tag);
    }
    if (member->form != FORM_STRING && !fix_value_has_form(member->form, value)) {
        return fail(w, FIX_REJECT_BAD_FORMAT, field->tag);
    }
    if (member->values != NULL && !fix_value_is_listed(member->form, member->values, value)) {
        return fail(w, FIX_REJECT_VALUE_OUT_OF_RANGE, field->tag);
    }
    return true;
}

/* What most values are is settled here, and found good. */
static inline bool is_quickly_good(const struct dict_member *member, const struct fix_msg *m,
                                   const struct fix_field *field)
{
    const char *value = m->raw.data + field->offset;
    unsigned first = (unsigned char)*value; /* an empty value has its SOH there */

    if (field->size == 1) {
        return first < 128 && (member->single[first / 64] >> first % 64 & 1) != 0;
    }
    switch (member->quick) {
    case QUICK_NOT: return false;
    case QUICK_ANY: return field->size > 0;
    case QUICK_TIMESTAMP: return timestamp_is_one((struct bytes){ value, field->size });
    case QUICK_DIGITS:
    case QUICK_NUMBER:
        return field->size - 1 < 8 && field->offset + 8 <= m->raw.size &&
               fix_value_is_digits(value, field->size, member->quick == QUICK_NUMBER);
    }
    UNREACHABLE();
}

static inline bool check_field(struct walk *w, const struct dict_member *member,
                               const struct fix_field *field)
{
    return is_quickly_good(member, w->msg, field) || check_value(w, member, field);
}

/* Whether the options let a tag pass that its scope does not have. */
static bool passes(const struct walk *w, uint32_t tag)
{
    return tag >= USER_DEFINED_MIN ? !w->options->user_defined_fields
                                   : w->options->allow_unknown_fields;
}

static bool check_stranger(struct walk *w, const struct fix_field *field)
{
    if (field->size == 0 && w->options->fields_have_values) {
        return fail(w, FIX_REJECT_NO_VALUE, field->tag);
    }
    if (passes(w, field->tag)) {
        return true;
    }
    return fail(w,
                dict_field_find(w->dict, field->tag) == NULL ? FIX_REJECT_UNDEFINED_TAG
                                                             : FIX_REJECT_TAG_NOT_FOR_MESSAGE,
                field->tag);
}

/* Whether a scope further out has this tag and still waits for it. */
static bool wanted_outside(const struct frame *f, uint32_t tag)
{
    for (f = f->outer; f != NULL; f = f->outer) {
        const struct dict_member *member = dict_scope_find(f->scope, tag);

        if (member != NULL && !f->seen[member - f->scope->member]) {
            return true;
        }
    }
    return false;
}

static bool known_outside(const struct frame *f, uint32_t tag)
{
    for (f = f->outer; f != NULL; f = f->outer) {
        if (dict_scope_find(f->scope, tag) != NULL) {
            return true;
        }
    }
    return false;
}

static bool walk_group(struct walk *w, const struct frame *outer, const struct dict_member *count,
                       uint32_t *at);

/* One entry of a group: *at stands on its delimiter, and afterwards behind the entry. */
static bool walk_entry(struct walk *w, struct frame *f, uint32_t *at)
{
    const struct dict_scope *scope = f->scope;
    size_t last = 0;

    frame_clear(f);
    while (*at < w->msg->field_count) {
        const struct fix_field *field = &w->msg->field[*at];
        const struct dict_member *member = dict_scope_find(scope, field->tag);
        size_t index;

        if (member == NULL) {
            if (known_outside(f, field->tag) || !passes(w, field->tag)) {
                break;
            }
            (*at)++; /* somebody's own field in an entry; the options say it may be */
            continue;
        }
        index = (size_t)(member - scope->member);
        if (f->seen[index] || (w->options->unordered_group_fields && index < last)) {
            /* The next entry begins, or the group is over and the tag belongs further out. */
            if (index == 0 || wanted_outside(f, field->tag)) {
                break;
            }
            return fail(w, f->seen[index] ? FIX_REJECT_TAG_TWICE : FIX_REJECT_GROUP_ORDER,
                        field->tag);
        }
        f->seen[index] = true;
        last = index;
        (*at)++;
        if (!check_field(w, member, field) ||
            (member->group != NULL && !walk_group(w, f, member, at))) {
            return false;
        }
    }
    return check_required(w, f);
}

/* *at stands behind the count field. The entries are counted whatever the count says. */
static bool walk_group(struct walk *w, const struct frame *outer, const struct dict_member *count,
                       uint32_t *at)
{
    const struct dict_scope *scope = count->group;
    const struct fix_field *field = &w->msg->field[*at - 1];
    struct frame f;
    uint64_t declared = 0;
    uint64_t entries = 0;

    f.scope = scope;
    f.outer = outer;
    if (field->size > 0 && !fix_value_natural(value_of(w, field), &declared)) {
        return fail(w, FIX_REJECT_BAD_FORMAT, field->tag);
    }
    for (; *at < w->msg->field_count && w->msg->field[*at].tag == scope->member[0].tag; entries++) {
        if (!walk_entry(w, &f, at)) {
            return false;
        }
    }
    if (entries == 0 && declared > 0 && w->options->unordered_group_fields &&
        *at < w->msg->field_count) {
        uint32_t tag = w->msg->field[*at].tag;

        f.seen[0] = false;
        if (dict_scope_find(scope, tag) != NULL && !wanted_outside(&f, tag)) {
            return fail(w, FIX_REJECT_GROUP_ORDER, tag); /* an entry without its delimiter */
        }
    }
    return entries == declared || fail(w, FIX_REJECT_GROUP_COUNT, field->tag);
}

static bool walk_message(struct walk *w, const struct dict_scope *scope)
{
    const struct fix_msg *const m = w->msg;
    const bool ordered = w->options->fields_out_of_order;
    struct frame f;
    enum dict_section section = SECTION_HEADER;
    uint32_t next;

    f.scope = scope;
    f.outer = NULL;
    frame_clear(&f);
    for (uint32_t at = 0; at < m->field_count; at = next) {
        const struct fix_field *field = &m->field[at];
        uint32_t number = dict_scope_number(scope, field->tag);
        const struct dict_member *member = &scope->member[number - 1];

        next = at + 1;
        if (number == 0) {
            if (!check_stranger(w, field)) {
                return false;
            }
            continue;
        }
        if (f.seen[number - 1]) {
            return fail(w, FIX_REJECT_TAG_TWICE, field->tag);
        }
        if (ordered && member->section < section) {
            return fail(w, FIX_REJECT_TAG_ORDER, field->tag);
        }
        section = member->section;
        f.seen[number - 1] = true;
        if (!check_field(w, member, field)) {
            return false;
        }
        if (member->group != NULL) {
            uint32_t behind = next;

            if (!walk_group(w, &f, member, &behind)) {
                return false;
            }
            next = behind;
        }
    }
    return check_required(w, &f);
}

struct fix_verdict fix_validate(const struct fix_dict *d, const struct fix_msg *m,
                                enum fix_msg_error parse_error,
                                const struct fix_validate_options *o)
{
    struct walk w = { d, m, o, { FIX_REJECT_NONE, 0 } };
    const struct dict_message *message;

    switch (parse_error) {
    case FIX_MSG_OK:
    case FIX_MSG_NO_VALUE: /* found again on the way, where the options can excuse it */ break;
    case FIX_MSG_BAD_TAG: return (struct fix_verdict){ FIX_REJECT_INVALID_TAG, m->error_tag };
    case FIX_MSG_DATA_LENGTH: return (struct fix_verdict){ FIX_REJECT_BAD_FORMAT, m->error_tag };
    case FIX_MSG_TOO_MANY_FIELDS: return (struct fix_verdict){ FIX_REJECT_OTHER, 0 };
    }
    if (m->msg_type.size == 0) {
        return (struct fix_verdict){ FIX_REJECT_NO_VALUE, TAG_MSG_TYPE };
    }
    message = dict_message_find(d, m->msg_type);
    if (message == NULL) {
        return (struct fix_verdict){ FIX_REJECT_UNKNOWN_MESSAGE, TAG_MSG_TYPE };
    }
    if (!walk_message(&w, &message->scope)) {
        ASSERT(w.verdict.reason != FIX_REJECT_NONE);
    }
    return w.verdict;
}

const char *fix_reject_text(enum fix_reject r)
{
    switch (r) {
    case FIX_REJECT_INVALID_TAG: return "Invalid tag number";
    case FIX_REJECT_REQUIRED_MISSING: return "Required tag missing";
    case FIX_REJECT_TAG_NOT_FOR_MESSAGE: return "Tag not defined for this message type";
    case FIX_REJECT_UNDEFINED_TAG: return "Undefined tag";
    case FIX_REJECT_NO_VALUE: return "Tag specified without a value";
    case FIX_REJECT_VALUE_OUT_OF_RANGE: return "Value is incorrect (out of range) for this tag";
    case FIX_REJECT_BAD_FORMAT: return "Incorrect data format for value";
    case FIX_REJECT_DECRYPTION: return "Decryption problem";
    case FIX_REJECT_SIGNATURE: return "Signature problem";
    case FIX_REJECT_COMP_ID: return "CompID problem";
    case FIX_REJECT_SENDING_TIME: return "SendingTime accuracy problem";
    case FIX_REJECT_INVALID_MSG_TYPE: return "Invalid MsgType";
    case FIX_REJECT_XML: return "XML validation error";
    case FIX_REJECT_TAG_TWICE: return "Tag appears more than once";
    case FIX_REJECT_TAG_ORDER: return "Tag specified out of required order";
    case FIX_REJECT_GROUP_ORDER: return "Repeating group fields out of order";
    case FIX_REJECT_GROUP_COUNT: return "Incorrect NumInGroup count for repeating group";
    case FIX_REJECT_SOH_IN_VALUE: return "Non-data value includes field delimiter";
    case FIX_REJECT_OTHER: return "Other";
    case FIX_REJECT_NONE: return "Valid";
    case FIX_REJECT_UNKNOWN_MESSAGE: return "Unsupported Message Type";
    }
    return "Unknown reason";
}
