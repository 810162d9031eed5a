/*
 * Reads a password without showing it, asks twice on a terminal, prints its hash.
 */
#include "hash_password.h"

#include <stdio.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include "password.h"
#include "sign.h"

/* One line, without its end; false: none, or too long. */
static bool read_line(char out[PASSWORD_MAX + 2], struct bytes *line)
{
    size_t size;

    if (fgets(out, PASSWORD_MAX + 2, stdin) == NULL) {
        return false;
    }
    size = strlen(out);
    if (size > PASSWORD_MAX && out[size - 1] != '\n') {
        return false;
    }
    while (size > 0 && (out[size - 1] == '\n' || out[size - 1] == '\r')) {
        size--;
    }
    *line = (struct bytes){ out, size };
    return size > 0;
}

static bool ask(const char *question, char out[PASSWORD_MAX + 2], struct bytes *line)
{
    struct termios before, quiet;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    bool good;

    if (!is_terminal) {
        return read_line(out, line);
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)fputs(question, stderr);
    (void)fflush(stderr);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) {
        return false;
    }
    good = read_line(out, line);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    (void)fputs("\n", stderr);
    return good;
}

static bool print_hash(struct bytes password)
{
    unsigned char salt[PASSWORD_SALT_SIZE];
    struct buf out;
    bool good;

    buf_init(&out, 1024);
    good = getrandom(salt, sizeof salt, 0) == (ssize_t)sizeof salt &&
           password_hash_make(password, salt, &out) &&
           printf("password_hash = %.*s\n", (int)out.size, out.data) > 0 && fflush(stdout) == 0;
    buf_fini(&out);
    if (!good) {
        (void)fprintf(stderr, "fixbridge: no random numbers, out of memory, or nowhere to print\n");
    }
    return good;
}

bool hash_password_run(void)
{
    char first[PASSWORD_MAX + 2], second[PASSWORD_MAX + 2];
    struct bytes a, b;
    bool good;

    if (!ask("Password: ", first, &a)) {
        (void)fprintf(stderr, "fixbridge: expected a password of 1 to %d bytes\n", PASSWORD_MAX);
        return false;
    }
    if (isatty(STDIN_FILENO) && (!ask("Again: ", second, &b) || !bytes_equal(a, b))) {
        (void)fprintf(stderr, "fixbridge: the two are not the same\n");
        sign_wipe(first, sizeof first);
        sign_wipe(second, sizeof second);
        return false;
    }
    good = print_hash(a);
    sign_wipe(first, sizeof first);
    sign_wipe(second, sizeof second);
    return good;
}
