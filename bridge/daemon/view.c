/*
 * Views.
 */
#include "view.h"

#include <stdio.h>
#include <unistd.h>

#include "engine_query.h"
#include "json_out.h"
#include "shell.h"

uint64_t view_memory(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long long whole, resident = 0;

    if (f != NULL) {
        resident = fscanf(f, "%llu %llu", &whole, &resident) == 2 ? resident : 0;
        (void)fclose(f);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool not_ready(struct buf *why, const char *text)
{
    if (why != NULL) {
        buf_text(why, text);
        buf_char(why, '\n');
    }
    return false;
}

bool view_ready(const struct shell *sh, struct buf *why)
{
    bool ready = true;

    if (sh->phase != SHELL_RUNS) {
        ready = not_ready(why, "the service is stopping");
    }
    if (journal_error(sh->journal) != NULL) {
        ready = not_ready(why, journal_error(sh->journal));
    }
    if (journal_space(sh->journal) >= JOURNAL_SPACE_STALLED) {
        ready = not_ready(why, "the disk of the journal is full");
    }
    for (size_t i = 0; i < engine_accounts(sh->engine); i++) {
        struct engine_account_status a;

        engine_account_look(sh->engine, (uint32_t)i, &sh->now, &a);
        if (a.settling) {
            ready = false;
            if (why != NULL) {
                buf_printf(why,
                           "account %.*s: outcomes unknown since before the start are being "
                           "looked up (%zu orders)\n",
                           BYTES_ARG(engine_account_name(sh->engine, (uint32_t)i)), a.doubts);
            }
        }
    }
    return ready;
}

const char *view_state(enum fix_session_state state)
{
    switch (state) {
    case FIX_OFFLINE: return "offline";
    case FIX_CONNECTED: return "connected";
    case FIX_UP: return "up";
    case FIX_LOGOUT_SENT: return "logging out";
    }
    return "?";
}

void view_session(const struct shell *sh, const struct session *s, struct buf *out)
{
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "name", s->config->head.name);
    json_out_key_text(out, "state", bytes_of(view_state(fix_session_state(s->fix))));
    json_out_key_bool(out, "enabled", !s->disabled && !s->removed);
    json_out_key_bool(out, "removed", s->removed);
    json_out_key_uint(out, "next_in", fix_session_next_in(s->fix));
    json_out_key_uint(out, "next_out", fix_session_next_out(s->fix));
    json_out_key_text(out, "address", bytes_of(s->conn == NULL ? "" : s->conn->peer));
    json_out_key_time(out, "since", s->since.wall_us);
    json_out_key_uint(out, "messages_in", s->messages_in);
    json_out_key_uint(out, "messages_out", s->messages_out);
    json_out_key_uint(out, "orders_live", engine_session_live(sh->engine, s->index));
    buf_char(out, '}');
}

static struct bytes session_name(const struct shell *sh, uint32_t index)
{
    return index < sh->session_count ? sh->session[index].config->head.name
                                     : (struct bytes){ NULL, 0 };
}

static void add_terms(const struct order *o, struct buf *out)
{
    json_out_key_text(out, "ord_type", (struct bytes){ &o->terms.ord_type, 1 });
    json_out_key_decimal(out, "qty", o->terms.qty);
    if (o->terms.has_price) {
        json_out_key_decimal(out, "price", o->terms.price);
    }
    if (o->terms.has_stop) {
        json_out_key_decimal(out, "stop_price", o->terms.stop_price);
    }
    json_out_key_decimal(out, "filled", o->cum_qty);
    json_out_key_decimal(out, "leaves", order_leaves(o));
}

void view_order(const struct shell *sh, const struct order *o, struct buf *out)
{
    char id[ORDER_ID_TEXT_MAX];
    char status = order_status(o);
    struct bytes account = o->account < engine_accounts(sh->engine)
                               ? engine_account_name(sh->engine, o->account)
                               : (struct bytes){ NULL, 0 };

    order_id_text(o->id, id);
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "id", bytes_of(id));
    json_out_key_text(out, "session", session_name(sh, o->session));
    json_out_key_text(out, "account", account);
    json_out_key_text(out, "cl_ord_id", bytes_of(o->cl_ord_id));
    json_out_key_text(out, "client_id", bytes_of(o->client_id));
    json_out_key_text(out, "venue_id", bytes_of(o->venue_id));
    json_out_key_text(out, "state", bytes_of(order_state_text(o->state)));
    json_out_key_text(out, "ord_status", (struct bytes){ &status, 1 });
    json_out_key_bool(out, "live", order_is_live(o));
    json_out_key_text(out, "symbol", bytes_of(o->symbol));
    json_out_key_text(out, "side", bytes_of(o->side == VENUE_BUY ? "buy" : "sell"));
    add_terms(o, out);
    json_out_key_bool(out, "request_pending", o->request != NULL);
    json_out_key_bool(out, "being_looked_up", o->check);
    json_out_key_time(out, "taken", o->taken_us);
    json_out_key_time(out, "changed", o->changed_us);
    buf_char(out, '}');
}

