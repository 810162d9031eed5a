/*
 * See doc_cmd.h. What is printed is made by client_doc.c.
 */
#include "doc_cmd.h"

#include <stdio.h>
#include <string.h>

#include "client_doc.h"
#include "config.h"
#include "report_extra.h"

#define DOCUMENT_MAX (16 * 1024 * 1024)

static bool print(struct buf *out, bool good)
{
    good = good && !out->failed && fwrite(out->data, 1, out->size, stdout) == out->size &&
           fflush(stdout) == 0;
    buf_fini(out);
    return good;
}

bool doc_print(const char *what)
{
    struct buf out;

    buf_init(&out, DOCUMENT_MAX);
    if (strcmp(what, "venue-table") == 0) {
        client_doc_venues(&out);
    } else {
        client_doc_rules(&out);
    }
    return print(&out, true);
}

static bool read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");
    size_t n = 1;

    while (f != NULL && n > 0 && buf_reserve(out, 64 * 1024)) {
        n = fread(out->data + out->size, 1, 64 * 1024, f);
        out->size += n;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return f != NULL && !out->failed;
}

static const struct config_session *find(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->session_count; i++) {
        if (bytes_is(c->session[i]->head.name, name)) {
            return c->session[i];
        }
    }
    return NULL;
}

static bool print_session(const struct config *c, const char *name)
{
    const struct config_session *s = find(c, name);
    struct bytes path;
    struct buf xml, out;
    uint32_t extras = 0;
    bool good;

    if (s == NULL) {
        (void)fprintf(stderr, "fixbridge: no [session %s]\n", name);
        return false;
    }
    path = s->dictionary.size > 0 ? s->dictionary : c->fixbridge->dictionary;
    for (size_t i = 0; i < s->report_tags.count; i++) {
        extras |= report_extra_parse(s->report_tags.item[i]);
    }
    buf_init(&xml, DOCUMENT_MAX);
    buf_init(&out, DOCUMENT_MAX);
    good = read_file(path.data, &xml) && client_doc_dictionary(buf_view(&xml), extras, &out);
    if (!good) {
        (void)fprintf(stderr, "fixbridge: %.*s: no dictionary in QuickFIX's format\n",
                      BYTES_ARG(path));
    }
    buf_fini(&xml);
    return print(&out, good);
}

bool doc_print_dictionary(const char *config, const char *session)
{
    struct config_mistakes *m = config_mistakes_new(config);
    struct config *c = m == NULL ? NULL : config_load(config, m);
    bool good = false;

    if (c == NULL) {
        (void)fprintf(stderr, "fixbridge: %s: see --check-config\n", config);
    } else {
        good = print_session(c, session);
    }
    config_free(c);
    config_mistakes_free(m);
    return good;
}
