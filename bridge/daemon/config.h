/*
 * The configuration: one file in INI form, described by one table of keys (config_keys.c). Reading
 * it reports every mistake, not only the first, as
 *
 *     FILE:LINE: [section] key: expected what, got "value"
 *
 * and yields either a whole configuration or none. It opens the files that hold secrets; what else
 * the settings name (dictionaries, venues) is made by setup.h.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "fix_schedule.h"
#include "ip_list.h"
#include "bounds.h"

enum config_kind {
    CONFIG_FIXBRIDGE,
    CONFIG_ACCOUNT,
    CONFIG_SESSION,
    CONFIG_SYMBOLS,
    CONFIG_KIND_COUNT
};

/* Values of the ENUM keys, in the order of their words. */
enum config_durability { CONFIG_SYNC, CONFIG_WRITTEN, CONFIG_MEMORY };
enum config_writer { CONFIG_WRITER_AUTO, CONFIG_WRITER_THREAD };
enum config_auth {
    CONFIG_AUTH_PASSWORD,
    CONFIG_AUTH_NONE,
    CONFIG_AUTH_HMAC_SHA256,
    CONFIG_AUTH_ED25519
};
enum config_precision { CONFIG_MILLIS, CONFIG_MICROS, CONFIG_NANOS };
enum config_separator { CONFIG_PIPE, CONFIG_SOH };
/* In the order of enum tls_client. */
enum config_client { CONFIG_CLIENT_NO, CONFIG_CLIENT_OPTIONAL, CONFIG_CLIENT_REQUIRED };

/* What every section starts with. */
struct config_section {
    enum config_kind kind;
    struct bytes name; /* "[account NAME]"; empty for [fixbridge] */
    int line;
    int *key_line; /* by index in the table: where it was given; 0: not given */
};

struct config_list {
    struct bytes *item;
    size_t count;
};

/* Texts are NUL-terminated behind their size. File names are relative to the configuration file and
 * already resolved. Durations are in milliseconds. */
struct config_fixbridge {
    struct config_section head;
    struct bytes listen;     /* "127.0.0.1:9878" as given; "off": no plain one */
    struct bytes tls_listen; /* "off": no TLS listener */
    struct bytes tls_certificate, tls_key, tls_ca, tls_ciphers, tls_ciphersuites;
    uint32_t tls_client_certificate, tls_handshake_timeout;
    struct ip_list proxy_from;
    uint32_t address_connections_max, address_unauthenticated_max, address_rate_max;
    bool plain_passwords;
    struct bytes journal_dir, dictionary;
    uint32_t durability, journal_writer, log_level, log_format;
    uint32_t memory_warm_mib, busy_poll_us;
    uint32_t connections_max, unauthenticated_max;
    uint32_t logon_timeout, send_timeout, drain_timeout, mass_cancel_max;
    uint32_t segment_mib, free_min_mib;
    uint32_t compact_at_mib, compact_every; /* ms */
    uint32_t retain_orders_s, retain_messages_s;
    bool log_rest, log_fix;
    struct bytes admin_listen; /* "off": no HTTP */
    struct bytes admin_token_file, admin_certificate, admin_key;
    struct config_list admin_hosts;
    uint32_t history_mib;
    struct bytes control_socket; /* empty: control.sock in journal_dir */
    uint32_t lockout_session, lockout_address, lockout_time, refusal_delay;
    struct bytes log_file; /* instead of stderr; empty or "none": stderr */
    uint32_t log_file_size_mib, log_file_age, log_file_keep;
    struct bytes log_messages; /* file of raw messages; empty: none */
    uint32_t log_messages_size_mib, log_messages_age, log_messages_keep;
    uint32_t log_messages_separator;
};

struct config_alias {
    struct bytes ours, venue_symbol;
    int line;
};

struct config_account {
    struct config_section head;
    struct bytes venue, url;
    struct bytes key, key_file, secret, secret_file, passphrase, passphrase_file;
    struct bytes proxy, ca_file, interface;
    uint32_t connections, calls_max;
    uint32_t connect_timeout, call_timeout;
    uint32_t poll_fills, poll_orders, poll_idle, instruments_refresh;
    uint32_t order_wait_max, cancel_wait_max;
    uint32_t response_max_mib;
    uint32_t deadman, deadman_timeout; /* enum engine_deadman, in the order of its words */
    uint32_t orders_when_down;
    bool bulk_cancel, rate_limit, send_nonce, http2, direct;
    uint32_t connections_warm;
    struct bytes options;               /* "name=value name=value", by the venue's own names */
    struct bytes leverage, margin_mode; /* "SYMBOL=VALUE SYMBOL=VALUE", or "VALUE" */
    struct bytes self_trade, price_limit;
    bool leverage_apply, margin_mode_apply, self_trade_apply, price_limit_apply;
    bool position_mode_apply;
    uint32_t settings_mismatch; /* 0: block, 1: warn */
    struct config_alias *alias; /* of [symbols NAME] */
    size_t alias_count;
};

