/*
 * Options, wiring, exit codes. The only file that ends the process.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "admin.h"
#include "control.h"
#include "doc_cmd.h"
#include "hash_password.h"
#include "listen.h"
#include "journal_cmd.h"
#include "json_memory.h"
#include "log.h"
#include "memory.h"
#include "recover.h"
#include "reload.h"
#include "shell.h"
#include "sign.h"
#include "venue_cmd.h"

#ifndef FIXBRIDGE_VERSION
#error "FIXBRIDGE_VERSION is set by the build"
#endif

enum exit_code {
    EXIT_OK = 0,
    EXIT_CONFIG = 1,
    EXIT_USAGE = 2,
    EXIT_JOURNAL = 3,
    EXIT_LISTEN = 4,
    EXIT_MEMORY = 5,
    EXIT_ADMIN_REFUSED = 13,
    EXIT_ADMIN_UNREACHABLE = 14,
};

static const char help_text[] =
    "fixbridge " FIXBRIDGE_VERSION ": FIX 4.4 acceptor that sends orders to venues' REST APIs\n"
    "\n"
    "  fixbridge --config FILE                       run the service in the foreground\n"
    "  fixbridge --config FILE --check-config        tell every mistake of the configuration, or "
    "\"ok\"\n"
    "  fixbridge --config FILE venue ACCOUNT help    operations of an account's venue\n"
    "  fixbridge --config FILE venue ACCOUNT OPERATION [key=value...]\n"
    "                                                one call by hand; prints the venue's answer\n"
    "  fixbridge --config FILE admin help            commands to the running service\n"
    "  fixbridge --config FILE admin COMMAND ...     one of them; prints its answer in JSON\n"
    "  fixbridge journal verify|dump|export|repair DIR ...\n"
    "                                                the journal without the service; journal "
    "help\n"
    "  fixbridge hash-password                       a password read from the terminal or stdin -> "
    "the line\n"
    "                                                for the configuration\n"
    "  fixbridge --config-reference[=man]            all keys of the configuration, in markdown or "
    "as a\n"
    "                                                manual page\n"
    "  fixbridge --config FILE --client-dictionary SESSION\n"
    "                                                the FIX dictionary that session's client "
    "needs\n"
    "  fixbridge --rules-of-engagement               tags in and out, in markdown\n"
    "  fixbridge --venue-table                       what each venue can do, in markdown\n"
    "  fixbridge --version\n"
    "  fixbridge --help\n"
    "\n"
    "Options\n"
    "  -c, --config FILE      the configuration\n"
    "  -p, --port-file FILE   write the port listened on to FILE once ready; a second line is\n"
    "                         the TLS port where there are both\n"
    "\n"
    "Signals: SIGHUP reads the configuration again, all or nothing. SIGTERM and SIGINT stop in "
    "good\n"
    "order (no new orders, open calls awaited, sessions logged out, journal synced); a second one "
    "stops\n"
    "without waiting.\n"
    "\n"
    "Exit codes\n"
    "  0  stopped in good order, or nothing to complain about\n"
    "  1  mistakes in the configuration\n"
    "  2  wrong use of this command\n"
    "  3  the journal cannot be opened, read or written\n"
    "  4  the listening address cannot be used\n"
    "  5  out of memory, or the system lacks something at start\n"
    "  13 admin: refused    14 admin: no running service\n"
    "  10 venue: refused    11 venue: not sent, or throttled    12 venue: outcome unknown\n";

struct options {
    const char *config, *port_file, *dictionary_of, *document;
    bool check, reference, as_man, version, help;
};

/* ---- pieces of the start ------------------------------------------------------------------- */

static void print_mistakes(struct config_mistakes *m)
{
    size_t kept = m->count < CONFIG_MISTAKES_MAX ? m->count : CONFIG_MISTAKES_MAX;

    config_mistakes_sort(m);
    for (size_t i = 0; i < kept; i++) {
        (void)fprintf(stderr, "%s\n", m->item[i].text);
    }
    (void)fprintf(stderr, "fixbridge: %zu mistake%s in %s\n", m->count, m->count == 1 ? "" : "s",
                  m->path);
}

