/*
 * What translation costs: a NewOrderSingle, parsed already, to a command; an order's report to the
 * body of an ExecutionReport. Prints numbers, asserts nothing but that the work was done.
 *
 *     bench_translate [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "translate_in.h"
#include "translate_out.h"

static int64_t clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void print(const char *what, int64_t start_ns, uint64_t rounds)
{
    printf("%-40s %8.0f ns\n", what, (double)(clock_ns() - start_ns) / (double)rounds);
}

static struct bytes new_order(char *out, size_t room)
{
    static const char body[] =
        "35=D\00149=CLIENT\00156=GATEWAY\00134=7\00152=20261120-10:00:00.000\001"
        "11=order-000001\00155=PF_XBTUSD\00154=1\00160=20261120-10:00:00.000\001"
        "38=0.25\00140=2\00144=60010.5\00159=1\00118=6 E\001"
        "1=main\001"
        "453=1\001"
        "448=joe\001"
        "447=D\001"
        "452=11\001";
    unsigned sum = 0;
    int n = snprintf(out, room, "8=FIX.4.4\0019=%zu\001%s", sizeof body - 1, body);

    for (int i = 0; i < n; i++) {
        sum += (unsigned char)out[i];
    }
    n += snprintf(out + n, room - (size_t)n, "10=%03u\001", sum % 256);
    return (struct bytes){ out, (size_t)n };
}

static bool bench_in(const struct fix_msg *m, struct command *c, uint64_t rounds)
{
    const struct translate_rules rules = { .cl_ord_id_max = 36 };
    struct refusal no;
    uint64_t done = 0;
    int64_t start_ns = clock_ns();

    for (uint64_t i = 0; i < rounds; i++) {
        done += translate_in(m, &rules, c, &no);
    }
    print("NewOrderSingle -> command", start_ns, rounds);
    return done == rounds;
}

static bool bench_out(const struct command *c, uint64_t rounds)
{
    const struct report_names names = { BYTES("main"), BYTES("KRKF"), 0 };
    struct report r = { .exec_type = 'F',
                        .exec_id = BYTES("1-abc"),
                        .ord_rej_reason = -1,
                        .restatement_reason = -1,
                        .last_qty = { 1, 1 },
                        .last_px = { 600105, 1 },
                        .trade_id = BYTES("0b6e0f0e-7c5a-4a4f-8a67-2c6b8f0c3d21"),
                        .liquidity = VENUE_TAKER,
                        .transact_us = INT64_C(1795168800123456) };
    struct order_change fill = { .event = EV_FILL, .qty = { 1, 1 }, .px = { 600105, 1 } };
    struct order o = { .id = 123456,
                       .state = ORDER_LIVE,
                       .side = VENUE_BUY,
                       .terms = c->terms,
                       .cl_ord_id = "order-000001",
                       .symbol = "PF_XBTUSD",
                       .echo = c->echo.data,
                       .echo_size = (uint32_t)c->echo.size };
    struct fix_body body = { .time_digits = 3 };
    struct buf out;
    int64_t start_ns;
    bool ok = order_apply(&o, &fill);

    buf_init(&out, 4096);
    start_ns = clock_ns();
    for (uint64_t i = 0; i < rounds; i++) {
        translate_out_report(&body, &out, &o, &r, &names);
        ok = ok && !out.failed;
    }
    print("fill -> ExecutionReport body", start_ns, rounds);
    buf_fini(&out);
    return ok;
}

int main(int argc, char **argv)
{
    static struct fix_msg m;
    static struct command c;
    char frame[1024];
    uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    bool ok;

    if (rounds == 0 || fix_msg_parse(&m, new_order(frame, sizeof frame)) != FIX_MSG_OK) {
        fprintf(stderr, "usage: bench_translate [rounds]\n");
        return 2;
    }
    buf_init(&c.echo, 4096);
    ok = bench_in(&m, &c, rounds) && bench_out(&c, rounds);
    buf_fini(&c.echo);
    return ok ? 0 : 1;
}
