/*
 * Where a running service has its control socket: two keys of the configuration, read without
 * looking at the rest, so that a mistake elsewhere in the file keeps nobody from the service.
 */
#include <ini.h>
#include <stdio.h>

#include "config.h"

struct place_reader {
    struct config_place *place;
    bool too_long;
};

static void keep(struct place_reader *r, const char *value, char *field, size_t size)
{
    r->too_long = !bytes_to_field(bytes_of(value), field, size) || r->too_long;
}

static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    struct place_reader *r = user;

    if (strcmp(section, "fixbridge") == 0 && strcmp(name, "journal_dir") == 0) {
        keep(r, value, r->place->journal_dir, sizeof r->place->journal_dir);
    } else if (strcmp(section, "fixbridge") == 0 && strcmp(name, "control_socket") == 0) {
        keep(r, value, r->place->control_socket, sizeof r->place->control_socket);
    }
    return 1;
}

bool config_place(const char *path, struct config_place *out)
{
    struct place_reader r = { .place = out };
    const char *slash = strrchr(path, '/');
    char given[CONFIG_PLACE_MAX];
    int size;

    memset(out, 0, sizeof *out);
    /* Lines that inih cannot cut are no reason not to look at the others: only -1 is "no such
     * file". */
    if (ini_parse(path, take_pair, &r) < 0 || out->journal_dir[0] == '\0' || r.too_long) {
        return false;
    }
    if (out->journal_dir[0] == '/' || slash == NULL) {
        return true;
    }
    memcpy(given, out->journal_dir, sizeof given);
    size = snprintf(out->journal_dir, sizeof out->journal_dir, "%.*s/%s", (int)(slash - path), path,
                    given);
    return size > 0 && size < (int)sizeof out->journal_dir;
}