static bool random_seed(uint64_t *out)
{
    return getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out;
}

/* In one step, so that whoever waits for the file never reads half of it. */
static bool write_port(const char *path, const struct conns *conns)
{
    char temporary[4096];
    FILE *f;
    bool good;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    f = fopen(temporary, "we");
    if (f == NULL) {
        return false;
    }
    good = fprintf(f, "%u\n", (unsigned)conns_port(conns)) > 0;
    if (conns_tls_port(conns) != 0 && conns_tls_port(conns) != conns_port(conns)) {
        good = fprintf(f, "%u\n", (unsigned)conns_tls_port(conns)) > 0 && good;
    }
    good = fclose(f) == 0 && good;
    return good && rename(temporary, path) == 0;
}

static bool open_listeners(struct shell *sh)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    struct conns_config listen;
    char error[TLS_ERROR_MAX] = "not an address";

    if (listen_tls(c, &sh->tls, error) && listen_config(c, sh->tls, &listen)) {
        sh->conns = conns_new(sh->loop, &listen, &shell_conns_ops, sh, error);
    }
    if (sh->conns == NULL) {
        log_write(LOG_ERROR, "listen.failed", LOG_B("address", c->listen),
                  LOG_B("tls_address", c->tls_listen), LOG_T("why", error));
    }
    return sh->conns != NULL;
}

/* So that no order waits for memory; before anybody can connect. */
static void warm(struct shell *sh)
{
    size_t mib = sh->setup->config->fixbridge->memory_warm_mib;

    if (mib > 0) {
        memory_warm(mib * 1024 * 1024);
        history_warm(sh->monitor->orders);
        history_warm(sh->monitor->calls);
    }
}

static int listen_and_run(struct shell *sh, const struct options *o)
{
    int code = EXIT_OK;

    warm(sh);
    if (!open_listeners(sh)) {
        return EXIT_LISTEN;
    }
    log_write(LOG_INFO, "listening", LOG_T("address", conns_address(sh->conns)),
              LOG_T("tls_address", conns_tls_address(sh->conns)),
              LOG_U("sessions", sh->session_count),
              LOG_U("accounts", sh->setup->config->account_count));
    log_flush(); /* who waits for the port finds the lines of the start in the log */
    if (o->port_file != NULL && !write_port(o->port_file, sh->conns)) {
        log_write(LOG_ERROR, "listen.failed", LOG_T("port_file", o->port_file),
                  LOG_T("why", strerror(errno)));
        return EXIT_LISTEN;
    }
    notify_ready(&sh->notify, "serving");
    if (!loop_run(sh) || !journal_wait(sh->journal, journal_last(sh->journal))) {
        code = EXIT_JOURNAL;
    }
    if (code != EXIT_OK && sh->failed == NULL && journal_error(sh->journal) != NULL) {
        log_write(LOG_ERROR, "journal.failed", LOG_T("why", journal_error(sh->journal)));
    }
    if (o->port_file != NULL) {
        (void)unlink(o->port_file); /* a courtesy: who reads it must check anyway */
    }
    log_write(code == EXIT_OK ? LOG_INFO : LOG_ERROR, "stopped", LOG_I("code", code));
    return code;
}

/* The operator's door. Where it was not asked for, the service does without it and says so. */
static bool open_control(struct shell *sh)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    char path[CONTROL_PATH_MAX], error[256];
    const char *why = NULL;

    if (!control_path(c->control_socket, c->journal_dir, path, &why)) {
        if (why != NULL) {
            log_write(LOG_WARN, "control.failed", LOG_T("why", why));
        }
        return c->control_socket.size == 0 || why == NULL;
    }
    sh->control = control_new(sh, path, error);
    if (sh->control == NULL) {
        log_write(LOG_ERROR, "control.failed", LOG_T("why", error));
    }
    return sh->control != NULL || c->control_socket.size == 0;
}

