/*
 * The rate of messages, slow consumers, the message log, and what calls hours.c and announce.c.
 */
#include "session_ops.h"

#include <stdio.h>

#include "engine_query.h"
#include "fix_tags.h"
#include "log.h"
#include "shell.h"

/* ---- life ---------------------------------------------------------------------------------- */

static struct bytes log_path(const struct shell *sh, const struct session *s)
{
    struct bytes path = s->config->log_messages.size > 0
                            ? s->config->log_messages
                            : sh->setup->config->fixbridge->log_messages;

    return bytes_is(path, "none") ? (struct bytes){ NULL, 0 } : path;
}

bool ops_open(struct shell *sh, struct session *s)
{
    const struct config_fixbridge *c = sh->setup->config->fixbridge;
    struct bytes path = log_path(sh, s);

    if (path.size == 0) {
        return true;
    }
    if (sh->ops.logs == NULL) {
        const struct message_log_options options = {
            .file = { .size_max = (uint64_t)c->log_messages_size_mib * 1024 * 1024,
                      .age_max_us = (int64_t)c->log_messages_age * US_PER_MS,
                      .keep = c->log_messages_keep },
            .separator = c->log_messages_separator == CONFIG_SOH ? '\001' : '|',
        };

        sh->ops.logs = message_logs_new(&options);
    }
    s->ops.log = sh->ops.logs == NULL ? NULL : message_log_of(sh->ops.logs, path);
    return s->ops.log != NULL;
}

void ops_start(struct shell *sh)
{
    sh->ops.stop_us = sh->ops.news_us = NEVER_US;
    hours_start(sh);
}

void ops_fini(struct shell *sh)
{
    message_logs_free(sh->ops.logs);
    sh->ops.logs = NULL;
}

const char *ops_refuses(const struct shell *sh, const struct session *s)
{
    if (sh->now.mono_us < s->ops.blocked_until_us) {
        return "logged out for its message rate, not let in again yet";
    }
    return hours_refuse(sh, s);
}

/* ---- the rate of messages ------------------------------------------------------------------ */

void ops_received(struct shell *sh, struct session *s, struct bytes piece)
{
    const struct throttle_limit limit = { s->config->messages_per_second,
                                          s->config->messages_burst };

    monitor_received(sh->monitor, piece);
    s->ops.over = !throttle_take(&s->ops.throttle, &limit, sh->now.mono_us);
    if (s->ops.log != NULL) {
        message_log_write(s->ops.log, s->config->head.name, true, piece, sh->now.wall_us);
    }
}

bool ops_is_over(struct session *s)
{
    bool over = s->ops.over;

    s->ops.over = false; /* those behind it waited for a gap to be filled, and were counted then */
    return over;
}

void ops_judge(struct shell *sh, struct session *s)
{
    char text[64];

    if (s->config->rate_strikes == 0 || s->ops.throttle.strikes < s->config->rate_strikes ||
        fix_session_state(s->fix) != FIX_UP) {
        return;
    }
    (void)snprintf(text, sizeof text, "More than %u messages per second",
                   s->config->messages_per_second);
    log_write(LOG_WARN, "session.rate", LOG_B("session", s->config->head.name),
              LOG_U("strikes", s->ops.throttle.strikes), LOG_U("block_ms", s->config->rate_block));
    s->ops.blocked_until_us = sh->now.mono_us + (int64_t)s->config->rate_block * US_PER_MS;
    fix_session_logout(s->fix, text, &sh->now);
}

/* ---- slow consumers ------------------------------------------------------------------------ */

void ops_settled(struct session *s)
{
    size_t size = fix_session_output(s->fix).size;
    size_t mark = (size_t)s->config->output_max_kib * 1024 / 100 * s->config->output_warn_percent;

    if (!s->ops.slow && size > mark) {
        s->ops.slow = true;
        log_write(LOG_WARN, "session.slow", LOG_B("session", s->config->head.name),
                  LOG_U("waiting_bytes", size), LOG_U("limit_kib", s->config->output_max_kib),
                  LOG_T("why", "the client does not read what is sent to it"));
    } else if (s->ops.slow && size < mark / 2) {
        s->ops.slow = false;
    }
}

/* ---- the message log ----------------------------------------------------------------------- */

/* A message is counted and logged when its first byte leaves; `out` begins with what is left of one
 * that was. */
void ops_sent(struct shell *sh, struct session *s, struct bytes out, size_t put)
{
    size_t at = s->ops.logged;

    while (at < put) {
        struct bytes rest = { out.data + at, out.size - at };

        rest.size = monitor_wrote(sh->monitor, rest);
        if (s->ops.log != NULL) {
            message_log_write(s->ops.log, s->config->head.name, false, rest, sh->now.wall_us);
        }
        at += rest.size;
    }
    s->ops.logged = at - put;
}

void ops_down(struct shell *sh, struct session *s, struct bytes out)
{
    ops_sent(sh, s, out, out.size);
    s->ops.logged = 0;
    s->ops.over = false;
    s->ops.slow = false;
    sh->ops.hours_us = sh->now.mono_us; /* a reset may have waited for this */
}

/* ---- the turn ------------------------------------------------------------------------------ */

bool ops_tick(struct shell *sh)
{
    bool any = hours_tick(sh);

    return announce_tick(sh) || any;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ops_deadline(const struct shell *sh)
{
    int64_t at = earlier(sh->ops.stop_us, sh->ops.news_us);

    return earlier(at, sh->ops.hours_us);
}

void ops_flush(struct shell *sh)
{
    if (sh->ops.logs != NULL) {
        message_logs_flush(sh->ops.logs, sh->now.wall_us);
    }
}

void ops_log_message(const struct shell *sh, const struct session *s, const struct fix_msg *msg)
{
    struct bytes cl_ord_id = { NULL, 0 };
    char id[ORDER_ID_TEXT_MAX] = "";
    const struct order *o = NULL;

    if (!sh->setup->config->fixbridge->log_fix) {
        return;
    }
    if (fix_msg_find(msg, TAG_CL_ORD_ID, &cl_ord_id)) {
        o = engine_order_by_cl_ord_id(sh->engine, s->index, cl_ord_id);
    }
    if (o != NULL) {
        order_id_text(o->id, id);
    }
    log_write(LOG_INFO, "fix.message", LOG_B("session", s->config->head.name),
              LOG_B("type", msg->msg_type), LOG_U("seq", msg->seq), LOG_B("cl_ord_id", cl_ord_id),
              LOG_T("id", id));
}
