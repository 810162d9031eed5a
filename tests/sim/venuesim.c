/*
 * venuesim: a venue's REST API for tests and demonstrations, strict about what it accepts and with
 * faults on demand. One venue a process: --venue.
 *
 *   venuesim --port 0 [--log] [--no-rate-limit] ...      (--help lists the options)
 *
 * Prints "venuesim listening on http://127.0.0.1:PORT" and runs until SIGTERM or SIGINT. Steered
 * and inspected under /sim/ on the same port: GET /sim/help. The audit (GET /sim/audit) says what
 * was done, in order, so that a test can prove that an order was placed exactly once.
 *
 * Nothing here uses the code of venues/: the checks come from the venue's fact sheet alone.
 */
#include "venuesim.h"
#include "venuesim_text.h"
#include "venuesim_walk.h"

#include <microhttpd.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DEFAULT_KEY "sim-key"
/* Base64 of the bytes 0x00 to 0x3f: the secret of the fact sheet's test vectors. */
#define DEFAULT_SECRET                                                                             \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define CONFIG_MAX (1024 * 1024)
#define AUDIT_MAX (512u * 1024 * 1024)

static const struct sim_dialect *const dialects[] = {
    &dialect_kraken_futures, &dialect_bybit,      &dialect_bitget,
    &dialect_bitget_mix_v1,  &dialect_coinswitch, &dialect_b2prime,
};

/* The one that is served, as a list. */
static const struct sim_dialect *chosen[] = { &dialect_kraken_futures, NULL };

static const char usage[] =
    "venuesim [options]\n"
    "  --port N              0 (the default) takes a free one\n"
    "  --listen ADDRESS      default 127.0.0.1\n"
    "  --tls-cert F --tls-key F   PEM files; https instead of http\n"
    "  --config F            JSON: accounts, markets, faults, options (as the bodies under /sim/)\n"
    "  --venue NAME          kraken-futures (default; secret: base64 of the bytes 0x00 to 0x3f),\n"
    "                        bybit (secret sim-secret), bitget (the v2 API; secret sim-secret,\n"
    "                        passphrase sim-pass), bitget-mix-v1 (the same credentials),\n"
    "                        coinswitch (the Ed25519 key of the fact sheet's vectors), b2prime\n"
    "                        (key: the accountId of the sheet's examples; secret: the offline\n"
    "                        token OFFLINE-TOKEN-EXAMPLE)\n"
    "  --account KEY:SECRET  a further account (Bitget: KEY:SECRET:PASSPHRASE); the first is\n"
    "                        " DEFAULT_KEY " with the secret said at --venue (CoinSwitch: the\n"
    "                        key is the public key of the secret, both in hex)\n"
    "  --audit-file F        append the audit lines to F\n"
    "  --audit-requests      an audit line for each request, with method and path\n"
    "  --no-audit            keep no audit lines (the summary still works)\n"
    "  --log                 one line per call on stdout\n"
    "  --no-rate-limit       no budgets; --rate-429: over budget is 429 instead of 200\n"
    "  --rate-factor N       all budgets but Kraken's are N times as large (load tests)\n"
    "  --open-orders-list    B2PRIME: GET /frontoffice/api/v4/open-orders answers as the stream "
    "of\n"
    "                        open orders does; without it there is no list, as documented\n"
    "  --token-ms N          B2PRIME: life of an access token, default 3600000\n"
    "  --status-memory-ms N  how long orders/status knows ended orders, default 5000\n"
    "  --nonce-window-ms N   how long older nonces are tolerated, default 10000\n"
    "  --hold-ms N           the time between taking an order and its result, where the\n"
    "                        market has one (maker protection; Bybit, Bitget), default 20\n"
    "  --clock-offset-ms N   the venue's clock minus this host's; may be negative\n"
    "  --exotic-numbers      other spellings of numbers that the venue has been seen to send\n"
    "  --quantity-total      `quantity` in events and orders/status is the total, not what "
    "remains\n"
    "  --auto-fill P         share (0 to 1) of newly resting orders filled at once\n"
    "  --walk SPEED          prices move by themselves, SPEED steps a second (0.01 to 1000);\n"
    "                        resting orders fill when a price reaches them\n"
    "  --seed N              of ids, of --auto-fill and of --walk\n";

