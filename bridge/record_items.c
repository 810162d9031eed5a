/*
 * Parts of records: the orders of a list, the ids of a FORGET, what a record that was not decoded
 * is going to name.
 */
#include "record.h"
#include "record_fields.h"

bool record_forgotten(const struct record *r, size_t n, uint64_t *id)
{
    struct reader in = { .left = r->forget.ids };

    if (n >= in.left.size / 8) {
        return false;
    }
    in.left.data += n * 8;
    in.left.size -= n * 8;
    *id = get_u64(&in);
    return true;
}

void record_list_item_put(struct buf *b, const struct record_list_item *i)
{
    struct writer w;

    if (!buf_reserve(b, sizeof(uint64_t) + 1 + 2 + i->cl_ord_id.size)) {
        return;
    }
    w = put_u64((struct writer){ b->data + b->size, b->data + b->capacity }, i->id);
    w = put_u8(w, i->reason < 0 ? 0xff : (unsigned)i->reason & 0xff);
    w = put_bytes(w, i->cl_ord_id);
    if (w.at == NULL) {
        b->failed = true;
        return;
    }
    b->size = (size_t)(w.at - b->data);
}

bool record_list_item_take(struct bytes *left, struct record_list_item *i)
{
    struct reader in = { .left = *left };
    unsigned reason;

    i->id = get_u64(&in);
    reason = get_u8(&in);
    i->reason = reason == 0xff ? -1 : (int)reason;
    i->cl_ord_id = get_bytes(&in);
    if (in.bad) {
        return false;
    }
    *left = in.left;
    return true;
}

bool record_look(struct bytes from, struct record_peek *p)
{
    struct reader in = { .left = from };
    unsigned kind = get_u8(&in);

    (void)get_i64(&in);
    *p = (struct record_peek){ .kind = (enum record_kind)kind, .id = get_u64(&in) };
    if (kind == RECORD_ORDER || kind == RECORD_KEPT_ORDER) {
        p->session = get_u32(&in);
        p->account = get_u32(&in);
        (void)get_raw(&in, kind == RECORD_ORDER ? 2 + sizeof(int64_t) : 3);
        p->text = get_bytes(&in);
        p->venue_id = kind == RECORD_ORDER ? p->venue_id : get_bytes(&in);
    } else if (kind == RECORD_EVENT) {
        (void)get_u8(&in);
        p->text = get_bytes(&in);
    } else if (kind == RECORD_FILL || kind == RECORD_KEPT_FILL) {
        p->text = get_bytes(&in);
    } else {
        return false;
    }
    return !in.bad;
}
