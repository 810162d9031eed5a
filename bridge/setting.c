/*
 * The table of a setting's phases, and the comparison of what is with what must be.
 */
#include "setting.h"

#include "assert.h"

static const uint8_t next_phase[SETTING_PHASE_COUNT][SETTING_EVENT_COUNT] = {
    [SETTING_UNKNOWN] = {
        [SETTING_SAME] = SETTING_GOOD,
        [SETTING_OTHER] = SETTING_WRONG,
        [SETTING_CHANGE] = SETTING_CHANGING,
        [SETTING_STALE] = SETTING_UNKNOWN,
    },
    [SETTING_GOOD] = {
        /* asked again as a matter of routine: it stays good until the answer */
        [SETTING_SAME] = SETTING_GOOD,
        [SETTING_OTHER] = SETTING_WRONG,
        [SETTING_CHANGE] = SETTING_CHANGING,
        [SETTING_STALE] = SETTING_UNKNOWN,
    },
    [SETTING_WRONG] = {
        [SETTING_SAME] = SETTING_GOOD,   /* somebody put it right at the venue */
        [SETTING_OTHER] = SETTING_WRONG,
        [SETTING_CHANGE] = SETTING_CHANGING,
        [SETTING_STALE] = SETTING_WRONG, /* wrong until the venue says otherwise */
    },
    [SETTING_CHANGING] = {
        [SETTING_SEND] = SETTING_SENT,
        [SETTING_STALE] = SETTING_UNKNOWN,
    },
    [SETTING_SENT] = {
        [SETTING_HELD] = SETTING_CHANGING,
        [SETTING_SETTLED] = SETTING_UNKNOWN,
        [SETTING_STALE] = SETTING_SENT,
    },
};

const char *setting_phase_text(enum setting_phase p)
{
    switch (p) {
    case SETTING_ILLEGAL: return "illegal";
    case SETTING_UNKNOWN: return "unknown";
    case SETTING_GOOD: return "good";
    case SETTING_WRONG: return "wrong";
    case SETTING_CHANGING: return "changing";
    case SETTING_SENT: return "sent";
    case SETTING_PHASE_COUNT: break;
    }
    UNREACHABLE();
}

enum setting_phase setting_next_phase(enum setting_phase p, enum setting_event e)
{
    ASSERT((unsigned)p < SETTING_PHASE_COUNT && (unsigned)e < SETTING_EVENT_COUNT);
    return (enum setting_phase)next_phase[p][e];
}

bool setting_equal(enum venue_setting what, struct bytes a, struct bytes b)
{
    struct decimal x, y;

    if (what == VENUE_SETTING_LEVERAGE && decimal_parse(a, &x) && decimal_parse(b, &y)) {
        return decimal_equal(x, y);
    }
    return bytes_equal(a, b);
}

enum setting_event setting_answer(struct setting *s, struct bytes have)
{
    if (have.size > SETTING_VALUE_MAX) {
        have.size = SETTING_VALUE_MAX; /* no value of ours is that long: it stays different */
    }
    memcpy(s->have, have.data, have.size);
    s->have[have.size] = '\0';
    if (s->want[0] == '\0' || setting_equal(s->what, bytes_of(s->have), bytes_of(s->want))) {
        s->tries = 0;
        return SETTING_SAME;
    }
    return s->apply && s->tries < SETTING_TRIES_MAX ? SETTING_CHANGE : SETTING_OTHER;
}
