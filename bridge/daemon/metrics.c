/*
 * The table of metrics, and what each is read from. Names follow Prometheus' custom: base units,
 * counters end in _total.
 */
#include "metrics.h"

#include <stdio.h>
#include <sys/resource.h>

#include "engine_query.h"
#include "log.h"
#include "metrics_out.h"
#include "monitor.h"
#include "shell.h"
#include "view.h"

/* ---- the service --------------------------------------------------------------------------- */

static bool build_info(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)sh;
    (void)item;
    metric_put(o, "");
    metric_label_text(o, "version", FIXBRIDGE_VERSION);
    metric_uint(o, 1);
    return false;
}

static bool start_time(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one_duration(o, sh->started_us);
}

static bool cpu_seconds(struct metric_out *o, const struct shell *sh, size_t item)
{
    struct rusage u = { 0 };

    (void)sh;
    (void)item;
    (void)getrusage(RUSAGE_SELF, &u);
    return metric_one_duration(o, ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * US_PER_S +
                                      u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static bool memory(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)sh;
    (void)item;
    return metric_one(o, view_memory());
}

static bool ready(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, view_ready(sh, NULL) ? 1 : 0);
}

static bool stopping(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, sh->phase != SHELL_RUNS ? 1 : 0);
}

static bool log_lines(struct metric_out *o, const struct shell *sh, size_t item)
{
    static const enum log_level level[] = { LOG_WARN, LOG_ERROR };

    (void)sh;
    metric_put(o, "");
    metric_label_text(o, "level", log_level_text(level[item]));
    metric_uint(o, log_count(level[item]));
    return item + 1 < ARRAY_LEN(level);
}

static bool turn(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    metric_histogram(o, &sh->monitor->turn, NULL, (struct bytes){ NULL, 0 });
    return false;
}

/* ---- sessions ------------------------------------------------------------------------------ */

static bool sessions(struct metric_out *o, const struct shell *sh, size_t item)
{
    uint64_t n[FIX_LOGOUT_SENT + 1] = { 0 };

    (void)item;
    for (size_t i = 0; i < sh->session_count; i++) {
        n[fix_session_state(sh->session[i].fix)] += sh->session[i].removed ? 0 : 1;
    }
    for (size_t i = 0; i <= FIX_LOGOUT_SENT; i++) {
        metric_put(o, "");
        metric_label_text(o, "state", view_state((enum fix_session_state)i));
        metric_uint(o, n[i]);
    }
    return false;
}

static bool connections(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, sh->conns == NULL ? 0 : conns_count(sh->conns));
}

/* One sample of a session; removed ones have none. */
static bool of_session(struct metric_out *o, const struct shell *sh, size_t item, uint64_t value)
{
    if (!sh->session[item].removed) {
        metric_put(o, "");
        metric_label(o, "session", sh->session[item].config->head.name);
        metric_uint(o, value);
    }
    return true;
}

static bool session_up(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count && of_session(o, sh, i, sh->session[i].up ? 1 : 0);
}

static bool session_enabled(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count && of_session(o, sh, i, sh->session[i].disabled ? 0 : 1);
}

static bool session_next_in(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count && of_session(o, sh, i, fix_session_next_in(sh->session[i].fix));
}

static bool session_next_out(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count && of_session(o, sh, i, fix_session_next_out(sh->session[i].fix));
}

static bool session_orders(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count &&
           of_session(o, sh, i, engine_session_live(sh->engine, (uint32_t)i));
}

static bool session_output(struct metric_out *o, const struct shell *sh, size_t i)
{
    return i < sh->session_count &&
           of_session(o, sh, i,
                      sh->session[i].conn == NULL ? 0
                                                  : fix_session_output(sh->session[i].fix).size);
}

static bool session_messages(struct metric_out *o, const struct shell *sh, size_t i)
{
    static const char *const direction[] = { "in", "out" };

    if (i >= sh->session_count) {
        return false;
    }
    for (size_t d = 0; d < ARRAY_LEN(direction) && !sh->session[i].removed; d++) {
        metric_put(o, "");
        metric_label(o, "session", sh->session[i].config->head.name);
        metric_label_text(o, "direction", direction[d]);
        metric_uint(o, d == 0 ? sh->session[i].messages_in : sh->session[i].messages_out);
    }
    return true;
}

/* ---- FIX ----------------------------------------------------------------------------------- */

