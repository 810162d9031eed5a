/*
 * Framing under hostile input: always forward, never beyond the input, and the same whether the
 * bytes come at once or one by one.
 */
#include "fix_frame.h"
#include "fuzz.h"

#define MESSAGE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes left = { (const char *)data, size };

    while (left.size > 0) {
        struct fix_frame f = fix_frame_find(left, MESSAGE_MAX);

        PROMISE(f.size <= left.size);
        if (f.kind == FIX_FRAME_PARTIAL || f.kind == FIX_FRAME_FATAL) {
            PROMISE(f.size == 0);
            break;
        }
        PROMISE(f.size > 0);
        if (f.kind == FIX_FRAME_COMPLETE) {
            PROMISE(f.message.data == left.data && f.message.size == f.size);
            PROMISE(f.size <= MESSAGE_MAX);
            for (size_t prefix = 0; prefix < f.size; prefix++) {
                PROMISE(fix_frame_find((struct bytes){ left.data, prefix }, MESSAGE_MAX).kind ==
                        FIX_FRAME_PARTIAL);
            }
        }
        left.data += f.size;
        left.size -= f.size;
    }
    return 0;
}
