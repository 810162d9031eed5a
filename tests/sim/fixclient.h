/*
 * fixclient, a FIX 4.4 initiator for tests and for trying things by hand: what its files share. It
 * deliberately uses nothing of fix/: framing, parsing, session and dictionary are its own, so that
 * a mistake there and a mistake here cannot cancel out.
 *
 *     fixclient.c          options, wiring, exit codes
 *     fixclient_msg.c      bytes <-> fields; decimals; growable buffers
 *     fixclient_dict.c     names of tags and values from a QuickFIX XML file
 *     fixclient_store.c    numbers, sent and received messages, in memory and in the state file
 *     fixclient_session.c  the session's rules; fixclient_net.c its socket
 *     fixclient_auth.c     a Logon signed by HMAC or Ed25519
 *     fixclient_check.c    what an acceptor must never do, counted
 *     fixclient_print.c    readable output and the message log
 *     fixclient_script.c   commands; fixclient_words.c their words and variables
 *     fixclient_order.c    commands that send orders; fixclient_replay.c a log's messages again
 *     fixclient_tty.c      commands typed by hand; fixclient_complete.c what the tab key offers
 *     fixclient_load.c     load mode; fixclient_result.c its result, fixclient_hist.c the histogram
 */
#ifndef FIXCLIENT_H
#define FIXCLIENT_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#define FC_SOH '\001'

enum {
    FC_FIELDS_MAX = 512,
    FC_MESSAGE_MAX = 1 << 20,
    FC_EXTRA_MAX = 32, /* --logon-field */
    FC_EXIT_FAIL = 1,  /* script failed, or orders not confirmed */
    FC_EXIT_USAGE = 2,
    FC_EXIT_VIOLATE = 3, /* the acceptor broke the protocol */
    FC_EXIT_CONNECT = 4, /* no logon in time */
};

/* ---- fixclient_msg.c ----------------------------------------------------------------------- */

struct fc_buf {
    char *p;
    size_t len, cap;
};

void fc_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fc_buf_add(struct fc_buf *b, const char *p, size_t len);
void fc_buf_text(struct fc_buf *b, const char *text);
void fc_buf_uint(struct fc_buf *b, uint64_t value);
void fc_buf_drop(struct fc_buf *b, size_t len); /* from the front */
void fc_buf_free(struct fc_buf *b);
/* tag=value SOH */
void fc_field_add(struct fc_buf *b, uint32_t tag, const char *value);
void fc_field_uint(struct fc_buf *b, uint32_t tag, uint64_t value);

struct fc_field {
    uint32_t tag;
    uint32_t len;
    const char *val;
};

/* Borrows the bytes it was parsed from. */
struct fc_msg {
    const char *raw;
    size_t len;
    size_t count;
    struct fc_field field[FC_FIELDS_MAX];
};

enum fc_frame { FC_FRAME_MORE, FC_FRAME_OK, FC_FRAME_BAD };

/* Looks at the start of p; *used: bytes of the message, or of the garbage to skip. */
enum fc_frame fc_frame(const char *p, size_t len, size_t *used, const char **why);
bool fc_parse(struct fc_msg *m, const char *p, size_t len);
const struct fc_field *fc_find(const struct fc_msg *m, uint32_t tag);
bool fc_is(const struct fc_msg *m, uint32_t tag, const char *value);
bool fc_has(const struct fc_msg *m, uint32_t tag);
uint64_t fc_get_uint(const struct fc_msg *m, uint32_t tag, uint64_t absent);
char fc_get_char(const struct fc_msg *m, uint32_t tag); /* 0: absent or longer */
void fc_get_text(const struct fc_msg *m, uint32_t tag, char *out, size_t size);
/* In units of 1e-8; false: absent, malformed, or not exact there. */
bool fc_get_decimal(const struct fc_msg *m, uint32_t tag, int64_t *out);
bool fc_decimal(const char *p, size_t len, int64_t *out);
uint64_t fc_hash(const char *p, size_t len, uint64_t seed);
int64_t fc_mono_us(void);
int64_t fc_wall_us(void);
void fc_timestamp(char out[32], int64_t wall_us); /* FIX, milliseconds */
/* Header, body, trailer; `body` is tag=value SOH ... . `orig_time` non-NULL: 43=Y and 122. */
void fc_compose(struct fc_buf *out, const char *sender, const char *target, const char *type,
                uint64_t seq, const char *orig_time, struct fc_buf *body);