enum option_id {
    OPT_PORT = 1,
    OPT_LISTEN,
    OPT_CERT,
    OPT_KEY,
    OPT_CONFIG,
    OPT_ACCOUNT,
    OPT_AUDIT,
    OPT_NO_AUDIT,
    OPT_LOG,
    OPT_NO_RATE,
    OPT_RATE_429,
    OPT_MEMORY,
    OPT_NONCE,
    OPT_HOLD,
    OPT_OFFSET,
    OPT_EXOTIC,
    OPT_TOTAL,
    OPT_AUTO,
    OPT_SEED,
    OPT_VENUE,
    OPT_REQUESTS,
    OPT_FACTOR,
    OPT_TOKEN,
    OPT_OPEN_LIST,
    OPT_WALK,
    OPT_HELP
};

static const struct option long_options[] = {
    { "port", required_argument, NULL, OPT_PORT },
    { "listen", required_argument, NULL, OPT_LISTEN },
    { "tls-cert", required_argument, NULL, OPT_CERT },
    { "tls-key", required_argument, NULL, OPT_KEY },
    { "config", required_argument, NULL, OPT_CONFIG },
    { "account", required_argument, NULL, OPT_ACCOUNT },
    { "audit-file", required_argument, NULL, OPT_AUDIT },
    { "no-audit", no_argument, NULL, OPT_NO_AUDIT },
    { "log", no_argument, NULL, OPT_LOG },
    { "no-rate-limit", no_argument, NULL, OPT_NO_RATE },
    { "rate-429", no_argument, NULL, OPT_RATE_429 },
    { "status-memory-ms", required_argument, NULL, OPT_MEMORY },
    { "nonce-window-ms", required_argument, NULL, OPT_NONCE },
    { "hold-ms", required_argument, NULL, OPT_HOLD },
    { "clock-offset-ms", required_argument, NULL, OPT_OFFSET },
    { "exotic-numbers", no_argument, NULL, OPT_EXOTIC },
    { "quantity-total", no_argument, NULL, OPT_TOTAL },
    { "auto-fill", required_argument, NULL, OPT_AUTO },
    { "seed", required_argument, NULL, OPT_SEED },
    { "venue", required_argument, NULL, OPT_VENUE },
    { "audit-requests", no_argument, NULL, OPT_REQUESTS },
    { "rate-factor", required_argument, NULL, OPT_FACTOR },
    { "open-orders-list", no_argument, NULL, OPT_OPEN_LIST },
    { "token-ms", required_argument, NULL, OPT_TOKEN },
    { "walk", required_argument, NULL, OPT_WALK },
    { "help", no_argument, NULL, OPT_HELP },
    { NULL, 0, NULL, 0 },
};

#define ACCOUNT_OPTIONS_MAX 32

/* What the command line says beyond struct sim_options. */
struct arguments {
    const char *account[ACCOUNT_OPTIONS_MAX];
    const char *walk; /* NULL: prices stand still */
    size_t account_count;
    uint64_t seed;
    uint32_t auto_fill;
    bool help;
};

static bool number(const char *text, uint64_t max, uint64_t *out)
{
    return text_uint(bytes_of(text), out) && *out <= max;
}

static bool milliseconds(const char *text, int64_t *us)
{
    bool negative = text[0] == '-';
    uint64_t value;

    if (!number(text + (negative ? 1 : 0), UINT64_C(1000000000000), &value)) {
        return false;
    }
    *us = (negative ? -1 : 1) * (int64_t)value * US_PER_MS;
    return true;
}

static bool option_share(const char *text, uint32_t *out)
{
    struct decimal value;

    if (!decimal_parse(bytes_of(text), &value) || decimal_sign(value) < 0 ||
        decimal_compare(value, (struct decimal){ 1, 0 }) > 0) {
        return false;
    }
    *out = (uint32_t)sim_mul_round(value, (struct decimal){ 1000000, 0 }, 0).mantissa;
    return true;
}

static bool option_port(const char *text, struct sim_options *o)
{
    uint64_t value;

    if (!number(text, 65535, &value)) {
        return false;
    }
    o->port = (uint16_t)value;
    return true;
}

static bool option_factor(const char *text, struct sim_options *o)
{
    uint64_t value;

    if (!number(text, 1000, &value) || value == 0) {
        return false;
    }
    o->rate_factor = (unsigned)value;
    return true;
}

static bool add_account(struct arguments *a, const char *text)
{
    if (a->account_count == ACCOUNT_OPTIONS_MAX) {
        return false;
    }
    a->account[a->account_count++] = text;
    return true;
}

