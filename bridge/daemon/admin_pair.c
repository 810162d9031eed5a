/*
 * Reads the two files, wipes what it read.
 */
#include "admin_pair.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (64 * 1024)

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = calloc(1, TEXT_MAX);
    size_t n = f == NULL || text == NULL ? 0 : fread(text, 1, TEXT_MAX - 1, f);

    if (f != NULL) {
        (void)fclose(f);
    }
    if (n == 0) {
        free(text);
        return NULL;
    }
    return text;
}

bool admin_pair_open(struct admin_pair *p, const char *certificate_file, const char *key_file)
{
    *p = (struct admin_pair){
        .certificate_file = certificate_file,
        .key_file = key_file,
        .certificate = read_text(certificate_file),
        .key = read_text(key_file),
    };
    return p->certificate != NULL && p->key != NULL;
}

bool admin_pair_renew(struct admin_pair *p, struct buf *report)
{
    struct admin_pair new;
    bool renewed = false;

    if (!admin_pair_open(&new, p->certificate_file, p->key_file)) {
        buf_printf(report, "[fixbridge] admin_certificate: kept, cannot be read: %s, %s\n",
                   p->certificate_file, p->key_file);
    } else {
        renewed = strcmp(p->certificate, new.certificate) != 0 || strcmp(p->key, new.key) != 0;
        buf_printf(report, "[fixbridge] admin_certificate: %s: %s\n",
                   renewed ? "renewed" : "read again, as before", p->certificate_file);
    }
    if (renewed) {
        struct admin_pair old = *p;

        *p = new;
        new = old;
    }
    admin_pair_fini(&new);
    return renewed;
}

void admin_pair_fini(struct admin_pair *p)
{
    if (p->key != NULL) {
        explicit_bzero(p->key, strlen(p->key));
    }
    free(p->certificate);
    free(p->key);
    *p = (struct admin_pair){ 0 };
}
