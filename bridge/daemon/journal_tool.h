/*
 * What the operations of "fixbridge journal" share; private to journal_cmd.c, journal_export.c and
 * journal_repair.c.
 */
#ifndef DAEMON_JOURNAL_TOOL_H
#define DAEMON_JOURNAL_TOOL_H

#include "journal_cmd.h"
#include "journal_words.h"

/* One reading of a directory. Zero but for `directory` and `name` before it. */
struct journal_tool {
    int directory;
    const char *name;
    struct journal_words *words;
    struct journal_found found; /* also after damage: up to where it is whole */
    char error[JOURNAL_ERROR_MAX];
    const char *refused; /* why a record was refused */
    uint64_t orders, fills, messages;

    /* Every record; NULL: only checked. False: output failed, the reading ends. */
    bool (*each)(void *arg, const struct journal_place *at, const struct journal_record *raw,
                 const struct record *r);
    void *each_arg;
    bool output_failed;
};

/* False: damaged, or output_failed, and `error` says it. A journal that is just being written to
 * can look damaged at its end: it is read again then, without `each`, until it does not or is the
 * same twice. */
bool journal_tool_read(struct journal_tool *t);
/* Where the damage is: after all that is whole. */
void journal_tool_tell_damage(const struct journal_tool *t);

/* Writes into four files in `to`: orders.csv, orders.jsonl, fills.csv, fills.jsonl. */
int journal_export(struct journal_tool *t, const char *to);

/* `drop_after`: "SEGMENT:OFFSET", NULL: not given. */
int journal_repair(struct journal_tool *t, const char *drop_after);

#endif
