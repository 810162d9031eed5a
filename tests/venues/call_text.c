/*
 * See call_text.h.
 */
#include "call_text.h"

#include <stdlib.h>

#include "timestamp.h"

struct word {
    const char *text;
    int value;
};

static const struct word sides[] = { { "buy", VENUE_BUY }, { "sell", VENUE_SELL }, { NULL, 0 } };
static const struct word types[] = {
    { "market", VENUE_MARKET },           { "limit", VENUE_LIMIT },
    { "stop-market", VENUE_STOP_MARKET }, { "stop-limit", VENUE_STOP_LIMIT },
    { "take-market", VENUE_TAKE_MARKET }, { "take-limit", VENUE_TAKE_LIMIT },
    { "trailing", VENUE_TRAILING },       { NULL, 0 }
};
static const struct word tifs[] = { { "gtc", VENUE_GTC }, { "ioc", VENUE_IOC },
                                    { "fok", VENUE_FOK }, { "gtd", VENUE_GTD },
                                    { "day", VENUE_DAY }, { NULL, 0 } };
static const struct word triggers[] = { { "last", VENUE_TRIGGER_LAST },
                                        { "mark", VENUE_TRIGGER_MARK },
                                        { "index", VENUE_TRIGGER_INDEX },
                                        { NULL, 0 } };
static const struct word units[] = { { "price", VENUE_OFFSET_PRICE },
                                     { "percent", VENUE_OFFSET_PERCENT },
                                     { NULL, 0 } };
static const struct word kinds[] = { { "place", VENUE_DO_PLACE },
                                     { "replace", VENUE_DO_REPLACE },
                                     { "cancel", VENUE_DO_CANCEL },
                                     { NULL, 0 } };

static bool word_value(const struct word *words, struct bytes text, int *out)
{
    for (; words->text != NULL; words++) {
        if (bytes_is(text, words->text)) {
            *out = words->value;
            return true;
        }
    }
    return false;
}

static bool uint_value(struct bytes text, uint64_t *out)
{
    char field[24];
    char *end;

    if (text.size == 0 || !bytes_to_field(text, field, sizeof field)) {
        return false;
    }
    *out = strtoull(field, &end, 10);
    return *end == '\0';
}

static bool set_enum(struct venue_order *o, struct bytes name, struct bytes value)
{
    int v = 0;

    if (bytes_is(name, "side") && word_value(sides, value, &v)) {
        o->side = (enum venue_side)v;
    } else if (bytes_is(name, "type") && word_value(types, value, &v)) {
        o->type = (enum venue_order_type)v;
    } else if (bytes_is(name, "tif") && word_value(tifs, value, &v)) {
        o->tif = (enum venue_tif)v;
    } else if (bytes_is(name, "trigger") && word_value(triggers, value, &v)) {
        o->trigger = (enum venue_trigger)v;
    } else if (bytes_is(name, "trail_unit") && word_value(units, value, &v)) {
        o->trail_unit = (enum venue_offset)v;
    } else {
        return false;
    }
    return true;
}

/* Terms that only some venues know: take_profit=5 stop_loss=3 position=O stp=N. */
static bool set_special(struct venue_order *o, struct bytes name, struct bytes value)
{
    if (bytes_is(name, "take_profit")) {
        o->has_take_profit = true;
        return decimal_parse(value, &o->take_profit);
    }
    if (bytes_is(name, "stop_loss")) {
        o->has_stop_loss = true;
        return decimal_parse(value, &o->stop_loss);
    }
    if (value.size == 1 && (bytes_is(name, "position") || bytes_is(name, "stp"))) {
        *(bytes_is(name, "stp") ? &o->stp : &o->position) = value.data[0];
        return true;
    }
    return false;
}

static bool set_value(struct venue_order *o, struct bytes name, struct bytes value)
{
    if (bytes_is(name, "qty")) {
        return decimal_parse(value, &o->qty);
    }
    if (bytes_is(name, "price")) {
        return decimal_parse(value, &o->price);
    }
    if (bytes_is(name, "stop")) {
        return decimal_parse(value, &o->stop_price);
    }
    if (bytes_is(name, "trail")) {
        return decimal_parse(value, &o->trail);
    }
    if (bytes_is(name, "post") || bytes_is(name, "reduce")) {
        *(bytes_is(name, "post") ? &o->post_only : &o->reduce_only) = bytes_is(value, "1");
        return true;
    }
    if (bytes_is(name, "before_processing")) {
        return timestamp_parse_iso(value, &o->process_before_us);
    }
    if (bytes_is(name, "expire")) {
        return timestamp_parse_iso(value, &o->expire_us);
    }
    return set_special(o, name, value);
}

