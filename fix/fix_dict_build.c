/*
 * Tree to dictionary: fields with their types and values, then every message with its components
 * dissolved and its groups nested. The tree lives in an arena of its own and is gone afterwards.
 */
#include <stdio.h>

#include "fix_dict_impl.h"
#include "fix_dict_xml.h"
#include "map.h"

/* Members met while dissolving components; FIX 4.4 takes about 30,000. Keeps components that
 * contain each other ten times over from taking for ever. */
#define STEPS_MAX 2000000

struct builder {
    struct fix_dict *dict;
    const struct xml_node *section[XML_FIELDS + 1]; /* the children of the root, by kind */
    struct map *fields;                             /* name -> its definition in the tree */
    struct map *components;
    unsigned long steps;
    char *error;
    size_t error_size;
};

static bool fail(struct builder *b, const struct xml_node *at, const char *what)
{
    (void)snprintf(b->error, b->error_size, "line %lu: '%.60s': %s", at->line,
                   at->attribute[XML_ATTR_NAME], what);
    return false;
}

static bool no_memory(struct builder *b)
{
    (void)snprintf(b->error, b->error_size, "out of memory, or a dictionary of absurd size");
    return false;
}

static bool is_yes(const char *attribute)
{
    return strcmp(attribute, "Y") == 0 || strcmp(attribute, "y") == 0 ||
           strcmp(attribute, "true") == 0;
}

static bool keep(struct builder *b, const char *text, struct bytes *out)
{
    return arena_copy(b->dict->arena, bytes_of(text), out) || no_memory(b);
}

/* A tag number: digits, no leading zero, within bounds; 0: it is not one. */
static uint32_t tag_of(const char *text)
{
    uint32_t tag = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || (at == text && *at == '0')) {
            return 0;
        }
        tag = tag * 10 + (uint32_t)(*at - '0');
        if (tag > FIX_TAG_MAX) {
            return 0;
        }
    }
    return tag;
}

static bool add_values(struct builder *b, const struct xml_node *node, struct dict_field *field)
{
    if (node->first == NULL) {
        return true;
    }
    field->values = arena_take(b->dict->arena, sizeof *field->values);
    if (field->values == NULL) {
        return no_memory(b);
    }
    field->values->open = is_yes(node->attribute[XML_ATTR_ALLOW_OTHER]);
    for (const struct xml_node *v = node->first; v != NULL; v = v->next) {
        struct bytes text, name;

        if (v->attribute[XML_ATTR_ENUM][0] == '\0') {
            return fail(b, v, "value without enum");
        }
        if (!keep(b, v->attribute[XML_ATTR_ENUM], &text) ||
            !keep(b, v->attribute[XML_ATTR_DESCRIPTION], &name)) {
            return false;
        }
        if (!dict_values_add(b->dict, field->values, text, name.data)) {
            return no_memory(b);
        }
    }
    return dict_values_index(b->dict, field->values) || no_memory(b);
}

static bool add_field(struct builder *b, struct xml_node *node)
{
    struct dict_field field = { .tag = tag_of(node->attribute[XML_ATTR_NUMBER]) };
    struct bytes key = bytes_of(node->attribute[XML_ATTR_NAME]);
    struct bytes name;

    if (field.tag == 0) {
        return fail(b, node, "bad field number");
    }
    if (!dict_form_find(node->attribute[XML_ATTR_TYPE], &field.form)) {
        return fail(b, node, "unknown field type");
    }
    if (key.size == 0 || dict_field_find(b->dict, field.tag) != NULL ||
        map_find(b->fields, key) != NULL) {
        return fail(b, node, "field without a name, or defined twice");
    }
    if (!keep(b, key.data, &name) || !add_values(b, node, &field)) {
        return false;
    }
    field.name = name.data;
    return (dict_field_add(b->dict, field) && map_put(b->fields, key, node)) || no_memory(b);
}

