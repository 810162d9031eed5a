/*
 * fixclient: names of tags, values and messages from a QuickFIX XML dictionary, for readable output
 * only. Nothing is validated against it.
 */
#include "fixclient.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { TAGS_MAX = 65536, MESSAGES_MAX = 512 };

struct value {
    char *code, *name;
    struct value *next;
};

struct fc_dict {
    char *tag[TAGS_MAX];
    struct value *value[TAGS_MAX];
    struct value message[MESSAGES_MAX];
    size_t message_count;
    uint32_t current; /* the field whose values are being read */
};

static const char *attribute(const char **list, const char *name)
{
    for (; list[0] != NULL; list += 2) {
        if (strcmp(list[0], name) == 0) {
            return list[1];
        }
    }
    return NULL;
}

static char *copy(const char *text)
{
    char *p = strdup(text);

    if (p == NULL) {
        fc_die("out of memory");
    }
    return p;
}

static void add_message(struct fc_dict *d, const char **list)
{
    const char *type = attribute(list, "msgtype"), *name = attribute(list, "name");

    if (type != NULL && name != NULL && d->message_count < MESSAGES_MAX) {
        d->message[d->message_count].code = copy(type);
        d->message[d->message_count++].name = copy(name);
    }
}

static void add_field(struct fc_dict *d, const char **list)
{
    const char *number = attribute(list, "number"), *name = attribute(list, "name");
    unsigned long tag = number != NULL ? strtoul(number, NULL, 10) : 0;

    d->current = 0;
    if (name != NULL && tag > 0 && tag < TAGS_MAX && d->tag[tag] == NULL) {
        d->tag[tag] = copy(name);
        d->current = (uint32_t)tag;
    }
}

static void add_value(struct fc_dict *d, const char **list)
{
    const char *code = attribute(list, "enum"), *name = attribute(list, "description");
    struct value *v;

    if (d->current == 0 || code == NULL || name == NULL) {
        return;
    }
    v = calloc(1, sizeof *v);
    if (v == NULL) {
        fc_die("out of memory");
    }
    v->code = copy(code);
    v->name = copy(name);
    v->next = d->value[d->current];
    d->value[d->current] = v;
}

static void XMLCALL start(void *arg, const XML_Char *name, const XML_Char **list)
{
    struct fc_dict *d = arg;

    if (strcmp(name, "message") == 0) {
        add_message(d, list);
    } else if (strcmp(name, "field") == 0) {
        add_field(d, list);
    } else if (strcmp(name, "value") == 0) {
        add_value(d, list);
    }
}

struct fc_dict *fc_dict_load(const char *path)
{
    struct fc_dict *d = calloc(1, sizeof *d);
    XML_Parser parser = XML_ParserCreate(NULL);
    FILE *f = fopen(path, "r");
    char piece[8192];
    size_t n;

    if (d == NULL || parser == NULL) {
        fc_die("out of memory");
    }
    if (f == NULL) {
        fc_die("--dictionary %s: cannot be opened", path);
    }
    XML_SetUserData(parser, d);
    XML_SetStartElementHandler(parser, start);
    do {
        n = fread(piece, 1, sizeof piece, f);
        if (XML_Parse(parser, piece, (int)n, n == 0) == XML_STATUS_ERROR) {
            fc_die("--dictionary %s:%lu: %s", path, (unsigned long)XML_GetCurrentLineNumber(parser),
                   XML_ErrorString(XML_GetErrorCode(parser)));
        }
    } while (n > 0);
    fclose(f);
    XML_ParserFree(parser);
    return d;
}

void fc_dict_free(struct fc_dict *d)
{
    if (d == NULL) {
        return;
    }
    for (size_t i = 0; i < TAGS_MAX; i++) {
        free(d->tag[i]);
        while (d->value[i] != NULL) {
            struct value *v = d->value[i];

            d->value[i] = v->next;
            free(v->code);
            free(v->name);
            free(v);
        }
    }
    for (size_t i = 0; i < d->message_count; i++) {
        free(d->message[i].code);
        free(d->message[i].name);
    }
    free(d);
}

const char *fc_dict_tag(const struct fc_dict *d, uint32_t tag)
{
    return d != NULL && tag < TAGS_MAX ? d->tag[tag] : NULL;
}

const char *fc_dict_value(const struct fc_dict *d, uint32_t tag, const char *val, size_t len)
{
    if (d == NULL || tag >= TAGS_MAX) {
        return NULL;
    }
    for (const struct value *v = d->value[tag]; v != NULL; v = v->next) {
        if (strlen(v->code) == len && memcmp(v->code, val, len) == 0) {
            return v->name;
        }
    }
    return NULL;
}

const char *fc_dict_message(const struct fc_dict *d, const char *type, size_t len)
{
    for (size_t i = 0; d != NULL && i < d->message_count; i++) {
        if (strlen(d->message[i].code) == len && memcmp(d->message[i].code, type, len) == 0) {
            return d->message[i].name;
        }
    }
    return NULL;
}

void fc_dict_names(const struct fc_dict *d, fc_word_fn *tell, const char *arg)
{
    for (uint32_t tag = 1; d != NULL && tag < TAGS_MAX; tag++) {
        if (d->tag[tag] != NULL) {
            tell(arg, d->tag[tag]);
        }
    }
}

void fc_dict_values(const struct fc_dict *d, uint32_t tag, fc_word_fn *tell, const char *arg)
{
    if (d != NULL && tag < TAGS_MAX) {
        for (const struct value *v = d->value[tag]; v != NULL; v = v->next) {
            tell(arg, v->code);
        }
    }
}

uint32_t fc_dict_number(const struct fc_dict *d, const char *name)
{
    for (uint32_t tag = 1; d != NULL && tag < TAGS_MAX; tag++) {
        if (d->tag[tag] != NULL && strcmp(d->tag[tag], name) == 0) {
            return tag;
        }
    }
    return 0;
}