/* Likewise. The token itself is in its file, never in the log. */
static bool open_admin(struct shell *sh)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    bool asked = config_line_of(&c->head, "admin_listen") != c->head.line;
    char error[256];

    if (!config_listens(c->admin_listen)) {
        return true;
    }
    sh->admin = admin_new(sh, c, error);
    if (sh->admin == NULL) {
        log_write(asked ? LOG_ERROR : LOG_WARN, "admin.failed", LOG_B("address", c->admin_listen),
                  LOG_T("why", error));
        return !asked;
    }
    log_write(LOG_INFO, "admin.listening", LOG_T("url", admin_url(sh->admin)));
    return true;
}

static void warn(void *arg, const char *text)
{
    (void)arg;
    log_write(LOG_WARN, "config", LOG_T("what", text));
}

/* Recovery, then the service. */
static int serve(struct shell *sh, const struct options *o, uint64_t seed)
{
    char error[RECOVER_ERROR_MAX];
    uint64_t engine_seed;
    int code;

    if (o->port_file != NULL) {
        (void)unlink(o->port_file); /* of a run that was killed: nobody shall connect to that */
    }
    loop_init(sh);
    if (!notify_open(&sh->notify, sh->loop)) {
        log_write(LOG_WARN, "notify.failed", LOG_T("why", strerror(errno)));
    }
    sh->journal = recover(sh->setup->config, sh->engine, loop_wake, sh, error);
    if (sh->journal == NULL) {
        log_write(LOG_ERROR, "journal.failed", LOG_T("why", error));
        notify_close(&sh->notify);
        loop_fini(sh);
        return EXIT_JOURNAL;
    }
    if (!shell_init(sh, seed) || !random_seed(&engine_seed)) {
        log_write(LOG_ERROR, "start.failed", LOG_T("why", "out of memory"));
        code = EXIT_MEMORY;
    } else {
        sh->now = loop_now();
        shell_start(sh, engine_seed);
        (void)config_warnings(sh->setup->config, warn, NULL);
        code = open_control(sh) && open_admin(sh) ? listen_and_run(sh, o) : EXIT_LISTEN;
    }
    admin_free(sh->admin);
    control_free(sh->control);
    conns_free(sh->conns);
    tls_free(sh->tls);
    notify_close(&sh->notify);
    shell_fini(sh);
    journal_close(sh->journal);
    loop_fini(sh);
    return code;
}

/* Under the sanitizers each piece stays malloc's, so that they see what is used after its end. */
static void json_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
    (void)json_memory_init();
#endif
}

static bool open_log(const struct config_fixbridge *c)
{
    const struct rotating_options options = {
        .size_max = (uint64_t)c->log_file_size_mib * 1024 * 1024,
        .age_max_us = (int64_t)c->log_file_age * US_PER_MS,
        .keep = c->log_file_keep,
    };

    return c->log_file.size == 0 || bytes_is(c->log_file, "none") ||
           log_to_file(c->log_file, &options);
}

/* Nobody looks at it without the page. */
static size_t history_size(const struct config *c)
{
    return config_listens(c->fixbridge->admin_listen)
               ? (size_t)c->fixbridge->history_mib * 1024 * 1024
               : 0;
}

/* Memory that is missing is no mistake of the file: the supervisor may try again. */
static int mistakes_code(const struct config_mistakes *m)
{
    for (size_t i = 0; i < m->count && i < CONFIG_MISTAKES_MAX; i++) {
        if (strstr(m->item[i].text, "out of memory") != NULL) {
            return EXIT_MEMORY;
        }
    }
    return EXIT_CONFIG;
}

static int run_service(const struct setup *setup, const struct options *o,
                       struct config_mistakes *m, uint64_t seed)
{
    static struct shell shell; /* one service a process */
    int code = EXIT_MEMORY;

