/*
 * The table of tags against the translator: what it calls read changes what an order becomes, and
 * nothing else does; what it calls refused is refused.
 */
#include <stdio.h>

#include "suites.h"
#include "tag_table.h"
#include "translate_in.h"
#include "wire.h"

static struct translate_rules rules = { .cl_ord_id_max = 36 };

struct outcome {
    bool good;
    struct command command;
    struct refusal no;
    char echo[2048];
};

static void translate(const char *type, const char *fields, struct outcome *out)
{
    static struct command c;

    memset(out, 0, sizeof *out);
    memset(&c, 0, sizeof c);
    buf_init(&c.echo, 4096);
    out->good = translate_in(wire_message(type, fields), &rules, &c, &out->no);
    if (c.echo.size < sizeof out->echo) {
        memcpy(out->echo, c.echo.data == NULL ? "" : c.echo.data, c.echo.size);
    }
    buf_fini(&c.echo);
    out->command = c;
    memset(&out->command.echo, 0, sizeof out->command.echo);
}

static bool same_text(struct bytes a, struct bytes b)
{
    return bytes_equal(a, b); /* the message's memory is one static frame: contents count */
}

static bool same_terms(const struct order_terms *a, const struct order_terms *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Texts of the first message are gone when the second was made, so they are compared by size, which
 * the values tried make differ. */
static bool same(const struct outcome *a, const struct outcome *b)
{
    const struct command *x = &a->command, *y = &b->command;

    return a->good == b->good && a->no.kind == b->no.kind && a->no.reason == b->no.reason &&
           strcmp(a->no.text, b->no.text) == 0 && strcmp(a->echo, b->echo) == 0 &&
           same_terms(&x->terms, &y->terms) && x->side == y->side &&
           x->valid_until_us == y->valid_until_us && x->mass_type == y->mass_type &&
           x->cancel_and_new == y->cancel_and_new && x->cl_ord_id.size == y->cl_ord_id.size &&
           x->orig_cl_ord_id.size == y->orig_cl_ord_id.size &&
           x->order_id.size == y->order_id.size && x->symbol.size == y->symbol.size &&
           x->exchange.size == y->exchange.size && x->account.size == y->account.size &&
           x->sender_sub_id.size == y->sender_sub_id.size &&
           x->status_req_id.size == y->status_req_id.size &&
           x->mass_status_id.size == y->mass_status_id.size;
}

/* `fields` with the tag taken out and, when `value` is not NULL, put in again with it. */
static void with_tag(const char *fields, uint32_t tag, const char *value, char out[1024])
{
    char key[16];
    size_t n = 0, key_size = (size_t)snprintf(key, sizeof key, "%u=", tag);

    for (const char *at = fields; *at != '\0';) {
        size_t size = strcspn(at, "|") + 1;

        if (strncmp(at, key, key_size) != 0) {
            memcpy(out + n, at, size);
            n += size;
        }
        at += size;
    }
    out[n] = '\0';
    if (value != NULL) {
        (void)snprintf(out + n, 1024 - n, "%u=%s|", tag, value);
    }
}

static const char *const values[] = { "1", "2", "3",   "5",         "100",
                                      "O", "C", "D",   "U",         "I",
                                      "a", "E", "J",   "Y",         "7",
                                      "8", "x", "n-7", "PF_XBTUSD", "20261121-00:00:00" };

static const struct {
    const char *type;
    unsigned in;
    const char *fields[5];
} bases[] = {
    { "D",
      TAG_IN_D,
      { "11=c|55=X|54=1|60=20261120-10:00:00|38=2|40=2|44=9|",
        "11=c|55=X|54=1|60=20261120-10:00:00|38=2|40=3|99=9|",
        "11=c|55=X|54=1|60=20261120-10:00:00|38=2|40=3|18=a|211=5|",
        "11=c|55=[N/A]|48=XY|22=8|54=1|60=20261120-10:00:00|40=1|22101=5|22102=3|38=1|",
        "11=c|55=X|54=1|60=20261120-10:00:00|38=2|40=2|44=9|59=6|126=20261122-00:00:00|453=1|448=p|"
        "447=D|452=3|" } },
    { "G",
      TAG_IN_G,
      { "11=c|41=b|55=X|54=1|60=20261120-10:00:00|38=2|40=2|44=9|",
        "11=c|41=b|55=X|54=1|60=20261120-10:00:00|38=2|40=3|99=9|",
        "11=c|41=b|55=X|54=1|60=20261120-10:00:00|38=2|40=3|18=a|211=5|",
        "11=c|41=b|55=[N/A]|48=XY|22=8|54=1|60=20261120-10:00:00|40=1|22101=5|22102=3|38=1|" } },
    { "F",
      TAG_IN_F,
      { "11=c|41=b|55=X|54=1|60=20261120-10:00:00|",
        "11=c|41=b|55=[N/A]|48=XY|22=8|54=1|60=20261120-10:00:00|" } },
    { "q",
      TAG_IN_Q,
      { "11=c|530=7|60=20261120-10:00:00|",
        "11=c|530=1|55=[N/A]|48=XY|22=8|60=20261120-10:00:00|" } },
    { "H", TAG_IN_H, { "11=c|55=X|54=1|", "11=c|55=[N/A]|48=XY|22=8|54=1|" } },
    { "AF", TAG_IN_AF, { "584=m|585=7|", "584=m|585=1|55=[N/A]|48=XY|22=8|" } },
};

/* Members of a group are only read inside it, and counted by it. */
static bool is_member(uint32_t tag)
{
    return tag == 447 || tag == 448 || tag == 452 || tag == 453;
}

/* A tag that nothing is known of gets fewer values: there are many of them. */
static bool changes(size_t b, uint32_t tag)
{
    size_t count = tag_find(tag) == NULL ? 5 : ARRAY_LEN(values);

    for (size_t k = 0; k < ARRAY_LEN(bases[b].fields) && bases[b].fields[k] != NULL; k++) {
        static struct outcome without, with;
        char fields[1024];

        with_tag(bases[b].fields[k], tag, NULL, fields);
        translate(bases[b].type, fields, &without);
        for (size_t v = 0; v < count; v++) {
            with_tag(bases[b].fields[k], tag, values[v], fields);
            translate(bases[b].type, fields, &with);
            if (!same(&without, &with)) {
                return true;
            }
        }
    }
    return false;
}

static void check(size_t b, uint32_t tag)
{
    const struct tag_row *r = tag_find(tag);
    bool listed = r != NULL && (r->in & bases[b].in) != 0;
    bool passive = r != NULL && r->kind == TAG_PASSIVE;
    bool changed = is_member(tag) ? listed : changes(b, tag);

    if (!passive && changed != listed) {
        printf("35=%s, tag %u: %s\n", bases[b].type, tag,
               changed ? "acted upon and not in the table" : "in the table and not acted upon");
    }
    CU_ASSERT_TRUE(passive || changed == listed);
}

static void test_what_is_read_is_in_the_table_and_nothing_else(void)
{
    for (size_t b = 0; b < ARRAY_LEN(bases); b++) {
        for (uint32_t tag = 11; tag <= 1200; tag++) {
            const struct tag_row *r = tag_find(tag);

            /* The header's are the session's business; a tag unknown to the table is tried too. */
            if (r == NULL || r->kind != TAG_PASSIVE) {
                check(b, tag);
            }
        }
        check(b, 1);
        check(b, 7928);
        check(b, 20005);
        for (uint32_t tag = 22090; tag <= 22120; tag++) {
            check(b, tag);
        }
    }
}

static void test_what_is_refused_says_its_tag(void)
{
    unsigned refused = 0;

    for (size_t i = 0; i < tag_table_count; i++) {
        static struct outcome o;
        char fields[1024], text[32];

        if (tag_table[i].kind != TAG_REFUSED) {
            continue;
        }
        with_tag(bases[0].fields[0], tag_table[i].tag, "1", fields);
        translate("D", fields, &o);
        (void)snprintf(text, sizeof text, "tag %u ", tag_table[i].tag);
        CU_ASSERT_FALSE(o.good);
        CU_ASSERT_EQUAL(o.no.reason, 11);
        CU_ASSERT_PTR_NOT_NULL(strstr(o.no.text, text));
        refused++;
    }
    CU_ASSERT_TRUE(refused >= 12);
}

static void test_the_list_of_what_is_refused_is_the_tables(void)
{
    size_t count = 0;

    for (size_t i = 0; i < tag_table_count; i++) {
        if (tag_table[i].kind == TAG_REFUSED) {
            CU_ASSERT_FATAL(count < tag_refused_count);
            CU_ASSERT_EQUAL(tag_refused[count], tag_table[i].tag);
            count++;
        }
    }
    CU_ASSERT_EQUAL(count, tag_refused_count);
}

static void test_the_table_is_in_order(void)
{
    for (size_t i = 1; i < tag_table_count; i++) {
        CU_ASSERT_TRUE(tag_table[i - 1].tag < tag_table[i].tag);
    }
    CU_ASSERT_PTR_NULL(tag_find(4));
    CU_ASSERT_TRUE(same_text(bytes_of(tag_find(7928)->name), BYTES("SelfTradePrevention")));
}

CU_TestInfo tag_table_tests[] = {
    { "read", test_what_is_read_is_in_the_table_and_nothing_else },
    { "refused", test_what_is_refused_says_its_tag },
    { "refused list", test_the_list_of_what_is_refused_is_the_tables },
    { "order", test_the_table_is_in_order },
    CU_TEST_INFO_NULL,
};