static bool set_id(struct call_text *c, struct venue_order *o, struct bytes name,
                   struct bytes value)
{
    if (bytes_is(name, "symbol")) {
        o->symbol = value;
        c->call.symbol = value;
        return true;
    }
    if (bytes_is(name, "client") && c->call.client_id_count < VENUE_IDS_MAX) {
        o->client_id = value;
        c->client[c->call.client_id_count++] = value;
        return true;
    }
    if (bytes_is(name, "venue") && c->call.venue_id_count < VENUE_IDS_MAX) {
        o->venue_id = value;
        c->venue[c->call.venue_id_count++] = value;
        return true;
    }
    return false;
}

static bool set_number(struct call_text *c, struct bytes name, struct bytes value)
{
    uint64_t number = 0;

    if (bytes_is(name, "since")) {
        return timestamp_parse_iso(value, &c->call.since_us);
    }
    if (bytes_is(name, "before")) {
        return timestamp_parse_iso(value, &c->call.before_us);
    }
    if (bytes_is(name, "wall")) {
        return timestamp_parse_iso(value, &c->call.wall_us);
    }
    if (!uint_value(value, &number)) {
        return false;
    }
    if (bytes_is(name, "count")) {
        c->call.count = (uint32_t)number;
    } else if (bytes_is(name, "timeout")) {
        c->call.timeout_s = (uint32_t)number;
    } else if (bytes_is(name, "nonce")) {
        c->call.nonce = number;
        c->has_nonce = true;
    } else {
        return false;
    }
    return true;
}

static bool set_call(struct call_text *c, struct bytes name, struct bytes value)
{
    int kind;

    if (bytes_is(name, "op")) {
        return venue_op_parse(value, &c->call.op);
    }
    if (bytes_is(name, "cursor")) {
        c->call.cursor = value;
        return true;
    }
    if (bytes_is(name, "do")) {
        if (c->call.instruction_count == VENUE_IDS_MAX || !word_value(kinds, value, &kind)) {
            return false;
        }
        c->instruction[c->call.instruction_count++].kind = (enum venue_instruction_kind)kind;
        return true;
    }
    if (name.size > 4 && memcmp(name.data, "arg.", 4) == 0 && c->call.arg_count < VENUE_ARGS_MAX) {
        c->arg[c->call.arg_count++] = (struct venue_arg){ { name.data + 4, name.size - 4 }, value };
        return true;
    }
    return set_number(c, name, value);
}

static bool set_word(struct call_text *c, struct bytes word)
{
    const char *equals = memchr(word.data, '=', word.size);
    struct venue_order *o = c->call.instruction_count == 0
                                ? &c->call.order
                                : &c->instruction[c->call.instruction_count - 1].order;
    struct bytes name;
    struct bytes value;

    if (equals == NULL) {
        return false;
    }
    name = (struct bytes){ word.data, (size_t)(equals - word.data) };
    value = (struct bytes){ equals + 1, word.size - name.size - 1 };
    return set_enum(o, name, value) || set_value(o, name, value) || set_id(c, o, name, value) ||
           set_call(c, name, value);
}

bool call_text_parse(struct bytes text, struct call_text *out, struct bytes *bad)
{
    size_t at = 0;

    memset(out, 0, sizeof *out);
    out->call.client_id = out->client;
    out->call.venue_id = out->venue;
    out->call.instruction = out->instruction;
    out->call.arg = out->arg;
    while (at < text.size) {
        size_t start = at;

        while (at < text.size && text.data[at] != ' ' && text.data[at] != '\n') {
            at++;
        }
        if (at > start) {
            *bad = (struct bytes){ text.data + start, at - start };
            if (!set_word(out, *bad)) {
                return false;
            }
        }
        at++;
    }
    return true;
}