    memory_keep();
    json_memory();
    shell.setup = setup;
    shell.loop = ev_loop_new(EVFLAG_AUTO);
    if (shell.loop == NULL || !open_log(setup->config->fixbridge)) {
        (void)fprintf(stderr, "fixbridge: no event loop, or out of memory\n");
        return EXIT_MEMORY;
    }
    shell.monitor = monitor_new(setup->config->account_count, history_size(setup->config));
    shell.audit = audit_new(setup->config->fixbridge->journal_dir);
    if (shell.monitor == NULL || shell.audit == NULL) {
        (void)fprintf(stderr, "fixbridge: out of memory\n");
        return EXIT_MEMORY;
    }
    shell.venue = venue_io_new(shell.loop, setup, m);
    shell.engine = shell.venue == NULL ? NULL : engine_new(&setup->engine);
    if (shell.venue == NULL) {
        print_mistakes(m);
        code = mistakes_code(m);
    } else if (shell.engine == NULL) {
        (void)fprintf(stderr, "fixbridge: out of memory\n");
    } else {
        venue_io_log(shell.venue, setup->config->fixbridge->log_rest);
        venue_io_watch(shell.venue, shell.monitor);
        code = serve(&shell, o, seed);
    }
    log_flush();
    engine_free(shell.engine);
    reload_free(shell.reload);
    venue_io_free(shell.venue);
    monitor_free(shell.monitor);
    audit_free(shell.audit);
    ev_loop_destroy(shell.loop);
    json_memory_fini();
    return code;
}

static void print_warning(void *arg, const char *text)
{
    (void)fprintf(stderr, "%s: warning: %s\n", (const char *)arg, text);
}

/* Also tries what only the transport can tell: URLs and proxies. */
static int check(const struct setup *setup, struct config_mistakes *m)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct venue_io *v = loop == NULL ? NULL : venue_io_new(loop, setup, m);
    const struct config *c = setup->config;
    struct tls *tls = NULL;
    char error[TLS_ERROR_MAX];

    if (!listen_tls(c->fixbridge, &tls, error)) {
        config_mistake(m, c->fixbridge->head.line, "[fixbridge] %s", error);
    }
    tls_free(tls);
    if (!listen_admin_tls(c->fixbridge, &tls, error)) {
        config_mistake(m, c->fixbridge->head.line, "[fixbridge] admin_certificate: %s", error);
    }
    if (m->count > 0 || v == NULL) {
        print_mistakes(m);
    } else {
        (void)config_warnings(c, print_warning, (void *)(uintptr_t)c->path);
        (void)printf("ok: %s: listen %.*s, tls %.*s, journal %.*s, %zu account%s, %zu session%s\n",
                     c->path, BYTES_ARG(c->fixbridge->listen), BYTES_ARG(c->fixbridge->tls_listen),
                     BYTES_ARG(c->fixbridge->journal_dir), c->account_count,
                     c->account_count == 1 ? "" : "s", c->session_count,
                     c->session_count == 1 ? "" : "s");
    }
    tls_free(tls);
    venue_io_free(v);
    if (loop != NULL) {
        ev_loop_destroy(loop);
    }
    return m->count > 0 || v == NULL ? mistakes_code(m) : EXIT_OK;
}

static int with_config(const struct options *o, int count, char *const *word)
{
    struct config_mistakes *m = config_mistakes_new(o->config);
    struct config *c = NULL;
    struct setup *setup = NULL;
    uint64_t seed = 0;
    int code = EXIT_CONFIG;

    if (m == NULL || !random_seed(&seed) || !sign_begin()) {
        (void)fprintf(stderr, "fixbridge: out of memory, or no random numbers\n");
        code = EXIT_MEMORY;
        goto end;
    }
    c = config_load(o->config, m);
    setup = c == NULL ? NULL : setup_new(c, seed, m);
    if (setup == NULL) {
        print_mistakes(m);
        code = mistakes_code(m);
        goto end;
    }
    log_setup((enum log_level)c->fixbridge->log_level, (enum log_format)c->fixbridge->log_format);
    if (o->check) {
        code = check(setup, m);
    } else if (count > 0) {
        code = venue_cmd(setup, count - 1, word + 1);
    } else {
        code = run_service(setup, o, m, seed);
    }

end:
    setup_free(setup);
    config_free(c);
    config_mistakes_free(m);
    return code;
}

