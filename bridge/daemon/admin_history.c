/*
 * An order's timeline: what the ring of recent events has of it, and from the journal what is older
 * than that. FIX messages that came in and REST calls are only in the ring (and in the logs, when
 * they are on); records and sent messages are in the journal for good.
 */
#include <stdlib.h>
#include <string.h>

#include "admin_internal.h"
#include "engine_query.h"
#include "journal_search.h"
#include "journal_words.h"
#include "json_out.h"
#include "message_mask.h"
#include "monitor.h"
#include "shell.h"
#include "view.h"

/* Events of one answer; the newest. An order with more has its older ones in the journal. */
#define EVENTS_MAX 1000

/* ---- from memory --------------------------------------------------------------------------- */

/* Fields with | between them, as people read them. */
static void add_fields(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        buf_char(out, text.data[i] == '\001' ? '|' : text.data[i]);
    }
}

static void drop(struct buf *line, const char *what)
{
    size_t size = strlen(what);
    char *at = line->failed ? NULL : strstr(line->data, what);

    if (at != NULL) {
        memmove(at, at + size, line->size - (size_t)(at - line->data) - size);
        line->size -= size;
    }
}

/* "kind key=value ..." without the place in the journal and the time. */
static void add_record(struct buf *out, const struct journal_words *words, struct bytes data)
{
    const struct journal_place nowhere = { 0 };
    const struct journal_record raw = { .kind = JOURNAL_KIND_ENGINE, .body = data };
    struct record r;
    struct buf line;
    const char *at;

    if (!record_decode(data, &r)) {
        return;
    }
    buf_init(&line, 64 * 1024);
    journal_words_line(words, &nowhere, &raw, &r, &line);
    buf_char(&line, '\0');
    drop(&line, " session=\"?\" account=\"?\""); /* the order's, which the page shows */
    at = line.failed ? "" : line.data;
    for (int skip = 0; skip < 3 && strchr(at, ' ') != NULL; skip++) {
        at = strchr(at, ' ') + 1;
    }
    buf_add(out, at, strcspn(at, "\n"));
    buf_fini(&line);
}

static const char *kind_text(const struct history_entry *e)
{
    switch ((enum monitor_event)e->kind) {
    case EVENT_FIX_IN: return "fix-in";
    case EVENT_FIX_OUT: return "fix-out";
    case EVENT_RECORD: return "record";
    case EVENT_REST_OUT: return "call";
    case EVENT_REST_IN: return "answer";
    }
    return "?";
}

static struct bytes scope_text(const struct shell *sh, const struct history_entry *e)
{
    switch ((enum monitor_event)e->kind) {
    case EVENT_FIX_IN:
    case EVENT_FIX_OUT:
        return e->scope < sh->session_count ? sh->session[e->scope].config->head.name
                                            : (struct bytes){ NULL, 0 };
    case EVENT_REST_OUT:
    case EVENT_REST_IN:
        return e->scope < engine_accounts(sh->engine) ? engine_account_name(sh->engine, e->scope)
                                                      : (struct bytes){ NULL, 0 };
    case EVENT_RECORD: break;
    }
    return (struct bytes){ NULL, 0 };
}

static void add_event(const struct shell *sh, const struct journal_words *words,
                      const struct history_entry *e, struct buf *out)
{
    struct buf text;

    buf_init(&text, 256 * 1024);
    switch ((enum monitor_event)e->kind) {
    case EVENT_FIX_IN: message_mask(&text, e->data, '|'); break;
    case EVENT_FIX_OUT: add_fields(&text, e->data); break;
    case EVENT_RECORD: add_record(&text, words, e->data); break;
    case EVENT_REST_OUT:
    case EVENT_REST_IN: buf_bytes(&text, e->data); break;
    }
    json_out_item(out);
    buf_char(out, '{');
    json_out_key_time(out, "at", e->wall_us);
    json_out_key_text(out, "kind", bytes_of(kind_text(e)));
    json_out_key_text(out, "where", scope_text(sh, e));
    json_out_key_text(out, "text", buf_view(&text));
    buf_char(out, '}');
    buf_fini(&text);
}

