/*
 * fixclient: the same commands typed by hand, with libedit's line editing, history and completion
 * of command words; messages are printed above the line being typed.
 */
#include "fixclient.h"

#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fc_script *current; /* libedit's line handler takes no argument */
static bool line_is_new;          /* nothing typed yet: libedit still holds the line before */

static const char prompt[] = "fix> ";

static void hide_line(void)
{
    fputs("\r\033[K", stdout);
}

static void show_line(void)
{
    if (line_is_new) {
        fputs(prompt, stdout);
        fflush(stdout);
        return;
    }
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
    (void)fc_script_line(current,
                         line); /* it has said what was wrong; the next line may be right */
    current->ctx->before_print = hide_line;
    current->ctx->after_print = show_line;
    line_is_new = true;
    free(line);
}

static char *next_word(const char *text, int state)
{
    static const char *const words[] = {
        "new",        "replace",    "cancel",     "status",     "masscancel",
        "massstatus", "list",       "listcancel", "liststatus", "positions",
        "securities", "raw",        "expect",     "forbid",     "expect_disconnect",
        "connect",    "disconnect", "logout",     "wait",       "set",
        "http",       "print",      "forget",     "help",       "exit",
    };
    static size_t at;

    at = state == 0 ? 0 : at;
    while (at < sizeof words / sizeof words[0]) {
        const char *word = words[at++];

        if (strncmp(word, text, strlen(text)) == 0) {
            return strdup(word);
        }
    }
    return NULL;
}

int fc_tty_run(struct fc_script *sc)
{
    const char *home = getenv("HOME");
    char history[4096];

    current = sc;
    snprintf(history, sizeof history, "%s/.fixclient_history", home != NULL ? home : "/tmp");
    rl_readline_name = "fixclient";
    rl_completion_entry_function = next_word;
    using_history();
    (void)read_history(history); /* none yet is fine */
    fc_say(sc->ctx, "Type help for the commands, exit or ctrl-D to log out and leave.");
    sc->ctx->before_print = hide_line;
    sc->ctx->after_print = show_line;
    rl_callback_handler_install(prompt, on_line);
    while (!sc->done) {
        if (fc_net_turn(sc->session, STDIN_FILENO, fc_mono_us() + 100000)) {
            line_is_new = false;
            rl_callback_read_char();
        }
    }
    rl_callback_handler_remove();
    sc->ctx->before_print = NULL;
    sc->ctx->after_print = NULL;
    stifle_history(1000);
    (void)write_history(history); /* a read-only home loses history, nothing else */
    return 0;
}
