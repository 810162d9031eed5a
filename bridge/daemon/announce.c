/*
 * News (B) to clients: a stop that is planned, as rules of engagement 3.2 has it.
 */
#include <stdio.h>

#include "fix_body.h"
#include "fix_tags.h"
#include "log.h"
#include "shell.h"

#define NEWS_FROM_US (60 * US_PER_S)
#define NEWS_EACH_US (10 * US_PER_S)
#define NEWS_MAX 1024

void announce_news(struct shell *sh, const char *headline, const char *line)
{
    struct buf out;
    struct fix_body body;

    buf_init(&out, NEWS_MAX);
    fix_body_start(&body, "B", &out);
    fix_body_text(&body, TAG_HEADLINE, headline);
    fix_body_uint(&body, TAG_NO_LINES_OF_TEXT, 1);
    fix_body_text(&body, TAG_TEXT, line);
    for (size_t i = 0; i < sh->session_count; i++) {
        if (fix_session_state(sh->session[i].fix) == FIX_UP) {
            fix_session_tell(sh->session[i].fix, &body, &sh->now);
            shell_touch(sh, &sh->session[i]);
        }
    }
    buf_fini(&out);
}

void shell_announce(struct shell *sh, uint32_t seconds)
{
    int64_t left_us = (int64_t)seconds * US_PER_S;

    sh->ops.planned = true;
    sh->ops.stop_us = sh->now.mono_us + left_us;
    sh->ops.news_us = left_us > NEWS_FROM_US ? sh->ops.stop_us - NEWS_FROM_US : sh->now.mono_us;
    log_write(LOG_INFO, "stop.planned", LOG_U("seconds", seconds));
}

bool shell_announce_cancel(struct shell *sh)
{
    bool planned = sh->ops.planned;
    /* News is due at most NEWS_FROM_US before the stop; nobody heard of it earlier. */
    bool heard = planned && sh->ops.stop_us - sh->now.mono_us <= NEWS_FROM_US;

    sh->ops.planned = false;
    sh->ops.stop_us = sh->ops.news_us = NEVER_US;
    if (heard) {
        announce_news(sh, "Planned stop canceled", "The service goes on");
    }
    if (planned) {
        log_write(LOG_INFO, "stop.canceled", LOG_T("by", "operator"));
    }
    return planned;
}

bool announce_tick(struct shell *sh)
{
    char line[128];

    if (!sh->ops.planned || sh->phase != SHELL_RUNS) {
        return false;
    }
    if (sh->ops.stop_us <= sh->now.mono_us) {
        sh->ops.planned = false;
        sh->ops.stop_us = sh->ops.news_us = NEVER_US;
        shell_drain(sh, "planned");
        return true;
    }
    if (sh->ops.news_us > sh->now.mono_us) {
        return false;
    }
    (void)snprintf(line, sizeof line, "The service stops in %lld seconds",
                   (long long)((sh->ops.stop_us - sh->now.mono_us + US_PER_S / 2) / US_PER_S));
    announce_news(sh, "Planned stop", line);
    sh->ops.news_us += NEWS_EACH_US;
    return true;
}
