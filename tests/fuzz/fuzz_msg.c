/*
 * Parse and validation of one message against the full dictionary. The frame is made here, so that
 * the fuzzer need not find checksums: the input is the message from "35=" to before "10=", '|' or
 * SOH between fields.
 */
#include "fix_frame.h"
#include "fix_validate.h"
#include "fuzz.h"

#define BODY_MAX 20000

static struct fix_dict *dict;
static struct fix_msg msg;

static void load(void)
{
    char error[256];
    struct bytes xml = fuzz_file(FUZZ_DICTIONARY);

    dict = fix_dict_new(xml, error, sizeof error);
    PROMISE(dict != NULL);
    free((void *)(uintptr_t)xml.data);
}

/* A block of exactly the size of the frame, so that a byte read too many is seen. */
static struct bytes frame_of(const uint8_t *data, size_t size)
{
    char head[64];
    size_t head_size = (size_t)snprintf(head, sizeof head, "8=FIX.4.4\0019=%zu\001", size);
    char *out = malloc(head_size + size + 7);
    char trailer[16];
    unsigned sum = 0;

    PROMISE(out != NULL);
    memcpy(out, head, head_size);
    for (size_t i = 0; i < size; i++) {
        out[head_size + i] = data[i] == '|' ? '\001' : (char)data[i];
    }
    for (size_t i = 0; i < head_size + size; i++) {
        sum += (unsigned char)out[i];
    }
    (void)snprintf(trailer, sizeof trailer, "10=%03u\001", sum % 256);
    memcpy(out + head_size + size, trailer, 7);
    return (struct bytes){ out, head_size + size + 7 };
}

static void check_view(void)
{
    size_t end = 0;

    for (uint32_t i = 0; i < msg.field_count; i++) {
        const struct fix_field *f = &msg.field[i];
        struct bytes value;

        PROMISE(f->offset > end && f->offset + f->size < msg.raw.size);
        PROMISE(msg.raw.data[f->offset + f->size] == '\001');
        PROMISE(fix_msg_find(&msg, f->tag, &value));
        PROMISE(value.data <= msg.raw.data + f->offset);
        end = f->offset + f->size;
    }
}

static void check_group(void)
{
    struct fix_group g;
    struct bytes value;
    uint32_t last = 0;

    if (!fix_group_begin(&msg, 453, 448, &g)) {
        return;
    }
    while (fix_group_next(&msg, &g)) {
        PROMISE(g.first >= last && g.end > g.first && g.end <= msg.field_count);
        PROMISE(fix_group_find(&msg, &g, 448, &value));
        last = g.end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fix_validate_options loose = { .allow_unknown_fields = true };
    enum fix_msg_error error;
    struct fix_verdict strict_verdict, loose_verdict;
    struct bytes frame;

    if (dict == NULL) {
        load();
    }
    if (size > BODY_MAX) {
        return 0;
    }
    frame = frame_of(data, size);
    (void)fix_frame_find(frame, BODY_MAX + 100);
    error = fix_msg_parse(&msg, frame);
    check_view();
    check_group();
    strict_verdict = fix_validate(dict, &msg, error, &fix_validate_defaults);
    loose_verdict = fix_validate(dict, &msg, error, &loose);
    /* What the strict rules let pass, the loose ones do too. */
    PROMISE(strict_verdict.reason != FIX_REJECT_NONE || loose_verdict.reason == FIX_REJECT_NONE);
    PROMISE(fix_reject_text(strict_verdict.reason) != NULL);
    free((void *)(uintptr_t)frame.data);
    return 0;
}
