/*
 * The XML of a dictionary as a tree: which element stands where is checked, what it means is not.
 */
#ifndef FIX_DICT_XML_H
#define FIX_DICT_XML_H

#include "arena.h"
#include "base.h"

enum xml_kind {
    XML_NONE, /* above the root */
    XML_ROOT,
    XML_HEADER,
    XML_TRAILER,
    XML_MESSAGES,
    XML_COMPONENTS,
    XML_FIELDS,
    XML_MESSAGE,
    XML_COMPONENT, /* a definition */
    XML_FIELD,     /* a definition */
    XML_VALUE,
    XML_MEMBER, /* a field in a message, component or group */
    XML_GROUP,
    XML_USE, /* a component in a message, component or group */
};

/* Attributes; an absent one is "". */
enum xml_attribute {
    XML_ATTR_NAME,
    XML_ATTR_NUMBER,
    XML_ATTR_TYPE,
    XML_ATTR_MSGTYPE,
    XML_ATTR_MSGCAT,
    XML_ATTR_REQUIRED,
    XML_ATTR_ENUM,
    XML_ATTR_DESCRIPTION,
    XML_ATTR_ALLOW_OTHER,
    XML_ATTR_MAJOR,
    XML_ATTR_MINOR,
    XML_ATTR_COUNT,
};

struct xml_node {
    enum xml_kind kind;
    unsigned long line;
    const char *attribute[XML_ATTR_COUNT];
    struct xml_node *parent, *next, *first, *last;
    bool open; /* for the builder: a component that is just being dissolved */
};

/* Takes the tree from `arena`. NULL: `error` says where and why. */
struct xml_node *fix_dict_xml_parse(struct bytes xml, struct arena *arena, char *error,
                                    size_t error_size);

#endif