/* True: nothing of this key was left out. */
static bool add_events(const struct shell *sh, uint64_t key, struct buf *out)
{
    const struct history *h = sh->monitor->orders;
    struct journal_words *words = journal_words_new();
    struct history_entry *e = calloc(EVENTS_MAX, sizeof *e);
    size_t count = 0;
    uint64_t at = 0;
    bool whole = words != NULL && e != NULL;

    while (whole && h != NULL && count < EVENTS_MAX && history_before(h, key, &at, &e[count])) {
        count++;
    }
    for (size_t i = count; i > 0; i--) {
        add_event(sh, words, &e[i - 1], out);
    }
    whole = count > 0 && count < EVENTS_MAX && e[count - 1].kind == EVENT_FIX_IN;
    free(e);
    journal_words_free(words);
    return whole;
}

/* ---- from the journal ---------------------------------------------------------------------- */

/* A field of a line, up to the next blank. */
static struct bytes word(struct bytes *rest)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->data, ' ', rest->size);
    struct bytes w = { rest->data, end == NULL ? rest->size : (size_t)(end - rest->data) };
    size_t used = w.size + (end == NULL ? 0 : 1);

    rest->data += used;
    rest->size -= used;
    return w;
}

/* "LSN SEGMENT:OFFSET time kind key=value ..."; of messages the time is "-", and stands in 52. */
static void add_line(struct bytes line, struct buf *out)
{
    struct bytes lsn = word(&line), place = word(&line), time = word(&line);
    bool message = line.size >= 5 && memcmp(line.data, "sent ", 5) == 0;

    json_out_item(out);
    buf_char(out, '{');
    json_out_key(out, "at");
    if (bytes_is(time, "-")) {
        buf_text(out, "null");
    } else {
        json_out_text(out, time);
    }
    json_out_key_text(out, "kind", bytes_of(message ? "fix-out" : "record"));
    json_out_key_text(out, "lsn", lsn);
    json_out_key_text(out, "where", place);
    json_out_key_text(out, "text", line);
    buf_char(out, '}');
}

static void add_lines(struct admin_request *r)
{
    struct bytes lines = journal_search_lines(r->search);

    buf_text(&r->out, "{\"events\":[");
    while (lines.size > 0) {
        const char *end = memchr(lines.data, '\n', lines.size);
        size_t size = end == NULL ? lines.size : (size_t)(end - lines.data);

        add_line((struct bytes){ lines.data, size }, &r->out);
        size += end == NULL ? 0 : 1;
        lines.data += size;
        lines.size -= size;
    }
    buf_char(&r->out, ']');
    json_out_key_bool(&r->out, "complete",
                      !journal_search_cut(r->search) && journal_search_error(r->search) == NULL);
    if (journal_search_error(r->search) != NULL) {
        json_out_key_text(&r->out, "error", bytes_of(journal_search_error(r->search)));
    }
    buf_text(&r->out, "}\n");
}

static void from_journal(struct admin_request *r, struct bytes id)
{
    if (r->search != NULL) {
        add_lines(r);
        r->wait = ADMIN_READY;
        return;
    }
    r->search = admin_search_begin(r->admin, r->sh->setup->config->fixbridge->journal_dir, id);
    if (r->search == NULL) {
        admin_refuse(r, 503, "the journal is being read for somebody else; try again");
        return;
    }
    r->wait = ADMIN_SEARCH;
}

/* ?id= is an OrderID (37), or the ClOrdID (11) of what never became an order. */
void api_timeline(struct admin_request *r, const char *rest)
{
    const char *text = admin_param(r, "id"), *source = admin_param(r, "source");
    struct bytes id = { text, text == NULL ? 0 : strlen(text) };
    uint64_t number;
    bool is_order =
        order_id_parse(id, &number) && engine_order_by_id(r->sh->engine, number) != NULL;
    bool whole;

    (void)rest;
    if (id.size == 0 || id.size > 100) {
        admin_refuse(r, 400, "expected id=...");
        return;
    }
    if (source != NULL && strcmp(source, "journal") == 0) {
        from_journal(r, id);
        return;
    }
    buf_text(&r->out, "{\"order\":");
    if (is_order) {
        view_order(r->sh, engine_order_by_id(r->sh->engine, number), &r->out);
    } else {
        buf_text(&r->out, "null");
    }
    buf_text(&r->out, ",\"events\":[");
    whole = add_events(r->sh, is_order ? number : monitor_key_of_id(id), &r->out);
    buf_char(&r->out, ']');
    json_out_key_bool(&r->out, "complete", whole);
    buf_text(&r->out, "}\n");
}
