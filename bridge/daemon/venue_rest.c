/*
 * Lines about REST calls. Headers are never shown, for that is where keys and signatures are;
 * should a venue want a credential elsewhere, it is masked wherever it stands.
 */
#include "venue_rest.h"

/* Of target and body each; an order is far shorter, a batch of fifty is cut. */
#define SHOWN_MAX 700

static void add_cut(struct buf *out, struct bytes text)
{
    buf_add(out, text.data, text.size < SHOWN_MAX ? text.size : SHOWN_MAX);
    if (text.size > SHOWN_MAX) {
        buf_text(out, "...");
    }
}

/* Where the secret is next, or NULL. memmem prepares itself for long texts, at more than it takes
 * to look through one of these. */
static char *find(char *at, const char *end, struct bytes secret)
{
    while ((size_t)(end - at) >= secret.size &&
           (at = memchr(at, secret.data[0], (size_t)(end - at) - secret.size + 1)) != NULL) {
        if (memcmp(at, secret.data, secret.size) == 0) {
            return at;
        }
        at++;
    }
    return NULL;
}

static void mask(struct buf *out, struct bytes secret)
{
    char *at = out->data;
    const char *end = out->data + out->size;

    /* Very short ones would mask ordinary words. */
    while (secret.size >= 6 && at != NULL && (at = find(at, end, secret)) != NULL) {
        memset(at, '*', secret.size);
    }
}

static void mask_all(struct buf *out, const struct venue_account *account)
{
    mask(out, account->key);
    mask(out, account->secret);
    mask(out, account->passphrase);
}

void venue_rest_request(struct buf *out, const struct venue_account *account,
                        const struct venue_call *call, const struct http_request *request)
{
    buf_text(out, "account=");
    buf_bytes(out, account->name);
    buf_text(out, " op=");
    buf_text(out, venue_op_text(call->op));
    buf_char(out, ' ');
    buf_text(out, http_method_text(request->method));
    buf_char(out, ' ');
    add_cut(out, buf_view(&request->target));
    if (request->body.size > 0) {
        buf_char(out, ' ');
        if (call->op == VENUE_AUTH) {
            buf_text(out, "(hidden)");
        } else {
            add_cut(out, buf_view(&request->body));
        }
    }
    mask_all(out, account);
}

/* Spaces for control characters; eight bytes are looked at at a time, for they are few. */
static void make_plain(char *text, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    for (size_t i = 0; i < size; i++) {
        uint64_t word;

        if (size - i >= sizeof word) {
            memcpy(&word, text + i, sizeof word);
            if (((word - ones * ' ') & ~word & ones * 0x80) == 0) {
                i += sizeof word - 1;
                continue;
            }
        }
        text[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
    }
}

void venue_rest_answer(struct buf *out, const struct venue_account *account,
                       const struct venue_result *r)
{
    size_t before = out->size;

    if (r->response.body.size == 0) {
        return;
    }
    buf_char(out, ' ');
    if (r->call->op == VENUE_AUTH) {
        buf_text(out, "(hidden)");
        return;
    }
    add_cut(out, r->response.body);
    mask_all(out, account);
    make_plain(out->data + before, out->size - before);
}

static const char *order_word(enum venue_order_status s)
{
    switch (s) {
    case VENUE_ORDER_PENDING: return "pending";
    case VENUE_ORDER_OPEN: return "open";
    case VENUE_ORDER_FILLED: return "filled";
    case VENUE_ORDER_CANCELED: return "canceled";
    case VENUE_ORDER_REJECTED: return "rejected";
    case VENUE_ORDER_EXPIRED: return "expired";
    case VENUE_ORDER_REPLACED: return "replaced";
    case VENUE_ORDER_ABSENT: return "absent";
    }
    return "?";
}

/* What the answer says of the one thing asked for; lists are counted. */
static void add_answer(struct buf *out, const struct venue_result *r)
{
    const struct venue_reply *reply = r->reply;

    if (reply == NULL) {
        return;
    }
    if (reply->code.size > 0) {
        buf_char(out, ' ');
        add_cut(out, reply->code);
    }
    if (reply->order_count == 1 || (reply->order_count > 0 && venue_op_acts(r->call->op))) {
        buf_text(out, " order=");
        buf_text(out, order_word(reply->order[0].status));
    } else if (reply->order_count > 0) {
        buf_printf(out, " orders=%zu", reply->order_count);
    }
    if (reply->fill_count > 0) {
        buf_printf(out, " fills=%zu", reply->fill_count);
    }
    if (reply->instrument_count > 0) {
        buf_printf(out, " instruments=%zu", reply->instrument_count);
    }
    if (reply->position_count > 0) {
        buf_printf(out, " positions=%zu", reply->position_count);
    }
}

void venue_rest_result(struct buf *out, const struct venue_result *r)
{
    buf_text(out, " -> ");
    if (r->response.status > 0) {
        buf_int(out, r->response.status);
        buf_char(out, ' ');
    }
    buf_text(out, venue_outcome_text(r->outcome));
    add_answer(out, r);
    if (r->response.status == 0 && r->why != NULL) {
        buf_printf(out, " (%s)", r->why);
    }
    buf_char(out, ' ');
    buf_int(out, r->took_us / US_PER_MS);
    buf_char(out, '.');
    buf_int(out, r->took_us % US_PER_MS / 100);
    buf_text(out, "ms");
}
