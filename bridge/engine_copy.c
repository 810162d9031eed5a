/*
 * Drop copies (rules of engagement 3.10): every ExecutionReport of the chosen accounts, whoever
 * entered the order, also goes to the sessions that logged on with 9406=Y. A copy is one more
 * message of the same turn, so the journal has both or neither, and the session numbers, keeps and
 * resends it like any other. Answers to status requests (150=I) tell nothing new and are not
 * copied.
 */
#include "engine_client.h"
#include "fix_tags.h"

void copy_count(struct engine *e)
{
    uint32_t *at = &e->first_copy;

    for (uint32_t i = 0; i < e->config.session_count; i++) {
        if (e->session[i].choice.copy) {
            *at = i;
            at = &e->session[i].next_copy;
        }
    }
    *at = ENGINE_ANY;
}

bool copy_covers(const struct engine *e, uint32_t session, uint32_t account)
{
    const struct engine_session *s = &e->config.session[session];

    for (size_t i = 0; e->session[session].choice.copy && i < s->copy_count; i++) {
        if (s->copy[i] == account) {
            return true;
        }
    }
    return false;
}

/* Who entered the order: one more party, "entering firm" (452=7), named by CompID. Clients' own
 * parties stay behind it. A group begins with its count, so the new entry goes right behind that.
 */
static void add_party(struct engine *e, struct buf *body, struct bytes client)
{
    static const char count_tag[] = "\001453=";
    struct bytes all = buf_view(body), rest = { NULL, 0 };
    const char *at = memmem(all.data, all.size, count_tag, sizeof count_tag - 1);
    struct fix_body b;
    uint64_t count = 0;
    bool failed = body->failed;

    fix_body_start(&b, "8", &e->copy_scratch);
    if (at != NULL) {
        size_t from = (size_t)(at + 1 - all.data), digits = from + sizeof count_tag - 2;

        buf_bytes(&e->copy_scratch, (struct bytes){ all.data, from });
        while (digits < all.size && all.data[digits] != '\001') {
            count = count * 10 + (uint64_t)(all.data[digits++] - '0');
        }
        rest = (struct bytes){ all.data + digits + 1, all.size - digits - 1 };
    } else {
        buf_bytes(&e->copy_scratch, all);
    }
    fix_body_uint(&b, TAG_NO_PARTY_IDS, count + 1);
    fix_body_bytes(&b, TAG_PARTY_ID, client);
    fix_body_char(&b, TAG_PARTY_ID_SOURCE, 'D');
    fix_body_char(&b, TAG_PARTY_ROLE, '7');
    buf_bytes(&e->copy_scratch, rest);
    buf_clear(body);
    buf_bytes(body, buf_view(&e->copy_scratch));
    body->failed = body->failed || failed || e->copy_scratch.failed;
}

static void copy_to(struct engine *e, uint32_t session, const struct order *o,
                    const struct report *r, const struct report_names *names)
{
    struct report_names own = *names;
    struct slot *s = engine_fix_slot(e, session);

    own.extras = e->config.session[session].report_extras;
    s->body.time_digits = e->config.session[session].time_digits;
    translate_out_report(&s->body, &s->buf, o, r, &own);
    if (o->session < e->config.session_count) {
        add_party(e, &s->buf, e->config.session[o->session].client);
    }
}

void copy_report(struct engine *e, const struct order *o, const struct report *r,
                 const struct report_names *names)
{
    if (r->exec_type == 'I') {
        return;
    }
    for (uint32_t i = e->first_copy; i != ENGINE_ANY; i = e->session[i].next_copy) {
        if (i != o->session && copy_covers(e, i, o->account)) {
            copy_to(e, i, o, r, names);
        }
    }
}

/* What a drop copy session may ask. */
bool copy_takes(struct bytes msg_type)
{
    return bytes_is(msg_type, "AD") || bytes_is(msg_type, "g") || bytes_is(msg_type, "x") ||
           bytes_is(msg_type, "AN");
}
