/*
 * The table of configuration keys and its types. Private to config*.c.
 */
#ifndef DAEMON_CONFIG_KEYS_H
#define DAEMON_CONFIG_KEYS_H

#include "config.h"

enum config_type {
    CONFIG_TEXT,        /* any printable text */
    CONFIG_NAME,        /* [A-Za-z0-9_.-] */
    CONFIG_COMP_ID,     /* printable, no blanks, at most FIX_ID_MAX */
    CONFIG_BOOL,        /* yes, no */
    CONFIG_INT,         /* least to most, with a unit for people */
    CONFIG_DURATION,    /* 250ms, 10s, 5m, 2h; least and most in ms */
    CONFIG_AGE,         /* 90s, 5m, 2h, or 2: hours; least and most in hours; kept in seconds */
    CONFIG_ENUM,        /* one of choice[] */
    CONFIG_VENUE,       /* the name of a driver */
    CONFIG_URL,         /* https://host[:port] (http only on loopback) */
    CONFIG_HOST_PORT,   /* or off */
    CONFIG_FILE,        /* a file that can be read */
    CONFIG_SECRET_FILE, /* the same, and others cannot */
    CONFIG_DIRECTORY,
    CONFIG_LOG_FILE, /* a file to be made, in a directory that is there; or none */
    CONFIG_LIST,     /* names, separated by commas or blanks */
    CONFIG_IP_LIST,  /* addresses and networks, likewise */
    CONFIG_TYPE_COUNT
};

enum config_flag {
    CONFIG_REQUIRED = 1u << 0,
    CONFIG_RELOADABLE = 1u << 1,
    CONFIG_SECRET = 1u << 2, /* never printed; the file that holds it must not be world-readable */
};

struct config_key {
    enum config_kind section;
    const char *name;
    enum config_type type;
    size_t offset;
    const char *standard;      /* the default, as it would be written; NULL: none */
    int64_t least, most;       /* INT, DURATION, AGE */
    const char *unit;          /* INT: of what, for people */
    const char *const *choice; /* ENUM; NULL-terminated */
    unsigned flags;
    const char *help;
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

const char *config_kind_text(enum config_kind kind);
const char *config_type_text(enum config_type type);

/* A value on its way into its field. */
struct config_value {
    const struct config_key *key;
    struct bytes text;
    struct arena *arena; /* what the field keeps lives here */
    const char *path;    /* of the configuration file: file names are relative to it */
    char expected[256];
};

/* Fills the field; false: `expected` says what should be there. */
MUST_CHECK bool config_value_read(struct config_value *v, void *field);
/* The content of a file that holds one secret, without the line's end; false: `expected` says why.
 */
MUST_CHECK bool config_secret_read(struct arena *arena, const char *file, struct bytes *out,
                                   char expected[256]);

/* A secret given as `key` or in a file of its own (`key`_file): reads the file into the value. */
void config_take_secret(struct config *c, struct config_mistakes *m, const struct config_section *s,
                        const char *key, struct bytes *value, struct bytes file, bool required);
/* What the session's `auth` needs, and nothing it does not use (config_auth.c). */
void config_check_credentials(struct config *c, struct config_mistakes *m,
                              struct config_session *s);

/* Listeners, TLS, and who may come in by which of them (config_access.c). */
void config_check_listeners(struct config *c, struct config_mistakes *m);
void config_check_access(const struct config *c, struct config_mistakes *m,
                         const struct config_session *s);

/* Relations between keys; after all were read. */
void config_check(struct config *c, struct config_mistakes *m);

#endif
