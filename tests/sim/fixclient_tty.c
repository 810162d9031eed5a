/*
 * fixclient: the same commands typed by hand, with libedit's line editing and a history that is
 * kept; messages are printed above the line being typed.
 */
#include "fixclient.h"

#include <editline/readline.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000, PATH_SIZE = 4096 };

static struct fc_script *current; /* libedit's line handler takes no argument */

/* Says so when there is no session to type orders into. */
static const char *prompt(void)
{
    switch (current->session->state) {
    case FC_DOWN: return "fix (not connected)> ";
    case FC_CONNECTING:
    case FC_LOGON_SENT: return "fix (logging on)> ";
    case FC_LOGOUT_SENT: return "fix (logging out)> ";
    case FC_UP: break;
    }
    return "fix> ";
}

static void hide_line(void)
{
    fputs("\r\033[K", stdout);
}

static void show_line(void)
{
    rl_set_prompt(prompt());
    rl_on_new_line();
    rl_forced_update_display();
}

static void on_line(char *line)
{
    if (line == NULL) {
        current->done = true;
        return;
    }
    if (*line != '\0') {
        add_history(line);
    }
    current->ctx->before_print = NULL; /* the prompt's line is finished: nothing to hide */
    current->ctx->after_print = NULL;
    /* A ctrl-C since the line's end was shown is meant for what the line does: not cleared here. */
    fc_record(current, line, fc_script_line(current, line)); /* what was wrong it has said */
    fc_interrupted = 0;
    free(line);
    if (current->done) {
        return;
    }
    /* Once a line is done libedit reads the next as a whole and would hold up all else; it reads
     * key by key again, and shows its prompt, when the handler is installed anew. */
    rl_callback_handler_install(prompt(), on_line);
    current->ctx->before_print = hide_line;
    current->ctx->after_print = show_line;
}

/* Whole lines that others have appended; half a line waits for its end. */
static void show_followed(struct fc_ctx *ctx, FILE *f, struct fc_buf *part)
{
    char piece[4096];
    size_t n;

    while ((n = fread(piece, 1, sizeof piece, f)) > 0) {
        fc_buf_add(part, piece, n);
    }
    clearerr(f); /* the end is not for ever */
    for (char *end; part->len > 0 && (end = memchr(part->p, '\n', part->len)) != NULL;) {
        fc_say(ctx, "%s%.*s%s", ctx->cfg.colour ? "\033[2m" : "", (int)(end - part->p), part->p,
               ctx->cfg.colour ? "\033[0m" : "");
        fc_buf_drop(part, (size_t)(end - part->p) + 1);
    }
}

static FILE *open_followed(const struct fc_config *cfg)
{
    FILE *f = cfg->follow != NULL ? fopen(cfg->follow, "re") : NULL;

    if (cfg->follow != NULL && f == NULL) {
        fc_die("--follow %s: %s", cfg->follow, strerror(errno));
    }
    if (f != NULL) {
        (void)fseek(f, 0, SEEK_END);
    }
    return f;
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    fc_interrupted = 1;
}

/* Ctrl-C: a new line instead of the one being typed. */
static void drop_line(void)
{
    fc_interrupted = 0;
    rl_callback_handler_remove();
    putchar('\n');
    fflush(stdout);
    rl_callback_handler_install(prompt(), on_line);
}

/* Makes the directories of a file's path; what fails shows when the file is written. */
static void make_directories(const char *file)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "%s", file);
    for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        (void)mkdir(path, 0700);
        *p = '/';
    }
}

static void history_path(const struct fc_config *cfg, char path[PATH_SIZE])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (cfg->history != NULL) {
        snprintf(path, PATH_SIZE, "%s", cfg->history);
    } else if (state != NULL && state[0] == '/') {
        snprintf(path, PATH_SIZE, "%s/fixclient/history", state);
    } else {
        snprintf(path, PATH_SIZE, "%s/.local/state/fixclient/history",
                 home != NULL ? home : "/tmp");
    }
}

static void keep_history(const struct fc_ctx *ctx, const char *path)
{
    mode_t mask = umask(077);

    make_directories(path);
    stifle_history(HISTORY_LINES);
    if (write_history(path) != 0 && ctx->cfg.history != NULL) {
        fprintf(stderr, "fixclient: --history %s cannot be written\n", path);
    } /* one that nobody asked for may be lost */
    (void)umask(mask);
}

int fc_tty_run(struct fc_script *sc)
{
    FILE *followed = open_followed(&sc->ctx->cfg);
    struct fc_buf part = { 0 };
    char history[PATH_SIZE];

    current = sc;
    history_path(&sc->ctx->cfg, history);
    rl_readline_name = "fixclient";
    using_history();
    (void)read_history(history); /* none yet is fine */
    fc_complete_init(sc);
    fc_say(sc->ctx,
           "Type help for the commands, tab completes, the arrows bring back earlier lines; "
           "ctrl-C "
           "drops the line\nor ends a wait, exit or ctrl-D logs out and leaves.");
    sc->ctx->before_print = hide_line;
    sc->ctx->after_print = show_line;
    (void)signal(SIGINT, on_interrupt);
    rl_callback_handler_install(prompt(), on_line);
    while (!sc->done) {
        bool typed = fc_net_turn(sc->session, STDIN_FILENO, fc_mono_us() + 100000);

        if (fc_interrupted) { /* before the keys: those were pressed after it */
            drop_line();
        }
        if (typed) {
            rl_callback_read_char();
        }
        if (followed != NULL) {
            show_followed(sc->ctx, followed, &part);
        }
    }
    rl_callback_handler_remove();
    (void)signal(SIGINT, SIG_DFL);
    sc->ctx->before_print = NULL;
    sc->ctx->after_print = NULL;
    fc_complete_fini();
    keep_history(sc->ctx, history);
    fc_buf_free(&part);
    if (followed != NULL) {
        fclose(followed);
    }
    return 0;
}
