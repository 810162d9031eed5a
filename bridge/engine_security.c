/*
 * SecurityListRequest (x): the instruments of the session's accounts as they are loaded, in pages.
 * Answered at once from what is known; the venue is not asked.
 */
#include "engine_client.h"
#include "translate_security.h"

/* A list being written, page by page. */
struct list {
    const struct request_in *in;
    struct security_page page;
    struct security_entry entry[SECURITY_PAGE_MAX];
};

static void send_page(struct list *l, bool last)
{
    struct slot *s = client_answer(l->in);
    char id[32];

    if (s == NULL) {
        return;
    }
    engine_exec_id(l->in->e, id);
    l->page.response_id = bytes_of(id);
    l->page.entry = l->entry;
    l->page.last = last;
    translate_security_list(&s->body, &s->buf, &l->page);
    client_route_answer(l->in, s);
    l->page.count = 0;
}

/* Two accounts of one venue list the same instrument: it is told once. */
static bool told_before(const struct engine *e, const struct engine_session *s, size_t account,
                        const struct instrument *i)
{
    const struct venue_driver *driver = e->config.account[s->account[account]].driver;

    for (size_t k = 0; k < account; k++) {
        const struct engine_account *a = &e->config.account[s->account[k]];
        const struct instrument *same = symbols_find_venue(a->symbols, bytes_of(i->venue_symbol));

        if (a->driver == driver && same != NULL && same->loaded) {
            return true;
        }
    }
    return false;
}

/* Counts what is asked for, or writes it. */
static size_t each_asked(struct list *l, const struct security_request *r, bool write)
{
    const struct engine *e = l->in->e;
    const struct engine_session *s = &e->config.session[l->in->session];
    size_t count = 0;

    for (size_t k = 0; k < s->account_count; k++) {
        const struct engine_account *a = &e->config.account[s->account[k]];
        struct bytes exchange = bytes_of(a->driver->code);
        const struct instrument *i, *one = symbols_find(a->symbols, r->symbol);
        size_t at = 0;

        while ((i = symbols_next(a->symbols, &at)) != NULL) {
            if ((!r->all && i != one) || !translate_security_matches(r, i, exchange) ||
                told_before(e, s, k, i)) {
                continue;
            }
            count++;
            if (write) {
                l->entry[l->page.count++] = (struct security_entry){ i, exchange };
                if (l->page.count == SECURITY_PAGE_MAX || count == l->page.total) {
                    send_page(l, count == l->page.total);
                }
            }
        }
    }
    return count;
}

static bool any_loaded(const struct request_in *in)
{
    const struct engine_session *s = &in->e->config.session[in->session];

    for (size_t k = 0; k < s->account_count; k++) {
        if (symbols_loaded(in->e->config.account[s->account[k]].symbols)) {
            return true;
        }
    }
    return false;
}

void client_security_list(const struct request_in *in)
{
    struct security_request r;
    struct list l = { .in = in };

    l.page.result = translate_security_request(in->msg, &r);
    l.page.req_id = r.req_id;
    if (l.page.result == SECURITY_VALID && !any_loaded(in)) {
        l.page.result = SECURITY_UNAVAILABLE;
    }
    if (l.page.result == SECURITY_VALID) {
        l.page.total = each_asked(&l, &r, false);
        l.page.result = l.page.total == 0 ? SECURITY_NONE_FOUND : SECURITY_VALID;
    }
    if (l.page.total == 0) {
        send_page(&l, true);
        return;
    }
    (void)each_asked(&l, &r, true);
}