/* ---- options ------------------------------------------------------------------------------- */

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "port-file", required_argument, NULL, 'p' },
        { "check-config", no_argument, NULL, 'k' },
        { "config-reference", optional_argument, NULL, 'r' },
        { "client-dictionary", required_argument, NULL, 'D' },
        { "rules-of-engagement", no_argument, NULL, 'R' },
        { "venue-table", no_argument, NULL, 'V' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "+c:p:h", known, NULL)) != -1) {
        if (c == 'r' && optarg != NULL && strcmp(optarg, "man") != 0) {
            return false;
        }
        switch (c) {
        case 'c': o->config = optarg; break;
        case 'p': o->port_file = optarg; break;
        case 'k': o->check = true; break;
        case 'r':
            o->reference = true;
            o->as_man = optarg != NULL;
            break;
        case 'D': o->dictionary_of = optarg; break;
        case 'R': o->document = "rules-of-engagement"; break;
        case 'V': o->document = "venue-table"; break;
        case 'v': o->version = true; break;
        case 'h': o->help = true; break;
        default: return false;
        }
    }
    return true;
}

static int print_reference(bool as_man)
{
    struct buf out;
    bool good;

    buf_init(&out, 1024 * 1024);
    if (as_man) {
        config_reference_man(&out);
    } else {
        config_reference(&out);
    }
    good = !out.failed && fwrite(out.data, 1, out.size, stdout) == out.size;
    buf_fini(&out);
    return good && fflush(stdout) == 0 ? EXIT_OK : EXIT_MEMORY;
}

static int usage(const char *why, const char *what)
{
    (void)fprintf(stderr, "fixbridge: %s%s%s\nTry: fixbridge --help\n", why,
                  what == NULL ? "" : ": ", what == NULL ? "" : what);
    return EXIT_USAGE;
}

static int admin(const struct options *o, int count, char *const *word)
{
    static const int code[] = {
        [CONTROL_OK] = EXIT_OK,
        [CONTROL_REFUSED] = EXIT_ADMIN_REFUSED,
        [CONTROL_UNREACHABLE] = EXIT_ADMIN_UNREACHABLE,
    };
    struct buf text;

    if (count > 0 && strcmp(word[0], "help") != 0) {
        return code[control_send(o->config, count, word)];
    }
    buf_init(&text, 16 * 1024);
    control_help(&text);
    (void)printf("%.*s", (int)text.size, text.data);
    buf_fini(&text);
    return count > 0 ? EXIT_OK : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options o = { 0 };

    (void)signal(SIGPIPE,
                 SIG_IGN); /* a gone peer is an error of a write, not the end of the service */
    if (!read_options(argc, argv, &o)) {
        return usage("wrong option", NULL);
    }
    if (o.help) {
        return fputs(help_text, stdout) >= 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_MEMORY;
    }
    if (o.version) {
        return puts("fixbridge " FIXBRIDGE_VERSION) >= 0 && fflush(stdout) == 0 ? EXIT_OK
                                                                                : EXIT_MEMORY;
    }
    if (o.reference) {
        return print_reference(o.as_man);
    }
    if (o.document != NULL) {
        return doc_print(o.document) ? EXIT_OK : EXIT_MEMORY;
    }
    if (optind < argc && strcmp(argv[optind], "journal") == 0) {
        return journal_cmd(argc - optind - 1, argv + optind + 1);
    }
    if (optind + 1 == argc && strcmp(argv[optind], "hash-password") == 0) {
        return hash_password_run() ? EXIT_OK : EXIT_USAGE;
    }
    if (optind < argc && strcmp(argv[optind], "venue") != 0 && strcmp(argv[optind], "admin") != 0) {
        return usage("unknown command", argv[optind]);
    }
    if (o.config == NULL) {
        return usage("expected --config FILE", NULL);
    }
    if (o.dictionary_of != NULL) {
        return doc_print_dictionary(o.config, o.dictionary_of) ? EXIT_OK : EXIT_CONFIG;
    }
    if (optind < argc && strcmp(argv[optind], "admin") == 0) {
        return admin(&o, argc - optind - 1, argv + optind + 1);
    }
    return with_config(&o, argc - optind, argv + optind);
}
