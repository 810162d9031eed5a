/*
 * fixclient: what a session must remember, in memory and in an append-only state file:
 *
 *     O <seq> <len>\n<raw>\n     an application message sent (len 0: administrative, only the
 * number) I <next in> <len>\n<raw>\n a message received, and the number expected next N <next in>
 * <next out>\n   numbers changed without a message R\n                        both sides start
 * again at 1
 *
 * A torn tail (the client was killed) is cut off. Written before the bytes leave, by
 * fc_store_flush.
 */
#include "fixclient.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void remember(struct fc_store *st, const char *raw, size_t len)
{
    if (st->next_out > st->sent_cap) {
        size_t cap = st->sent_cap == 0 ? 1024 : st->sent_cap * 2;

        while (cap < st->next_out) {
            cap *= 2;
        }
        st->sent = realloc(st->sent, cap * sizeof *st->sent);
        if (st->sent == NULL) {
            fc_die("out of memory");
        }
        memset(st->sent + st->sent_cap, 0, (cap - st->sent_cap) * sizeof *st->sent);
        st->sent_cap = cap;
    }
    st->sent[st->next_out - 1] = (struct fc_sent){ st->blob.len, len };
    fc_buf_add(&st->blob, raw, len);
    st->next_out++;
}

static void forget(struct fc_store *st)
{
    st->next_in = st->next_out = 1;
    st->blob.len = 0;
    if (st->sent != NULL) {
        memset(st->sent, 0, st->sent_cap * sizeof *st->sent);
    }
}

static bool read_raw(FILE *f, struct fc_buf *raw, unsigned long long len)
{
    char piece[4096];

    raw->len = 0;
    if (len > FC_MESSAGE_MAX) {
        return false;
    }
    while (len > 0) {
        size_t n = fread(piece, 1, len < sizeof piece ? (size_t)len : sizeof piece, f);

        if (n == 0) {
            return false;
        }
        fc_buf_add(raw, piece, n);
        len -= n;
    }
    return fgetc(f) == '\n';
}

/* One record; false at the end or at a torn one. */
static bool read_record(struct fc_store *st, FILE *f, struct fc_buf *raw, fc_replay_fn *replay,
                        void *arg, struct fc_msg *m)
{
    char line[96], kind;
    unsigned long long a = 0, b = 0;
    int n;

    if (fgets(line, sizeof line, f) == NULL || strchr(line, '\n') == NULL) {
        return false;
    }
    n = sscanf(line, "%c %llu %llu", &kind, &a, &b);
    if (n == 1 && kind == 'R') {
        forget(st);
        return true;
    }
    if (n != 3) {
        return false;
    }
    if (kind == 'N') {
        st->next_in = a;
        st->next_out = b;
        return true;
    }
    if ((kind != 'O' && kind != 'I') || !read_raw(f, raw, b)) {
        return false;
    }
    if (kind == 'O') {
        st->next_out = a;
        remember(st, raw->p, raw->len);
    } else {
        st->next_in = a;
    }
    if (raw->len > 0 && replay != NULL && fc_parse(m, raw->p, raw->len)) {
        replay(arg, kind == 'I', m);
    }
    return true;
}

void fc_store_open(struct fc_store *st, const char *path, fc_replay_fn *replay, void *arg)
{
    struct fc_buf raw = { 0 };
    struct fc_msg *m = malloc(sizeof *m);
    long good = 0;

    memset(st, 0, sizeof *st);
    st->next_in = st->next_out = 1;
    if (path != NULL && m != NULL) {
        st->file = fopen(path, "a+");
        if (st->file == NULL) {
            fc_die("--state %s: %s", path, strerror(errno));
        }
        rewind(st->file);
        while (read_record(st, st->file, &raw, replay, arg, m)) {
            good = ftell(st->file);
        }
        if (ftruncate(fileno(st->file), good) != 0 || fseek(st->file, 0, SEEK_END) != 0) {
            fc_die("--state %s: %s", path, strerror(errno));
        }
    }
    free(m);
    fc_buf_free(&raw);
}

void fc_store_close(struct fc_store *st)
{
    if (st->file != NULL) {
        fclose(st->file);
    }
    free(st->sent);
    fc_buf_free(&st->blob);
    memset(st, 0, sizeof *st);
}

static void write_raw(struct fc_store *st, char kind, uint64_t number, const char *raw, size_t len)
{
    if (st->file != NULL) {
        fprintf(st->file, "%c %llu %zu\n", kind, (unsigned long long)number, len);
        fwrite(raw, 1, len, st->file);
        fputc('\n', st->file);
    }
}

void fc_store_sent(struct fc_store *st, const char *raw, size_t len, bool application)
{
    write_raw(st, 'O', st->next_out, raw, application ? len : 0);
    remember(st, raw, application ? len : 0);
}

void fc_store_received(struct fc_store *st, const char *raw, size_t len, uint64_t next_in)
{
    st->next_in = next_in;
    write_raw(st, 'I', next_in, raw, len);
}

void fc_store_numbers(struct fc_store *st, uint64_t next_in, uint64_t next_out)
{
    st->next_in = next_in;
    st->next_out = next_out;
    if (st->file != NULL) {
        fprintf(st->file, "N %llu %llu\n", (unsigned long long)next_in,
                (unsigned long long)next_out);
    }
}

void fc_store_reset(struct fc_store *st)
{
    forget(st);
    if (st->file != NULL) {
        fputs("R\n", st->file);
    }
}

void fc_store_flush(struct fc_store *st)
{
    if (st->file != NULL && (fflush(st->file) != 0 || ferror(st->file))) {
        fc_die("state file: %s", strerror(errno));
    }
}