static bool choose_venue(const char *name)
{
    size_t n;

    for (n = 0; n < ARRAY_LEN(dialects); n++) {
        if (strcmp(name, dialects[n]->name) == 0) {
            chosen[0] = dialects[n];
            return true;
        }
    }
    return false;
}

static bool option_apply(struct sim_options *o, struct arguments *a, int id)
{
    switch (id) {
    case OPT_PORT: return option_port(optarg, o);
    case OPT_LISTEN: o->listen = optarg; return true;
    case OPT_CERT: o->cert_path = optarg; return true;
    case OPT_KEY: o->key_path = optarg; return true;
    case OPT_CONFIG: o->config_path = optarg; return true;
    case OPT_ACCOUNT: return add_account(a, optarg);
    case OPT_AUDIT: o->audit_path = optarg; return true;
    case OPT_NO_AUDIT: o->audit_lines = false; return true;
    case OPT_LOG: o->log = true; return true;
    case OPT_NO_RATE: o->rate_limit = false; return true;
    case OPT_RATE_429: o->rate_429 = true; return true;
    case OPT_MEMORY: return milliseconds(optarg, &o->status_memory_us);
    case OPT_NONCE: return milliseconds(optarg, &o->nonce_window_us);
    case OPT_HOLD: return milliseconds(optarg, &o->hold_override_us);
    case OPT_OFFSET: return milliseconds(optarg, &o->clock_offset_us);
    case OPT_EXOTIC: o->exotic_numbers = true; return true;
    case OPT_TOTAL: o->quantity_total = true; return true;
    case OPT_AUTO: return option_share(optarg, &a->auto_fill);
    case OPT_SEED: return number(optarg, UINT64_MAX, &a->seed);
    case OPT_VENUE: return choose_venue(optarg);
    case OPT_REQUESTS: o->audit_requests = true; return true;
    case OPT_FACTOR: return option_factor(optarg, o);
    case OPT_TOKEN: return milliseconds(optarg, &o->token_lifetime_us);
    case OPT_OPEN_LIST: o->open_orders_list = true; return true;
    case OPT_WALK: a->walk = optarg; return true;
    case OPT_HELP: a->help = true; return true;
    default: return false;
    }
}

static bool options_read(struct sim_options *o, struct arguments *a, int argc, char **argv)
{
    int id;

    *o = (struct sim_options){ .listen = "127.0.0.1",
                               .rate_limit = true,
                               .audit_lines = true,
                               .status_memory_us = 5 * US_PER_S,
                               .nonce_window_us = 10 * US_PER_S,
                               .hold_override_us = -1,
                               .rate_factor = 1,
                               .token_lifetime_us = 3600 * US_PER_S };
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (!option_apply(o, a, id)) {
            fprintf(stderr, "venuesim: bad option\n%s", usage);
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "venuesim: unexpected %s\n%s", argv[optind], usage);
        return false;
    }
    return true;
}

/* ---- setting up ---------------------------------------------------------------------------- */

static bool accounts_open(struct sim *s, const struct arguments *a)
{
    const char *secret = chosen[0]->secret == NULL ? DEFAULT_SECRET : chosen[0]->secret;
    const char *key = chosen[0]->key == NULL ? DEFAULT_KEY : chosen[0]->key;
    const char *wrong = account_open(s, BYTES(""), bytes_of(key), bytes_of(secret));
    size_t n;

    for (n = 0; n < a->account_count && wrong == NULL; n++) {
        const char *colon = strchr(a->account[n], ':');

        if (colon == NULL) {
            wrong = "KEY:SECRET";
            break;
        }
        wrong = account_open(s, BYTES(""),
                             (struct bytes){ a->account[n], (size_t)(colon - a->account[n]) },
                             bytes_of(colon + 1));
    }
    if (wrong != NULL) {
        fprintf(stderr, "venuesim: account: %s\n", wrong);
    }
    return wrong == NULL;
}

