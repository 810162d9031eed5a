/*
 * Options, wiring, exit codes. The only file that ends the process.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"
#include "recover.h"
#include "shell.h"
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
    "  fixbridge --config-reference                  all keys of the configuration, in markdown\n"
    "  fixbridge --version\n"
    "  fixbridge --help\n"
    "\n"
    "Options\n"
    "  -c, --config FILE      the configuration\n"
    "  -p, --port-file FILE   write the port listened on to FILE once ready\n"
    "\n"
    "Signals: SIGTERM and SIGINT stop in good order (no new orders, open calls awaited, sessions "
    "logged\n"
    "out, journal synced); a second one stops without waiting.\n"
    "\n"
    "Exit codes\n"
    "  0  stopped in good order, or nothing to complain about\n"
    "  1  mistakes in the configuration\n"
    "  2  wrong use of this command\n"
    "  3  the journal cannot be opened, read or written\n"
    "  4  the listening address cannot be used\n"
    "  5  out of memory, or the system lacks something at start\n"
    "  10 venue: refused    11 venue: not sent, or throttled    12 venue: outcome unknown\n";

struct options {
    const char *config, *port_file;
    bool        check, reference, version, help;
};

/* ---- pieces of the start ------------------------------------------------------------------------- */

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
static bool write_port(const char *path, uint16_t port)
{
    char  temporary[4096];
    FILE *f;
    bool  good;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    f = fopen(temporary, "we");
    if (f == NULL) {
        return false;
    }
    good = fprintf(f, "%u\n", (unsigned)port) > 0;
    good = fclose(f) == 0 && good;
    return good && rename(temporary, path) == 0;
}

static int listen_and_run(struct shell *sh, const struct options *o)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    struct conns_config            listen = {
        .connections_max = c->connections_max,
        .unauthenticated_max = c->unauthenticated_max,
        .logon_timeout_ms = c->logon_timeout,
        .send_timeout_ms = c->send_timeout,
    };
    char error[256] = "not an address";
    int  code = EXIT_OK;

    if (!config_host_port(c->listen, &listen.host, &listen.port) ||
        (sh->conns = conns_new(sh->loop, &listen, &shell_conns_ops, sh, error)) == NULL) {
        log_write(LOG_ERROR, "listen.failed", LOG_B("address", c->listen), LOG_T("why", error));
        return EXIT_LISTEN;
    }
    if (o->port_file != NULL && !write_port(o->port_file, conns_port(sh->conns))) {
        log_write(LOG_ERROR, "listen.failed", LOG_T("port_file", o->port_file),
                  LOG_T("why", strerror(errno)));
        return EXIT_LISTEN;
    }
    log_write(LOG_INFO, "listening", LOG_T("address", conns_address(sh->conns)),
              LOG_U("sessions", sh->session_count),
              LOG_U("accounts", sh->setup->config->account_count));
    log_flush();
    if (!loop_run(sh) || !journal_wait(sh->journal, journal_last(sh->journal))) {
        code = EXIT_JOURNAL;
    }
    if (o->port_file != NULL) {
        (void)unlink(o->port_file);     /* a courtesy: who reads it must check anyway */
    }
    log_write(code == EXIT_OK ? LOG_INFO : LOG_ERROR, "stopped", LOG_I("code", code));
    return code;
}

/* Recovery, then the service. */
static int serve(struct shell *sh, const struct options *o, uint64_t seed)
{
    char     error[RECOVER_ERROR_MAX];
    uint64_t engine_seed;
    int      code;

    if (o->port_file != NULL) {
        (void)unlink(o->port_file);     /* of a run that was killed: nobody shall connect to that */
    }
    loop_init(sh);
    sh->journal = recover(sh->setup->config, sh->engine, loop_wake, sh, error);
    if (sh->journal == NULL) {
        log_write(LOG_ERROR, "journal.failed", LOG_T("why", error));
        loop_fini(sh);
        return EXIT_JOURNAL;
    }
    if (!shell_init(sh, seed) || !random_seed(&engine_seed)) {
        log_write(LOG_ERROR, "start.failed", LOG_T("why", "out of memory"));
        code = EXIT_MEMORY;
    } else {
        sh->now = loop_now();
        shell_start(sh, engine_seed);
        code = listen_and_run(sh, o);
    }
    conns_free(sh->conns);
    shell_fini(sh);
    journal_close(sh->journal);
    loop_fini(sh);
    return code;
}

