/*
 * What stands in the texts of some records: the orders of a list, the ids of a FORGET.
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
    put_u64(b, i->id);
    put_u8(b, i->reason < 0 ? 0xff : (unsigned)i->reason & 0xff);
    put_bytes(b, i->cl_ord_id);
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
