/*
 * B2PRIME: the account's options, its access token, lots, and the venue's table. Nothing is signed:
 * a token that lives an hour is the whole proof, so it is wiped where it was kept and never shown.
 */
#include "b2prime.h"

#include <stdlib.h>

#include "sign.h"

/* ---- options ------------------------------------------------------------------------------- */

struct bytes b2prime_option(const struct venue_account *a, const char *name, struct bytes market)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < a->option_count; i++) {
        struct bytes at = a->option[i].name;

        if (at.size < size || memcmp(at.data, name, size) != 0) {
            continue;
        }
        at.data += size;
        at.size -= size;
        if (market.size == 0 ? at.size == 0
                             : at.size == market.size + 1 && at.data[0] == '.' &&
                                   memcmp(at.data + 1, market.data, market.size) == 0) {
            return a->option[i].value;
        }
    }
    return (struct bytes){ NULL, 0 };
}

static bool is_positive(struct bytes value)
{
    struct decimal number;

    return value.size > 0 && decimal_parse(value, &number) && decimal_sign(number) > 0;
}

static bool is_positive_whole(struct bytes value)
{
    struct decimal number;

    return is_positive(value) && decimal_parse(value, &number) &&
           decimal_is_multiple(number, (struct decimal){ 1, 0 });
}

static bool is_amounts(struct bytes value)
{
    return bytes_is(value, "strings") || bytes_is(value, "numbers");
}

static bool is_path(struct bytes value)
{
    return value.size > 1 && value.data[0] == '/';
}

static const struct {
    const char *name;
    bool per_market; /* "name.market" */
    bool (*good)(struct bytes value);
    const char *error;
} options[] = {
    { "accountId", false, b2prime_id_ok, "accountId is a word of letters and digits" },
    { "leverage", false, is_positive_whole, "leverage is a positive whole number" },
    { "leverage", true, is_positive_whole, "leverage.MARKET is a positive whole number" },
    { "lotSize", true, is_positive, "lotSize.MARKET is a positive number of base units" },
    { "amounts", false, is_amounts, "amounts is strings or numbers" },
    { "openOrdersPath", false, is_path, "openOrdersPath begins with /" },
};

static const char *check_option(const struct venue_arg *o)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        size_t size = strlen(options[i].name);
        bool same = o->name.size >= size && memcmp(o->name.data, options[i].name, size) == 0;

        if (same && (options[i].per_market ? o->name.size > size + 1 && o->name.data[size] == '.'
                                           : o->name.size == size)) {
            return options[i].good(o->value) ? NULL : options[i].error;
        }
    }
    return "unknown option; there are accountId, leverage, leverage.MARKET, lotSize.MARKET, "
           "amounts, "
           "openOrdersPath";
}

bool b2prime_has_account(const struct venue_account *account)
{
    const struct b2prime_state *s = account->state;

    return s->account_id.size > 0;
}

/* ---- accounts ------------------------------------------------------------------------------ */

static void keep_token(struct b2prime_state *s, struct bytes token)
{
    buf_clear(&s->token);
    buf_text(&s->token, "Bearer ");
    buf_bytes(&s->token, token);
}

/* secret: the long-lived API token. key: the accountId, if the option does not give it. passphrase:
 * an access token to begin with, for one who has been given such; the first login replaces it. */
static bool account_open(struct venue_account *a, const char **error)
{
    const struct bytes none = { NULL, 0 };
    struct b2prime_state *s;

    a->state = NULL;
    for (size_t i = 0; i < a->option_count; i++) {
        *error = check_option(&a->option[i]);
        if (*error != NULL) {
            return false;
        }
    }
    if (a->secret.size == 0) {
        *error = "secret is the API token of the trading terminal";
        return false;
    }
    if (a->key.size > 0 && !b2prime_id_ok(a->key)) {
        *error = "key is the accountId: letters and digits";
        return false;
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        *error = "out of memory";
        return false;
    }
    buf_init(&s->token, 8 * 1024);
    s->account_id = b2prime_option(a, "accountId", none);
    if (s->account_id.size == 0) {
        s->account_id = a->key;
    }
    if (a->passphrase.size > 0) {
        keep_token(s, a->passphrase);
    }
    s->numbers = bytes_is(b2prime_option(a, "amounts", none), "numbers");
    a->state = s;
    return true;
}

