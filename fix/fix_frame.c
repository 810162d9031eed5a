/*
 * Framing. The start of a good message and what is known after each part of it:
 *
 *     8=FIX.4.4|9=123|35=D|...|10=099|
 *     ^begin    ^length ^body  ^trailer, at body + BodyLength
 *
 * Each step answers "more input", "not a message" or "go on"; the first that does not go on
 * decides.
 */
#include "fix_frame.h"

#include "fix_wide.h"

#define SOH '\001'
#define MESSAGE_START "8=FIX"
#define BEGIN_STRING_MAX 16 /* "FIXT.1.1" has 8 */
#define LENGTH_DIGITS_MAX 10
#define BODY_MIN 5     /* "35=A|" */
#define TRAILER_SIZE 7 /* "10=123|" */

enum step { STEP_ON, STEP_MORE, STEP_GARBLED };

/* Whether `input` goes on with `text` at `at`, as far as it reaches. Inline, so that the size of
 * the text is known where it is called. */
static inline enum step expect(struct bytes input, size_t at, const char *text)
{
    size_t size = strlen(text);
    size_t left = input.size - at;

    if (left >= size) {
        return memcmp(input.data + at, text, size) == 0 ? STEP_ON : STEP_GARBLED;
    }
    return memcmp(input.data + at, text, left) == 0 ? STEP_MORE : STEP_GARBLED;
}

/* How many bytes to skip: up to the next thing after the first byte that starts like a message, or
 * that would if more input came. */
static size_t resync(struct bytes input)
{
    size_t at = 1;

    while (at < input.size) {
        const char *found = memchr(input.data + at, MESSAGE_START[0], input.size - at);

        if (found == NULL) {
            return input.size;
        }
        at = (size_t)(found - input.data);
        if (expect(input, at, MESSAGE_START) != STEP_GARBLED) {
            return at;
        }
        at++;
    }
    return input.size;
}

/* "8=FIX.4.4|": `at` is then behind its SOH. */
static enum step read_begin(struct bytes input, size_t *at)
{
    enum step step = expect(input, 0, MESSAGE_START);
    size_t end = sizeof MESSAGE_START - 1;

    if (step != STEP_ON) {
        return step;
    }
    while (end < input.size && input.data[end] != SOH) {
        end++;
        if (end == BEGIN_STRING_MAX + 3) {
            return STEP_GARBLED;
        }
    }
    *at = end + 1;
    return end < input.size ? STEP_ON : STEP_MORE;
}

/* "9=123|" */
static enum step read_length(struct bytes input, size_t *at, size_t *length)
{
    enum step step = expect(input, *at, "9=");
    size_t first = *at + 2;
    uint64_t value = 0;
    size_t i;

    if (step != STEP_ON) {
        return step;
    }
    for (i = first; i < input.size && input.data[i] != SOH; i++) {
        unsigned digit = (unsigned)(unsigned char)input.data[i] - '0';

        if (digit > 9 || i - first >= LENGTH_DIGITS_MAX) {
            return STEP_GARBLED;
        }
        value = value * 10 + digit;
    }
    if (i == input.size) {
        return STEP_MORE;
    }
    if (i == first) {
        return STEP_GARBLED;
    }
    *at = i + 1;
    *length = (size_t)value;
    return STEP_ON;
}

static bool checksum_is(const char *digits, unsigned sum)
{
    return digits[0] == (char)('0' + sum / 100) && digits[1] == (char)('0' + sum / 10 % 10) &&
           digits[2] == (char)('0' + sum % 10);
}

static struct fix_frame partial(void)
{
    return (struct fix_frame){ .kind = FIX_FRAME_PARTIAL };
}

static struct fix_frame garbled(size_t size, const char *reason)
{
    return (struct fix_frame){ .kind = FIX_FRAME_GARBLED, .size = size, .reason = reason };
}

static struct fix_frame stopped(struct bytes input, enum step step, const char *reason)
{
    return step == STEP_MORE ? partial() : garbled(resync(input), reason);
}

/* The whole of it is there: [0, body + length + trailer). */
static struct fix_frame finish(struct bytes input, size_t trailer)
{
    size_t size = trailer + TRAILER_SIZE;
    const char *at = input.data + trailer;

    if (at[-1] != SOH || memcmp(at, "10=", 3) != 0 || at[TRAILER_SIZE - 1] != SOH) {
        /* The length lied, so where this message ends is anybody's guess. */
        return garbled(resync(input), "no CheckSum where BodyLength points");
    }
    if (!checksum_is(at + 3, wide_sum(input.data, trailer))) {
        return garbled(size, "CheckSum is wrong");
    }
    return (struct fix_frame){ .kind = FIX_FRAME_COMPLETE,
                               .size = size,
                               .message = { input.data, size } };
}

struct fix_frame fix_frame_find(struct bytes input, size_t message_max)
{
    size_t body = 0;
    size_t length = 0;
    enum step step;

    if (input.size == 0) {
        return partial();
    }
    step = read_begin(input, &body);
    if (step != STEP_ON) {
        return stopped(input, step, "no BeginString at the start");
    }
    step = read_length(input, &body, &length);
    if (step != STEP_ON) {
        return stopped(input, step, "no readable BodyLength after BeginString");
    }
    if (length > message_max || body + length + TRAILER_SIZE > message_max) {
        return (struct fix_frame){ .kind = FIX_FRAME_FATAL,
                                   .reason = "BodyLength is beyond the maximum message size" };
    }
    if (length < BODY_MIN) {
        return garbled(resync(input), "BodyLength is too small for a message");
    }
    step = expect(input, body, "35=");
    if (step != STEP_ON) {
        return stopped(input, step, "no MsgType after BodyLength");
    }
    if (input.size - body < length + TRAILER_SIZE) {
        return partial();
    }
    return finish(input, body + length);
}