static bool add_components(struct builder *b)
{
    const struct xml_node *section = b->section[XML_COMPONENTS];

    for (struct xml_node *c = section == NULL ? NULL : section->first; c != NULL; c = c->next) {
        struct bytes name = bytes_of(c->attribute[XML_ATTR_NAME]);

        if (name.size == 0 || map_find(b->components, name) != NULL) {
            return fail(b, c, "component without a name, or defined twice");
        }
        if (!map_put(b->components, name, c)) {
            return no_memory(b);
        }
    }
    return true;
}

/* Where members go while the tree is walked. */
struct place {
    struct dict_scope *scope;
    enum dict_section section;
    bool required;  /* false within an optional component */
    unsigned depth; /* of groups */
};

static bool add_members(struct builder *b, const struct xml_node *container, struct place place);

static bool add_group(struct builder *b, const struct xml_node *node, struct place place,
                      struct dict_member *member)
{
    struct dict_scope *group = arena_take(b->dict->arena, sizeof *group);

    if (group == NULL) {
        return no_memory(b);
    }
    if (place.depth == DICT_DEPTH_MAX) {
        return fail(b, node, "groups nested too deeply");
    }
    member->group = group;
    /* What an entry requires it requires wherever there is an entry, however optional the group. */
    if (!add_members(b, node, (struct place){ group, place.section, true, place.depth + 1 })) {
        return false;
    }
    return group->count > 0 || fail(b, node, "group without fields");
}

static bool add_member(struct builder *b, const struct xml_node *node, struct place place)
{
    const struct xml_node *definition =
        map_find(b->fields, bytes_of(node->attribute[XML_ATTR_NAME]));
    const struct dict_field *field;
    struct dict_member *member;
    struct dict_member fresh;

    if (definition == NULL) {
        return fail(b, node, "field is used but not defined");
    }
    field = dict_field_find(b->dict, tag_of(definition->attribute[XML_ATTR_NUMBER]));
    fresh = dict_member_of(field, place.section);
    if (!dict_scope_add(b->dict, place.scope, fresh,
                        place.required && is_yes(node->attribute[XML_ATTR_REQUIRED]), &member)) {
        return no_memory(b);
    }
    if (node->kind == XML_GROUP && member->group == NULL) {
        return add_group(b, node, place, member);
    }
    return true;
}

static bool add_component(struct builder *b, const struct xml_node *node, struct place place)
{
    struct xml_node *component = map_find(b->components, bytes_of(node->attribute[XML_ATTR_NAME]));
    bool ok;

    if (component == NULL) {
        return fail(b, node, "component is used but not defined");
    }
    if (component->open) {
        return fail(b, node, "component contains itself");
    }
    component->open = true;
    place.required = place.required && is_yes(node->attribute[XML_ATTR_REQUIRED]);
    ok = add_members(b, component, place);
    component->open = false;
    return ok;
}

/* The recursion is bounded: groups by DICT_DEPTH_MAX, components by their own number, each at most
 * once on the way down, and all of it by STEPS_MAX. */
