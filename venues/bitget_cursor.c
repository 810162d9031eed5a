/*
 * Bitget: how long lists are continued. Open orders are asked for kind by kind, histories span by
 * span, and both page by page; the cursor says which kind or span, and after which id:
 * "2:1234567".
 */
#include "bitget.h"

bool bitget_cursor_parse(struct bytes text, struct bitget_cursor *out)
{
    size_t at = 0;

    *out = (struct bitget_cursor){ 0, { NULL, 0 } };
    while (at < text.size && at < 6 && text.data[at] >= '0' && text.data[at] <= '9') {
        out->stage = out->stage * 10 + (unsigned)(text.data[at] - '0');
        at++;
    }
    if (text.size == 0) {
        return true;
    }
    if (at == 0 || at == text.size || text.data[at] != ':') {
        return false;
    }
    out->id = (struct bytes){ text.data + at + 1, text.size - at - 1 };
    return true;
}

const struct bitget_stage *bitget_open_stage(unsigned stage)
{
    static const struct bitget_stage stages[] = {
        { true, "normal_plan" }, { true, "track_plan" },        { true, "profit_loss" },
        { false, "live" },       { false, "partially_filled" }, /* after `live`, which an order
                                                                   leaves for it */
    };

    return stage < ARRAY_LEN(stages) ? &stages[stage] : NULL;
}

const char *bitget_plan_stage(unsigned stage)
{
    const struct bitget_stage *s = bitget_open_stage(stage);

    return s != NULL && s->plan ? s->kind : NULL;
}

/* The venue keeps 90 days and takes a limited span in one question. */
bool bitget_span(const struct venue_call *call, unsigned stage, int64_t *from_us, int64_t *to_us)
{
    int64_t end = call->before_us > 0 ? call->before_us : call->wall_us;
    int64_t since = call->since_us;

    *from_us = 0;
    *to_us = call->before_us;
    if (since <= 0) {
        return stage == 0;
    }
    if (since < call->wall_us - BITGET_HISTORY_US) {
        since = call->wall_us - BITGET_HISTORY_US;
    }
    *from_us = since + (int64_t)stage * BITGET_SPAN_US;
    *to_us = *from_us + BITGET_SPAN_US;
    if (stage > 0) {
        *from_us -= BITGET_OVERLAP_US; /* a start that moves with the clock leaves no hole */
    }
    if (*to_us >= end) {
        /* The last span is open at the end unless an end was asked for: an order of this moment
         * counts. */
        *to_us = call->before_us;
    }
    return stage == 0 || *from_us < end;
}