/* Memory once got from the system is kept: giving it back and asking again costs system calls and page
 * faults on the path of an order. */
static void keep_memory(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, 512 * 1024 * 1024);
    (void)mallopt(M_TOP_PAD, 1024 * 1024);
}

static int run_service(const struct setup *setup, const struct options *o,
                       struct config_mistakes *m, uint64_t seed)
{
    static struct shell shell;      /* one service a process */
    int                 code = EXIT_MEMORY;

    keep_memory();
    shell.setup = setup;
    shell.loop = ev_loop_new(EVFLAG_AUTO);
    if (shell.loop == NULL) {
        (void)fprintf(stderr, "fixbridge: no event loop\n");
        return EXIT_MEMORY;
    }
    shell.venue = venue_io_new(shell.loop, setup, m);
    shell.engine = shell.venue == NULL ? NULL : engine_new(&setup->engine);
    if (shell.venue == NULL) {
        print_mistakes(m);
        code = EXIT_CONFIG;
    } else if (shell.engine == NULL) {
        (void)fprintf(stderr, "fixbridge: out of memory\n");
    } else {
        venue_io_log(shell.venue, setup->config->fixbridge->log_rest);
        code = serve(&shell, o, seed);
    }
    log_flush();
    engine_free(shell.engine);
    venue_io_free(shell.venue);
    ev_loop_destroy(shell.loop);
    return code;
}

/* Also tries what only the transport can tell: URLs and proxies. */
static int check(const struct setup *setup, struct config_mistakes *m)
{
    struct ev_loop  *loop = ev_loop_new(EVFLAG_AUTO);
    struct venue_io *v = loop == NULL ? NULL : venue_io_new(loop, setup, m);
    const struct config *c = setup->config;

    if (m->count > 0 || v == NULL) {
        print_mistakes(m);
    } else {
        (void)printf("ok: %s: listen %.*s, journal %.*s, %zu account%s, %zu session%s\n", c->path,
                     BYTES_ARG(c->fixbridge->listen), BYTES_ARG(c->fixbridge->journal_dir),
                     c->account_count, c->account_count == 1 ? "" : "s", c->session_count,
                     c->session_count == 1 ? "" : "s");
    }
    venue_io_free(v);
    if (loop != NULL) {
        ev_loop_destroy(loop);
    }
    return m->count > 0 || v == NULL ? EXIT_CONFIG : EXIT_OK;
}

static int with_config(const struct options *o, int count, char *const *word)
{
    struct config_mistakes *m = config_mistakes_new(o->config);
    struct config          *c = NULL;
    struct setup           *setup = NULL;
    uint64_t                seed = 0;
    int                     code = EXIT_CONFIG;

    if (m == NULL || !random_seed(&seed)) {
        (void)fprintf(stderr, "fixbridge: out of memory, or no random numbers\n");
        code = EXIT_MEMORY;
        goto end;
    }
    c = config_load(o->config, m);
    setup = c == NULL ? NULL : setup_new(c, seed, m);
    if (setup == NULL) {
        print_mistakes(m);
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

/* ---- options ------------------------------------------------------------------------------------- */

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "port-file", required_argument, NULL, 'p' },
        { "check-config", no_argument, NULL, 'k' },
        { "config-reference", no_argument, NULL, 'r' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "+c:p:h", known, NULL)) != -1) {
        switch (c) {
        case 'c': o->config = optarg; break;
        case 'p': o->port_file = optarg; break;
        case 'k': o->check = true; break;
        case 'r': o->reference = true; break;
        case 'v': o->version = true; break;
        case 'h': o->help = true; break;
        default:  return false;
        }
    }
    return true;
}

static int print_reference(void)
{
    struct buf out;
    bool       good;

    buf_init(&out, 1024 * 1024);
    config_reference(&out);
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
        return print_reference();
    }
    if (optind < argc && strcmp(argv[optind], "venue") != 0) {
        return usage("unknown command", argv[optind]);
    }
    if (o.config == NULL) {
        return usage("expected --config FILE", NULL);
    }
    return with_config(&o, argc - optind, argv + optind);
}
