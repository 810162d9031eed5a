/*
 * fixclient: load mode. One thread, one epoll, M sessions; requests at a rate or in a closed loop;
 * a mix of new, cancel and replace; latency to each kind of answer, in a closed loop from our send,
 * at a rate from when the request was due, so that a client that is late itself hides nothing.
 * After a disconnect it logs on again and leaves it to the resend rules of FIX to bring lost
 * requests and reports across: nothing is ever sent again under a new number.
 */
#include "fixclient_load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static uint64_t draw(struct load *l)
{
    uint64_t z = l->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int64_t draw_range(struct load *l, const struct range *r)
{
    return r->low + r->step * (int64_t)(draw(l) % r->steps);
}

static void range_parse(struct range *r, const char *text, const char *option)
{
    char low[32] = "", high[32] = "", step[32] = "1";
    int64_t top;

    if (sscanf(text, "%31[0-9.]:%31[0-9.]:%31[0-9.]", low, high, step) < 2 ||
        !fc_decimal(low, strlen(low), &r->low) || !fc_decimal(high, strlen(high), &top) ||
        !fc_decimal(step, strlen(step), &r->step) || r->step <= 0 || top < r->low) {
        fc_die("--%s %s: expected LOW:HIGH or LOW:HIGH:STEP", option, text);
    }
    r->steps = (uint64_t)((top - r->low) / r->step) + 1;
}

static void add_decimal(struct fc_buf *b, uint32_t tag, int64_t value)
{
    char text[48];
    int n = snprintf(text, sizeof text, "%lld.%08lld", (long long)(value / 100000000),
                     (long long)(value % 100000000));

    while (text[n - 1] == '0') {
        text[--n] = '\0';
    }
    if (text[n - 1] == '.') {
        text[--n] = '\0';
    }
    fc_field_add(b, tag, text);
}

/* ---- what is sent -------------------------------------------------------------------------- */

static void add_id(const struct load *l, struct fc_buf *b, uint32_t tag, uint32_t index)
{
    fc_buf_uint(b, tag);
    fc_buf_text(b, "=");
    fc_buf_text(b, l->prefix);
    fc_buf_uint(b, index);
    fc_buf_add(b, "\001", 1);
}

static void send_request(struct load *l, struct lane *lane, uint32_t index)
{
    static const char *const type[] = { "D", "F", "G" };
    struct request *r = &l->request[index];
    const struct request *o = &l->request[r->order];
    struct fc_buf body = { 0 };
    char now[32], side[2] = { o->side, '\0' };

    fc_timestamp(now, fc_wall_us());
    add_id(l, &body, 11, index);
    if (r->kind != KIND_NEW) {
        add_id(l, &body, 41, o->current);
    }
    fc_field_add(&body, 55, l->symbol[o->symbol]);
    fc_field_add(&body, 54, side);
    fc_field_add(&body, 60, now);
    add_decimal(&body, 38, r->qty);
    if (r->kind != KIND_CANCEL) {
        fc_field_add(&body, 40, "2");
        add_decimal(&body, 44, r->price);
    }
    r->sent_us = l->due_us;
    fc_session_send(&lane->session, type[r->kind], &body);
    lane->open++;
    l->open++;
}

static void unlist(struct load *l, uint32_t index)
{
    struct request *r = &l->request[index];
    struct lane *lane = &l->lane[r->session];

    if (r->listed != NOT_LISTED) {
        uint32_t last = lane->live[--lane->live_count];

        lane->live[r->listed] = last;
        l->request[last].listed = r->listed;
        r->listed = NOT_LISTED;
    }
}

static void list(struct load *l, uint32_t index)
{
    struct request *r = &l->request[index];
    struct lane *lane = &l->lane[r->session];

    if (r->listed != NOT_LISTED || r->terminal || r->changing) {
        return;
    }
    if (lane->live_count == lane->live_cap) {
        lane->live_cap = lane->live_cap == 0 ? 256 : lane->live_cap * 2;
        lane->live = realloc(lane->live, lane->live_cap * sizeof *lane->live);
        if (lane->live == NULL) {
            fc_die("out of memory");
        }
    }
    r->listed = (int32_t)lane->live_count;
    lane->live[lane->live_count++] = index;
}

static void new_request(struct load *l, struct lane *lane)
{
    const struct fc_config *cfg = &l->ctx->cfg;
    uint32_t index = (uint32_t)l->sent++, dice = (uint32_t)(draw(l) % 100);
    struct request *r = &l->request[index];

    *r = (struct request){
        .session = lane->index, .order = index, .current = index, .listed = NOT_LISTED
    };
    r->qty = draw_range(l, &l->qty);
    r->price = draw_range(l, &l->price);
    if (dice >= cfg->mix_new && lane->live_count > 0) {
        uint32_t target = lane->live[draw(l) % lane->live_count];

        r->kind = dice < cfg->mix_new + cfg->mix_cancel ? KIND_CANCEL : KIND_REPLACE;
        r->order = target;
        l->request[target].changing = true;
        unlist(l, target);
        if (r->kind == KIND_CANCEL) {
            r->qty = l->request[target].qty;
        }
    } else {
        r->side = cfg->side != 0 ? cfg->side : draw(l) % 2 == 0 ? '1' : '2';
        r->symbol = (uint8_t)(draw(l) % l->symbol_count);
        l->orders++;
    }
    send_request(l, lane, index);
    l->last_sent_us = r->sent_us;
}

/* ---- what comes back ----------------------------------------------------------------------- */

static struct request *lookup(struct load *l, const struct fc_msg *m, uint32_t tag)
{
    const struct fc_field *f = fc_find(m, tag);
    size_t n = strlen(l->prefix);
    uint64_t index = 0;

    if (f == NULL || f->len <= n || f->len > n + 10 || memcmp(f->val, l->prefix, n) != 0) {
        return NULL;
    }
    for (size_t i = n; i < f->len; i++) {
        if (f->val[i] < '0' || f->val[i] > '9') {
            return NULL;
        }
        index = index * 10 + (uint64_t)(f->val[i] - '0');
    }
    return index < l->sent ? &l->request[index] : NULL;
}

static void confirm(struct load *l, struct request *r, struct fc_hist *hist)
{
    if (r->confirmed) {
        return;
    }
    r->confirmed = true;
    l->confirmed++;
    l->open--;
    l->lane[r->session].open--;
    if (hist != NULL) {
        fc_hist_add(hist, fc_mono_us() - r->sent_us);
    }
    if (r->kind != KIND_NEW) {
        l->request[r->order].changing = false;
        list(l, r->order);
    }
}

static void finish(struct load *l, struct request *o)
{
    if (!o->terminal) {
        o->terminal = true;
        l->terminal++;
        unlist(l, o->order);
        fc_hist_add(l->finished, fc_mono_us() - o->sent_us);
    }
}

static void on_execution(struct load *l, const struct fc_msg *m)
{
    struct request *r = lookup(l, m, 11), *o;
    char exec = fc_get_char(m, 150), status = fc_get_char(m, 39);

    l->executions++;
    l->fills += exec == 'F' ? 1 : 0;
    if (r == NULL) {
        l->foreign++;
        return;
    }
    o = &l->request[r->order];
    if (!r->answered) {
        r->answered = true;
        if (r->kind == KIND_NEW) {
            fc_hist_add(l->first, fc_mono_us() - r->sent_us);
        }
    }
    if (r->kind == KIND_NEW && exec != 'A' && exec != '6' && exec != 'E' && exec != 'I') {
        l->rejects += exec == '8' ? 1 : 0;
        confirm(l, r, exec == '8' ? l->rejected : l->accepted);
        list(l, r->order);
    } else if (r->kind == KIND_REPLACE && exec == '5') {
        o->current = (uint32_t)(r - l->request);
        o->qty = r->qty;
        confirm(l, r, l->replaced);
    } else if (r->kind == KIND_CANCEL && exec == '4') {
        confirm(l, r, l->canceled);
    }
    if (status == '2' || status == '4' || status == '8' || status == 'C') {
        finish(l, o);
    }
}

static void on_message(void *arg, struct fc_session *s, const struct fc_msg *m)
{
    struct lane *lane = arg;
    struct load *l = lane->load;
    struct request *r;

    (void)s;
    if (fc_is(m, 35, "8")) {
        on_execution(l, m);
    } else if (fc_is(m, 35, "9")) {
        l->cancel_rejects++;
        r = lookup(l, m, 11);
        if (r != NULL) {
            confirm(l, r, r->kind == KIND_CANCEL ? l->canceled : l->replaced);
        }
    } else if (fc_is(m, 35, "j")) {
        l->business_rejects++;
        r = lookup(l, m, 379);
        if (r != NULL) {
            confirm(l, r, NULL);
            if (r->kind == KIND_NEW) {
                finish(l, r);
            }
        }
    } else if (fc_is(m, 35, "3")) {
        l->session_rejects++;
        fprintf(stderr, "Reject: %.*s\n", (int)m->len, m->raw);
    }
}

static void on_state(void *arg, struct fc_session *s)
{
    struct lane *lane = arg;

    if (s->state == FC_DOWN) {
        lane->load->disconnects += s->connects > 0 ? 1 : 0;
        lane->polled_fd = -1;
        lane->retry_us = fc_mono_us() + 50000;
        if (lane->down_us == 0) {
            lane->down_us = fc_mono_us();
        }
    } else if (s->state == FC_UP) {
        lane->down_us = 0;
    }
}

/* ---- the loop ------------------------------------------------------------------------------ */

static void watch(struct load *l, struct lane *lane)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = lane->index };
    bool wants = fc_net_wants_write(&lane->session);
    int what = lane->polled_fd == lane->session.fd ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (lane->session.fd < 0 || (what == EPOLL_CTL_MOD && wants == lane->polled_write)) {
        return;
    }
    event.events |= wants ? EPOLLOUT : 0u;
    if (epoll_ctl(l->epoll, what, lane->session.fd, &event) != 0) {
        fc_die("epoll_ctl: %s", strerror(errno));
    }
    lane->polled_fd = lane->session.fd;
    lane->polled_write = wants;
}