static bool add_members(struct builder *b, const struct xml_node *container, struct place place)
{
    for (const struct xml_node *n = container->first; n != NULL; n = n->next) {
        bool ok;

        if (++b->steps > STEPS_MAX) {
            return fail(b, n, "components multiply beyond reason");
        }
        ok = n->kind == XML_USE ? add_component(b, n, place) : add_member(b, n, place);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool add_message(struct builder *b, const struct xml_node *node)
{
    const char *type = node->attribute[XML_ATTR_MSGTYPE];
    bool admin = strcmp(node->attribute[XML_ATTR_MSGCAT], "admin") == 0;
    struct bytes type_copy, name;
    struct dict_scope *scope;

    if (type[0] == '\0' || strlen(type) > DICT_KEY_MAX) {
        return fail(b, node, "message without msgtype, or a too long one");
    }
    if (dict_message_find(b->dict, bytes_of(type)) != NULL) {
        return fail(b, node, "message defined twice");
    }
    if (!keep(b, type, &type_copy) || !keep(b, node->attribute[XML_ATTR_NAME], &name)) {
        return false;
    }
    if (!dict_message_add(b->dict, type_copy, name.data, admin)) {
        return no_memory(b);
    }
    scope = &b->dict->message[b->dict->message_count - 1]->scope;
    return add_members(b, b->section[XML_HEADER],
                       (struct place){ scope, SECTION_HEADER, true, 0 }) &&
           add_members(b, b->section[XML_TRAILER],
                       (struct place){ scope, SECTION_TRAILER, true, 0 }) &&
           add_members(b, node, (struct place){ scope, SECTION_BODY, true, 0 });
}

static bool find_sections(struct builder *b, const struct xml_node *root)
{
    for (const struct xml_node *n = root->first; n != NULL; n = n->next) {
        if (b->section[n->kind] != NULL) {
            (void)snprintf(b->error, b->error_size, "line %lu: a second section of this kind",
                           n->line);
            return false;
        }
        b->section[n->kind] = n;
    }
    if (b->section[XML_HEADER] == NULL || b->section[XML_TRAILER] == NULL ||
        b->section[XML_MESSAGES] == NULL || b->section[XML_FIELDS] == NULL) {
        (void)snprintf(b->error, b->error_size,
                       "line %lu: header, trailer, messages or fields are missing", root->line);
        return false;
    }
    if (b->section[XML_HEADER]->first == NULL || b->section[XML_TRAILER]->first == NULL) {
        (void)snprintf(b->error, b->error_size, "line %lu: header or trailer is empty", root->line);
        return false;
    }
    return true;
}

static bool build(struct builder *b, const struct xml_node *root)
{
    const char *type = root->attribute[XML_ATTR_TYPE];
    int size = snprintf(b->dict->begin_string, sizeof b->dict->begin_string, "%s.%s.%s",
                        type[0] == '\0' ? "FIX" : type, root->attribute[XML_ATTR_MAJOR],
                        root->attribute[XML_ATTR_MINOR]);

    if (size < 0 || (size_t)size >= sizeof b->dict->begin_string ||
        root->attribute[XML_ATTR_MAJOR][0] == '\0') {
        return fail(b, root, "no usable type, major and minor version");
    }
    if (!find_sections(b, root) || !add_components(b)) {
        return false;
    }
    for (struct xml_node *f = b->section[XML_FIELDS]->first; f != NULL; f = f->next) {
        if (!add_field(b, f)) {
            return false;
        }
    }
    for (const struct xml_node *m = b->section[XML_MESSAGES]->first; m != NULL; m = m->next) {
        if (!add_message(b, m)) {
            return false;
        }
    }
    return true;
}

static struct fix_dict *dict_empty(void)
{
    struct arena *arena = arena_new(DICT_BYTES_MAX);
    struct fix_dict *d = arena == NULL ? NULL : arena_take(arena, sizeof *d);

    if (d == NULL) {
        arena_free(arena);
        return NULL;
    }
    d->arena = arena;
    return d;
}

struct fix_dict *fix_dict_new(struct bytes xml, char *error, size_t error_size)
{
    struct arena *tree = arena_new(DICT_BYTES_MAX);
    struct xml_node *root = NULL;
    struct builder b = { .dict = dict_empty(),
                         .fields = map_new(0),
                         .components = map_new(0),
                         .error = error,
                         .error_size = error_size };
    bool ok = false;

    if (tree == NULL || b.dict == NULL || b.fields == NULL || b.components == NULL) {
        (void)no_memory(&b);
    } else {
        root = fix_dict_xml_parse(xml, tree, error, error_size);
        ok = root != NULL && build(&b, root);
    }
    map_free(b.fields);
    map_free(b.components);
    arena_free(tree);
    if (!ok) {
        fix_dict_free(b.dict);
        return NULL;
    }
    return b.dict;
}
