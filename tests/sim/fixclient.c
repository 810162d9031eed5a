/*
 * fixclient: a FIX 4.4 initiator for tests and for hand use. Options and wiring only; the parts are
 * listed in fixclient.h.
 *
 * Exit codes: 0 all well, 1 the script failed or orders stayed unconfirmed, 2 usage, 3 the acceptor
 * broke the protocol, 4 no logon in time.
 */
#include "fixclient.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: fixclient --connect HOST:PORT --sender ID --target ID [options]\n"
    "  --username U, --password P   553, 554 in Logon\n"
    "  --auth hmac|ed25519          sign the Logon (95, 96); wants --username\n"
    "  --logon-key FILE             hmac: the secret; ed25519: the private key, PEM\n"
    "  --logon-field TAG=VALUE      one more field in Logon; may be repeated\n"
    "  --tls                        TLS; --tls-ca FILE: check the acceptor's certificate\n"
    "  --tls-cert FILE, --tls-key FILE  the client's own, PEM\n"
    "  --heartbeat N                seconds (30)\n"
    "  --reset                      141=Y in the first Logon\n"
    "  --next-expected              789 in Logon\n"
    "  --state FILE                 numbers and messages, kept over restarts of the client\n"
    "  --log FILE, --log-pipe       every raw message; '|' instead of SOH\n"
    "  --dictionary FILE            QuickFIX XML, for names in the output\n"
    "  --wait-logon SECONDS         how long to try to log on (10)\n"
    "  --no-connect                 a script begins disconnected\n"
    "  --history FILE               of what is typed; default: fixclient/history in the state\n"
    "                               directory ($XDG_STATE_HOME, ~/.local/state)\n"
    "  --follow FILE                at the terminal: shows what others append to FILE, above the\n"
    "                               line being typed\n"
    "  --script FILE|-              play commands; else the terminal, or commands from stdin\n"
    "  --color auto|always|never, --verbose, --quiet\n"
    "  --strict                     also check the bridge's own rules of engagement\n"
    "  --report FILE                every order's last known state, tab separated, at the end\n"
    "load mode:\n"
    "  --load                       drive many orders, print latencies\n"
    "  --rate N                     requests a second; 0: closed loop\n"
    "  --outstanding K              closed loop: unanswered requests a session (64)\n"
    "  --count N                    requests in all (1000)\n"
    "  --sessions M                 M connections, senders ID0001 ... (1: ID itself)\n"
    "  --mix NEW,CANCEL,REPLACE     percent (100,0,0)\n"
    "  --symbols A,B, --price LOW:HIGH[:STEP], --qty LOW:HIGH[:STEP]\n"
    "  --side buy|sell              of all orders, so that they never meet; default: by chance\n"
    "  --id-prefix TEXT             of ClOrdIDs; default from the clock\n"
    "  --duration SECONDS           an end whatever happens (60)\n"
    "  --settle SECONDS             wait for answers after the last request (5)\n"
    "  --resume-until-idle          wait until every request is answered (settle 60)\n"
    "  --json                       the result as one JSON line too\n";

enum option_id {
    OPT_CONNECT = 256,
    OPT_SENDER,
    OPT_TARGET,
    OPT_USERNAME,
    OPT_PASSWORD,
    OPT_LOGON_FIELD,
    OPT_TLS,
    OPT_TLS_CA,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_HEARTBEAT,
    OPT_AUTH,
    OPT_LOGON_KEY,
    OPT_RESET,
    OPT_NEXT,
    OPT_STATE,
    OPT_LOG,
    OPT_LOG_PIPE,
    OPT_DICTIONARY,
    OPT_WAIT,
    OPT_NO_CONNECT,
    OPT_SCRIPT,
    OPT_HISTORY,
    OPT_FOLLOW,
    OPT_COLOR,
    OPT_VERBOSE,
    OPT_QUIET,
    OPT_STRICT,
    OPT_REPORT,
    OPT_LOAD,
    OPT_RATE,
    OPT_OUTSTANDING,
    OPT_COUNT,
    OPT_SESSIONS,
    OPT_MIX,
    OPT_SYMBOLS,
    OPT_PRICE,
    OPT_QTY,
    OPT_SIDE,
    OPT_ID_PREFIX,
    OPT_DURATION,
    OPT_SETTLE,
    OPT_IDLE,
    OPT_JSON,
    OPT_HELP,
};