static void serve(struct load *l, int64_t now)
{
    const struct fc_config *cfg = &l->ctx->cfg;
    bool tick = now >= l->tick_us;

    l->tick_us = tick ? now + 100000 : l->tick_us;
    for (uint32_t i = 0; i < cfg->sessions; i++) {
        struct lane *lane = &l->lane[i];

        if (lane->session.state == FC_DOWN && now >= lane->retry_us) {
            (void)fc_net_connect(&lane->session); /* a refusal is seen as DOWN and tried again */
        }
        if (lane->down_us != 0 && now - lane->down_us > (int64_t)(cfg->wait_logon_s * 1e6)) {
            l->lost = true;
        }
        if (tick && lane->session.state != FC_DOWN) {
            fc_session_tick(&lane->session, now);
        }
        if (lane->session.state > FC_CONNECTING && fc_net_wants_write(&lane->session)) {
            fc_net_writable(&lane->session);
        }
        watch(l, lane);
    }
}

static void poll_events(struct load *l, int64_t timeout_us)
{
    const struct timespec timeout = { 0, (long)timeout_us * 1000 };
    struct epoll_event event[256];
    int n = epoll_pwait2(l->epoll, event, 256, &timeout, NULL);

    for (int i = 0; i < n; i++) {
        struct fc_session *s = &l->lane[event[i].data.u32].session;

        if (s->state > FC_CONNECTING && event[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            fc_net_readable(s);
        } else if (s->state == FC_CONNECTING &&
                   event[i].events & (EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLERR)) {
            fc_net_writable(s);
        }
    }
}

static struct lane *ready_lane(struct load *l)
{
    const struct fc_config *cfg = &l->ctx->cfg;

    for (uint32_t i = 0; i < cfg->sessions; i++) {
        struct lane *lane = &l->lane[l->next_lane];

        l->next_lane = (l->next_lane + 1) % cfg->sessions;
        if (lane->session.state == FC_UP && lane->session.out.len < 1 << 20 &&
            (cfg->rate > 0 || lane->open < cfg->outstanding)) {
            return lane;
        }
    }
    return NULL;
}

/* At most a few at a time, so that answers are read in between. */
static bool produce(struct load *l, int64_t now)
{
    const struct fc_config *cfg = &l->ctx->cfg;
    struct lane *lane;
    int done = 0;

    if (cfg->rate > 0) {
        l->credit += (double)(now - l->pace_us) * cfg->rate / 1e6;
        l->pace_us = now;
        if (l->credit > cfg->rate / 5 + 1) {
            l->credit = cfg->rate / 5 + 1; /* nothing is made up for after an outage */
        }
    }
    while (l->sent < cfg->count && done < 256 && (cfg->rate <= 0 || l->credit >= 1)) {
        lane = ready_lane(l);
        if (lane == NULL) {
            break;
        }
        l->due_us =
            cfg->rate > 0 ? now - (int64_t)((l->credit - 1) * 1e6 / cfg->rate) : fc_mono_us();
        new_request(l, lane);
        l->credit -= cfg->rate > 0 ? 1 : 0;
        done++;
    }
    return done > 0;
}

/* At a rate, until the next request is due: a sleep of a millisecond would send them in bursts. */
static int64_t patience_us(const struct load *l)
{
    double rate = l->ctx->cfg.rate;

    if (rate <= 0 || l->sent >= l->ctx->cfg.count) {
        return 1000;
    }
    return l->credit >= 1 ? 0 : rate > 1000 ? (int64_t)((1 - l->credit) * 1e6 / rate) : 1000;
}

static void progress(struct load *l, int64_t now)
{
    if (now >= l->progress_us && !l->ctx->cfg.quiet) {
        if (l->progress_us != 0 && isatty(STDERR_FILENO)) {
            int64_t ran_us = now - l->start_us;

            fprintf(stderr,
                    "\r\033[K%3llu%% %llu sent (%.0f/s), %llu confirmed, %llu open, "
                    "accepted p50 %.1f p99 %.1f ms, %llu disconnects ",
                    (unsigned long long)(l->confirmed * 100 /
                                         (l->ctx->cfg.count + (l->ctx->cfg.count == 0))),
                    (unsigned long long)l->sent,
                    ran_us > 0 ? (double)l->sent * 1e6 / (double)ran_us : 0,
                    (unsigned long long)l->confirmed, (unsigned long long)l->open,
                    (double)fc_hist_at(l->accepted, 0.5) / 1e3,
                    (double)fc_hist_at(l->accepted, 0.99) / 1e3,
                    (unsigned long long)l->disconnects);
        }
        l->progress_us = now + 1000000;
    }
}

static bool gaps_open(const struct load *l)
{
    for (uint32_t i = 0; i < l->ctx->cfg.sessions; i++) {
        if (l->lane[i].session.state != FC_UP || l->lane[i].session.gap_open) {
            return true;
        }
    }
    return false;
}

static void run(struct load *l)
{
    const struct fc_config *cfg = &l->ctx->cfg;
    int64_t end = l->start_us + (int64_t)(cfg->duration_s * 1e6), settle = 0;

    l->pace_us = l->start_us;
    (void)prctl(PR_SET_TIMERSLACK, 1000UL); /* of 50 us by default: a quarter of 5,000/s */
    for (;;) {
        int64_t now = fc_mono_us();
        bool busy;

        serve(l, now);
        busy = l->sent < cfg->count && now < end && produce(l, now);
        if (busy) {
            serve(l, now);
        }
        progress(l, now);
        if (l->sent >= cfg->count || now >= end) {
            settle = settle == 0 ? now + (int64_t)(cfg->settle_s * 1e6) : settle;
            if (l->lost || now >= settle || (l->open == 0 && !gaps_open(l))) {
                break;
            }
        }
        if (l->lost) {
            break;
        }
        poll_events(l, busy && cfg->rate <= 0 ? 0 : patience_us(l));
    }
}

static void log_out(struct load *l)
{
    int64_t until = fc_mono_us() + 3000000;

    for (uint32_t i = 0; i < l->ctx->cfg.sessions; i++) {
        l->lane[i].session.on_state = NULL;
        fc_session_logout(&l->lane[i].session, NULL);
    }
    for (uint32_t i = 0; i < l->ctx->cfg.sessions; i++) {
        while (l->lane[i].session.state == FC_LOGOUT_SENT && fc_mono_us() < until) {
            fc_net_turn(&l->lane[i].session, -1, until);
        }
    }
}

static void set_up(struct load *l, struct fc_ctx *ctx)
{
    const struct fc_config *cfg = &ctx->cfg;
    const char *p = cfg->symbols;

    l->ctx = ctx;
    if (cfg->id_prefix != NULL) {
        snprintf(l->prefix, sizeof l->prefix, "%s", cfg->id_prefix);
    } else {
        snprintf(l->prefix, sizeof l->prefix, "L%llx-", (unsigned long long)fc_wall_us() / 1000);
    }
    while (*p != '\0' && l->symbol_count < 16) {
        size_t n = strcspn(p, ",");

        snprintf(l->symbol[l->symbol_count++], sizeof l->symbol[0], "%.*s", (int)n, p);
        p += n + (p[n] == ',' ? 1 : 0);
    }
    range_parse(&l->price, cfg->price_range, "price");
    range_parse(&l->qty, cfg->qty_range, "qty");
    l->random = fc_hash(l->prefix, strlen(l->prefix), 1);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->request = calloc(cfg->count + 1, sizeof *l->request);
    l->lane = calloc(cfg->sessions, sizeof *l->lane);
    if (l->epoll < 0 || l->request == NULL || l->lane == NULL || l->symbol_count == 0) {
        fc_die("load mode: no symbols, no memory or no epoll");
    }
    l->first = fc_hist_new();
    l->accepted = fc_hist_new();
    l->rejected = fc_hist_new();
    l->finished = fc_hist_new();
    l->canceled = fc_hist_new();
    l->replaced = fc_hist_new();
}

static void set_up_lanes(struct load *l)
{
    const struct fc_config *cfg = &l->ctx->cfg;
    char sender[80];

    for (uint32_t i = 0; i < cfg->sessions; i++) {
        struct lane *lane = &l->lane[i];

        if (cfg->sessions == 1) {
            snprintf(sender, sizeof sender, "%s", cfg->sender);
        } else {
            snprintf(sender, sizeof sender, "%.60s%04u", cfg->sender, (i + 1) % 10000);
        }
        fc_session_init(&lane->session, l->ctx, sender);
        lane->load = l;
        lane->index = i;
        lane->polled_fd = -1;
        lane->down_us = fc_mono_us();
        lane->session.on_message = on_message;
        lane->session.on_state = on_state;
        lane->session.arg = lane;
    }
}

/* All sessions up before the clock starts; what a resend brings first is not load. */
static void wait_all_up(struct load *l)
{
    while (!l->lost && gaps_open(l)) {
        serve(l, fc_mono_us());
        poll_events(l, 10000);
    }
    l->disconnects = 0;
    l->start_us = l->last_sent_us = fc_mono_us();
}

static void tear_down(struct load *l)
{
    struct fc_hist *hist[] = { l->first,    l->accepted, l->rejected,
                               l->finished, l->canceled, l->replaced };

    for (uint32_t i = 0; i < l->ctx->cfg.sessions; i++) {
        fc_session_fini(&l->lane[i].session);
        free(l->lane[i].live);
    }
    for (size_t i = 0; i < sizeof hist / sizeof hist[0]; i++) {
        fc_hist_free(hist[i]);
    }
    close(l->epoll);
    free(l->lane);
    free(l->request);
}

int fc_load_run(struct fc_ctx *ctx)
{
    static struct load l;
    int exit_code;

    set_up(&l, ctx);
    set_up_lanes(&l);
    wait_all_up(&l);
    run(&l);
    log_out(&l);
    fc_load_print(&l);
    exit_code = l.lost ? FC_EXIT_CONNECT : l.open > 0 ? FC_EXIT_FAIL : 0;
    if (l.lost) {
        fprintf(stderr, "fixclient: a session could not log on within --wait-logon\n");
    }
    tear_down(&l);
    return exit_code;
}