static bool fix_messages(struct metric_out *o, const struct shell *sh, size_t item)
{
    const uint64_t *n[] = { sh->monitor->fix_in, sh->monitor->fix_out };
    static const char *const direction[] = { "in", "out" };

    for (size_t d = 0; d < ARRAY_LEN(direction); d++) {
        if (n[d][item] > 0) {
            metric_put(o, "");
            metric_label_text(o, "direction", direction[d]);
            metric_label_text(o, "type", monitor_type_text(item));
            metric_uint(o, n[d][item]);
        }
    }
    return monitor_type_text(item + 1) != NULL;
}

static bool fix_rejects(struct metric_out *o, const struct shell *sh, size_t item)
{
    for (unsigned r = 0; r < REJECT_REASONS; r++) {
        char reason[16];

        if (sh->monitor->rejects[item][r] > 0) {
            (void)snprintf(reason, sizeof reason, r == REJECT_REASONS - 1 ? "other" : "%u", r);
            metric_put(o, "");
            metric_label_text(o, "kind", monitor_reject_text((enum monitor_reject)item));
            metric_label_text(o, "reason", reason);
            metric_uint(o, sh->monitor->rejects[item][r]);
        }
    }
    return item + 1 < REJECT_COUNT;
}

static bool logons_refused(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, sh->monitor->logons_refused);
}

/* ---- orders -------------------------------------------------------------------------------- */

static bool orders(struct metric_out *o, const struct shell *sh, size_t item)
{
    static const enum order_state live[] = { ORDER_TAKEN, ORDER_SENT, ORDER_DOUBT, ORDER_LIVE };

    metric_put(o, "");
    metric_label_text(o, "state", order_state_text(live[item]));
    metric_uint(o, engine_orders_in(sh->engine, live[item]));
    return item + 1 < ARRAY_LEN(live);
}

static bool orders_ended(struct metric_out *o, const struct shell *sh, size_t item)
{
    static const enum order_state end[] = { ORDER_FILLED, ORDER_CANCELED, ORDER_REJECTED,
                                            ORDER_EXPIRED };

    metric_put(o, "");
    metric_label_text(o, "state", order_state_text(end[item]));
    metric_uint(o, engine_orders_in(sh->engine, end[item]));
    return item + 1 < ARRAY_LEN(end);
}

static bool orders_taken(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, engine_order_count(sh->engine));
}

static bool orders_kept(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, engine_orders_kept(sh->engine));
}

static bool fills(struct metric_out *o, const struct shell *sh, size_t item)
{
    struct engine_stats s;

    (void)item;
    engine_stats(sh->engine, &s);
    return metric_one(o, s.fills);
}

static bool stages(struct metric_out *o, const struct shell *sh, size_t item)
{
    metric_histogram(o, &sh->monitor->stage[item], "stage",
                     bytes_of(monitor_stage_text((enum monitor_stage)item)));
    return item + 1 < STAGE_COUNT;
}

/* ---- venues -------------------------------------------------------------------------------- */

static bool look(const struct shell *sh, size_t item, struct engine_account_status *out)
{
    if (item >= engine_accounts(sh->engine)) {
        return false;
    }
    engine_account_look(sh->engine, (uint32_t)item, &sh->now, out);
    return true;
}

static void put_account(struct metric_out *o, const struct shell *sh, size_t item)
{
    metric_put(o, "");
    metric_label(o, "account", engine_account_name(sh->engine, (uint32_t)item));
}

static bool venue_calls(struct metric_out *o, const struct shell *sh, size_t item)
{
    if (item >= sh->monitor->account_count) {
        return false;
    }
    for (size_t op = 0; op < VENUE_OP_COUNT; op++) {
        for (size_t outcome = 0; outcome < MONITOR_OUTCOMES; outcome++) {
            uint64_t n = sh->monitor->account[item].calls[op][outcome];

            if (n > 0) {
                put_account(o, sh, item);
                metric_label_text(o, "op", venue_op_text((enum venue_op)op));
                metric_label_text(o, "outcome", venue_outcome_text((enum venue_outcome)outcome));
                metric_uint(o, n);
            }
        }
    }
    return true;
}

static bool venue_seconds(struct metric_out *o, const struct shell *sh, size_t item)
{
    if (item >= sh->monitor->account_count) {
        return false;
    }
    metric_histogram(o, &sh->monitor->account[item].took, "account",
                     engine_account_name(sh->engine, (uint32_t)item));
    return true;
}