static const struct option options[] = {
    { "connect", 1, NULL, OPT_CONNECT },
    { "sender", 1, NULL, OPT_SENDER },
    { "target", 1, NULL, OPT_TARGET },
    { "username", 1, NULL, OPT_USERNAME },
    { "password", 1, NULL, OPT_PASSWORD },
    { "logon-field", 1, NULL, OPT_LOGON_FIELD },
    { "auth", 1, NULL, OPT_AUTH },
    { "logon-key", 1, NULL, OPT_LOGON_KEY },
    { "tls", 0, NULL, OPT_TLS },
    { "tls-ca", 1, NULL, OPT_TLS_CA },
    { "tls-cert", 1, NULL, OPT_TLS_CERT },
    { "tls-key", 1, NULL, OPT_TLS_KEY },
    { "heartbeat", 1, NULL, OPT_HEARTBEAT },
    { "reset", 0, NULL, OPT_RESET },
    { "next-expected", 0, NULL, OPT_NEXT },
    { "state", 1, NULL, OPT_STATE },
    { "log", 1, NULL, OPT_LOG },
    { "log-pipe", 0, NULL, OPT_LOG_PIPE },
    { "dictionary", 1, NULL, OPT_DICTIONARY },
    { "wait-logon", 1, NULL, OPT_WAIT },
    { "no-connect", 0, NULL, OPT_NO_CONNECT },
    { "script", 1, NULL, OPT_SCRIPT },
    { "history", 1, NULL, OPT_HISTORY },
    { "follow", 1, NULL, OPT_FOLLOW },
    { "color", 1, NULL, OPT_COLOR },
    { "verbose", 0, NULL, OPT_VERBOSE },
    { "quiet", 0, NULL, OPT_QUIET },
    { "strict", 0, NULL, OPT_STRICT },
    { "report", 1, NULL, OPT_REPORT },
    { "load", 0, NULL, OPT_LOAD },
    { "rate", 1, NULL, OPT_RATE },
    { "outstanding", 1, NULL, OPT_OUTSTANDING },
    { "count", 1, NULL, OPT_COUNT },
    { "sessions", 1, NULL, OPT_SESSIONS },
    { "mix", 1, NULL, OPT_MIX },
    { "symbols", 1, NULL, OPT_SYMBOLS },
    { "price", 1, NULL, OPT_PRICE },
    { "qty", 1, NULL, OPT_QTY },
    { "side", 1, NULL, OPT_SIDE },
    { "id-prefix", 1, NULL, OPT_ID_PREFIX },
    { "duration", 1, NULL, OPT_DURATION },
    { "settle", 1, NULL, OPT_SETTLE },
    { "resume-until-idle", 0, NULL, OPT_IDLE },
    { "json", 0, NULL, OPT_JSON },
    { "help", 0, NULL, OPT_HELP },
    { NULL, 0, NULL, 0 },
};

static double number(const char *text, const char *name, double low, double high)
{
    double value;
    char after;

    if (sscanf(text, "%lf%c", &value, &after) != 1 || value < low || value > high) {
        fc_die("--%s %s: expected a number from %g to %g", name, text, low, high);
    }
    return value;
}

static void set_connect(struct fc_config *cfg, char *text)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL || colon == text || colon[1] == '\0') {
        fc_die("--connect %s: expected HOST:PORT", text);
    }
    *colon = '\0';
    cfg->host = text;
    cfg->port = colon + 1;
}

static void set_mix(struct fc_config *cfg, const char *text)
{
    if (sscanf(text, "%u,%u,%u", &cfg->mix_new, &cfg->mix_cancel, &cfg->mix_replace) != 3 ||
        cfg->mix_new == 0 || cfg->mix_new + cfg->mix_cancel + cfg->mix_replace != 100) {
        fc_die("--mix %s: expected NEW,CANCEL,REPLACE percentages that add up to 100", text);
    }
}

static char read_side(const char *text)
{
    if (strcmp(text, "buy") != 0 && strcmp(text, "sell") != 0) {
        fc_die("--side %s: expected buy or sell", text);
    }
    return text[0] == 'b' ? '1' : '2';
}

