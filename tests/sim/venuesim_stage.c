/*
 * The way of a request through its stages: fault, act, hold, damage, ready; and the timers of those
 * that wait. Decides when and whether the venue acts; knows neither the venue nor the HTTP library.
 */
#include "venuesim.h"

#include <stdarg.h>
#include <time.h>

int64_t sim_wall_us(const struct sim *s)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000 + s->options.clock_offset_us;
}

/* ---- timers -------------------------------------------------------------------------------- */

/* Sorted; a new timer is usually the last, so the search starts there. */
void timer_start(struct sim_timers *l, struct sim_timer *t, int64_t at_us)
{
    struct sim_timer *after = l->last;

    timer_stop(l, t);
    while (after != NULL && after->at_us > at_us) {
        after = after->prev;
    }
    t->at_us = at_us;
    t->armed = true;
    t->prev = after;
    t->next = after == NULL ? l->first : after->next;
    if (t->next == NULL) {
        l->last = t;
    } else {
        t->next->prev = t;
    }
    if (after == NULL) {
        l->first = t;
    } else {
        after->next = t;
    }
}

void timer_stop(struct sim_timers *l, struct sim_timer *t)
{
    if (!t->armed) {
        return;
    }
    if (t->prev == NULL) {
        l->first = t->next;
    } else {
        t->prev->next = t->next;
    }
    if (t->next == NULL) {
        l->last = t->prev;
    } else {
        t->next->prev = t->prev;
    }
    t->armed = false;
}

int64_t timers_run(struct sim_timers *l, int64_t now_us)
{
    while (l->first != NULL && l->first->at_us <= now_us) {
        struct sim_timer *t = l->first;

        timer_stop(l, t);
        t->fire(t);
    }
    return l->first == NULL ? NEVER_US : l->first->at_us;
}

/* ---- answers ------------------------------------------------------------------------------- */

void answer_header(struct sim_answer *a, const char *name, const char *value)
{
    if (a->header_count < ANSWER_HEADERS_MAX &&
        bytes_to_field(bytes_of(value), a->header[a->header_count].value,
                       sizeof a->header[0].value)) {
        a->header[a->header_count++].name = name;
    }
}

void answer_note(struct sim_answer *a, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(a->note, sizeof a->note, format, list);
    va_end(list);
}

void answer_replace(struct sim_answer *a, unsigned status, const char *type, const char *text)
{
    buf_clear(&a->body);
    buf_text(&a->body, text);
    a->status = status;
    a->content_type = type;
}

static void html(struct sim_answer *a, unsigned status)
{
    answer_replace(a, status, "text/html; charset=UTF-8", "");
    buf_printf(&a->body,
               "<!DOCTYPE html>\n<html><head><title>futures.kraken.com | %u: %s</title></head>\n"
               "<body><h1>Error %u</h1><p>cloudflare</p></body></html>\n",
               status, status == 520 ? "Web server is returning an unknown error" : "Bad gateway",
               status);
    answer_header(a, "Server", "cloudflare");
}

/* ---- stages -------------------------------------------------------------------------------- */

/* What the fault does instead of the venue; true: the request is not carried out. */
static bool fault_prevents(struct sim_request *req)
{
    const struct fault *f = &req->fault;

    switch (f->kind) {
    case FAULT_DROP: req->drop = true; return true;
    case FAULT_ERROR_BEFORE:
        answer_replace(&req->answer, f->http, "text/plain", "upstream error\n");
        return true;
    case FAULT_HTML:
        if (!f->act) {
            html(&req->answer, f->http);
        }
        return !f->act;
    case FAULT_RATE_LIMIT:
    case FAULT_RATE_LIMIT_429:
    case FAULT_STATUS:
    case FAULT_ERROR:
        if (!f->act) {
            req->dialect->refuse(req, f);
        }
        return !f->act;
    case FAULT_NONE:
    case FAULT_DELAY_BEFORE:
    case FAULT_DELAY_AFTER:
    case FAULT_ACT_DROP:
    case FAULT_ERROR_AFTER:
    case FAULT_GARBAGE:
    case FAULT_TRUNCATED:
    case FAULT_SLOW_BODY:
    case FAULT_CLOSE:
    case FAULT_WRONG_LENGTH:
    case FAULT_KIND_COUNT: return false;
    }
    return false;
}