/* The same with a given SendingTime (52). */
void fc_compose_at(struct fc_buf *out, const char *sender, const char *target, const char *type,
                   uint64_t seq, const char *now, const char *orig_time, struct fc_buf *body);

/* ---- fixclient_dict.c ---------------------------------------------------------------------- */

struct fc_dict;
struct fc_dict *fc_dict_load(const char *path); /* dies with a message */
void fc_dict_free(struct fc_dict *d);
/* NULL when unknown; d may be NULL. */
const char *fc_dict_tag(const struct fc_dict *d, uint32_t tag);
const char *fc_dict_value(const struct fc_dict *d, uint32_t tag, const char *val, size_t len);
const char *fc_dict_message(const struct fc_dict *d, const char *type, size_t len);
uint32_t fc_dict_number(const struct fc_dict *d, const char *name); /* 0: unknown */
/* For completion: called for each word. d may be NULL. */
typedef void fc_word_fn(const char *arg, const char *word);
void fc_dict_names(const struct fc_dict *d, fc_word_fn *tell, const char *arg);
void fc_dict_values(const struct fc_dict *d, uint32_t tag, fc_word_fn *tell, const char *arg);

/* ---- fixclient_store.c --------------------------------------------------------------------- */

struct fc_sent {
    size_t offset, len; /* in blob; 0 length: administrative, gap-filled when asked for */
};

struct fc_store {
    FILE *file; /* NULL: memory only */
    uint64_t next_in, next_out;
    struct fc_sent *sent; /* [seq - 1] */
    size_t sent_cap;
    struct fc_buf blob;
};

typedef void fc_replay_fn(void *arg, bool incoming, const struct fc_msg *m);

/* path may be NULL. What the file holds is told to `replay` in order. */
void fc_store_open(struct fc_store *st, const char *path, fc_replay_fn *replay, void *arg);
void fc_store_close(struct fc_store *st);
void fc_store_sent(struct fc_store *st, const char *raw, size_t len, bool application);
void fc_store_received(struct fc_store *st, const char *raw, size_t len, uint64_t next_in);
void fc_store_numbers(struct fc_store *st, uint64_t next_in, uint64_t next_out);
void fc_store_reset(struct fc_store *st);
void fc_store_flush(struct fc_store *st);

/* ---- fixclient_check.c --------------------------------------------------------------------- */