void view_account(const struct shell *sh, uint32_t index, struct buf *out)
{
    const struct venue_driver *d = sh->setup->engine.account[index].driver;
    struct engine_account_status a;

    engine_account_look(sh->engine, index, &sh->now, &a);
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_text(out, "account", engine_account_name(sh->engine, index));
    json_out_key_text(out, "venue", engine_account_venue(sh->engine, index));
    json_out_key_bool(out, "healthy", !a.down);
    json_out_key_bool(out, "enabled", !a.disabled);
    json_out_key_bool(out, "settling", a.settling);
    json_out_key_uint(out, "failures", a.failures);
    json_out_key_int(out, "backoff_ms", a.backoff_us / US_PER_MS);
    json_out_key_uint(out, "calls", a.calls);
    json_out_key_uint(out, "calls_max", a.calls_max);
    json_out_key_uint(out, "orders_queued", a.orders_queued);
    json_out_key_uint(out, "cancels_queued", a.cancels_queued);
    json_out_key_uint(out, "orders_live", a.orders_live);
    json_out_key_uint(out, "doubts", a.doubts);
    json_out_key_int(out, "clock_offset_ms", a.clock_offset_us / US_PER_MS);
    json_out_key_bool(out, "deadman_armed", a.deadman_us > 0);
    json_out_key(out, "budget");
    buf_char(out, '[');
    for (size_t i = 0; i < a.window_count; i++) {
        json_out_item(out);
        buf_char(out, '{');
        json_out_key_text(out, "name", bytes_of(d->window[i].name));
        json_out_key_uint(out, "capacity", a.window[i].capacity);
        json_out_key_uint(out, "left", a.window[i].left);
        json_out_key_uint(out, "period_ms", a.window[i].period_ms);
        buf_char(out, '}');
    }
    buf_text(out, "]}");
}

void view_stats(const struct shell *sh, struct buf *out)
{
    struct engine_stats e;
    struct journal_stats j;
    size_t up = 0;

    engine_stats(sh->engine, &e);
    journal_stats(sh->journal, &j);
    for (size_t i = 0; i < sh->session_count; i++) {
        up += sh->session[i].up ? 1 : 0;
    }
    buf_char(out, '{');
    json_out_key_bool(out, "stopping", sh->phase != SHELL_RUNS);
    json_out_key_uint(out, "sessions", sh->session_count);
    json_out_key_uint(out, "sessions_up", up);
    json_out_key_uint(out, "connections", sh->conns == NULL ? 0 : conns_count(sh->conns));
    json_out_key_uint(out, "logon_suspects", logon_suspects(sh->guard));
    json_out_key_uint(out, "orders_live", e.orders_live);
    json_out_key_uint(out, "orders_total", e.orders_total);
    json_out_key_uint(out, "fills", e.fills);
    json_out_key_uint(out, "doubts", e.doubts);
    json_out_key_uint(out, "calls", e.calls_under_way);
    json_out_key_uint(out, "queued", e.queued);
    json_out_key_uint(out, "journal_batches", j.batches);
    json_out_key_uint(out, "journal_records", j.records);
    json_out_key_uint(out, "journal_bytes", j.bytes);
    json_out_key_uint(out, "journal_syncs", j.syncs);
    json_out_key_uint(out, "journal_sync_us_max", j.sync_us_max);
    json_out_key_uint(out, "journal_segment", j.segment);
    json_out_key_text(out, "journal_space", bytes_of(journal_space_text(sh->space)));
    json_out_key_uint(out, "journal_free_bytes", journal_free(sh->journal));
    buf_char(out, '}');
}
