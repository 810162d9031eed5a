/*
 * Lookups in a dictionary, and the pieces its builder puts it together from. Reading the XML is in
 * fix_dict_xml.c, giving it meaning in fix_dict_build.c.
 */
#include "fix_dict_impl.h"

#include "assert.h"
#include "fix_value.h"

static const struct {
    const char *type;
    enum fix_form form;
} forms[] = {
    { "STRING", FORM_STRING },
    { "CHAR", FORM_CHAR },
    { "BOOLEAN", FORM_BOOLEAN },
    { "INT", FORM_INT },
    { "LENGTH", FORM_NATURAL },
    { "SEQNUM", FORM_NATURAL },
    { "NUMINGROUP", FORM_NATURAL },
    { "TAGNUM", FORM_NATURAL },
    { "DAYOFMONTH", FORM_DAY_OF_MONTH },
    { "FLOAT", FORM_FLOAT },
    { "QTY", FORM_FLOAT },
    { "QUANTITY", FORM_FLOAT },
    { "PRICE", FORM_FLOAT },
    { "PRICEOFFSET", FORM_FLOAT },
    { "AMT", FORM_FLOAT },
    { "PERCENTAGE", FORM_FLOAT },
    { "MULTIPLEVALUESTRING", FORM_MULTIPLE },
    { "MULTIPLESTRINGVALUE", FORM_MULTIPLE },
    { "MULTIPLECHARVALUE", FORM_MULTIPLE },
    { "COUNTRY", FORM_COUNTRY },
    { "CURRENCY", FORM_CODE },
    { "EXCHANGE", FORM_CODE },
    { "LANGUAGE", FORM_STRING },
    { "MONTHYEAR", FORM_MONTH_YEAR },
    { "UTCTIMESTAMP", FORM_TIMESTAMP },
    { "TIME", FORM_TIMESTAMP },
    { "UTCTIMEONLY", FORM_TIME },
    { "UTCDATEONLY", FORM_DATE },
    { "UTCDATE", FORM_DATE },
    { "DATE", FORM_DATE },
    { "LOCALMKTDATE", FORM_DATE },
    { "LOCALMKTTIME", FORM_STRING },
    { "TZTIMEONLY", FORM_STRING },
    { "TZTIMESTAMP", FORM_STRING },
    { "DATA", FORM_DATA },
    { "XMLDATA", FORM_DATA },
};

bool dict_form_find(const char *type, enum fix_form *form)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (strcmp(forms[i].type, type) == 0) {
            *form = forms[i].form;
            return true;
        }
    }
    return false;
}

void fix_dict_free(struct fix_dict *d)
{
    if (d != NULL) {
        arena_free(d->arena); /* the dictionary itself lies in it */
    }
}

const char *fix_dict_begin_string(const struct fix_dict *d)
{
    return d->begin_string;
}

static size_t message_slot(const struct fix_dict *d, uint64_t key)
{
    size_t at = dict_hash(key, 54);

    while (d->message_of[at] != 0 && d->message[d->message_of[at] - 1]->key != key) {
        at = (at + 1) % ARRAY_LEN(d->message_of);
    }
    return at;
}

const struct dict_message *dict_message_find(const struct fix_dict *d, struct bytes type)
{
    uint32_t number;

    if (type.size == 0 || type.size > DICT_KEY_MAX) {
        return NULL;
    }
    number = d->message_of[message_slot(d, dict_key(type))];
    return number == 0 ? NULL : d->message[number - 1];
}

bool dict_values_have(const struct dict_values *v, struct bytes text)
{
    if (text.size == 1) {
        return dict_values_have_char(v, text.data[0]);
    }
    if (text.size <= DICT_KEY_MAX) {
        uint64_t key = dict_key(text);
        size_t mask = (size_t)(UINT64_MAX >> v->shift);
        size_t at = dict_hash(key, v->shift);

        while (v->slot[at] != 0 && v->slot[at] != key) {
            at = (at + 1) & mask;
        }
        return v->slot[at] == key && text.size > 0;
    }
    for (const struct dict_value *value = v->first; value != NULL; value = value->next) {
        if (bytes_equal(value->text, text)) {
            return true;
        }
    }
    return false;
}

const char *fix_dict_field_name(const struct fix_dict *d, uint32_t tag)
{
    const struct dict_field *f = dict_field_find(d, tag);

    return f == NULL ? NULL : f->name;
}

const char *fix_dict_value_name(const struct fix_dict *d, uint32_t tag, struct bytes value)
{
    const struct dict_field *f = dict_field_find(d, tag);

    if (f == NULL || f->values == NULL) {
        return NULL;
    }
    for (const struct dict_value *v = f->values->first; v != NULL; v = v->next) {
        if (bytes_equal(v->text, value)) {
            return v->name;
        }
    }
    return NULL;
}

const char *fix_dict_message_name(const struct fix_dict *d, struct bytes msg_type)
{
    const struct dict_message *m = dict_message_find(d, msg_type);

    return m == NULL ? NULL : m->name;
}