struct fc_checker;
struct fc_checker *fc_checker_new(bool strict);
void fc_checker_free(struct fc_checker *c);
void fc_violation(struct fc_checker *c, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t fc_violations(const struct fc_checker *c);
/* Each message the session took, in order. */
void fc_check_message(struct fc_checker *c, const char *who, const struct fc_msg *m);
/* One line an order: OrderID ClOrdID OrdStatus OrderQty CumQty LeavesQty fills. */
bool fc_checker_report(const struct fc_checker *c, const char *path);

/* ---- session ------------------------------------------------------------------------------- */

struct fc_config {
    const char *host, *port;
    const char *sender, *target, *username, *password;
    int auth;              /* enum fc_auth; 0: no signature */
    const char *logon_key; /* the file of its key */
    bool tls;
    const char *tls_ca, *tls_cert, *tls_key; /* PEM files; NULL: not given */
    const char *state_path, *log_path, *dictionary, *script, *report, *history, *follow;
    uint32_t heartbeat_s;
    double wait_logon_s;
    bool reset, quiet, verbose, colour, log_pipe, strict, next_expected, no_connect;
    const char *logon_field[FC_EXTRA_MAX];
    size_t logon_field_count;
    /* load mode */
    bool load, until_idle, latency_json;
    double rate, duration_s, settle_s;
    uint64_t count;
    uint32_t outstanding, sessions;
    uint32_t mix_new, mix_cancel, mix_replace;
    const char *symbols, *price_range, *qty_range, *id_prefix;
    char side; /* '1', '2'; 0: by chance */
};

struct fc_ctx {
    struct fc_config cfg;
    struct fc_dict *dict;
    struct fc_checker *checker;
    FILE *log;
    void (*before_print)(void); /* a prompt to hide and show again; may be NULL */
    void (*after_print)(void);
    struct ssl_ctx_st *tls; /* NULL: plain */
    struct sockaddr_storage addr;
    socklen_t addr_len;
};

enum fc_state { FC_DOWN, FC_CONNECTING, FC_LOGON_SENT, FC_UP, FC_LOGOUT_SENT };

struct fc_session {
    struct fc_ctx *ctx;
    char sender[80];
    enum fc_state state;
    int fd;
    struct ssl_st *tls; /* NULL: plain, or not connected */
    bool tls_reads;     /* the handshake waits for the acceptor */
    struct fc_buf in, out;
    size_t out_done;
    struct fc_store store;
    bool reset_due; /* the next Logon carries 141=Y */
    bool reset_sent;
    uint64_t live_next;  /* next number without PossDup on this connection; 0: not known */
    uint64_t gap_until;  /* a ResendRequest is out that covers up to here */
    uint64_t gap_wanted; /* and it began here; grows as the gap is filled */
    bool gap_open;
    int64_t rx_us, tx_us, state_us;
    bool test_sent;
    uint32_t connects;
    char down_reason[160];
    /* Called for each message taken in sequence (and Logon, Logout); `arg` is the owner's. */
    void (*on_message)(void *arg, struct fc_session *s, const struct fc_msg *m);
    void (*on_state)(void *arg, struct fc_session *s);
    void *arg;
    struct fc_msg scratch;
};

void fc_session_init(struct fc_session *s, struct fc_ctx *ctx, const char *sender);
void fc_session_fini(struct fc_session *s);
/* The transport is there: sends Logon. */
void fc_session_start(struct fc_session *s);
void fc_session_feed(struct fc_session *s); /* what is in s->in */
void fc_session_tick(struct fc_session *s, int64_t now);
/* Numbers, stores, queues; `body` is consumed. When down it waits for the acceptor's ResendRequest.
 */
void fc_session_send(struct fc_session *s, const char *type, struct fc_buf *body);
void fc_session_logout(struct fc_session *s, const char *text);
void fc_session_down(struct fc_session *s, const char *reason);
const char *fc_state_text(enum fc_state state);

/* ---- fixclient_auth.c ---------------------------------------------------------------------- */

/* --auth WORD, --logon-key FILE; die with a message. */
void fc_auth_mode(struct fc_config *cfg, const char *word);
void fc_auth_key(struct fc_config *cfg, const char *path);
/* Adds 95 and 96 to a Logon when there is a mode. */
void fc_auth_sign(const struct fc_session *s, const char *now, struct fc_buf *body);

/* ---- fixclient_tls.c ----------------------------------------------------------------------- */

void fc_tls_setup(struct fc_ctx *ctx); /* by the options; dies with a message */
void fc_tls_free(struct fc_ctx *ctx);
/* A step of the handshake; true: done. False: more is needed, or the session is down. */
bool fc_tls_connect(struct fc_session *s);
void fc_tls_close(struct fc_session *s);
ssize_t fc_tls_recv(struct fc_session *s, char *out, size_t size);
ssize_t fc_tls_send(struct fc_session *s, const char *data, size_t size);

/* ---- fixclient_net.c ----------------------------------------------------------------------- */

void fc_net_resolve(struct fc_ctx *ctx);
bool fc_net_connect(struct fc_session *s);  /* begins; false: refused at once */
void fc_net_writable(struct fc_session *s); /* finishes connecting, or writes what waits */
void fc_net_readable(struct fc_session *s);
bool fc_net_wants_write(const struct fc_session *s);
/* One poll of the session's socket and, when >= 0, another descriptor. True: that one is readable.
 */
bool fc_net_turn(struct fc_session *s, int other, int64_t until_us);
/* Connects and logs on, trying again until the time is over. */
bool fc_net_logon(struct fc_session *s, double seconds);
/* Status, or -1; the body is appended. URL: http://host:port/path */
int fc_http(const char *method, const char *url, const char *content, struct fc_buf *body);

/* ---- fixclient_print.c --------------------------------------------------------------------- */

void fc_trace(struct fc_session *s, bool incoming, const char *raw, size_t len);
void fc_print_message(struct fc_ctx *ctx, const char *arrow, const struct fc_msg *m);
void fc_say(struct fc_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- fixclient_script.c, _order.c, _tty.c -------------------------------------------------- */

enum { FC_WORDS_MAX = 128, FC_WORD_MAX = 4096 };

struct fc_line {
    size_t count;
    char *word[FC_WORDS_MAX];
    char text[FC_WORD_MAX * 4];
    const char *rest; /* the line after the first word, unexpanded */
};

struct fc_seen {
    char *raw;
    size_t len;
    bool consumed;
};

struct fc_terms { /* what an order we sent said, for cancel and replace */
    char id[80], symbol[48], side[4], qty[32], type[4], price[32], account[48], tif[4];
    struct fc_terms *next;
};

struct fc_var {
    char *name, *value;
    struct fc_var *next;
};

struct fc_script {
    struct fc_ctx *ctx;
    struct fc_session *session;
    struct fc_seen *seen;
    size_t seen_count, seen_cap;
    char *last_raw; /* the last message an expect matched */
    size_t last_len;
    struct fc_var *vars;
    struct fc_terms *terms;
    struct fc_buf http_body;
    int http_status;
    uint64_t ids;
    FILE *record;   /* what is typed goes there too; NULL: no */
    unsigned depth; /* of files that are read by `source` */
    bool done;
};

enum fc_result { FC_OK, FC_FAILED, FC_BAD_COMMAND };

/* Set by ctrl-C at the terminal: what waits gives up. */
extern volatile sig_atomic_t fc_interrupted;

void fc_script_init(struct fc_script *sc, struct fc_ctx *ctx, struct fc_session *s);
void fc_script_fini(struct fc_script *sc);
enum fc_result fc_script_line(struct fc_script *sc, const char *line);
int fc_script_run(struct fc_script *sc, FILE *in, const char *name);
const char *fc_var_get(const struct fc_script *sc, const char *name);
void fc_var_set(struct fc_script *sc, const char *name, const char *value);
char *fc_copy(const char *p, size_t len);
uint32_t fc_tag_named(const struct fc_script *sc, const char *name);
bool fc_words_expand(struct fc_script *sc, const char *text, struct fc_buf *out);
bool fc_words_split(struct fc_line *line, const char *text);
/* The order commands: FC_BAD_COMMAND prints why. */
enum fc_result fc_order_command(struct fc_script *sc, const struct fc_line *line);
bool fc_order_is_command(const char *word);
/* Whether clients send this MsgType (a request to an acceptor). */
bool fc_order_is_request(const char *type);
/* The tag a command's name or number means; 0: none. command may be any word. */
uint32_t fc_order_tag(const struct fc_script *sc, const char *command, const char *name);
void fc_order_commands(fc_word_fn *tell, const char *arg);
void fc_order_names(fc_word_fn *tell, const char *arg);
void fc_order_values(uint32_t tag, fc_word_fn *tell, const char *arg);
/* All commands. */
void fc_script_names(fc_word_fn *tell, const char *arg);
/* replay FILE ...: sends the messages of a log again; returns when the last is on its way. */
enum fc_result fc_replay(struct fc_script *sc, const struct fc_line *line);
/* Writes a line that was typed or read to the recording, when there is one and it is worth it. */
void fc_record(struct fc_script *sc, const char *line, enum fc_result result);
void fc_complete_init(struct fc_script *sc);
void fc_complete_fini(void);
int fc_tty_run(struct fc_script *sc);
extern const char fc_help[];

/* ---- fixclient_load.c, _hist.c ------------------------------------------------------------- */

struct fc_hist;
struct fc_hist *fc_hist_new(void);
void fc_hist_free(struct fc_hist *h);
void fc_hist_add(struct fc_hist *h, int64_t value_us);
uint64_t fc_hist_count(const struct fc_hist *h);
int64_t fc_hist_at(const struct fc_hist *h, double fraction); /* 1.0: the largest */
/* How many lie in low <= value < high, as exact as the buckets are. */
uint64_t fc_hist_between(const struct fc_hist *h, int64_t low, int64_t high);

int fc_load_run(struct fc_ctx *ctx);

#endif