/* Metrics of an account that are one member of its status. */
#define ACCOUNT_METRIC(name, value, write)                                                         \
    static bool name(struct metric_out *o, const struct shell *sh, size_t item)                    \
    {                                                                                              \
        struct engine_account_status a;                                                            \
                                                                                                   \
        if (!look(sh, item, &a)) {                                                                 \
            return false;                                                                          \
        }                                                                                          \
        put_account(o, sh, item);                                                                  \
        write(o, value);                                                                           \
        return true;                                                                               \
    }

ACCOUNT_METRIC(venue_up, a.down ? 0 : 1, metric_uint)
ACCOUNT_METRIC(venue_enabled, a.disabled ? 0 : 1, metric_uint)
ACCOUNT_METRIC(venue_settling, a.settling ? 1 : 0, metric_uint)
ACCOUNT_METRIC(venue_failures, a.failures, metric_uint)
ACCOUNT_METRIC(venue_backoff, a.backoff_us, metric_seconds)
ACCOUNT_METRIC(venue_offset, a.clock_offset_us, metric_seconds)
ACCOUNT_METRIC(venue_open, a.calls, metric_uint)
ACCOUNT_METRIC(unknown_open, a.doubts, metric_uint)
ACCOUNT_METRIC(ghosts, a.ghosts, metric_uint)

static bool account_queue(struct metric_out *o, const struct shell *sh, size_t item)
{
    struct engine_account_status a;

    if (!look(sh, item, &a)) {
        return false;
    }
    put_account(o, sh, item);
    metric_label_text(o, "queue", "orders");
    metric_uint(o, a.orders_queued);
    put_account(o, sh, item);
    metric_label_text(o, "queue", "cancels");
    metric_uint(o, a.cancels_queued);
    return true;
}

/* Seconds of an armed dead man's switch; disarmed ones have no sample. */
static bool deadman(struct metric_out *o, const struct shell *sh, size_t item, bool left)
{
    struct engine_account_status a;
    int64_t timeout_us;

    if (!look(sh, item, &a)) {
        return false;
    }
    timeout_us = (int64_t)sh->setup->engine.account[item].deadman_timeout_s * US_PER_S;
    if (a.deadman_us > 0) {
        put_account(o, sh, item);
        metric_seconds(o, left ? a.deadman_us - sh->now.wall_us : timeout_us);
    }
    return true;
}

static bool deadman_left(struct metric_out *o, const struct shell *sh, size_t item)
{
    return deadman(o, sh, item, true);
}

static bool deadman_timeout(struct metric_out *o, const struct shell *sh, size_t item)
{
    return deadman(o, sh, item, false);
}

static void put_window(struct metric_out *o, const struct shell *sh, size_t item, size_t window)
{
    const struct venue_driver *d = sh->setup->engine.account[item].driver;

    put_account(o, sh, item);
    metric_label_text(o, "window", d->window[window].name);
}

static bool rate_budget_left(struct metric_out *o, const struct shell *sh, size_t item)
{
    struct engine_account_status a;

    if (!look(sh, item, &a)) {
        return false;
    }
    for (size_t i = 0; i < a.window_count; i++) {
        put_window(o, sh, item, i);
        metric_uint(o, a.window[i].left);
    }
    return true;
}

static bool rate_budget(struct metric_out *o, const struct shell *sh, size_t item)
{
    struct engine_account_status a;

    if (!look(sh, item, &a)) {
        return false;
    }
    for (size_t i = 0; i < a.window_count; i++) {
        put_window(o, sh, item, i);
        metric_uint(o, a.window[i].capacity);
    }
    return true;
}

static bool calls_waiting(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, venue_io_busy(sh->venue));
}

/* ---- the journal --------------------------------------------------------------------------- */

#define JOURNAL_METRIC(name, write, value)                                                         \
    static bool name(struct metric_out *o, const struct shell *sh, size_t item)                    \
    {                                                                                              \
        struct journal_stats j;                                                                    \
                                                                                                   \
        (void)item;                                                                                \
        journal_stats(sh->journal, &j);                                                            \
        return write(o, value);                                                                    \
    }