static void set_color(struct fc_config *cfg, const char *text)
{
    if (strcmp(text, "auto") != 0 && strcmp(text, "always") != 0 && strcmp(text, "never") != 0) {
        fc_die("--color %s: expected auto, always or never", text);
    }
    cfg->colour =
        strcmp(text, "always") == 0 || (strcmp(text, "auto") == 0 && isatty(STDOUT_FILENO));
}

static void add_logon_field(struct fc_config *cfg, const char *text)
{
    if (strchr(text, '=') == NULL || cfg->logon_field_count == FC_EXTRA_MAX) {
        fc_die("--logon-field %s: expected TAG=VALUE, at most %d of them", text, FC_EXTRA_MAX);
    }
    cfg->logon_field[cfg->logon_field_count++] = text;
}

static void set_load_option(struct fc_config *cfg, int id, const char *value)
{
    switch (id) {
    case OPT_LOAD: cfg->load = true; break;
    case OPT_RATE: cfg->rate = number(value, "rate", 0, 1e6); break;
    case OPT_OUTSTANDING: cfg->outstanding = (uint32_t)number(value, "outstanding", 1, 1e6); break;
    case OPT_COUNT: cfg->count = (uint64_t)number(value, "count", 0, 1e9); break;
    case OPT_SESSIONS: cfg->sessions = (uint32_t)number(value, "sessions", 1, 9999); break;
    case OPT_MIX: set_mix(cfg, value); break;
    case OPT_SYMBOLS: cfg->symbols = value; break;
    case OPT_PRICE: cfg->price_range = value; break;
    case OPT_QTY: cfg->qty_range = value; break;
    case OPT_SIDE: cfg->side = read_side(value); break;
    case OPT_ID_PREFIX: cfg->id_prefix = value; break;
    case OPT_DURATION: cfg->duration_s = number(value, "duration", 0.1, 1e6); break;
    case OPT_SETTLE: cfg->settle_s = number(value, "settle", 0, 1e6); break;
    case OPT_IDLE: cfg->until_idle = true; break;
    case OPT_JSON: cfg->latency_json = true; break;
    default: fputs(usage, stderr); exit(FC_EXIT_USAGE);
    }
}

static void set_option(struct fc_config *cfg, int id, char *value)
{
    switch (id) {
    case OPT_CONNECT: set_connect(cfg, value); break;
    case OPT_SENDER: cfg->sender = value; break;
    case OPT_TARGET: cfg->target = value; break;
    case OPT_USERNAME: cfg->username = value; break;
    case OPT_PASSWORD: cfg->password = value; break;
    case OPT_AUTH: fc_auth_mode(cfg, value); break;
    case OPT_LOGON_KEY: fc_auth_key(cfg, value); break;
    case OPT_LOGON_FIELD: add_logon_field(cfg, value); break;
    case OPT_TLS: cfg->tls = true; break;
    case OPT_TLS_CA: cfg->tls_ca = value; break;
    case OPT_TLS_CERT: cfg->tls_cert = value; break;
    case OPT_TLS_KEY: cfg->tls_key = value; break;
    case OPT_HEARTBEAT: cfg->heartbeat_s = (uint32_t)number(value, "heartbeat", 0, 3600); break;
    case OPT_RESET: cfg->reset = true; break;
    case OPT_NEXT: cfg->next_expected = true; break;
    case OPT_STATE: cfg->state_path = value; break;
    case OPT_LOG: cfg->log_path = value; break;
    case OPT_LOG_PIPE: cfg->log_pipe = true; break;
    case OPT_DICTIONARY: cfg->dictionary = value; break;
    case OPT_WAIT: cfg->wait_logon_s = number(value, "wait-logon", 0, 1e6); break;
    case OPT_NO_CONNECT: cfg->no_connect = true; break;
    case OPT_SCRIPT: cfg->script = value; break;
    case OPT_HISTORY: cfg->history = value; break;
    case OPT_FOLLOW: cfg->follow = value; break;
    case OPT_COLOR: set_color(cfg, value); break;
    case OPT_VERBOSE: cfg->verbose = true; break;
    case OPT_QUIET: cfg->quiet = true; break;
    case OPT_STRICT: cfg->strict = true; break;
    case OPT_REPORT: cfg->report = value; break;
    case OPT_HELP: fputs(usage, stdout); exit(0);
    default: set_load_option(cfg, id, value);
    }
}

