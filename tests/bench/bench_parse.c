/*
 * What the codec costs: nanoseconds per message for a typical NewOrderSingle, framed and parsed,
 * then validated against the full dictionary, and for writing the body of an ExecutionReport.
 * Prints the median and the best of several runs.
 *
 *     bench_parse FIX44.xml
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fix_body.h"
#include "fix_frame.h"
#include "fix_validate.h"

#define RUNS 15
#define ROUNDS 200000

static struct fix_msg msg;
static const struct fix_dict *dict;
static struct bytes order;
static struct buf out;
static uint64_t sink; /* keeps results alive */

static const char order_body[] =
    "35=D|49=CLIENT1|56=FIXBRIDGE|34=12345|50=TRADER7|57=KRAKEN|52=20261120-10:00:00.123|"
    "11=ord-20261120-000123|1=ACCOUNT1|21=1|55=BTC/USD|54=1|60=20261120-10:00:00.122|38=0.25|40=2|"
    "44=97123.5|59=1|18=6|";

static int64_t clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others on the machine do not count */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct fix_dict *load(const char *path)
{
    static char xml[4 * 1024 * 1024];
    char error[256] = "cannot be opened";
    FILE *f = fopen(path, "r");
    struct fix_dict *d = NULL;

    if (f != NULL) {
        d = fix_dict_new((struct bytes){ xml, fread(xml, 1, sizeof xml, f) }, error, sizeof error);
        fclose(f);
    }
    if (d == NULL) {
        fprintf(stderr, "%s: %s\n", path, error);
        exit(2);
    }
    return d;
}

static struct bytes make_order(void)
{
    static char text[1024];
    int head = snprintf(text, sizeof text, "8=FIX.4.4\0019=%zu\001", sizeof order_body - 1);
    size_t size = (size_t)head;
    unsigned sum = 0;

    for (const char *c = order_body; *c != '\0'; c++) {
        text[size++] = *c == '|' ? '\001' : *c;
    }
    for (size_t i = 0; i < size; i++) {
        sum += (unsigned char)text[i];
    }
    size += (size_t)snprintf(text + size, sizeof text - size, "10=%03u\001", sum % 256);
    return (struct bytes){ text, size };
}

static void parse_round(void)
{
    struct fix_frame f = fix_frame_find(order, FIX_MESSAGE_MAX);

    sink += (uint64_t)fix_msg_parse(&msg, f.message) + msg.field_count;
}

static void validate_round(void)
{
    struct fix_frame f = fix_frame_find(order, FIX_MESSAGE_MAX);
    enum fix_msg_error error = fix_msg_parse(&msg, f.message);

    if (fix_validate(dict, &msg, error, &fix_validate_defaults).reason != FIX_REJECT_NONE) {
        fprintf(stderr, "the order is not valid\n");
        exit(2);
    }
    sink += msg.field_count;
}

static void build_round(void)
{
    static const struct decimal price = { 971235, 1 };
    static const struct decimal quantity = { 25, 2 };
    struct fix_body b;

    fix_body_start(&b, "8", &out);
    for (uint32_t i = 0; i < 12; i++) {
        fix_body_bytes(&b, 11 + i, BYTES("ord-20261120-000123"));
    }
    for (uint32_t i = 0; i < 6; i++) {
        fix_body_char(&b, 39 + i, '0');
    }
    for (uint32_t i = 0; i < 4; i++) {
        fix_body_decimal(&b, 151 + i, quantity);
        fix_body_decimal(&b, 31 + i, price);
    }
    for (uint32_t i = 0; i < 3; i++) {
        fix_body_uint(&b, 800 + i, sink & 0xffff);
    }
    fix_body_timestamp(&b, 60, INT64_C(1795168800123456) + (int64_t)(sink & 0xffff));
    sink += out.size;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(const char *what, void (*round)(void))
{
    double ns[RUNS];

    for (size_t run = 0; run < RUNS; run++) {
        int64_t start = clock_ns();

        for (size_t i = 0; i < ROUNDS; i++) {
            round();
        }
        ns[run] = (double)(clock_ns() - start) / ROUNDS;
    }
    qsort(ns, RUNS, sizeof ns[0], by_value);
    printf("%-44s median %7.1f ns   best %7.1f ns\n", what, ns[RUNS / 2], ns[0]);
}

int main(int argc, char **argv)
{
    struct fix_dict *d;

    if (argc != 2) {
        fputs("usage: bench_parse FIX44.xml\n", stderr);
        return 2;
    }
    d = load(argv[1]);
    dict = d;
    order = make_order();
    buf_init(&out, FIX_MESSAGE_MAX);
    printf("NewOrderSingle of %zu bytes\n", order.size);
    measure("frame + parse", parse_round);
    measure("frame + parse + validate", validate_round);
    measure("ExecutionReport body, 30 fields", build_round);
    buf_fini(&out);
    fix_dict_free(d);
    return sink == 0;
}
