/*
 * CoinSwitch PRO futures: the account's key, signatures, our id as a UUID, and the venue's table.
 */
#include "coinswitch.h"
#include "venue_setting.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- accounts ------------------------------------------------------------------------------ */

static void state_free(struct coinswitch_state *s)
{
    if (s == NULL) {
        return;
    }
    sign_ed25519_free(s->key);
    if (s->signature.data != NULL) {
        sign_wipe(s->signature.data, s->signature.capacity);
    }
    buf_fini(&s->signature);
    buf_fini(&s->message);
    free(s);
}

static struct coinswitch_state *state_new(struct bytes seed)
{
    struct coinswitch_state *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    buf_init(&s->message, HTTP_PATH_MAX + 64);
    buf_init(&s->signature, 256);
    s->key = sign_ed25519_new(seed);
    if (s->key == NULL) {
        state_free(s);
        return NULL;
    }
    return s;
}

static const char *read_options(const struct venue_account *a, bool *triggers_close)
{
    *triggers_close = false;
    for (size_t i = 0; i < a->option_count; i++) {
        const struct venue_arg *o = &a->option[i];

        if (!bytes_is(o->name, "trigger_orders")) {
            return "unknown option; there is trigger_orders";
        }
        if (!bytes_is(o->value, "refuse") && !bytes_is(o->value, "close-position")) {
            return "trigger_orders is refuse or close-position";
        }
        *triggers_close = bytes_is(o->value, "close-position");
    }
    return NULL;
}

static bool account_open(struct venue_account *a, const char **error)
{
    struct coinswitch_state *s = NULL;
    struct buf seed;
    bool triggers_close;

    a->state = NULL;
    *error = read_options(a, &triggers_close);
    if (*error != NULL) {
        return false;
    }
    if (a->key.size != 64) {
        *error = "key is the public key: 64 hex digits";
        return false;
    }
    buf_init(&seed, 64);
    if (a->secret.size == 64 && sign_hex_decode(&seed, a->secret)) {
        s = state_new(buf_view(&seed));
        *error = s == NULL ? "out of memory or no Ed25519 in the crypto library" : NULL;
    } else {
        *error = "secret is the Ed25519 seed: 64 hex digits";
    }
    if (seed.data != NULL) {
        sign_wipe(seed.data, seed.capacity);
    }
    buf_fini(&seed);
    if (s != NULL) {
        s->triggers_close = triggers_close;
    }
    a->state = s;
    return s != NULL;
}

