/*
 * The keys leverage, margin_mode, self_trade, price_limit and their ..._apply, held against what
 * the venue's driver can ask for and change.
 */
#include "setup_setting.h"

#include <stdlib.h>

#include "setting.h"

struct reader {
    const struct config_account *a;
    const struct venue_driver *driver;
    const struct symbols *symbols;
    struct setup_setting *out;
    struct config_mistakes *m;
    enum venue_setting what;
    const struct venue_setting_way *way; /* NULL: the venue does not tell it */
    bool apply;
    size_t room;
};

static void mistake(const struct reader *r, const char *expected, struct bytes got)
{
    const char *key = venue_setting_text(r->what);

    config_mistake_at(r->m, &r->a->head, config_line_of(&r->a->head, key), key,
                      "expected %s, got \"%.*s\"", expected, BYTES_ARG(got));
}

static bool is_value(const struct reader *r, struct bytes value)
{
    struct decimal number;

    if (value.size == 0 || value.size > SETTING_VALUE_MAX) {
        return false;
    }
    if (r->what == VENUE_SETTING_LEVERAGE) {
        return decimal_parse(value, &number) && decimal_sign(number) > 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(r->way->word) && r->way->word[i].value != NULL; i++) {
        if (bytes_is(value, r->way->word[i].value)) {
            return true;
        }
    }
    /* "isolated" may be what the venue tells and "cross" what it means by silence. */
    return r->way->word[0].value == NULL ||
           (r->way->absent != NULL && bytes_is(value, r->way->absent));
}

static void add(struct reader *r, struct bytes symbol, struct bytes value)
{
    struct engine_setting *grown;

    if (r->out->count == r->room) {
        r->room = r->room == 0 ? 8 : r->room * 2;
        grown = realloc(r->out->item, r->room * sizeof *grown);
        if (grown == NULL) {
            config_mistake(r->m, r->a->head.line, "out of memory");
            return;
        }
        r->out->item = grown;
    }
    r->out->item[r->out->count++] = (struct engine_setting){
        .what = r->what,
        .symbol = symbol,
        .want = value,
        .apply = r->apply,
        .warn = r->a->settings_mismatch == 1,
    };
}

/* "SYMBOL=VALUE", the symbol by our name or the venue's; or "VALUE" of the whole account. */
static void read_word(struct reader *r, struct bytes word)
{
    struct bytes symbol = word, value = word;
    const struct instrument *i;

    while (symbol.size > 0 && symbol.data[symbol.size - 1] != '=') {
        symbol.size--;
    }
    value = (struct bytes){ word.data + symbol.size, word.size - symbol.size };
    symbol.size -= symbol.size > 0;
    if (r->way->by_symbol != (symbol.size > 0) || symbol.size > SYMBOL_MAX || !is_value(r, value)) {
        mistake(r,
                r->way->by_symbol ? "SYMBOL=VALUE as this venue has it" : "a value of this venue",
                word);
        return;
    }
    i = symbols_find(r->symbols, symbol);
    symbol = i == NULL ? symbol : bytes_of(i->venue_symbol);
    for (size_t k = 0; k < r->out->count; k++) {
        if (r->out->item[k].what == r->what && bytes_equal(r->out->item[k].symbol, symbol)) {
            mistake(r, "each symbol once", word);
            return;
        }
    }
    add(r, symbol, value);
}

static void read_key(struct reader *r, enum venue_setting what, struct bytes text, bool apply)
{
    r->what = what;
    r->apply = apply;
    r->way = venue_setting_find(r->driver, what);
    if (r->way == NULL || (apply && r->way->set == 0)) {
        if (text.size > 0 || apply) {
            mistake(r,
                    r->way == NULL ? "nothing: this venue does not tell it"
                                   : "no ..._apply: this venue has no call that sets it",
                    text);
        }
        return;
    }
    if (text.size == 0 && apply) {
        add(r, (struct bytes){ NULL, 0 }, text);
    }
    while (text.size > 0) {
        struct bytes word = { text.data, 0 };

        while (word.size < text.size && text.data[word.size] != ' ' &&
               text.data[word.size] != ',') {
            word.size++;
        }
        if (word.size > 0) {
            read_word(r, word);
        }
        word.size += word.size < text.size;
        text = (struct bytes){ text.data + word.size, text.size - word.size };
    }
}

void setup_setting_read(const struct config_account *a, const struct venue_driver *d,
                        const struct symbols *symbols, struct setup_setting *out,
                        struct config_mistakes *m)
{
    const struct bytes none = { NULL, 0 };
    struct reader r = { .a = a, .driver = d, .symbols = symbols, .out = out, .m = m };

    read_key(&r, VENUE_SETTING_LEVERAGE, a->leverage, a->leverage_apply);
    read_key(&r, VENUE_SETTING_MARGIN_MODE, a->margin_mode, a->margin_mode_apply);
    read_key(&r, VENUE_SETTING_SELF_TRADE, a->self_trade, a->self_trade_apply);
    read_key(&r, VENUE_SETTING_PRICE_LIMIT, a->price_limit, a->price_limit_apply);
    read_key(&r, VENUE_SETTING_POSITION_MODE, none, a->position_mode_apply);
}

void setup_setting_fini(struct setup_setting *s)
{
    free(s->item);
}
