/*
 * The operator's door: a Unix socket, mode 0600, for the service's own user and root (asked of the
 * kernel, not of the peer). One line a command, words separated by blanks; one line of JSON an
 * answer:
 *
 *     {"ok":true,"result":...}       {"ok":false,"error":"why not"}
 *
 * What a command changed is durable before its answer leaves. control_verbs.c has the commands,
 * control_client.c is "fixbridge admin".
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base.h"
#include "buf.h"
#include "config.h"

struct control;
struct shell;

#define CONTROL_PATH_MAX 108 /* sun_path */
#define CONTROL_LINE_MAX 4096
#define CONTROL_WORDS_MAX 16

/* The socket's path; false: none is wanted, or it is too long for one (then *error says so). */
MUST_CHECK bool control_path(struct bytes control_socket, struct bytes journal_dir,
                             char out[CONTROL_PATH_MAX], const char **error);

/* NULL: `error` says why. A socket file that nobody listens on is replaced. */
struct control *control_new(struct shell *sh, const char *path, char error[256]);
void control_free(struct control *c); /* also of NULL */
/* At the end of a turn: answers whose changes are durable leave. */
void control_release(struct control *c, uint64_t last, uint64_t durable);

/* ---- control_verbs.c ----------------------------------------------------------------------- */

/* Who asks: a process of this host, or somebody with the token by HTTP. */
struct control_who {
    const char *http; /* address of the client; NULL: the socket, and then */
    unsigned uid;
    int pid;
};

/* Carries out one line and appends the answer with its newline. False: refused, which the answer
 * says too. */
bool control_run(struct shell *sh, struct bytes line, const struct control_who *who,
                 struct buf *out);
/* One line for each command. */
void control_help(struct buf *out);

/* ---- control_client.c ---------------------------------------------------------------------- */

enum control_outcome { CONTROL_OK, CONTROL_REFUSED, CONTROL_UNREACHABLE };

/* Sends the words as one command and prints the answer. Of the configuration only the place of the
 * socket is read, so that a file with a mistake in it keeps nobody from the running service. */
enum control_outcome control_send(const char *config_path, int count, char *const *word);

#endif