static void account_close(struct venue_account *a)
{
    state_free(a->state);
    a->state = NULL;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The query is signed decoded: "+" is a blank, "%2F" is "/". */
static void add_decoded(struct buf *out, struct bytes target)
{
    bool query = false;

    for (size_t i = 0; i < target.size; i++) {
        char c = target.data[i];

        query = query || c == '?';
        if (c == '%' && i + 2 < target.size && hex_value(target.data[i + 1]) >= 0 &&
            hex_value(target.data[i + 2]) >= 0) {
            c = (char)(hex_value(target.data[i + 1]) * 16 + hex_value(target.data[i + 2]));
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        buf_char(out, c);
    }
}

bool coinswitch_sign(struct coinswitch_state *s, enum http_method method, struct bytes target,
                     struct bytes epoch, struct buf *out)
{
    unsigned char signature[64];
    bool good;

    buf_clear(&s->message);
    buf_text(&s->message, http_method_text(method));
    add_decoded(&s->message, target);
    buf_bytes(&s->message, epoch);
    good = !s->message.failed && sign_ed25519(s->key, buf_view(&s->message), signature);
    if (good) {
        sign_hex(out, signature, sizeof signature);
    }
    sign_wipe(signature, sizeof signature);
    return good && !out->failed;
}

/* ---- our id as a UUID ---------------------------------------------------------------------- */

/* Two numbers of 11 digits to the base 38, 0 being "no more"; 58 bits of the 60 and 62 that a
 * version 8 UUID leaves free. */
#define HALF 11
#define UUID_SIZE 36

static const char alphabet[] = "\0"
                               "0123456789abcdefghijklmnopqrstuvwxyz-";

static bool pack(struct bytes text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < HALF; i++) {
        const char *at = i < text.size ? memchr(alphabet + 1, text.data[i], 37) : alphabet;

        if (at == NULL) {
            return false;
        }
        *out = *out * 38 + (uint64_t)(at - alphabet);
    }
    return true;
}

static void unpack(uint64_t number, char out[HALF])
{
    for (size_t i = HALF; i > 0; i--) {
        out[i - 1] = alphabet[number % 38];
        number /= 38;
    }
}

static bool is_dash(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool is_uuid(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (is_dash(i) ? text.data[i] != '-' : hex_value(text.data[i]) < 0) {
            return false;
        }
    }
    return text.size == UUID_SIZE;
}

static bool uuid_text(struct bytes client_id, char out[UUID_SIZE + 1])
{
    struct bytes first = client_id;
    struct bytes rest = { NULL, 0 };
    uint64_t high, low;

    if (client_id.size == 0 || client_id.size > COINSWITCH_CLIENT_ID_MAX) {
        return false;
    }
    if (client_id.size > HALF) {
        first.size = HALF;
        rest = (struct bytes){ client_id.data + HALF, client_id.size - HALF };
    }
    if (!pack(first, &high) || !pack(rest, &low)) {
        return false;
    }
    snprintf(out, UUID_SIZE + 1, "%08x-%04x-8%03x-%04x-%04x%08x",
             (unsigned)(high >> 28 & 0xffffffff), (unsigned)(high >> 12 & 0xffff),
             (unsigned)(high & 0xfff), (unsigned)(0x8000 | (low >> 48 & 0x3fff)),
             (unsigned)(low >> 32 & 0xffff), (unsigned)(low & 0xffffffff));
    return true;
}

bool coinswitch_uuid(struct bytes client_id, struct buf *out)
{
    char text[UUID_SIZE + 1];

    if (is_uuid(client_id)) {
        buf_bytes(out, client_id);
        return !out->failed;
    }
    if (!uuid_text(client_id, text)) {
        return false;
    }
    buf_text(out, text);
    return !out->failed;
}

bool coinswitch_client_id(struct bytes uuid, char out[COINSWITCH_CLIENT_ID_MAX + 1])
{
    char text[COINSWITCH_CLIENT_ID_MAX + 1] = { 0 };
    char again[UUID_SIZE + 1];
    uint64_t half[2] = { 0, 0 };
    size_t digits = 0;

    if (!is_uuid(uuid)) {
        return false;
    }
    for (size_t i = 0; i < UUID_SIZE; i++) {
        /* Not the version digit; of the variant's digit only the lower two bits. */
        if (is_dash(i) || i == 14) {
            continue;
        }
        half[digits >= 15] =
            half[digits >= 15] << 4 | ((uint64_t)hex_value(uuid.data[i]) & (i == 19 ? 3u : 15u));
        digits++;
    }
    unpack(half[0], text);
    unpack(half[1], text + HALF);
    if (!uuid_text(bytes_of(text), again)) {
        return false;
    }
    for (size_t i = 0; i < UUID_SIZE; i++) {
        if ((uuid.data[i] | 0x20) != (again[i] | 0x20)) {
            return false; /* somebody else's UUID */
        }
    }
    memcpy(out, text, sizeof text);
    return true;
}

/* ---- the venue ----------------------------------------------------------------------------- */

enum {
    WINDOW_PLACE,
    WINDOW_CANCEL,
    WINDOW_CANCEL_ALL,
    WINDOW_STATUS,
    WINDOW_LISTS,
    WINDOW_ACCOUNT
};

#define PER_MINUTE(calls) COINSWITCH_HEADROOM(calls), 60 * 1000
#define BUILD(name) coinswitch_build_##name
#define PARSE(name) coinswitch_parse_##name

static const struct venue_setting_way settings[VENUE_SETTING_COUNT] = {
    [VENUE_SETTING_LEVERAGE] = { .ask = VENUE_GET_LEVERAGE,
                                 .set = VENUE_SET_LEVERAGE,
                                 .set_arg = "leverage",
                                 .ask_symbol = true,
                                 .set_symbol = true,
                                 .by_symbol = true,
                                 .member = "" },
};

/* There are more limits than windows here: positions, transactions and leverage have one of 20 (10
 * for a change) each and share one; instruments (100) and time are asked too seldom to count.
 * cancel_all has its own window, so that a mass cancel never waits behind single ones. */
const struct venue_driver venue_coinswitch = {
    .name = "coinswitch",
    .code = "CSWX",
    .features = VENUE_HAS_MARGIN | VENUE_OPEN_BY_TIME |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_REDUCE_ONLY | VENUE_HAS_MARKET |
                VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_CLIENT_ID_UNSURE | VENUE_ACK_IS_RESULT,
    .client_id_max = COINSWITCH_CLIENT_ID_MAX,
    .status_ids_max = 1,
    .window = {
        [WINDOW_PLACE]      = { "place", PER_MINUTE(20) },
        [WINDOW_CANCEL]     = { "cancel", PER_MINUTE(10) },
        [WINDOW_CANCEL_ALL] = { "cancel-all", PER_MINUTE(10) },
        [WINDOW_STATUS]     = { "status", PER_MINUTE(20) },
        [WINDOW_LISTS]      = { "orders", PER_MINUTE(20) },
        [WINDOW_ACCOUNT]    = { "account", PER_MINUTE(20) },
    },
    .endpoint = {
        [VENUE_PLACE]         = { BUILD(place), PARSE(place), { 1 }, NULL },
        [VENUE_CANCEL]        = { BUILD(cancel), PARSE(cancel), { 0, 1 }, NULL },
        [VENUE_CANCEL_ALL]    = { BUILD(cancel_all), PARSE(cancel_all), { 0, 0, 1 }, NULL },
        [VENUE_STATUS]        = { BUILD(status), PARSE(status), { 0, 0, 0, 1 }, NULL },
        [VENUE_OPEN_ORDERS]   = { BUILD(open_orders), PARSE(list), { 0, 0, 0, 0, 1 }, NULL },
        [VENUE_ORDER_HISTORY] = { BUILD(order_history), PARSE(list), { 0, 0, 0, 0, 1 }, NULL },
        [VENUE_POSITIONS]     = { BUILD(positions), PARSE(positions), { 0, 0, 0, 0, 0, 1 }, NULL },
        [VENUE_GET_LEVERAGE] = { BUILD(get_leverage), PARSE(leverage), { 0, 0, 0, 0, 0, 1 }, NULL },
        [VENUE_SET_LEVERAGE] = { BUILD(set_leverage), PARSE(leverage), { 0, 0, 0, 0, 0, 2 }, NULL },
        [VENUE_INSTRUMENTS]   = { BUILD(instruments), PARSE(instruments), { 0 }, NULL },
        [VENUE_ACCOUNT_LOG] = { BUILD(account_log), PARSE(account_log),
                                  { 0, 0, 0, 0, 0, 1 }, NULL },
        [VENUE_TIME]          = { BUILD(time), PARSE(time), { 0 }, NULL },
    },
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY, VENUE_OP_COUNT },
    .lookup_settle_us = COINSWITCH_LOOKUP_SETTLE_US,
    .account_open = account_open,
    .account_close = account_close,
    .setting = settings,
};
