/*
 * Builds messages for tests: header, BodyLength, CheckSum and all.
 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

static char frame[72 * 1024], text[72 * 1024];
static struct fix_msg msg;

const struct fix_msg *wire_message(const char *msg_type, const char *fields)
{
    static char body[70 * 1024];
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

enum fix_reject wire_verdict(const char *msg_type, const char *fields)
{
    static struct fix_dict *dict;
    struct fix_verdict v;

    if (dict == NULL) {
        static char xml[4 * 1024 * 1024];
        FILE *f = fopen(DICTIONARY, "rb");
        char error[256];
        size_t size = f == NULL ? 0 : fread(xml, 1, sizeof xml, f);

        if (f == NULL ||
            (dict = fix_dict_new((struct bytes){ xml, size }, error, sizeof error)) == NULL) {
            abort();
        }
        fclose(f);
    }
    v = fix_validate(dict, wire_message(msg_type, fields), FIX_MSG_OK, &fix_validate_defaults);
    if (v.reason != FIX_REJECT_NONE) {
        fprintf(stderr, "tag %u: %s: 35=%s|%s\n", v.tag, fix_reject_text(v.reason), msg_type,
                fields);
    }
    return v.reason;
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
