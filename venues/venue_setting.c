/*
 * Reading and writing settings by a driver's table of them. Decides nothing.
 */
#include "venue_setting.h"

#include "assert.h"

const char *venue_setting_text(enum venue_setting s)
{
    switch (s) {
    case VENUE_SETTING_LEVERAGE: return "leverage";
    case VENUE_SETTING_MARGIN_MODE: return "margin_mode";
    case VENUE_SETTING_POSITION_MODE: return "position_mode";
    case VENUE_SETTING_SELF_TRADE: return "self_trade";
    case VENUE_SETTING_PRICE_LIMIT: return "price_limit";
    case VENUE_SETTING_COUNT: break;
    }
    UNREACHABLE();
}

const struct venue_setting_way *venue_setting_find(const struct venue_driver *d,
                                                   enum venue_setting s)
{
    return d->setting != NULL && d->setting[s].ask != 0 ? &d->setting[s] : NULL;
}

/* The next blank-separated word. */
static bool next_word(struct bytes *text, struct bytes *word)
{
    while (text->size > 0 && *text->data == ' ') {
        text->data++;
        text->size--;
    }
    *word = (struct bytes){ text->data, 0 };
    while (text->size > 0 && *text->data != ' ') {
        text->data++;
        text->size--;
        word->size++;
    }
    return word->size > 0;
}

/* "name=value" among the words; several of a name (the sides of a hedged position) must agree. */
static bool find_member(struct bytes text, struct bytes name, struct bytes *value)
{
    struct bytes word;
    bool found = false;

    while (next_word(&text, &word)) {
        struct bytes one = { word.data, 0 };

        if (word.size <= name.size || word.data[name.size] != '=' ||
            memcmp(word.data, name.data, name.size) != 0) {
            continue;
        }
        one = (struct bytes){ word.data + name.size + 1, word.size - name.size - 1 };
        *value = found && !bytes_equal(one, *value) ? BYTES("mixed") : one;
        found = true;
    }
    return found;
}

static bool find_value(const struct venue_setting_way *w, struct bytes symbol, struct bytes text,
                       struct bytes *value)
{
    struct bytes other;

    if (w->if_name == NULL ||
        (find_member(text, bytes_of(w->if_name), &other) && bytes_is(other, w->if_value))) {
        return find_member(text, w->member[0] == '\0' ? symbol : bytes_of(w->member), value);
    }
    if (!find_member(text, bytes_of(w->else_member), value)) {
        return false;
    }
    if (find_member(text, bytes_of(w->else_also), &other) && !bytes_equal(other, *value)) {
        *value = BYTES("mixed");
    }
    return true;
}

bool venue_setting_read(const struct venue_setting_way *w, struct bytes symbol, struct bytes text,
                        struct bytes *value)
{
    if (w->member == NULL) {
        *value = text;
    } else if (!find_value(w, symbol, text, value)) {
        *value = bytes_of(w->absent == NULL ? "" : w->absent);
        return w->absent != NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(w->word) && w->word[i].value != NULL; i++) {
        /* told "*": whatever is there */
        if (bytes_is(*value, w->word[i].told) || strcmp(w->word[i].told, "*") == 0) {
            *value = bytes_of(w->word[i].value);
            return true;
        }
    }
    if (value->size == 0) {
        *value = BYTES("none");
    }
    return true;
}

struct bytes venue_setting_word(const struct venue_setting_way *w, struct bytes value)
{
    for (size_t i = 0; i < ARRAY_LEN(w->word) && w->word[i].value != NULL; i++) {
        if (bytes_is(value, w->word[i].value) && w->word[i].set != NULL) {
            return bytes_of(w->word[i].set);
        }
    }
    return value;
}
