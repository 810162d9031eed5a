/*
 * What the simulator's HTTP side, its faults, its control endpoints and its dialects share.
 *
 *   bytes ──► venuesim_http ──► fault? ──► dialect->serve ──► venuesim_engine
 *                   ▲                            │
 *                   └──── hold, delay, damage ◄──┘
 *
 * A venue's dialect is one table (struct sim_dialect) behind its own files venuesim_<venue>*.c;
 * adding one is a line in the list in venuesim.c. Everything runs in one thread and one epoll loop.
 */
#ifndef TESTS_SIM_VENUESIM_H
#define TESTS_SIM_VENUESIM_H

#include "base.h"
#include "buf.h"
#include "venuesim_audit.h"
#include "venuesim_engine.h"

#include <stdio.h>

struct MHD_Connection;
struct cJSON;
struct MHD_Daemon;
struct sim;
struct sim_request;
struct sim_walk;

/* ---- timers -------------------------------------------------------------------------------- */

struct sim_timer {
    int64_t at_us; /* wall */
    void (*fire)(struct sim_timer *t);
    struct sim_timer *prev, *next;
    bool armed;
};

struct sim_timers {
    struct sim_timer *first, *last;
};

void timer_start(struct sim_timers *l, struct sim_timer *t, int64_t at_us);
void timer_stop(struct sim_timers *l, struct sim_timer *t);
/* Fires what is due; returns the next deadline or NEVER_US. */
int64_t timers_run(struct sim_timers *l, int64_t now_us);

/* ---- faults -------------------------------------------------------------------------------- */

enum fault_kind {
    FAULT_NONE,
    FAULT_DELAY_BEFORE,
    FAULT_DELAY_AFTER,
    FAULT_ACT_DROP,
    FAULT_DROP,
    FAULT_ERROR_BEFORE,
    FAULT_ERROR_AFTER,
    FAULT_GARBAGE,
    FAULT_TRUNCATED,
    FAULT_RATE_LIMIT,
    FAULT_RATE_LIMIT_429,
    FAULT_HTML,
    FAULT_SLOW_BODY,
    FAULT_CLOSE,
    FAULT_WRONG_LENGTH,
    FAULT_STATUS,
    FAULT_ERROR,
    FAULT_KIND_COUNT
};

#define FAULTS_MAX 64

struct fault {
    char op[48];     /* a dialect's operation, or "*" */
    char match[128]; /* when set: fires only for requests that contain this text */
    char word[96];   /* FAULT_STATUS, FAULT_ERROR: the venue's word */
    enum fault_kind kind;
    uint64_t skip, count, hit;
    uint32_t probability; /* of 1,000,000 */
    uint64_t rng;
    int64_t delay_us, interval_us;
    size_t bytes;
    unsigned http;
    bool act; /* FAULT_HTML and FAULT_RATE_LIMIT: the request is carried out first */
    unsigned id;
};

struct faults {
    struct fault item[FAULTS_MAX];
    size_t count;
    unsigned last_id;
};

/* The rule that strikes this request, or NULL. Counts it. */
const struct fault *faults_pick(struct faults *f, const char *op, struct bytes query,
                                struct bytes body);
/* From control JSON; NULL on success or what is wrong. */
const char *faults_add(struct faults *f, const struct cJSON *json, unsigned *id);
bool faults_remove(struct faults *f, unsigned id);
void faults_write(const struct faults *f, struct buf *out);
/* "faults":[...] */
void faults_members(const struct faults *f, struct buf *out);
const char *fault_text(enum fault_kind kind);

/* ---- requests ------------------------------------------------------------------------------ */

#define ANSWER_HEADERS_MAX 6
#define CALLS_MAX 64 /* operations of a dialect */

struct sim_answer {
    unsigned status;
    struct buf body;
    const char *content_type;
    struct {
        const char *name;
        char value[384];
    } header[ANSWER_HEADERS_MAX];
    size_t header_count;
    char note[192]; /* what happened, for the log line */
};

struct sim_dialect {
    const char *name;
    /* The operation a method and path name; NULL: not a path of this dialect. */
    const char *(*op)(struct bytes method, struct bytes path);
    /* Fills req->answer; sets req->hold_us and req->finish when the answer must wait. */
    void (*serve)(struct sim_request *req);
    /* Prepares an account's secret in a->auth; NULL or what is wrong. */
    const char *(*account_open)(struct sim_account *a, struct bytes secret);
    void (*account_close)(struct sim_account *a);
    /* FAULT_RATE_LIMIT, _429, STATUS, ERROR in the venue's words, without acting. */
    void (*refuse)(struct sim_request *req, const struct fault *f);
    /* The rest may be absent. */
    void (*unknown)(
        struct sim_request *req);      /* the answer to a path that is none of this venue's */
    void (*open)(struct sim *s);       /* once, at start */
    void (*close)(struct sim *s);      /* once, at the end */
    const struct sim_listing *listing; /* NULL: Kraken Futures' instruments */
    size_t listing_count;
    const char *secret; /* of the default account, as --account takes it */
    const char *key;    /* of the default account; NULL: sim-key */
};

