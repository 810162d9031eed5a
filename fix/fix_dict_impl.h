/*
 * Inside of a dictionary, for fix_dict*.c and fix_validate.c only.
 *
 * A scope is what may stand in one place: a message (header, body and trailer together, each member
 * knowing its section) or the entries of a repeating group. Components are dissolved while
 * building. Everything lives in the dictionary's arena and is freed with it.
 */
#ifndef FIX_DICT_IMPL_H
#define FIX_DICT_IMPL_H

#include "arena.h"
#include "fix_dict.h"
#include "bounds.h"

/* Members of one scope; ExecutionReport with its components has about 300. */
#define DICT_MEMBERS_MAX 1024
#define DICT_WORDS (DICT_MEMBERS_MAX / 64)
/* Groups within groups; FIX 4.4 goes to 4. */
#define DICT_DEPTH_MAX 8
/* Memory of one dictionary; FIX 4.4 takes about 3 MiB. */
#define DICT_BYTES_MAX ((size_t)128 * 1024 * 1024)
/* Tags below this are found in a message by index; FIX 4.4's own end at 956. */
#define DICT_NEAR 1024
/* Values up to this size are found by one probe. */
#define DICT_KEY_MAX 7

/* What a value must look like. Several FIX types share a form. */
enum NARROW fix_form {
    FORM_STRING,
    FORM_CHAR,
    FORM_BOOLEAN,
    FORM_INT,
    FORM_NATURAL,
    FORM_DAY_OF_MONTH,
    FORM_FLOAT,
    FORM_MULTIPLE,
    FORM_COUNTRY,
    FORM_CODE,
    FORM_MONTH_YEAR,
    FORM_TIMESTAMP,
    FORM_TIME,
    FORM_DATE,
    FORM_DATA,
};

enum NARROW dict_section { SECTION_HEADER, SECTION_BODY, SECTION_TRAILER };

/* What settles whether most values of a field are good; the rest is looked at closer. */
enum NARROW dict_quick {
    QUICK_NOT,
    QUICK_ANY,    /* a text, and any will do */
    QUICK_DIGITS, /* digits are */
    QUICK_NUMBER, /* digits with at most one point are */
    QUICK_TIMESTAMP,
};

struct dict_value {
    struct dict_value *next;
    struct bytes text;
    const char *name;
};

/* The values an enumerated field may have. */
struct dict_values {
    uint64_t chars[4];        /* those of one byte: a bitmap */
    uint64_t *slot;           /* those of up to DICT_KEY_MAX: open addressing, 0 is empty */
    unsigned shift;           /* 64 - log2 of the number of slots */
    bool open;                /* allowOtherValues */
    struct dict_value *first; /* all, for their names */
};

struct dict_field {
    uint32_t tag;
    enum fix_form form;
    const char *name;
    struct dict_values *values; /* NULL: not enumerated */
    uint64_t single[2];         /* set by dict_field_add */
};

struct dict_member {
    uint32_t tag;
    enum fix_form form;
    enum dict_section section;
    enum dict_quick quick;
    const struct dict_values *values; /* NULL: any value of the form */
    struct dict_scope *group;         /* of a count field: the entries that follow */
    uint64_t single[2];               /* ASCII characters that are a good value: a bitmap */
};

struct dict_slot {
    uint16_t tag;
    uint16_t number; /* of the member, 1-based; 0: empty */
};

struct dict_scope {
    struct dict_member
        *member; /* in the order of the dictionary; a group's delimiter is the first */
    uint32_t count;
    uint32_t capacity;
    uint16_t *near; /* of a message: tag, below near_size -> number of the member */
    uint32_t near_size;
    struct dict_slot *slot; /* of the other tags: at least four times as many as members */
    unsigned shift;         /* 32 - log2 of the number of slots */
    uint64_t required[DICT_WORDS];
};

struct dict_message {
    struct bytes type;
    uint64_t key; /* dict_key() of it */
    const char *name;
    bool admin;
    struct dict_scope scope;
};

struct fix_dict {
    struct arena *arena;
    char begin_string[16];
    struct dict_field *field;
    uint32_t field_count;
    uint32_t field_capacity;
    struct dict_message **message;
    uint32_t message_count;
    uint32_t message_capacity;
    uint16_t message_of[1024];          /* hash of MsgType -> 1-based index */
    uint16_t field_of[FIX_TAG_MAX + 1]; /* tag -> 1-based index */
};

/* 1 to DICT_KEY_MAX bytes with their number as one integer, never 0. */
static inline uint64_t dict_key(struct bytes text)
{
    uint64_t key = 0;

    for (size_t i = 0; i < text.size; i++) {
        key = key << 8 | (unsigned char)text.data[i];
    }
    return key | (uint64_t)text.size << 56;
}

static inline size_t dict_hash(uint64_t key, unsigned shift)
{
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> shift);
}

/* The number of the member, 1-based; 0: none. */
static inline uint32_t dict_scope_number(const struct dict_scope *s, uint32_t tag)
{
    uint32_t mask = UINT32_MAX >> s->shift;
    uint32_t at = tag * UINT32_C(0x9e3779b1) >> s->shift;

    if (tag < s->near_size) {
        return s->near[tag];
    }
    while (s->slot[at].number != 0 && s->slot[at].tag != tag) {
        at = (at + 1) & mask;
    }
    return s->slot[at].number;
}

static inline const struct dict_member *dict_scope_find(const struct dict_scope *s, uint32_t tag)
{
    uint32_t number = dict_scope_number(s, tag);

    return number == 0 ? NULL : &s->member[number - 1];
}

static inline const struct dict_field *dict_field_find(const struct fix_dict *d, uint32_t tag)
{
    uint32_t number = tag <= FIX_TAG_MAX ? d->field_of[tag] : 0;

    return number == 0 ? NULL : &d->field[number - 1];
}

/* The values a member with this field is held to; NULL: any. */
static inline const struct dict_values *dict_field_values(const struct dict_field *f)
{
    return f->values == NULL || f->values->open ? NULL : f->values;
}

static inline bool dict_values_have_char(const struct dict_values *v, char c)
{
    unsigned at = (unsigned char)c;

    return (v->chars[at / 64] >> at % 64 & 1) != 0;
}

const struct dict_message *dict_message_find(const struct fix_dict *d, struct bytes type);
bool dict_values_have(const struct dict_values *v, struct bytes text);

/* Building. All are false when out of memory or over a bound. */
bool dict_form_find(const char *type, enum fix_form *form);
/* The field must be new, and its values indexed. */
MUST_CHECK bool dict_field_add(struct fix_dict *d, struct dict_field field);
/* The field in a place, without a group. */
struct dict_member dict_member_of(const struct dict_field *f, enum dict_section section);
/* The message must be new; the new one is the last of d->message. */
MUST_CHECK bool dict_message_add(struct fix_dict *d, struct bytes type, const char *name,
                                 bool admin);
/* A member that is there already stays as it is, but becomes required if the new one is. Gives the
 * one that is now there; valid until the next addition. */
MUST_CHECK bool dict_scope_add(struct fix_dict *d, struct dict_scope *s, struct dict_member member,
                               bool required, struct dict_member **out);
MUST_CHECK bool dict_values_add(struct fix_dict *d, struct dict_values *v, struct bytes text,
                                const char *name);
/* After the last value. */
MUST_CHECK bool dict_values_index(struct fix_dict *d, struct dict_values *v);

#endif