struct config_session {
    struct config_section head;
    struct bytes sender_comp_id, target_comp_id;
    struct config_list accounts;
    uint32_t *account; /* the same as indexes; made by the check */
    struct config_list drop_copy;
    uint32_t *copied; /* the same as indexes */
    struct bytes username, password, password_file, dictionary;
    struct bytes password_hash, logon_secret, logon_secret_file;
    struct bytes logon_public_key, logon_public_key_file;
    uint32_t proof_window;
    bool enabled;
    struct bytes tls_subject; /* empty: any or none */
    struct ip_list allow;     /* empty: from anywhere */
    uint32_t auth, time_precision;
    uint32_t heartbeat_min, heartbeat_max, logout_timeout, clock_skew_max;
    uint32_t early_max, cl_ord_id_max;
    bool heartbeat_zero;
    bool reset_on_logon, reset_on_logout, reset_on_disconnect, reset_by_client;
    bool send_next_expected, send_last_processed, test_environment;
    bool validate_fields_out_of_order, validate_fields_have_values;
    bool validate_user_defined_fields, validate_unordered_group_fields;
    bool check_required_tags, allow_unknown_fields;
    bool strict, day_as_gtc, pending_new;
    bool change_settings, amend_to_filled;
    struct config_list report_tags;
    struct config_list on_behalf_of;
    uint32_t cancel_on_disconnect; /* enum engine_cancel, in the order of its words */
    bool cancel_account, echo_logon_tags, venue_status;
    uint32_t cancel_grace; /* ms */
    struct bytes start_time, end_time, start_day, end_day, time_zone;
    struct config_list weekdays;
    bool non_stop_session;
    struct fix_schedule schedule; /* of these; made by the check */
    uint32_t messages_per_second, messages_burst, rate_strikes, rate_block;
    uint32_t output_max_kib, output_warn_percent;
    struct bytes log_messages; /* "none": not even the service's */
};

struct config_symbols {
    struct config_section head;
    struct config_alias *alias;
    size_t alias_count, alias_capacity;
};

struct config_zone;

struct config {
    const char *path;
    struct arena *arena;
    struct config_fixbridge *fixbridge;
    struct config_account *account[ACCOUNTS_MAX];
    size_t account_count;
    struct config_session *session[SESSIONS_MAX];
    size_t session_count;
    struct config_symbols *symbols[ACCOUNTS_MAX];
    size_t symbols_count;
    struct config_zone *zones; /* time zones that schedules point to */
};

/* What is wrong, one finished line each. */
struct config_mistake {
    int line;
    const char *text;
};

#define CONFIG_MISTAKES_MAX 1000

struct config_mistakes {
    const char *path;
    struct arena *arena;
    struct config_mistake item[CONFIG_MISTAKES_MAX];
    size_t count; /* beyond the maximum they are counted and not kept */
};

struct config_mistakes *config_mistakes_new(const char *path); /* NULL: out of memory */
void config_mistakes_free(struct config_mistakes *m);
/* "FILE:LINE: " is put in front. */
void config_mistake(struct config_mistakes *m, int line, const char *format, ...) PRINTF_LIKE(3, 4);
/* The same with "[section name] key: ". */
void config_mistake_at(struct config_mistakes *m, const struct config_section *s, int line,
                       const char *key, const char *format, ...) PRINTF_LIKE(5, 6);
/* In the order of the lines. */
void config_mistakes_sort(struct config_mistakes *m);

/* NULL when there is any mistake (or no memory, also told there). */
struct config *config_load(const char *path, struct config_mistakes *m);
void config_free(struct config *c); /* wipes the secrets */

/* Where the control socket of a running service is. */
#define CONFIG_PLACE_MAX 4096
struct config_place {
    char journal_dir[CONFIG_PLACE_MAX], control_socket[CONFIG_PLACE_MAX];
};
/* False: no such file, or no journal_dir in it. */
MUST_CHECK bool config_place(const char *path, struct config_place *out);

/* Where a key of a section was given, else the section's own line. */
int config_line_of(const struct config_section *s, const char *key);

/* "127.0.0.1:9878", "[::1]:0", "localhost:9878" -> its parts; the host borrowed and without
 * brackets. */
bool config_host_port(struct bytes text, struct bytes *host, uint16_t *port);
/* "off" or not given: no such listener. */
bool config_listens(struct bytes address);
/* Numeric loopback address or "localhost". */
bool config_is_loopback(struct bytes host);

/* What is allowed and not wise: a count of what was told, one line each. */
size_t config_warnings(const struct config *c, void (*tell)(void *arg, const char *text),
                       void *arg);

/* The reference of all keys, in markdown. */
void config_reference(struct buf *out);
/* The same as a manual page, fixbridge.conf(5), in man(7) macros. */
void config_reference_man(struct buf *out);

#endif