enum request_stage { STAGE_READING, STAGE_START, STAGE_ACT, STAGE_HELD, STAGE_ACTED, STAGE_READY };

struct sim_request {
    struct sim *sim;
    struct MHD_Connection *connection;
    struct bytes method, path, query; /* as received */
    char *uri;
    struct buf body;
    const struct sim_dialect *dialect;
    const char *op;
    struct sim_answer answer;
    struct fault fault; /* a copy: the rule may be removed meanwhile */
    enum request_stage stage;
    struct sim_timer timer;
    bool drop, suspended, slow_ready;
    int64_t received_us;
    uint64_t generation; /* of the exchange; a reset makes held requests void */
    int64_t hold_us;
    void (*finish)(struct sim_request *req);
    void *context;
    void (*context_free)(void *context);
};

struct sim_options {
    const char *listen, *cert_path, *key_path, *config_path, *audit_path;
    uint16_t port;
    bool log, rate_limit, rate_429, exotic_numbers, quantity_total, audit_lines;
    bool old_history;
    int64_t status_memory_us, nonce_window_us, clock_offset_us, hold_override_us;
    int64_t ban_until_us;      /* everything is answered as to a banned address; 0: no */
    bool null_order_id;        /* Bitget: acknowledgements without the venue's id */
    bool forget_client_ids;    /* CoinSwitch: client ids are neither kept, echoed nor looked up */
    bool open_orders_list;     /* B2PRIME: a broker that lists open orders over HTTP */
    bool closing_only;         /* B2PRIME: executions by order are of closing orders only */
    bool audit_requests;       /* an audit line for each request */
    unsigned rate_factor;      /* every limit is stretched by this much */
    int64_t token_lifetime_us; /* B2PRIME: of an access token */
};

struct sim {
    struct sim_options options;
    struct sim_engine *engine;
    struct sim_audit audit;
    struct faults faults;
    struct sim_timers timers;
    struct MHD_Daemon *daemon;
    const struct sim_dialect *const *dialect;
    uint64_t generation;
    uint64_t request_count;
    uint64_t held_count; /* requests held by the venue now */
    struct sim_walk *walk;
    struct {
        char op[48];
        uint64_t count;
    } call[CALLS_MAX]; /* in the order first seen */
    size_t call_count;
    bool stopping;
    void *venue;  /* the dialect's own */
    bool resumed; /* a connection was: the HTTP side must run at once */
};

/* Calls act with a copy of the context after `wait_us` (0: at once), unless the exchange is reset
 * before. */
void sim_later(struct sim *s, int64_t wait_us, void (*act)(struct sim *s, void *context),
               const void *context, size_t size);
int64_t sim_wall_us(const struct sim *s); /* the venue's clock, offset included */
struct bytes request_header(const struct sim_request *req, const char *name);
void answer_header(struct sim_answer *a, const char *name, const char *value);
/* A text body instead of the answer so far. */
void answer_replace(struct sim_answer *a, unsigned status, const char *type, const char *text);
void answer_note(struct sim_answer *a, const char *format, ...) PRINTF_LIKE(2, 3);

/* Goes on until the request waits (its timer runs) or is ready to be answered. */
void request_advance(struct sim_request *req);
void request_due(struct sim_timer *t);
void request_resume(struct sim_request *req);
void request_log(const struct sim_request *req);

/* Listens; writes the port. False: said on stderr why. */
bool http_start(struct sim *s, uint16_t *port);
void http_stop(struct sim *s);

/* Everything under /sim/ */
void control_serve(struct sim_request *req);
/* Applies --hold-ms to the markets that hold. */
void control_holds(struct sim *s);
/* Accounts, markets, faults from a JSON file at start; NULL or what is wrong. */
const char *control_config(struct sim *s, struct bytes json);
/* A key at a venue by its dialect's name (empty: the first of the list); NULL or what is wrong. */
const char *account_open(struct sim *s, struct bytes venue, struct bytes key, struct bytes secret);

extern const struct sim_dialect dialect_kraken_futures;
extern const struct sim_dialect dialect_bybit;
extern const struct sim_dialect dialect_bitget;
extern const struct sim_dialect dialect_bitget_mix_v1;
extern const struct sim_dialect dialect_coinswitch;
extern const struct sim_dialect dialect_b2prime;

#endif
