/*
 * Time zone files under hostile input: never beyond the input, no work without end; what is taken
 * gives, at any instant of four thousand years around ours, an offset of less than a week, and an
 * instant no further than that from what clocks show.
 *
 * The first 16 bytes are two instants to ask about, the rest is the file.
 */
#include "fix_zone.h"
#include "fuzz.h"

#define WEEK_S (7 * 86400)
#define SPAN_S (INT64_C(4000) * 366 * 86400)

static const int64_t corners[] = { -SPAN_S,    -2147483648, -1,         0,
                                   1774746000, 2147483647,  4294967296, SPAN_S };

static void check_at(const struct fix_zone *z, int64_t at_s)
{
    int32_t offset = fix_zone_offset(z, at_s);
    int64_t utc_s = fix_zone_to_utc(z, at_s);

    PROMISE(offset > -WEEK_S && offset < WEEK_S);
    PROMISE(utc_s - at_s > -WEEK_S && utc_s - at_s < WEEK_S);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t asked[2];
    const char *error = NULL;
    struct fix_zone *z;

    if (size < sizeof asked) {
        return 0;
    }
    memcpy(asked, data, sizeof asked);
    z = fix_zone_new((struct bytes){ (const char *)data + sizeof asked, size - sizeof asked },
                     &error);
    if (z == NULL) {
        PROMISE(error != NULL);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(corners); i++) {
        check_at(z, corners[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        check_at(z, asked[i] % SPAN_S);
    }
    fix_zone_free(z);
    return 0;
}
