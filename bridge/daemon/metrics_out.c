/*
 * Writing samples in Prometheus' text format. See metrics_out.h.
 */
#include "metrics_out.h"

#include "metrics.h"

void metric_put(struct metric_out *o, const char *suffix)
{
    buf_text(o->buf, o->metric->name);
    buf_text(o->buf, suffix);
    o->labeled = false;
}

void metric_label(struct metric_out *o, const char *name, struct bytes value)
{
    buf_char(o->buf, o->labeled ? ',' : '{');
    o->labeled = true;
    buf_text(o->buf, name);
    buf_text(o->buf, "=\"");
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];

        if (c == '\\' || c == '"') {
            buf_char(o->buf, '\\');
        }
        buf_text(o->buf, c == '\n' ? "\\" : "");
        buf_char(o->buf, c == '\n' ? 'n' : c);
    }
    buf_char(o->buf, '"');
}

void metric_label_text(struct metric_out *o, const char *name, const char *value)
{
    metric_label(o, name, bytes_of(value));
}

void metric_uint(struct metric_out *o, uint64_t value)
{
    buf_text(o->buf, o->labeled ? "} " : " ");
    buf_uint(o->buf, value);
    buf_char(o->buf, '\n');
}

static void add_seconds(struct buf *b, int64_t us)
{
    buf_printf(b, "%s%lld.%06lld", us < 0 ? "-" : "", (long long)((us < 0 ? -us : us) / US_PER_S),
               (long long)((us < 0 ? -us : us) % US_PER_S));
}

void metric_seconds(struct metric_out *o, int64_t us)
{
    buf_text(o->buf, o->labeled ? "} " : " ");
    add_seconds(o->buf, us);
    buf_char(o->buf, '\n');
}

bool metric_one(struct metric_out *o, uint64_t value)
{
    metric_put(o, "");
    metric_uint(o, value);
    return false; /* the only item */
}

bool metric_one_duration(struct metric_out *o, int64_t us)
{
    metric_put(o, "");
    metric_seconds(o, us);
    return false;
}

void metric_histogram(struct metric_out *o, const struct histogram *h, const char *name,
                      struct bytes value)
{
    uint64_t sum = 0;

    for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
        struct buf *b = o->buf;

        sum += h->bucket[i];
        metric_put(o, "_bucket");
        if (name != NULL) {
            metric_label(o, name, value);
        }
        buf_text(b, o->labeled ? ",le=\"" : "{le=\"");
        if (i == HISTOGRAM_BUCKETS) {
            buf_text(b, "+Inf");
        } else {
            add_seconds(b, histogram_end_us(i));
        }
        buf_char(b, '"');
        o->labeled = true;
        metric_uint(o, sum);
    }
    metric_put(o, "_sum");
    if (name != NULL) {
        metric_label(o, name, value);
    }
    metric_seconds(o, h->sum_us);
    metric_put(o, "_count");
    if (name != NULL) {
        metric_label(o, name, value);
    }
    metric_uint(o, h->count);
}
