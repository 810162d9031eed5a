/*
 * Time for resends. They come after everything else of a turn, all sessions in a ring, a chunk
 * each, until PIECE_US are used up; then the sockets are looked at again. So whoever has something
 * else to do waits for one piece at most, however many messages are sent again.
 *
 * While others are busy a pause follows each piece, nine times as long as the piece took: the
 * processor, the disk and the network are theirs, too. On a machine that has too little of those a
 * piece takes longer, and so does the pause.
 */
#include "shell.h"

#define PIECE_US 50
#define PAUSE_TIMES 9
#define PAUSE_MAX_US (5 * US_PER_MS)
/* Others count as busy for so long after they had something to do. */
#define BUSY_US US_PER_MS
/* Until the store is asked again for what it fetches from the disk. */
#define FETCH_US US_PER_MS

void shell_resend_queue(struct shell *sh, struct session *s)
{
    if (s->resends || !fix_session_can_resend(s->fix)) {
        return;
    }
    s->resends = true;
    s->next_resend = NULL;
    if (sh->resends.first == NULL) {
        sh->resends.first = s;
    } else {
        sh->resends.last->next_resend = s;
    }
    sh->resends.last = s;
    sh->resends.count++;
}

static struct session *take(struct shell *sh)
{
    struct session *s = sh->resends.first;

    if (s != NULL) {
        sh->resends.first = s->next_resend;
        sh->resends.count--;
        s->resends = false;
    }
    return s;
}

/* Until the time is over, or nobody can go on. */
static void make_piece(struct shell *sh)
{
    size_t waiting = 0; /* in a row */
    int64_t until_us = sh->resends.from_us + PIECE_US;

    do {
        struct session *s = take(sh);
        enum fix_resend result = fix_session_resend(s->fix, &sh->now);

        waiting = result == FIX_RESEND_LATER ? waiting + 1 : 0;
        sh->resends.fetching = sh->resends.fetching && waiting > 0;
        if (result != FIX_RESEND_ENOUGH) {
            shell_resend_queue(sh, s);
        }
        shell_touch(sh, s);
    } while (waiting < sh->resends.count && loop_now().mono_us < until_us);
}

bool shell_resend(struct shell *sh, bool busy)
{
    sh->resends.busy_us = busy ? sh->now.mono_us : sh->resends.busy_us;
    if (sh->resends.first == NULL || sh->now.mono_us < sh->resends.next_us) {
        return false;
    }
    sh->resends.from_us = loop_now().mono_us;
    sh->resends.fetching = true;
    make_piece(sh);
    return true;
}

void shell_resend_done(struct shell *sh)
{
    int64_t now_us = loop_now().mono_us;
    int64_t took_us = now_us - sh->resends.from_us;
    int64_t pause_us = 0;

    if (sh->resends.fetching) {
        pause_us = FETCH_US;
    } else if (sh->now.mono_us - sh->resends.busy_us < BUSY_US) {
        pause_us = took_us * PAUSE_TIMES;
        pause_us = pause_us < PAUSE_MAX_US ? pause_us : PAUSE_MAX_US;
    }
    sh->resends.next_us = now_us + pause_us;
}

int64_t shell_resend_deadline(const struct shell *sh)
{
    return sh->resends.first == NULL ? NEVER_US : sh->resends.next_us;
}

bool shell_resend_due(const struct shell *sh)
{
    return sh->resends.first != NULL && sh->resends.next_us <= loop_now().mono_us;
}
