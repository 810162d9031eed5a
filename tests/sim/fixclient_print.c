/*
 * fixclient: one readable line a message, and the raw message log. Colour only when asked for.
 */
#include "fixclient.h"

#include <string.h>
#include <time.h>

static void clock_text(char *out, size_t size, bool date)
{
    int64_t wall = fc_wall_us();
    time_t seconds = (time_t)(wall / 1000000);
    struct tm tm;
    size_t n;

    gmtime_r(&seconds, &tm);
    n = date ? strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm) : strftime(out, size, "%H:%M:%S", &tm);
    snprintf(out + n, size - n, ".%06d", (int)(wall % 1000000));
}

static void log_raw(struct fc_session *s, bool incoming, const char *raw, size_t len)
{
    FILE *f = s->ctx->log;
    char when[48];

    clock_text(when, sizeof when, true);
    fprintf(f, "%sZ %s %s ", when, s->sender, incoming ? "in" : "out");
    if (s->ctx->cfg.log_pipe) {
        for (size_t i = 0; i < len; i++) {
            fputc(raw[i] == FC_SOH ? '|' : raw[i], f);
        }
    } else {
        fwrite(raw, 1, len, f);
    }
    fputc('\n', f);
}

/* Header and trailer say nothing an eye looks for, except a repeated message's mark. */
static bool boring(uint32_t tag)
{
    switch (tag) {
    case 8:
    case 9:
    case 35:
    case 49:
    case 56:
    case 34:
    case 52:
    case 10:
    case 122:
    case 369:
    case 95: return true;
    default: return false;
    }
}

static const char *colour_of(const struct fc_msg *m, bool incoming)
{
    if (fc_is(m, 35, "3") || fc_is(m, 35, "j") || fc_is(m, 35, "9") || fc_is(m, 39, "8")) {
        return "\033[31m";
    }
    if (fc_is(m, 150, "F")) {
        return "\033[32m";
    }
    if (fc_is(m, 35, "0") || fc_is(m, 35, "1")) {
        return "\033[2m";
    }
    return incoming ? "\033[36m" : "\033[33m";
}

static void print_field(struct fc_ctx *ctx, const struct fc_field *f)
{
    const char *name = fc_dict_tag(ctx->dict, f->tag);
    const char *value = fc_dict_value(ctx->dict, f->tag, f->val, f->len);

    fputs(ctx->cfg.colour ? " \033[2m" : " ", stdout);
    if (name != NULL) {
        printf("%s=", name);
    } else {
        printf("%u=", f->tag);
    }
    fputs(ctx->cfg.colour ? "\033[0m" : "", stdout);
    if (f->tag == 554 || f->tag == 96 || f->tag == 925) {
        printf("********");
    } else if (value != NULL) {
        printf("%s(%.*s)", value, (int)f->len, f->val);
    } else if (memchr(f->val, ' ', f->len) != NULL) {
        printf("\"%.*s\"", (int)f->len, f->val);
    } else {
        printf("%.*s", (int)f->len, f->val);
    }
}

void fc_print_message(struct fc_ctx *ctx, const char *arrow, const struct fc_msg *m)
{
    static const uint32_t first[] = { 150, 39, 11, 41 };
    const struct fc_field *type = fc_find(m, 35);
    const char *name = fc_dict_message(ctx->dict, type->val, type->len);
    char when[32];

    clock_text(when, sizeof when, false);
    when[12] = '\0';
    printf("%s %s%s %s", when, ctx->cfg.colour ? colour_of(m, arrow[0] == '<') : "", arrow,
           name != NULL ? name : "");
    if (name == NULL) {
        printf("35=%.*s", (int)type->len, type->val);
    }
    if (ctx->cfg.colour) {
        printf("\033[0m");
    }
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        if (fc_has(m, first[i])) {
            print_field(ctx, fc_find(m, first[i]));
        }
    }
    for (size_t i = 0; i < m->count; i++) {
        uint32_t tag = m->field[i].tag;

        if ((ctx->cfg.verbose || !boring(tag)) && tag != 150 && tag != 39 && tag != 11 &&
            tag != 41) {
            print_field(ctx, &m->field[i]);
        }
    }
    printf("\n");
}

void fc_trace(struct fc_session *s, bool incoming, const char *raw, size_t len)
{
    static struct fc_msg m;
    struct fc_ctx *ctx = s->ctx;

    if (ctx->log != NULL) {
        log_raw(s, incoming, raw, len);
    }
    if (ctx->cfg.quiet || ctx->cfg.load || !fc_parse(&m, raw, len)) {
        return;
    }
    if (!ctx->cfg.verbose && (fc_is(&m, 35, "0") || fc_is(&m, 35, "1"))) {
        return;
    }
    if (ctx->before_print != NULL) {
        ctx->before_print();
    }
    fc_print_message(ctx, incoming ? "<-" : "->", &m);
    fflush(stdout);
    if (ctx->after_print != NULL) {
        ctx->after_print();
    }
}

void fc_say(struct fc_ctx *ctx, const char *format, ...)
{
    va_list ap;

    if (ctx->before_print != NULL) {
        ctx->before_print();
    }
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
    if (ctx->after_print != NULL) {
        ctx->after_print();
    }
}