static void account_close(struct venue_account *a)
{
    struct b2prime_state *s = a->state;

    if (s == NULL) {
        return;
    }
    if (s->token.data != NULL) {
        sign_wipe(s->token.data, s->token.capacity);
    }
    buf_fini(&s->token);
    free(s);
    a->state = NULL;
}

/* ---- the access token ---------------------------------------------------------------------- */

/* base64url without padding, RFC 7515. */
static bool decode_part(struct bytes part, struct buf *out)
{
    struct buf text;
    bool good;

    buf_init(&text, part.size + 4);
    for (size_t i = 0; i < part.size; i++) {
        char c = part.data[i];

        buf_char(&text, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    while (text.size % 4 != 0) {
        buf_char(&text, '=');
    }
    good = !text.failed && sign_base64_decode(out, buf_view(&text));
    buf_fini(&text);
    return good;
}

bool b2prime_token_expiry(struct bytes token, int64_t *exp_s)
{
    const char *first = token.size == 0 ? NULL : memchr(token.data, '.', token.size);
    const char *second;
    struct json_doc *doc = NULL;
    struct buf payload;
    bool good = false;

    if (first == NULL) {
        return false;
    }
    first++;
    second = memchr(first, '.', token.size - (size_t)(first - token.data));
    if (second == NULL) {
        return false;
    }
    buf_init(&payload, token.size);
    if (decode_part((struct bytes){ first, (size_t)(second - first) }, &payload)) {
        doc = json_doc_parse(buf_view(&payload));
        good = doc != NULL && json_int(doc, json_root(doc), "exp", exp_s) == JSON_OK &&
               *exp_s > 0 && *exp_s < INT64_MAX / US_PER_S;
    }
    json_doc_free(doc);
    buf_fini(&payload);
    return good;
}

/* The signature is the venue's business; only the end of its life is read. Ten minutes ahead of an
 * hour is a sixth of it, and so it is for shorter ones. */
static int64_t renewal(struct bytes token, int64_t wall_us)
{
    int64_t exp_s;
    int64_t life_us = b2prime_token_expiry(token, &exp_s) ? exp_s * US_PER_S - wall_us
                                                          : B2PRIME_TOKEN_LIFE_US;
    int64_t ahead_us = life_us / 6;

    if (life_us <= 0) {
        return wall_us + B2PRIME_RENEW_LEAST_US; /* one of the two clocks is wrong: not at once */
    }
    return wall_us + life_us -
           (ahead_us < B2PRIME_RENEW_AHEAD_US ? ahead_us : B2PRIME_RENEW_AHEAD_US);
}

static bool login(struct venue_account *a, const struct http_response *rsp, int64_t wall_us,
                  int64_t *renew_wall_us)
{
    struct b2prime_state *s = a->state;
    struct json_doc *doc = rsp->status == 200 ? json_doc_parse(rsp->body) : NULL;
    struct bytes token;
    bool good = s != NULL && doc != NULL;

    good = good && json_text(json_root(doc), "accessToken", &token) == JSON_OK && token.size > 0;
    if (good) {
        keep_token(s, token);
        *renew_wall_us = renewal(token, wall_us);
        good = !s->token.failed;
    }
    json_doc_free(doc);
    return good;
}

/* ---- markets and lots ---------------------------------------------------------------------- */

enum b2prime_market b2prime_market(struct bytes symbol)
{
    static const struct {
        const char *prefix;
        enum b2prime_market market;
    } kinds[] = { { "spot.", B2PRIME_SPOT },
                  { "cfd.", B2PRIME_CFD },
                  { "perp.", B2PRIME_PERPETUAL } };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t size = strlen(kinds[i].prefix);

        if (symbol.size > size && memcmp(symbol.data, kinds[i].prefix, size) == 0) {
            return kinds[i].market;
        }
    }
    return B2PRIME_NONE;
}

bool b2prime_id_time(struct bytes id, int64_t *wall_us)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's base 32 */
    int64_t ms = 0;

    if (id.size != 26 || id.data[0] > '7') {
        return false;
    }
    for (size_t i = 0; i < id.size; i++) {
        const char *at = memchr(digits, id.data[i], sizeof digits - 1);

        if (at == NULL) {
            return false;
        }
        ms = i < 10 ? ms * 32 + (at - digits) : ms;
    }
    *wall_us = ms * US_PER_MS;
    return true;
}