JOURNAL_METRIC(journal_batches, metric_one, j.batches)
JOURNAL_METRIC(journal_records, metric_one, j.records)
JOURNAL_METRIC(journal_bytes, metric_one, j.bytes)
JOURNAL_METRIC(journal_syncs, metric_one, j.syncs)
JOURNAL_METRIC(journal_here, metric_one, j.here)
JOURNAL_METRIC(journal_sync_total, metric_one_duration, (int64_t)j.sync_us_total)
JOURNAL_METRIC(journal_sync_max, metric_one_duration, (int64_t)j.sync_us_max)
JOURNAL_METRIC(journal_segment_now, metric_one, j.segment)
JOURNAL_METRIC(journal_pending, metric_one, j.pending_bytes)
JOURNAL_METRIC(journal_blocked, metric_one, j.blocked)

static bool journal_files(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, journal_segments(sh->journal));
}

static bool journal_room(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, journal_disk_bytes(sh->journal));
}

static bool journal_lag(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, journal_last(sh->journal) - journal_durable(sh->journal));
}

static bool journal_free_bytes(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, journal_free(sh->journal));
}

static bool journal_space_state(struct metric_out *o, const struct shell *sh, size_t item)
{
    metric_put(o, "");
    metric_label_text(o, "state", journal_space_text((enum journal_space)item));
    metric_uint(o, journal_space(sh->journal) == item ? 1 : 0);
    return item < JOURNAL_SPACE_BLOCKED;
}

static bool journal_failed(struct metric_out *o, const struct shell *sh, size_t item)
{
    (void)item;
    return metric_one(o, journal_error(sh->journal) == NULL ? 0 : 1);
}

/* ---- the table ----------------------------------------------------------------------------- */

#define C METRIC_COUNTER
#define G METRIC_GAUGE
#define H METRIC_HISTOGRAM