/* What the fault does to the answer of a request that was carried out. */
static void fault_damages(struct sim_request *req)
{
    const struct fault *f = &req->fault;

    switch (f->kind) {
    case FAULT_ACT_DROP: req->drop = true; return;
    case FAULT_ERROR_AFTER:
        answer_replace(&req->answer, f->http, "text/plain", "upstream error\n");
        return;
    case FAULT_HTML: html(&req->answer, f->http); return;
    case FAULT_GARBAGE:
        answer_replace(&req->answer, 200, "application/json", "\x16\x03\x01<<<not json>>>\n");
        return;
    case FAULT_TRUNCATED:
        req->answer.body.size =
            f->bytes > 0 && f->bytes < req->answer.body.size ? f->bytes : req->answer.body.size / 2;
        return;
    case FAULT_RATE_LIMIT:
    case FAULT_RATE_LIMIT_429:
    case FAULT_STATUS:
    case FAULT_ERROR:
        buf_clear(&req->answer.body);
        req->dialect->refuse(req, f);
        return;
    case FAULT_CLOSE: answer_header(&req->answer, "Connection", "close"); return;
    case FAULT_NONE:
    case FAULT_DELAY_BEFORE:
    case FAULT_DELAY_AFTER:
    case FAULT_DROP:
    case FAULT_ERROR_BEFORE:
    case FAULT_SLOW_BODY:
    case FAULT_WRONG_LENGTH:
    case FAULT_KIND_COUNT: return;
    }
}

void request_log(const struct sim_request *req)
{
    const struct sim_answer *a = &req->answer;

    if (!req->sim->options.log) {
        return;
    }
    printf("%.*s %.*s%s%.*s%s%.*s -> ", BYTES_ARG(req->method), BYTES_ARG(req->path),
           req->query.size > 0 ? "?" : "", BYTES_ARG(req->query), req->body.size > 0 ? " " : "",
           (int)(req->body.size < 400 ? req->body.size : 400),
           req->body.data == NULL ? "" : req->body.data);
    if (req->drop) {
        printf("connection dropped");
    } else {
        printf("%u", a->status);
    }
    printf("%s%s", a->note[0] == '\0' ? "" : " ", a->note);
    if (req->fault.kind != FAULT_NONE) {
        printf(" [fault %s]", fault_text(req->fault.kind));
    }
    printf("\n");
}

static void wait_until(struct sim_request *req, int64_t at_us, enum request_stage next)
{
    req->stage = next;
    timer_start(&req->sim->timers, &req->timer, at_us);
}

static void act(struct sim_request *req, int64_t now_us)
{
    req->generation = req->sim->generation;
    req->sim->engine->now_us = now_us;
    (void)sim_deadmen(req->sim->engine);
    if (fault_prevents(req)) {
        req->stage = STAGE_READY;
        request_log(req);
        return;
    }
    req->dialect->serve(req);
    if (req->hold_us > 0) {
        req->sim->held_count++;
        wait_until(req, now_us + req->hold_us, STAGE_HELD);
        return;
    }
    req->stage = STAGE_ACTED;
}

static void acted(struct sim_request *req)
{
    fault_damages(req);
    req->stage = STAGE_READY;
    request_log(req);
}

static void held(struct sim_request *req, int64_t now_us)
{
    req->sim->engine->now_us = now_us;
    req->sim->held_count--;
    if (req->generation != req->sim->generation) {
        answer_replace(&req->answer, 503, "text/plain", "the simulator was reset\n");
    } else {
        req->finish(req);
    }
    req->stage = STAGE_ACTED;
}

/* Goes on until the request waits (a timer is armed) or is ready. */
void request_advance(struct sim_request *req)
{
    while (req->stage != STAGE_READY && !req->timer.armed) {
        int64_t now_us = sim_wall_us(req->sim);

        switch (req->stage) {
        case STAGE_READING:
        case STAGE_START:
            req->stage = STAGE_ACT;
            if (req->fault.kind != FAULT_NONE && req->fault.kind != FAULT_DELAY_AFTER &&
                req->fault.delay_us > 0) {
                wait_until(req, now_us + req->fault.delay_us, STAGE_ACT);
            }
            break;
        case STAGE_ACT:
            act(req, now_us);
            if (req->stage == STAGE_ACTED && req->fault.kind == FAULT_DELAY_AFTER) {
                wait_until(req, now_us + req->fault.delay_us, STAGE_ACTED);
            }
            break;
        case STAGE_HELD:
            held(req, now_us);
            if (req->fault.kind == FAULT_DELAY_AFTER) {
                wait_until(req, now_us + req->fault.delay_us, STAGE_ACTED);
            }
            break;
        case STAGE_ACTED: acted(req); break;
        case STAGE_READY: break;
        }
    }
}

static struct sim_request *request_of_timer(struct sim_timer *t)
{
    return (struct sim_request *)(void *)((char *)t - offsetof(struct sim_request, timer));
}

void request_due(struct sim_timer *t)
{
    struct sim_request *req = request_of_timer(t);

    if (req->stage == STAGE_READY) {
        req->slow_ready = true; /* the next piece of a slow body */
    } else {
        request_advance(req);
    }
    if (!req->timer.armed) {
        request_resume(req);
    }
}
