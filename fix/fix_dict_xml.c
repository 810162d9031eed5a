/*
 * Dictionary XML to tree, by expat. The file may come from a customer: its size, depth and number
 * of elements are bounded, and entity declarations (the billion laughs) end the parse.
 */
#include "fix_dict_xml.h"

#include <expat.h>
#include <stdio.h>

#define XML_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define XML_DEPTH_MAX 24
#define XML_NODES_MAX 500000

struct reader {
    XML_Parser parser;
    struct arena *arena;
    struct xml_node above; /* XML_NONE, parent of the root */
    struct xml_node *at;
    unsigned depth;
    size_t nodes;
    char *error;
    size_t error_size;
    bool failed;
};

static const struct {
    enum xml_kind parent;
    const char *element;
    enum xml_kind kind;
} places[] = {
    { XML_NONE, "fix", XML_ROOT },
    { XML_ROOT, "header", XML_HEADER },
    { XML_ROOT, "trailer", XML_TRAILER },
    { XML_ROOT, "messages", XML_MESSAGES },
    { XML_ROOT, "components", XML_COMPONENTS },
    { XML_ROOT, "fields", XML_FIELDS },
    { XML_MESSAGES, "message", XML_MESSAGE },
    { XML_COMPONENTS, "component", XML_COMPONENT },
    { XML_FIELDS, "field", XML_FIELD },
    { XML_FIELD, "value", XML_VALUE },
};

static const struct {
    const char *element;
    enum xml_kind kind;
} parts[] = {
    { "field", XML_MEMBER },
    { "group", XML_GROUP },
    { "component", XML_USE },
};

static const char *const attributes[XML_ATTR_COUNT] = {
    [XML_ATTR_NAME] = "name",
    [XML_ATTR_NUMBER] = "number",
    [XML_ATTR_TYPE] = "type",
    [XML_ATTR_MSGTYPE] = "msgtype",
    [XML_ATTR_MSGCAT] = "msgcat",
    [XML_ATTR_REQUIRED] = "required",
    [XML_ATTR_ENUM] = "enum",
    [XML_ATTR_DESCRIPTION] = "description",
    [XML_ATTR_ALLOW_OTHER] = "allowOtherValues",
    [XML_ATTR_MAJOR] = "major",
    [XML_ATTR_MINOR] = "minor",
};

static void fail(struct reader *r, const char *what, const char *name)
{
    if (!r->failed) {
        r->failed = true;
        (void)snprintf(r->error, r->error_size, "line %lu: %s%s%.80s%s",
                       (unsigned long)XML_GetCurrentLineNumber(r->parser), what,
                       name == NULL ? "" : " '", name == NULL ? "" : name, name == NULL ? "" : "'");
    }
    XML_StopParser(r->parser, XML_FALSE);
}

static bool is_container(enum xml_kind kind)
{
    return kind == XML_HEADER || kind == XML_TRAILER || kind == XML_MESSAGE ||
           kind == XML_COMPONENT || kind == XML_GROUP;
}

static enum xml_kind kind_of(enum xml_kind parent, const char *element)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (places[i].parent == parent && strcmp(places[i].element, element) == 0) {
            return places[i].kind;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(parts) && is_container(parent); i++) {
        if (strcmp(parts[i].element, element) == 0) {
            return parts[i].kind;
        }
    }
    return XML_NONE;
}

/* Unknown attributes are nobody's business: dictionaries of other makes have some. */
static bool take_attributes(struct reader *r, struct xml_node *node, const XML_Char **pairs)
{
    for (size_t i = 0; i < XML_ATTR_COUNT; i++) {
        node->attribute[i] = "";
    }
    for (; pairs[0] != NULL; pairs += 2) {
        for (size_t i = 0; i < XML_ATTR_COUNT; i++) {
            struct bytes copy;

            if (strcmp(attributes[i], pairs[0]) != 0) {
                continue;
            }
            if (!arena_copy(r->arena, bytes_of(pairs[1]), &copy)) {
                return false;
            }
            node->attribute[i] = copy.data;
        }
    }
    return true;
}

static void XMLCALL on_start(void *user, const XML_Char *element, const XML_Char **pairs)
{
    struct reader *r = user;
    enum xml_kind kind = kind_of(r->at->kind, element);
    struct xml_node *node;

    if (r->failed) {
        return;
    }
    if (kind == XML_NONE) {
        fail(r, "unexpected element", element);
        return;
    }
    if (r->depth == XML_DEPTH_MAX || r->nodes == XML_NODES_MAX) {
        fail(r, "too deep or too many elements at", element);
        return;
    }
    node = arena_take(r->arena, sizeof *node);
    if (node == NULL || !take_attributes(r, node, pairs)) {
        fail(r, "out of memory", NULL);
        return;
    }
    node->kind = kind;
    node->line = XML_GetCurrentLineNumber(r->parser);
    node->parent = r->at;
    if (r->at->last == NULL) {
        r->at->first = node;
    } else {
        r->at->last->next = node;
    }
    r->at->last = node;
    r->at = node;
    r->depth++;
    r->nodes++;
}

static void XMLCALL on_end(void *user, const XML_Char *element)
{
    struct reader *r = user;

    (void)element;
    if (!r->failed) {
        r->at = r->at->parent;
        r->depth--;
    }
}

static void XMLCALL on_entity(void *user, const XML_Char *name, int is_parameter,
                              const XML_Char *value, int value_size, const XML_Char *base,
                              const XML_Char *system_id, const XML_Char *public_id,
                              const XML_Char *notation)
{
    (void)is_parameter, (void)value, (void)value_size, (void)base;
    (void)system_id, (void)public_id, (void)notation;
    fail(user, "entity declarations are not allowed:", name);
}

static struct xml_node *run(struct reader *r, struct bytes xml)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetEntityDeclHandler(r->parser, on_entity);
    if (XML_Parse(r->parser, xml.data, (int)xml.size, XML_TRUE) != XML_STATUS_OK) {
        fail(r, XML_ErrorString(XML_GetErrorCode(r->parser)), NULL);
        return NULL;
    }
    return r->above.first;
}

struct xml_node *fix_dict_xml_parse(struct bytes xml, struct arena *arena, char *error,
                                    size_t error_size)
{
    struct reader r = { .arena = arena, .error = error, .error_size = error_size };
    struct xml_node *root;

    r.at = &r.above;
    if (xml.size == 0 || xml.size > XML_BYTES_MAX) {
        (void)snprintf(error, error_size, "line 1: empty, or larger than %zu bytes", XML_BYTES_MAX);
        return NULL;
    }
    r.parser = XML_ParserCreate(NULL);
    if (r.parser == NULL) {
        (void)snprintf(error, error_size, "line 1: out of memory");
        return NULL;
    }
    root = run(&r, xml);
    XML_ParserFree(r.parser);
    if (root != NULL) {
        root->parent = NULL; /* it was this frame's */
    }
    return root;
}