bool fix_dict_has_message(const struct fix_dict *d, struct bytes msg_type)
{
    return dict_message_find(d, msg_type) != NULL;
}

bool fix_dict_is_admin(const struct fix_dict *d, struct bytes msg_type)
{
    const struct dict_message *m = dict_message_find(d, msg_type);

    return m != NULL && m->admin;
}

/* Doubles an array in the arena; the old one stays behind there. */
static void *grow(struct fix_dict *d, const void *old, uint32_t *capacity, size_t size)
{
    uint32_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *fresh = arena_take(d->arena, wanted * size);

    if (fresh == NULL) {
        return NULL;
    }
    if (*capacity > 0) {
        memcpy(fresh, old, *capacity * size);
    }
    *capacity = wanted;
    return fresh;
}

/* The values of one ASCII character that pass every check of a value. */
static void find_singles(struct dict_field *f)
{
    const struct dict_values *values = dict_field_values(f);

    for (unsigned i = 0; i < 128; i++) {
        char c = (char)i;
        struct bytes value = { &c, 1 };

        if (fix_value_has_form(f->form, value) &&
            (values == NULL || fix_value_is_listed(f->form, values, value))) {
            f->single[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
}

bool dict_field_add(struct fix_dict *d, struct dict_field field)
{
    ASSERT(field.tag > 0 && field.tag <= FIX_TAG_MAX && d->field_of[field.tag] == 0);
    if (d->field_count == d->field_capacity) {
        struct dict_field *fresh = grow(d, d->field, &d->field_capacity, sizeof *fresh);

        if (fresh == NULL) {
            return false;
        }
        d->field = fresh;
    }
    find_singles(&field);
    d->field[d->field_count] = field;
    d->field_count++;
    d->field_of[field.tag] = (uint16_t)d->field_count;
    return true;
}

static enum dict_quick quick_of(enum fix_form form)
{
    switch (form) {
    case FORM_STRING: return QUICK_ANY;
    case FORM_INT:
    case FORM_NATURAL: return QUICK_DIGITS;
    case FORM_FLOAT: return QUICK_NUMBER;
    case FORM_TIMESTAMP: return QUICK_TIMESTAMP;
    case FORM_CHAR:
    case FORM_BOOLEAN:
    case FORM_DAY_OF_MONTH:
    case FORM_MULTIPLE:
    case FORM_COUNTRY:
    case FORM_CODE:
    case FORM_MONTH_YEAR:
    case FORM_TIME:
    case FORM_DATE:
    case FORM_DATA: return QUICK_NOT;
    }
    UNREACHABLE();
}

struct dict_member dict_member_of(const struct dict_field *f, enum dict_section section)
{
    const struct dict_values *values = dict_field_values(f);

    return (struct dict_member){ .tag = f->tag,
                                 .form = f->form,
                                 .section = section,
                                 .quick = values == NULL ? quick_of(f->form) : QUICK_NOT,
                                 .values = values,
                                 .single = { f->single[0], f->single[1] } };
}

bool dict_message_add(struct fix_dict *d, struct bytes type, const char *name, bool admin)
{
    struct dict_message *m = arena_take(d->arena, sizeof *m);
    uint16_t *near = arena_take(d->arena, DICT_NEAR * sizeof *near);

    ASSERT(type.size > 0 && type.size <= DICT_KEY_MAX && dict_message_find(d, type) == NULL);
    /* Half full at most, so that a probe ends soon; FIX 5.0 SP2 has 113 messages. */
    if (m == NULL || near == NULL || d->message_count >= ARRAY_LEN(d->message_of) / 2) {
        return false;
    }
    if (d->message_count == d->message_capacity) {
        struct dict_message **fresh = grow(d, d->message, &d->message_capacity, sizeof *fresh);

        if (fresh == NULL) {
            return false;
        }
        d->message = fresh;
    }
    *m = (struct dict_message){
        .type = type,
        .key = dict_key(type),
        .name = name,
        .admin = admin,
        .scope = { .near = near, .near_size = DICT_NEAR },
    };
    d->message[d->message_count] = m;
    d->message_count++;
    d->message_of[message_slot(d, m->key)] = (uint16_t)d->message_count;
    return true;
}

/* Enters one member that is not there yet; there is room. */
static void scope_enter(struct dict_scope *s, uint32_t index)
{
    uint32_t tag = s->member[index].tag;
    uint32_t mask = UINT32_MAX >> s->shift;
    uint32_t at = tag * UINT32_C(0x9e3779b1) >> s->shift;

    if (tag < s->near_size) {
        s->near[tag] = (uint16_t)(index + 1);
        return;
    }
    while (s->slot[at].number != 0) {
        at = (at + 1) & mask;
    }
    s->slot[at] = (struct dict_slot){ (uint16_t)tag, (uint16_t)(index + 1) };
}

static bool scope_grow(struct fix_dict *d, struct dict_scope *s)
{
    struct dict_member *member = grow(d, s->member, &s->capacity, sizeof *member);
    size_t slots = (size_t)s->capacity * 4;
    struct dict_slot *slot = arena_take(d->arena, slots * sizeof *slot);

    if (member == NULL || slot == NULL) {
        return false;
    }
    s->member = member;
    s->slot = slot;
    s->shift = 32 - (unsigned)__builtin_ctzll(slots);
    for (uint32_t i = 0; i < s->count; i++) {
        scope_enter(s, i);
    }
    return true;
}

bool dict_scope_add(struct fix_dict *d, struct dict_scope *s, struct dict_member member,
                    bool required, struct dict_member **out)
{
    const struct dict_member *there = s->count == 0 ? NULL : dict_scope_find(s, member.tag);
    uint32_t index = there == NULL ? s->count : (uint32_t)(there - s->member);

    if (there == NULL) {
        if (s->count == DICT_MEMBERS_MAX || (s->count == s->capacity && !scope_grow(d, s))) {
            return false;
        }
        s->member[index] = member;
        s->count++;
        scope_enter(s, index);
    }
    if (required) {
        s->required[index / 64] |= UINT64_C(1) << index % 64;
    }
    *out = &s->member[index];
    return true;
}

bool dict_values_add(struct fix_dict *d, struct dict_values *v, struct bytes text, const char *name)
{
    struct dict_value *value = arena_take(d->arena, sizeof *value);

    if (value == NULL) {
        return false;
    }
    *value = (struct dict_value){ .next = v->first, .text = text, .name = name };
    v->first = value;
    return true;
}

bool dict_values_index(struct fix_dict *d, struct dict_values *v)
{
    size_t slots = 8;
    size_t count = 0;

    for (const struct dict_value *value = v->first; value != NULL; value = value->next) {
        count++;
    }
    while (slots < count * 4) {
        slots *= 2;
    }
    v->slot = arena_take(d->arena, slots * sizeof *v->slot);
    if (v->slot == NULL) {
        return false;
    }
    v->shift = 64 - (unsigned)__builtin_ctzll(slots);
    for (const struct dict_value *value = v->first; value != NULL; value = value->next) {
        if (value->text.size == 1) {
            unsigned c = (unsigned char)value->text.data[0];

            v->chars[c / 64] |= UINT64_C(1) << c % 64;
        } else if (value->text.size <= DICT_KEY_MAX) {
            size_t at = dict_hash(dict_key(value->text), v->shift);

            while (v->slot[at] != 0) {
                at = (at + 1) & (slots - 1);
            }
            v->slot[at] = dict_key(value->text);
        }
    }
    return true;
}

/* Knows the field afterwards; one that the dictionary defines itself keeps its definition. */
static bool know_field(struct fix_dict *d, uint32_t tag, const char *name, enum fix_form form)
{
    struct bytes copy;

    if (dict_field_find(d, tag) != NULL) {
        return true;
    }
    return arena_copy(d->arena, bytes_of(name), &copy) &&
           dict_field_add(d, (struct dict_field){ .tag = tag, .form = form, .name = copy.data });
}

/* The field as a member, known to the dictionary; false: no such type, or no memory. */
static bool fresh_member(struct fix_dict *d, uint32_t tag, const char *name, const char *type,
                         struct dict_member *out)
{
    enum fix_form form;

    if (tag == 0 || tag > FIX_TAG_MAX || !dict_form_find(type, &form) ||
        !know_field(d, tag, name, form)) {
        return false;
    }
    *out = dict_member_of(dict_field_find(d, tag), SECTION_BODY);
    return true;
}

bool fix_dict_add_field(struct fix_dict *d, struct bytes msg_type, uint32_t tag, const char *name,
                        const char *type)
{
    struct dict_member fresh;
    struct dict_member *added;
    bool done = false;

    if ((msg_type.size > 0 && dict_message_find(d, msg_type) == NULL) ||
        !fresh_member(d, tag, name, type, &fresh)) {
        return false;
    }
    for (uint32_t i = 0; i < d->message_count; i++) {
        struct dict_message *m = d->message[i];

        if (msg_type.size > 0 && !bytes_equal(m->type, msg_type)) {
            continue;
        }
        if (!dict_scope_add(d, &m->scope, fresh, false, &added)) {
            return false;
        }
        done = true;
    }
    return done;
}

bool fix_dict_add_group_field(struct fix_dict *d, struct bytes msg_type, uint32_t group,
                              uint32_t tag, const char *name, const char *type)
{
    const struct dict_message *m = dict_message_find(d, msg_type);
    const struct dict_member *count = m == NULL ? NULL : dict_scope_find(&m->scope, group);
    struct dict_member fresh;
    struct dict_member *added;

    return count != NULL && count->group != NULL && fresh_member(d, tag, name, type, &fresh) &&
           dict_scope_add(d, count->group, fresh, false, &added);
}
