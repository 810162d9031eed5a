/*
 * Any bytes as a dictionary: built and usable, or refused with an error text.
 */
#include "fix_validate.h"
#include "fuzz.h"

static const char order[] = "8=FIX.4.4\0019=20\00135=D\00111=a\00155=b\00154=1\00110=000\001";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fix_msg msg;
    char error[256] = "";
    struct fix_dict *d =
        fix_dict_new((struct bytes){ (const char *)data, size }, error, sizeof error);
    enum fix_msg_error parsed;

    PROMISE((d == NULL) == (error[0] != '\0'));
    PROMISE(memchr(error, '\0', sizeof error) != NULL);
    if (d == NULL) {
        return 0;
    }
    PROMISE(fix_dict_add_field(d, BYTES("D"), 9406, "Added", "STRING") ==
            fix_dict_has_message(d, BYTES("D")));
    for (uint32_t tag = 0; tag < 1000; tag++) {
        (void)fix_dict_field_name(d, tag);
        (void)fix_dict_value_name(d, tag, BYTES("1"));
    }
    parsed = fix_msg_parse(&msg, BYTES(order));
    (void)fix_validate(d, &msg, parsed, &fix_validate_defaults);
    fix_dict_free(d);
    return 0;
}
