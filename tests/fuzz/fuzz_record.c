/*
 * Records of the order core: whatever the bytes, decoding ends, stays inside them, and what it
 * takes can be written, and what was written can be read.
 */
#include "fuzz.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes in = { (const char *)data, size };
    struct record_peek p;
    struct record r;
    struct buf out;

    PROMISE(!record_look(in, &p) || (p.text.size <= size && p.venue_id.size <= size));

    if (!record_decode(in, &r)) {
        return 0;
    }
    buf_init(&out, JOURNAL_RECORD_MAX + 64);
    record_encode(&r, &out);
    if (size <= JOURNAL_RECORD_MAX) {
        PROMISE(!out.failed);
        PROMISE(record_decode(buf_view(&out), &r));
    }
    buf_fini(&out);
    return 0;
}