static bool config_load(struct sim *s)
{
    const char *wrong = "cannot be read";
    char *text;
    FILE *file;

    if (s->options.config_path == NULL) {
        return true;
    }
    file = fopen(s->options.config_path, "re");
    text = malloc(CONFIG_MAX);
    if (file != NULL && text != NULL) {
        size_t size = fread(text, 1, CONFIG_MAX, file);

        wrong = control_config(s, (struct bytes){ text, size });
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    free(text);
    if (wrong != NULL) {
        fprintf(stderr, "venuesim: %s: %s\n", s->options.config_path, wrong);
    }
    return wrong == NULL;
}

static bool set_up(struct sim *s, const struct arguments *a)
{
    if (!audit_init(&s->audit, s->options.audit_path, AUDIT_MAX)) {
        fprintf(stderr, "venuesim: cannot open %s\n", s->options.audit_path);
        return false;
    }
    s->audit.on = s->options.audit_lines;
    s->dialect = chosen;
    s->engine = sim_engine_new(a->seed, &s->audit, chosen[0]->listing, chosen[0]->listing_count);
    if (s->engine == NULL) {
        fprintf(stderr, "venuesim: out of memory\n");
        return false;
    }
    s->engine->now_us = sim_wall_us(s);
    s->engine->auto_full = a->auto_fill;
    s->engine->auto_rng = a->seed;
    control_holds(s);
    walk_seed(s, a->seed);
    if (a->walk != NULL && !walk_speed(s, bytes_of(a->walk))) {
        fprintf(stderr, "venuesim: --walk %s: expected steps a second, 0.01 to 1000\n", a->walk);
        return false;
    }
    if (chosen[0]->open != NULL) {
        chosen[0]->open(s);
    }
    return accounts_open(s, a) && config_load(s);
}

static void tear_down(struct sim *s)
{
    size_t n;

    for (n = 0; s->engine != NULL && n < s->engine->account_count; n++) {
        if (s->engine->account[n]->venue != NULL) {
            s->engine->account[n]->venue->account_close(s->engine->account[n]);
        }
    }
    if (s->engine != NULL && chosen[0]->close != NULL) {
        chosen[0]->close(s);
    }
    sim_engine_free(s->engine);
    audit_fini(&s->audit);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static int wait_ms(struct sim *s, int64_t next_us)
{
    MHD_UNSIGNED_LONG_LONG http_ms;
    int64_t ms = 1000;

    if (s->resumed) {
        s->resumed = false;
        return 0;
    }
    if (next_us != NEVER_US) {
        int64_t left_us = next_us - sim_wall_us(s);

        left_us = left_us < 0 ? 0 : left_us;
        ms = left_us / US_PER_MS + (left_us % US_PER_MS != 0 ? 1 : 0);
    }
    if (MHD_get_timeout(s->daemon, &http_ms) == MHD_YES && (int64_t)http_ms < ms) {
        ms = (int64_t)http_ms;
    }
    return (int)(ms < 1000 ? ms : 1000);
}

static int64_t run_due(struct sim *s)
{
    int64_t timer_us = timers_run(&s->timers, sim_wall_us(s));
    int64_t deadman_us;

    s->engine->now_us = sim_wall_us(s);
    deadman_us = sim_deadmen(s->engine);
    return timer_us < deadman_us ? timer_us : deadman_us;
}

static void serve(struct sim *s, int signals)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd ready[2] = { { .fd = info->epoll_fd, .events = POLLIN },
                               { .fd = signals, .events = POLLIN } };

    for (;;) {
        int64_t next_us = run_due(s);
        int count = poll(ready, ARRAY_LEN(ready), wait_ms(s, next_us));

        if (count < 0 && errno != EINTR) {
            perror("venuesim: poll");
            return;
        }
        if ((ready[1].revents & POLLIN) != 0) {
            return;
        }
        (void)MHD_run(s->daemon);
        audit_flush(&s->audit);
        if (s->options.log) {
            (void)fflush(stdout);
        }
    }
}

static int signal_fd(void)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    if (sigemptyset(&set) != 0 || sigaddset(&set, SIGTERM) != 0 || sigaddset(&set, SIGINT) != 0 ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
    static struct sim_walk walk;
    static struct sim s;
    struct arguments a = { .seed = 1 };
    uint16_t port = 0;
    int signals;
    bool ok;

    if (!options_read(&s.options, &a, argc, argv)) {
        return 2;
    }
    if (a.help) {
        printf("%s", usage);
        return 0;
    }
    walk_init(&walk, &s);
    signals = signal_fd();
    ok = signals >= 0 && set_up(&s, &a) && http_start(&s, &port);
    if (ok) {
        printf("venuesim listening on %s://%s:%u\n", s.options.cert_path == NULL ? "http" : "https",
               s.options.listen, port);
        printf("page: %s://%s:%u/sim\n", s.options.cert_path == NULL ? "http" : "https",
               s.options.listen, port);
        (void)fflush(stdout);
        serve(&s, signals);
    }
    http_stop(&s);
    tear_down(&s);
    if (signals >= 0) {
        (void)close(signals);
    }
    return ok ? 0 : 1;
}
