/*
 * fixclient: what came of a load run, for people and as one line of JSON.
 */
#include "fixclient_load.h"

#include <unistd.h>

static void print_hist(const char *name, const struct fc_hist *h)
{
    if (fc_hist_count(h) == 0) {
        return;
    }
    printf("  %-22s %9llu  p50 %8lld  p90 %8lld  p99 %8lld  p99.9 %8lld  max %8lld us\n", name,
           (unsigned long long)fc_hist_count(h), (long long)fc_hist_at(h, 0.5),
           (long long)fc_hist_at(h, 0.9), (long long)fc_hist_at(h, 0.99),
           (long long)fc_hist_at(h, 0.999), (long long)fc_hist_at(h, 1.0));
}

/* A row for each step of 1, 2, 5 that holds something, bars to the longest. */
static void print_picture(const char *name, const struct fc_hist *h)
{
    static const char bar[] = "##################################################";
    int64_t edge[32];
    uint64_t count[32], longest = 0;
    size_t rows = 0, first = 0;

    for (int64_t low = 0, high = 10; rows < 31 && low <= fc_hist_at(h, 1.0); rows++) {
        edge[rows] = low;
        count[rows] = fc_hist_between(h, low, high);
        longest = count[rows] > longest ? count[rows] : longest;
        low = high;
        high = rows % 3 == 0 || rows % 3 == 2 ? high * 2 : high / 2 * 5;
    }
    edge[rows] = INT64_MAX;
    while (first < rows && count[first] == 0) {
        first++;
    }
    printf("\n  %s, each # up to %llu\n", name, (unsigned long long)((longest + 49) / 50));
    for (size_t i = first; i < rows; i++) {
        size_t len = (size_t)((count[i] * 50 + longest - 1) / longest);

        printf("  from %8lld us %9llu %.*s\n", (long long)edge[i], (unsigned long long)count[i],
               (int)len, bar);
    }
}

static void json_hist(const char *name, const struct fc_hist *h)
{
    printf(",\"%s\":{\"count\":%llu,\"p50\":%lld,\"p90\":%lld,\"p99\":%lld,\"p999\":%lld,\"max\":%"
           "lld}",
           name, (unsigned long long)fc_hist_count(h), (long long)fc_hist_at(h, 0.5),
           (long long)fc_hist_at(h, 0.9), (long long)fc_hist_at(h, 0.99),
           (long long)fc_hist_at(h, 0.999), (long long)fc_hist_at(h, 1.0));
}

static void print_json(const struct load *l, double seconds)
{
    printf(
        "{\"sent\":%llu,\"orders\":%llu,\"confirmed\":%llu,\"unconfirmed\":%llu,\"terminal\":%llu,"
        "\"executions\":%llu,\"fills\":%llu,\"rejects\":%llu,\"cancelRejects\":%llu,"
        "\"businessRejects\":%llu,\"sessionRejects\":%llu,\"disconnects\":%llu,"
        "\"violations\":%llu,\"seconds\":%.3f,\"perSecond\":%.1f",
        (unsigned long long)l->sent, (unsigned long long)l->orders,
        (unsigned long long)l->confirmed, (unsigned long long)l->open,
        (unsigned long long)l->terminal, (unsigned long long)l->executions,
        (unsigned long long)l->fills, (unsigned long long)l->rejects,
        (unsigned long long)l->cancel_rejects, (unsigned long long)l->business_rejects,
        (unsigned long long)l->session_rejects, (unsigned long long)l->disconnects,
        (unsigned long long)fc_violations(l->ctx->checker), seconds,
        seconds > 0 ? (double)l->sent / seconds : 0);
    json_hist("firstReport", l->first);
    json_hist("accepted", l->accepted);
    json_hist("rejected", l->rejected);
    json_hist("finished", l->finished);
    json_hist("canceled", l->canceled);
    json_hist("replaced", l->replaced);
    printf("}\n");
}

void fc_load_print(const struct load *l)
{
    double seconds = (double)(l->last_sent_us - l->start_us) / 1e6;

    if (isatty(STDERR_FILENO) && !l->ctx->cfg.quiet) {
        fputs("\r\033[K", stderr);
    }
    printf("%llu requests (%llu orders) in %.3f s, %.0f/s over %u sessions; %llu unconfirmed\n",
           (unsigned long long)l->sent, (unsigned long long)l->orders, seconds,
           seconds > 0 ? (double)l->sent / seconds : 0, l->ctx->cfg.sessions,
           (unsigned long long)l->open);
    printf("%llu ExecutionReports, %llu fills, %llu orders finished, %llu rejected, "
           "%llu cancel/replace rejects, %llu business rejects, %llu session rejects, "
           "%llu for unknown orders, %llu disconnects, %llu violations\n",
           (unsigned long long)l->executions, (unsigned long long)l->fills,
           (unsigned long long)l->terminal, (unsigned long long)l->rejects,
           (unsigned long long)l->cancel_rejects, (unsigned long long)l->business_rejects,
           (unsigned long long)l->session_rejects, (unsigned long long)l->foreign,
           (unsigned long long)l->disconnects, (unsigned long long)fc_violations(l->ctx->checker));
    print_hist("new: first report", l->first);
    print_hist("new: accepted", l->accepted);
    print_hist("new: rejected", l->rejected);
    print_hist("order: finished", l->finished);
    print_hist("cancel: answered", l->canceled);
    print_hist("replace: answered", l->replaced);
    if (fc_hist_count(l->accepted) > 0) {
        print_picture("new: accepted", l->accepted);
    }
    if (l->ctx->cfg.latency_json) {
        print_json(l, seconds);
    }
}
