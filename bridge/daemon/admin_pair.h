/*
 * Certificate and key of the admin interface, as text, the way libmicrohttpd wants them.
 */
#ifndef DAEMON_ADMIN_PAIR_H
#define DAEMON_ADMIN_PAIR_H

#include "base.h"
#include "buf.h"

/* All NULL: no TLS. */
struct admin_pair {
    const char *certificate_file, *key_file; /* borrowed */
    char *certificate, *key;                 /* owned */
};

/* False: one of the files cannot be read, or out of memory. The names live as long as the pair. */
MUST_CHECK bool admin_pair_open(struct admin_pair *p, const char *certificate_file,
                                const char *key_file);
/* Reads them again and tells of them in one line. True: they are others now. Files that cannot be
 * read leave the pair as it was, and the line says so. */
bool admin_pair_renew(struct admin_pair *p, struct buf *report);
/* Wipes the key. */
void admin_pair_fini(struct admin_pair *p);

#endif