bool b2prime_lots(struct decimal base, struct decimal lot_size, struct decimal *lots)
{
    struct decimal n = decimal_normal(base);
    struct decimal d = decimal_normal(lot_size);

    if (decimal_sign(d) <= 0) {
        return false;
    }
    while (n.mantissa % d.mantissa != 0) {
        if (n.mantissa > INT64_MAX / 10 || n.mantissa < INT64_MIN / 10) {
            return false;
        }
        n.mantissa *= 10;
        n.scale++;
    }
    n = (struct decimal){ n.mantissa / d.mantissa, n.scale - d.scale };
    for (; n.scale < 0; n.scale++) {
        if (n.mantissa > INT64_MAX / 10 || n.mantissa < INT64_MIN / 10) {
            return false;
        }
        n.mantissa *= 10;
    }
    if (n.scale > DECIMAL_SCALE_MAX) {
        return false;
    }
    *lots = decimal_normal(n);
    return true;
}

/* ---- the venue ----------------------------------------------------------------------------- */

enum { WINDOW_CALLS, WINDOW_TOKENS };

#define BUILD(name) b2prime_build_##name
#define PARSE(name) b2prime_parse_##name

/* No client id is taken, and the answer to a placement is not the end of it: a CFD or perpetual
 * order may be "Completed" without a price. Stop prices follow the venue's own source; there is no
 * choice. */
const struct venue_driver venue_b2prime = {
    .name = "b2prime",
    .code = "B2PR",
    .features = VENUE_STATUS_IS_FILLS | VENUE_STOPS_UNTRACKED |
                VENUE_HAS_IOC | VENUE_HAS_FOK | VENUE_HAS_MARKET | VENUE_HAS_STOP | VENUE_HAS_GTD |
                VENUE_HAS_DAY | VENUE_HAS_ATTACHED_TPSL,
    .client_id_max = B2PRIME_COMMENT_MAX,
    .status_ids_max = 1,
    .window = {
        [WINDOW_CALLS]  = { "calls", B2PRIME_CALLS, B2PRIME_CALLS_PERIOD_MS },
        [WINDOW_TOKENS] = { "tokens", 1, 60 * 1000 },
    },
    .endpoint = {
        [VENUE_PLACE]             = { BUILD(place), PARSE(place), { 1 }, NULL },
        [VENUE_CANCEL]            = { BUILD(cancel), PARSE(cancel), { 1 }, NULL },
        [VENUE_STATUS]            = { BUILD(status), PARSE(executions), { 1 }, NULL },
        [VENUE_OPEN_ORDERS]       = { BUILD(open_orders), PARSE(open_orders), { 1 }, NULL },
        [VENUE_ORDER_HISTORY]     = { BUILD(order_history), PARSE(order_history), { 1 }, NULL },
        [VENUE_EXECUTIONS]        = { BUILD(executions), PARSE(executions), { 1 }, NULL },
        [VENUE_CLOSE_POSITION]    = { BUILD(close), PARSE(close), { 1 }, NULL },
        [VENUE_POSITION_TRIGGERS] = { BUILD(triggers), PARSE(triggers), { 1 }, NULL },
        [VENUE_INSTRUMENTS]       = { BUILD(instruments), PARSE(instruments), { 1 }, NULL },
        [VENUE_CHECK_ORDER]       = { BUILD(check_order), PARSE(check_order), { 1 }, NULL },
        [VENUE_ACCOUNT_LOG]       = { BUILD(accounts), PARSE(accounts), { 1 }, NULL },
        [VENUE_FEES]              = { BUILD(fees), PARSE(fees), { 1 }, NULL },
        [VENUE_AUTH]              = { BUILD(auth), PARSE(auth), { 1, 1 }, NULL },
    },
    .lookup = { VENUE_STATUS, VENUE_OPEN_ORDERS, VENUE_ORDER_HISTORY, VENUE_OP_COUNT },
    .lookup_settle_us = B2PRIME_LOOKUP_SETTLE_US,
    .account_open = account_open,
    .account_close = account_close,
    .login = login,
};