const struct metric metrics[] = {
    { "fixbridge_build_info", G, "version", "Always 1; the version is in its label.", build_info },
    { "fixbridge_start_time_seconds", G, "", "When the service started, Unix time.", start_time },
    { "fixbridge_ready", G, "", "1 when /readyz says yes.", ready },
    { "fixbridge_stopping", G, "", "1 once a stop was asked for.", stopping },
    { "process_cpu_seconds_total", C, "", "Processor time used, user and system.", cpu_seconds },
    { "process_resident_memory_bytes", G, "", "Memory in use.", memory },
    { "fixbridge_turn_seconds", H, "", "One turn of the loop, from waking to sleeping.", turn },
    { "fixbridge_log_lines_total", C, "level", "Warnings and errors logged.", log_lines },

    { "fixbridge_connections", G, "", "FIX connections open.", connections },
    { "fixbridge_sessions", G, "state", "Sessions in each state.", sessions },
    { "fixbridge_session_up", G, "session", "1 when the session is logged on.", session_up },
    { "fixbridge_session_enabled", G, "session", "0 when it was disabled.", session_enabled },
    { "fixbridge_session_next_in", G, "session", "MsgSeqNum expected next.", session_next_in },
    { "fixbridge_session_next_out", G, "session", "MsgSeqNum sent next.", session_next_out },
    { "fixbridge_session_messages_total", C, "session, direction",
      "Application messages of the session since the start.", session_messages },
    { "fixbridge_session_orders_live", G, "session", "Live orders of the session.",
      session_orders },
    { "fixbridge_session_output_bytes", G, "session", "Bytes waiting to be written to the client.",
      session_output },
    { "fixbridge_fix_messages_total", C, "direction, type",
      "FIX messages read from and written to connections, resends included; \"garbled\" is what "
      "is no message, \"other\" any type not told apart.",
      fix_messages },
    { "fixbridge_fix_rejects_total", C, "kind, reason",
      "Refusals sent: order (103), cancel (102, 532), business (380), session (373).",
      fix_rejects },
    { "fixbridge_logons_refused_total", C, "", "Logons refused.", logons_refused },

    { "fixbridge_orders", G, "state",
      "Live orders in each state; doubt: the placement's outcome is unknown.", orders },
    { "fixbridge_orders_ended_total", C, "state", "Orders that ended so since the start.",
      orders_ended },
    { "fixbridge_orders_taken_total", C, "", "Orders of all times.", orders_taken },
    { "fixbridge_orders_kept", G, "", "Orders in memory: live, or ended and still retained.",
      orders_kept },
    { "fixbridge_fills_total", C, "", "Fills booked since the start.", fills },
    { "fixbridge_stage_seconds", H, "stage",
      "Stages of an order. durable: message received to journaled. sent: received to venue call "
      "under way. answered: call to answer. reported: answer to report written to the client.",
      stages },

    { "fixbridge_venue_calls_total", C, "account, op, outcome",
      "Venue calls ended; outcome unknown means it may have acted.", venue_calls },
    { "fixbridge_venue_call_seconds", H, "account", "Calls that left, to their end.",
      venue_seconds },
    { "fixbridge_venue_calls_open", G, "account", "Calls under way or waiting to leave.",
      venue_open },
    { "fixbridge_venue_calls_busy", G, "",
      "Calls of all accounts queued for the journal or under way.", calls_waiting },
    { "fixbridge_venue_up", G, "account", "0 when calls do not get through.", venue_up },
    { "fixbridge_venue_enabled", G, "account", "0 when an operator disabled the account.",
      venue_enabled },
    { "fixbridge_venue_settling", G, "account",
      "1 while outcomes unknown since before the start are looked up.", venue_settling },
    { "fixbridge_venue_failures", G, "account", "Failed calls in a row.", venue_failures },
    { "fixbridge_venue_backoff_seconds", G, "account", "How long no call is made.", venue_backoff },
    { "fixbridge_venue_clock_offset_seconds", G, "account", "The venue's clock minus ours.",
      venue_offset },
    { "fixbridge_venue_rate_left", G, "account, window", "Weight left in the rate window.",
      rate_budget_left },
    { "fixbridge_venue_rate_capacity", G, "account, window", "Weight the window holds.",
      rate_budget },
    { "fixbridge_venue_queue", G, "account, queue",
      "Orders and cancels waiting for the rate limit or a free connection.", account_queue },
    { "fixbridge_venue_deadman_left_seconds", G, "account",
      "When the armed dead man's switch fires unless pushed back.", deadman_left },
    { "fixbridge_venue_deadman_timeout_seconds", G, "account", "What it is pushed back to.",
      deadman_timeout },
    { "fixbridge_unknown_outcomes", G, "account", "Orders being looked up at the venue.",
      unknown_open },
    { "fixbridge_ghost_orders_total", C, "account",
      "Orders found resting at the venue although their clients were told that they are done.",
      ghosts },

    { "fixbridge_journal_batches_total", C, "", "Batches sealed.", journal_batches },
    { "fixbridge_journal_records_total", C, "", "Records appended.", journal_records },
    { "fixbridge_journal_bytes_total", C, "", "Bytes sealed.", journal_bytes },
    { "fixbridge_journal_syncs_total", C, "", "Groups of batches synced.", journal_syncs },
    { "fixbridge_journal_sync_seconds_total", C, "", "Time spent syncing.", journal_sync_total },
    { "fixbridge_journal_sync_seconds_max", G, "", "The slowest sync since the start.",
      journal_sync_max },
    { "fixbridge_journal_by_loop_total", C, "", "Groups written by the event loop.", journal_here },
    { "fixbridge_journal_lag_batches", G, "", "Batches sealed and not durable yet.", journal_lag },
    { "fixbridge_journal_pending_bytes", G, "", "Bytes sealed and not handed to the disk yet.",
      journal_pending },
    { "fixbridge_journal_segment", G, "", "Number of the file written to.", journal_segment_now },
    { "fixbridge_journal_segments", G, "", "Files it consists of, the snapshot apart.",
      journal_files },
    { "fixbridge_journal_disk_bytes", G, "",
      "Room it takes on the disk: segments, with what is reserved for the last, and snapshot.",
      journal_room },
    { "fixbridge_journal_free_bytes", G, "", "Free bytes of its file system.", journal_free_bytes },
    { "fixbridge_journal_space", G, "state", "1 for the state the disk is in.",
      journal_space_state },
    { "fixbridge_journal_blocked_total", C, "", "Times the disk was full.", journal_blocked },
    { "fixbridge_journal_failed", G, "", "1 when it has failed for good.", journal_failed },
};

const size_t metric_count = ARRAY_LEN(metrics);

/* ---- the page ------------------------------------------------------------------------------ */

static void add_head(struct buf *out, const struct metric *m)
{
    static const char *const type[] = { "counter", "gauge", "histogram" };

    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, type[m->type]);
}

bool metrics_next(const struct shell *sh, struct metrics_place *place, size_t enough,
                  struct buf *out)
{
    while (out->size < enough && place->metric < metric_count) {
        const struct metric *m = &metrics[place->metric];
        struct metric_out o = { .buf = out, .metric = m };

        if (place->item == 0) {
            add_head(out, m);
        }
        if (m->read(&o, sh, place->item)) {
            place->item++;
        } else {
            place->metric++;
            place->item = 0;
        }
    }
    return place->metric < metric_count;
}
