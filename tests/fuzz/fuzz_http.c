/*
 * Any bytes as a venue's HTTP answer: whole or cut at every place the first byte chooses, the
 * outcome is the same, the bounds hold, and nothing beyond the answer's end is taken.
 */
#include "fuzz.h"
#include "http_answer.h"

#define HEAD_MAX 512
#define BODY_MAX 2048

struct outcome {
    enum http_answer_state state;
    size_t used;
    int status;
    bool keeps;
    struct buf head, body;
};

static void read_answer(struct bytes data, size_t piece, struct outcome *o)
{
    struct http_answer a;

    buf_init(&o->head, HEAD_MAX);
    buf_init(&o->body, BODY_MAX);
    o->state = HTTP_ANSWER_MORE;
    o->used = 0;
    http_answer_begin(&a, &o->head, &o->body);
    while (o->state == HTTP_ANSWER_MORE && o->used < data.size) {
        size_t size = data.size - o->used < piece ? data.size - o->used : piece, used;
        /* Of the exact size: over-reads are seen. */
        char *copy = malloc(size);

        PROMISE(copy != NULL);
        memcpy(copy, data.data + o->used, size);
        o->state = http_answer_feed(&a, (struct bytes){ copy, size }, &used);
        PROMISE(used <= size);
        PROMISE(o->state != HTTP_ANSWER_MORE || used == size);
        o->used += used;
        free(copy);
    }
    if (o->state == HTTP_ANSWER_MORE) {
        o->state = http_answer_end(&a);
        PROMISE(o->state != HTTP_ANSWER_MORE);
    }
    if (o->state == HTTP_ANSWER_BAD) {
        PROMISE(a.why != NULL && a.why[0] != '\0');
        return;
    }
    o->status = http_answer_status(&a);
    o->keeps = http_answer_keeps_connection(&a);
    PROMISE(o->status / 100 != 1 && o->head.size <= HEAD_MAX && o->body.size <= BODY_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, pieces;
    struct bytes text;

    if (size < 2) {
        return 0;
    }
    text = (struct bytes){ (const char *)data + 1, size - 1 };
    read_answer(text, SIZE_MAX, &whole);
    read_answer(text, (size_t)data[0] % 64 + 1, &pieces);
    PROMISE(whole.state == pieces.state);
    if (whole.state == HTTP_ANSWER_COMPLETE) {
        PROMISE(whole.used == pieces.used && whole.status == pieces.status &&
                whole.keeps == pieces.keeps &&
                bytes_equal(buf_view(&whole.head), buf_view(&pieces.head)) &&
                bytes_equal(buf_view(&whole.body), buf_view(&pieces.body)));
    }
    buf_fini(&whole.head);
    buf_fini(&whole.body);
    buf_fini(&pieces.head);
    buf_fini(&pieces.body);
    return 0;
}
