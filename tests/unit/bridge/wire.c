/*
 * Builds messages for tests: header, BodyLength, CheckSum and all.
 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

static char frame[16 * 1024], text[16 * 1024];
static struct fix_msg msg;

const struct fix_msg *wire_message(const char *msg_type, const char *fields)
{
    static char body[8 * 1024];
    unsigned sum = 0;
    int n;

    n = snprintf(body, sizeof body, "35=%s|34=7|49=CLIENT|52=20261120-10:00:00.000|56=GATEWAY|%s%s",
                 msg_type, fields,
                 fields[0] == '\0' || fields[strlen(fields) - 1] == '|' ? "" : "|");
    if (n < 0 || (size_t)n >= sizeof body) {
        abort();
    }
    n = snprintf(frame, sizeof frame, "8=FIX.4.4|9=%zu|%s", strlen(body), body);
    for (char *c = frame; *c != '\0'; c++) {
        *c = *c == '|' ? '\x01' : *c;
        sum += (unsigned char)*c;
    }
    n += snprintf(frame + n, sizeof frame - (size_t)n, "10=%03u\x01", sum % 256);
    if (fix_msg_parse(&msg, (struct bytes){ frame, (size_t)n }) != FIX_MSG_OK) {
        abort();
    }
    return &msg;
}

const char *wire_text(struct bytes body)
{
    if (body.size >= sizeof text) {
        abort();
    }
    for (size_t i = 0; i < body.size; i++) {
        text[i] = body.data[i] == '\x01' ? '|' : body.data[i];
    }
    text[body.size] = '\0';
    return text;
}

struct decimal dec(const char *number)
{
    struct decimal d;

    if (!decimal_parse(bytes_of(number), &d)) {
        abort();
    }
    return d;
}
