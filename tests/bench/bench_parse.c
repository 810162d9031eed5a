/*
 * What the codec costs: nanoseconds per message for a typical NewOrderSingle, framed and parsed,
 * then validated against the full dictionary, and for writing the body of an ExecutionReport.
 * The same order over and over is the processor's favourite: it learns every turn of it by heart.
 * So there is also a thousand different ones, in turn. Prints the median and the best of several
 * runs.
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
#define ORDERS 1024
#define ORDER_MAX 512

static struct fix_msg msg;
static const struct fix_dict *dict;
static struct bytes order[ORDERS];
static size_t orders; /* in use: the first, or all */
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

static struct bytes make_order(const char *body, char text[ORDER_MAX])
{
    size_t size = (size_t)snprintf(text, ORDER_MAX, "8=FIX.4.4\0019=%zu\001", strlen(body));
    unsigned sum = 0;

    for (const char *c = body; *c != '\0'; c++) {
        text[size++] = *c == '|' ? '\001' : *c;
    }
    for (size_t i = 0; i < size; i++) {
        sum += (unsigned char)text[i];
    }
    size += (size_t)snprintf(text + size, ORDER_MAX - size, "10=%03u\001", sum % 256);
    return (struct bytes){ text, size };
}

/* The first is the typical one; the others differ in what clients' orders differ in: lengths of
 * names and numbers, and which of the optional fields are there. */
static void make_orders(void)
{
    static char text[ORDERS][ORDER_MAX];
    static const char *const symbol[] = { "BTC/USD", "PF_XBTUSD", "ETHUSDT", "SOL/USDT:PERP" };
    uint32_t draw = 1;

    order[0] = make_order(order_body, text[0]);
    for (unsigned i = 1; i < ORDERS; i++) {
        char body[ORDER_MAX / 2 + 64], price[32] = "", tail[64];

        draw = draw * 1664525 + 1013904223; /* Numerical Recipes' generator */
        if ((draw >> 28 & 3) != 0) {
            (void)snprintf(price, sizeof price, "44=%u.%u|", draw >> 14 & 0x1ffff, draw >> 10 & 63);
        }
        (void)snprintf(tail, sizeof tail, "%s%s%s", draw >> 21 & 1 ? "59=1|" : "",
                       draw >> 22 & 1 ? "18=6|" : "", draw >> 23 & 1 ? "58=by hand|" : "");
        (void)snprintf(
            body, sizeof body,
            "35=D|49=CLIENT1|56=FIXBRIDGE|34=%u|%s52=20261120-10:%02u:%02u.%03u|11=ord-%u|1=ACC%u|"
            "21=1|55=%s|54=%u|60=20261120-10:%02u:%02u.%03u|38=%u.%u|40=%c|%s%s",
            i * 97, draw >> 20 & 1 ? "50=TRADER7|57=KRAKEN|" : "", i % 60, draw >> 24 & 31,
            draw >> 16 & 511, draw >> 3, draw >> 13 & 127, symbol[draw >> 26 & 3],
            1 + (draw >> 25 & 1), i % 60, draw >> 24 & 31, draw >> 15 & 511, draw >> 12 & 1023,
            draw >> 22 & 7, price[0] == '\0' ? '1' : '2', price, tail);
        order[i] = make_order(body, text[i]);
    }
}

static struct bytes next_order(void)
{
    static size_t at;

    at = at + 1 < orders ? at + 1 : 0;
    return order[at];
}

static void parse_round(void)
{
    struct fix_frame f = fix_frame_find(next_order(), FIX_MESSAGE_MAX);

    sink += (uint64_t)fix_msg_parse(&msg, f.message) + msg.field_count;
}

static void validate_round(void)
{
    struct fix_frame f = fix_frame_find(next_order(), FIX_MESSAGE_MAX);
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
    make_orders();
    buf_init(&out, FIX_MESSAGE_MAX);
    printf("NewOrderSingle of %zu bytes\n", order[0].size);
    orders = 1;
    measure("frame + parse", parse_round);
    measure("frame + parse + validate", validate_round);
    orders = ORDERS;
    measure("different orders: frame + parse", parse_round);
    measure("different orders: frame + parse + validate", validate_round);
    measure("ExecutionReport body, 30 fields", build_round);
    buf_fini(&out);
    fix_dict_free(d);
    return sink == 0;
}
