/*
 * From the configuration to the things it names: dictionaries, venue accounts, symbol tables, and
 * the plain-data configurations of engine and sessions. What cannot be made is one more mistake of
 * the configuration, with file, line and key.
 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "base.h"
#include "config.h"
#include "engine.h"
#include "fix_dict.h"
#include "fix_session.h"
#include "setup_setting.h"
#include "venue.h"

/* Arrays are in the configuration's order of accounts and sessions. */
struct setup {
    const struct config *config;
    struct fix_dict **dict; /* each file once */
    const char **dict_path;
    size_t dict_count;
    struct venue_account *venue_account; /* opened */
    struct venue_arg *venue_option;      /* VENUE_ARGS_MAX for each account */
    struct setup_setting *setting;       /* what settings of each account must be */
    size_t opened;                       /* how many of them are */
    struct symbols **symbols;
    struct engine_account *engine_account;
    struct engine_session *engine_session;
    struct fix_session_config *fix_session;
    struct engine_config engine;
};

/* `seed` is of the hash maps. NULL when there was a mistake. */
struct setup *setup_new(const struct config *c, uint64_t seed, struct config_mistakes *m);
void setup_free(struct setup *s);

#endif
