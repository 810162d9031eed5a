/*
 * What the settings of an account at its venue must be, from the configuration. Private to setup.c.
 */
#ifndef DAEMON_SETUP_SETTING_H
#define DAEMON_SETUP_SETTING_H

#include "config.h"
#include "engine.h"

struct setup_setting {
    struct engine_setting *item; /* texts are the configuration's, or the table of symbols' */
    size_t count;
};

/* Mistakes are told; `out` is then of no use. */
void setup_setting_read(const struct config_account *a, const struct venue_driver *d,
                        const struct symbols *symbols, struct setup_setting *out,
                        struct config_mistakes *m);
void setup_setting_fini(struct setup_setting *s);

#endif