static void read_options(struct fc_config *cfg, int argc, char **argv)
{
    int id;

    *cfg = (struct fc_config){
        .heartbeat_s = 30,
        .wait_logon_s = 10,
        .rate = 0,
        .duration_s = 60,
        .settle_s = -1,
        .count = 1000,
        .outstanding = 64,
        .sessions = 1,
        .mix_new = 100,
        .symbols = "PF_XBTUSD",
        .price_range = "100:110:0.5",
        .qty_range = "1:5:1",
        .colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
    };
    while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
        set_option(cfg, id, optarg);
    }
    if (optind != argc || cfg->host == NULL || cfg->sender == NULL || cfg->target == NULL) {
        fputs(usage, stderr);
        exit(FC_EXIT_USAGE);
    }
    if (cfg->settle_s < 0) {
        cfg->settle_s = cfg->until_idle ? 60 : 5;
    }
    if (!cfg->load && cfg->sessions > 1) {
        fc_die("--sessions is for --load");
    }
}

static int run_commands(struct fc_script *sc)
{
    const char *script = sc->ctx->cfg.script;
    FILE *in = stdin;
    int exit_code;

    if (script == NULL && isatty(STDIN_FILENO)) {
        return fc_tty_run(sc);
    }
    if (script != NULL && strcmp(script, "-") != 0) {
        in = fopen(script, "r");
        if (in == NULL) {
            fc_die("--script %s: %s", script, strerror(errno));
        }
    }
    exit_code = fc_script_run(sc, in, in == stdin ? "stdin" : script);
    if (in != stdin) {
        fclose(in);
    }
    return exit_code;
}

static int run_single(struct fc_ctx *ctx)
{
    static struct fc_session session;
    struct fc_script sc;
    int exit_code;

    fc_session_init(&session, ctx, ctx->cfg.sender);
    fc_script_init(&sc, ctx, &session);
    if (!ctx->cfg.no_connect && !fc_net_logon(&session, ctx->cfg.wait_logon_s)) {
        fc_say(ctx, "no logon in %g s: %s", ctx->cfg.wait_logon_s,
               session.down_reason[0] != '\0' ? session.down_reason : fc_state_text(session.state));
        exit_code = FC_EXIT_CONNECT;
    } else {
        exit_code = run_commands(&sc);
    }
    fc_session_logout(&session, NULL);
    for (int64_t until = fc_mono_us() + 3000000;
         session.state != FC_DOWN && fc_mono_us() < until;) {
        fc_net_turn(&session, -1, until);
    }
    session.on_state = NULL;
    fc_session_fini(&session);
    fc_script_fini(&sc);
    return exit_code;
}

int main(int argc, char **argv)
{
    static struct fc_ctx ctx;
    int exit_code;

    signal(SIGPIPE, SIG_IGN);
    read_options(&ctx.cfg, argc, argv);
    fc_net_resolve(&ctx);
    fc_tls_setup(&ctx);
    ctx.dict = ctx.cfg.dictionary != NULL ? fc_dict_load(ctx.cfg.dictionary) : NULL;
    ctx.checker = fc_checker_new(ctx.cfg.strict);
    if (ctx.cfg.log_path != NULL) {
        ctx.log = fopen(ctx.cfg.log_path, "a");
        if (ctx.log == NULL) {
            fc_die("--log %s: %s", ctx.cfg.log_path, strerror(errno));
        }
    }
    exit_code = ctx.cfg.load ? fc_load_run(&ctx) : run_single(&ctx);
    if (ctx.log != NULL && fclose(ctx.log) != 0) {
        fc_die("--log %s: %s", ctx.cfg.log_path, strerror(errno));
    }
    if (ctx.cfg.report != NULL && !fc_checker_report(ctx.checker, ctx.cfg.report)) {
        fc_die("--report %s: %s", ctx.cfg.report, strerror(errno));
    }
    if (fc_violations(ctx.checker) > 0) {
        fflush(stdout);
        fprintf(stderr, "fixclient: the acceptor broke the protocol %llu times\n",
                (unsigned long long)fc_violations(ctx.checker));
        exit_code = FC_EXIT_VIOLATE;
    }
    fc_tls_free(&ctx);
    fc_checker_free(ctx.checker);
    fc_dict_free(ctx.dict);
    return exit_code;
}
