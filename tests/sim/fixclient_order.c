/*
 * fixclient: the script commands that send orders. Names of fields and values for people become
 * tags; what an earlier order said fills in what a cancel or replace must repeat.
 */
#include "fixclient.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 96 };

struct message {
    size_t count;
    uint32_t tag[FIELDS_MAX];
    char value[FIELDS_MAX][1024];
};

static const struct {
    const char *word, *type;
} commands[] = {
    { "new", "D" },        { "replace", "G" },     { "cancel", "F" },     { "status", "H" },
    { "masscancel", "q" }, { "massstatus", "AF" }, { "trades", "AD" },    { "venuestatus", "g" },
    { "list", "E" },       { "listcancel", "K" },  { "liststatus", "M" }, { "positions", "AN" },
    { "securities", "x" },
};

static const struct {
    const char *name;
    uint32_t tag;
} names[] = {
    { "id", 11 },       { "orig", 41 },    { "symbol", 55 },   { "side", 54 },      { "qty", 38 },
    { "cashqty", 152 }, { "price", 44 },   { "stop", 99 },     { "tif", 59 },       { "exec", 18 },
    { "account", 1 },   { "text", 58 },    { "orderid", 37 },  { "exchange", 207 }, { "show", 111 },
    { "minqty", 110 },  { "expire", 126 }, { "position", 77 }, { "statusid", 790 },
};

static const struct {
    uint32_t tag;
    const char *word, *value;
} values[] = {
    { 54, "buy", "1" },   { 54, "sell", "2" },      { 40, "market", "1" },     { 40, "limit", "2" },
    { 40, "stop", "3" },  { 40, "stoplimit", "4" }, { 40, "touched", "J" },    { 59, "day", "0" },
    { 59, "gtc", "1" },   { 59, "ioc", "3" },       { 59, "fok", "4" },        { 59, "gtx", "5" },
    { 59, "gtd", "6" },   { 18, "postonly", "6" },  { 18, "reduceonly", "E" }, { 77, "open", "O" },
    { 77, "close", "C" },
};

static const char *type_of(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].word, word) == 0) {
            return commands[i].type;
        }
    }
    return NULL;
}

bool fc_order_is_request(const char *type)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].type, type) == 0) {
            return true;
        }
    }
    return strcmp(type, "V") == 0 || strcmp(type, "c") == 0 || strcmp(type, "e") == 0;
}

void fc_order_commands(fc_word_fn *tell, const char *arg)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        tell(arg, commands[i].word);
    }
}

void fc_order_names(fc_word_fn *tell, const char *arg)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tell(arg, names[i].name);
    }
    tell(arg, "type");
}

void fc_order_values(uint32_t tag, fc_word_fn *tell, const char *arg)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i].tag == tag) {
            tell(arg, values[i].word);
        }
    }
}

bool fc_order_is_command(const char *word)
{
    return type_of(word) != NULL;
}

static void put(struct message *m, uint32_t tag, const char *value)
{
    size_t at = 0;

    while (at < m->count && m->tag[at] != tag) {
        at++;
    }
    if (at == FIELDS_MAX) {
        fc_die("too many fields in one command");
    }
    m->tag[at] = tag;
    snprintf(m->value[at], sizeof m->value[at], "%s", value);
    m->count += at == m->count ? 1 : 0;
}

static const char *get(const struct message *m, uint32_t tag)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->tag[i] == tag) {
            return m->value[i];
        }
    }
    return NULL;
}

static void put_absent(struct message *m, uint32_t tag, const char *value)
{
    if (get(m, tag) == NULL && value[0] != '\0') {
        put(m, tag, value);
    }
}

/* Requests that are named by another tag than ClOrdID, and what they ask when nothing is said. */
static const struct {
    const char *type;
    uint32_t id, tag;
    const char *value;
} requests[] = { { "AF", 584, 585, "7" }, { "AD", 568, 569, "0" }, { "g", 335, 263, "0" },
                 { "K", 66, 0, "" },      { "M", 66, 0, "" },      { "AN", 710, 724, "0" },
                 { "x", 320, 559, "4" } };

static size_t request_of(const char *type)
{
    size_t i = 0;

    while (i < sizeof requests / sizeof requests[0] && strcmp(requests[i].type, type) != 0) {
        i++;
    }
    return i;
}

static bool is_request(const char *type)
{
    return request_of(type) < sizeof requests / sizeof requests[0];
}

static uint32_t tag_of(const struct fc_script *sc, const char *type, const char *name)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);

    if (*end == '\0' && number > 0) {
        return (uint32_t)number;
    }
    if (strcmp(name, "type") == 0) {
        return strcmp(type, "q") == 0 ? 530
               : is_request(type)     ? requests[request_of(type)].tag
                                      : 40;
    }
    if (strcmp(name, "id") == 0 && strcmp(type, "E") == 0) {
        return 66;
    }
    if (strcmp(name, "id") == 0 && is_request(type)) {
        return requests[request_of(type)].id;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) == 0) {
            return names[i].tag;
        }
    }
    return fc_dict_number(sc->ctx->dict, name);
}

uint32_t fc_order_tag(const struct fc_script *sc, const char *command, const char *name)
{
    const char *type = type_of(command);

    return tag_of(sc, type != NULL ? type : "", name);
}

static const char *value_of(uint32_t tag, const char *value)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i].tag == tag && strcmp(values[i].word, value) == 0) {
            return values[i].value;
        }
    }
    return value;
}

static struct fc_terms *find_terms(const struct fc_script *sc, const char *id)
{
    for (struct fc_terms *t = sc->terms; t != NULL; t = t->next) {
        if (strcmp(t->id, id) == 0) {
            return t;
        }
    }
    return NULL;
}

static void copy_field(const struct message *m, uint32_t tag, char *out, size_t size)
{
    const char *value = get(m, tag);

    if (value != NULL) {
        snprintf(out, size, "%.*s", (int)size - 1, value);
    }
}

static void remember(struct fc_script *sc, const struct message *m)
{
    struct fc_terms *t = calloc(1, sizeof *t);

    if (t == NULL) {
        fc_die("out of memory");
    }
    copy_field(m, 11, t->id, sizeof t->id);
    copy_field(m, 55, t->symbol, sizeof t->symbol);
    copy_field(m, 54, t->side, sizeof t->side);
    copy_field(m, 38, t->qty, sizeof t->qty);
    copy_field(m, 40, t->type, sizeof t->type);
    copy_field(m, 44, t->price, sizeof t->price);
    copy_field(m, 59, t->tif, sizeof t->tif);
    copy_field(m, 1, t->account, sizeof t->account);
    t->next = sc->terms;
    sc->terms = t;
}

/* What FIX wants repeated of the order meant, unless the command says otherwise. */
static void repeat(const struct fc_script *sc, struct message *m, const char *type)
{
    const char *id = get(m, strcmp(type, "H") == 0 ? 11 : 41);
    const struct fc_terms *t = id != NULL ? find_terms(sc, id) : NULL;

    if (t == NULL) {
        return;
    }
    put_absent(m, 55, t->symbol);
    put_absent(m, 54, t->side);
    if (strcmp(type, "H") != 0) {
        put_absent(m, 38, t->qty);
    }
    if (strcmp(type, "G") == 0) {
        put_absent(m, 40, t->type);
        put_absent(m, 44, t->price);
        put_absent(m, 59, t->tif);
        put_absent(m, 1, t->account);
    }
}

static bool read_fields(struct fc_script *sc, const struct fc_line *line, const char *type,
                        struct message *m)
{
    char name[128];

    for (size_t i = 1; i < line->count; i++) {
        const char *equals = strchr(line->word[i], '=');
        size_t len = equals != NULL ? (size_t)(equals - line->word[i]) : 0;
        uint32_t tag;

        if (strcmp(line->word[i], "any") == 0) {
            continue; /* "any TAG=VALUE" reads well; every TAG=VALUE is taken anyway */
        }
        if (len == 0 || len >= sizeof name) {
            fc_say(sc->ctx, "%s: expected NAME=VALUE, got \"%s\"", line->word[0], line->word[i]);
            return false;
        }
        memcpy(name, line->word[i], len);
        name[len] = '\0';
        tag = tag_of(sc, type, name);
        if (tag == 0) {
            fc_say(sc->ctx, "%s: no field is called \"%s\"", line->word[0], name);
            return false;
        }
        put(m, tag, value_of(tag, equals + 1));
    }
    return true;
}

static void complete(struct fc_script *sc, struct message *m, const char *type)
{
    char id[32], now[32];

    snprintf(id, sizeof id, "id%llx-%llu", (unsigned long long)fc_wall_us() / 1000000,
             (unsigned long long)++sc->ids);
    put_absent(m, is_request(type) ? requests[request_of(type)].id : 11, id);
    if (strcmp(type, "q") == 0) {
        put_absent(m, 530, "7");
    } else if (strcmp(type, "x") == 0 && get(m, 55) != NULL) {
        put_absent(m, 559, "0");
    } else if (is_request(type)) {
        put_absent(m, requests[request_of(type)].tag, requests[request_of(type)].value);
    } else if (strcmp(type, "D") == 0) {
        put_absent(m, 40, get(m, 44) != NULL ? "2" : "1");
    } else {
        repeat(sc, m, type);
    }
    fc_timestamp(now, fc_wall_us());
    if (strcmp(type, "AN") == 0) {
        char today[9];

        snprintf(today, sizeof today, "%.8s", now);
        put_absent(m, 581, "1");
        put_absent(m, 715, today);
    }
    if ((strcmp(type, "H") != 0 && !is_request(type)) || strcmp(type, "K") == 0 ||
        strcmp(type, "AN") == 0) {
        put_absent(m, 60, now);
    }
}

static enum fc_result single_command(struct fc_script *sc, const struct fc_line *line,
                                     const char *type)
{
    struct message *m = calloc(1, sizeof *m);
    struct fc_buf body = { 0 };

    if (m == NULL) {
        fc_die("out of memory");
    }
    if (!read_fields(sc, line, type, m)) {
        free(m);
        return FC_BAD_COMMAND;
    }
    complete(sc, m, type);
    for (size_t i = 0; i < m->count; i++) {
        if (m->value[i][0] != '\0') {
            fc_field_add(&body, m->tag[i], m->value[i]);
        }
    }
    if (strcmp(type, "D") == 0 || strcmp(type, "G") == 0) {
        remember(sc, m);
    }
    fc_session_send(sc->session, type, &body);
    free(m);
    return FC_OK;
}

/* ---- lists --------------------------------------------------------------------------------- */

/* The order of an entry's fields in a NewOrderList; those not named here come last, as given. */
static size_t rank_of(uint32_t tag)
{
    static const uint32_t order[] = { 11,  526, 67,  583, 448, 447, 452, 1,  544, 18,
                                      110, 111, 100, 55,  48,  22,  207, 54, 60,  38,
                                      152, 40,  44,  99,  59,  126, 528, 58, 77,  211 };
    size_t i = 0;

    while (i < sizeof order / sizeof order[0] && order[i] != tag) {
        i++;
    }
    return i;
}

static void add_entry(struct fc_buf *body, const struct message *m)
{
    for (size_t rank = 0; rank <= rank_of(0); rank++) {
        for (size_t i = 0; i < m->count; i++) {
            if (rank_of(m->tag[i]) == rank && m->value[i][0] != '\0') {
                fc_field_add(body, m->tag[i], m->value[i]);
            }
        }
    }
}

/* The words from `at` to the next "order" or the end, as a command of their own. */
static size_t segment(const struct fc_line *line, size_t at, struct fc_line *out)
{
    *out = *line;
    out->count = 1;
    while (at < line->count && strcmp(line->word[at], "order") != 0) {
        out->word[out->count++] = line->word[at++];
    }
    return at;
}

/* list id=L1 symbol=X order side=buy qty=1 price=9 order id=c2 ...: what stands before the first
 * "order", but for the list's own fields, is said of each. */
static enum fc_result list_command(struct fc_script *sc, const struct fc_line *line)
{
    static const uint32_t own[] = { 66, 390, 391, 394, 414, 415, 433, 69 };
    struct message *common = calloc(1, sizeof *common), *one = calloc(1, sizeof *one);
    struct fc_buf body = { 0 }, entries = { 0 };
    struct fc_line part;
    char number[24];
    size_t at, count = 0;
    bool good;

    if (common == NULL || one == NULL) {
        fc_die("out of memory");
    }
    at = segment(line, 1, &part);
    good = read_fields(sc, &part, "E", common);
    put_absent(common, 394, "3");
    while (good && at < line->count) {
        memset(one, 0, sizeof *one);
        at = segment(line, at + 1, &part);
        good = read_fields(sc, &part, "D", one);
        for (size_t i = 0; i < common->count; i++) {
            size_t k = 0;

            while (k < sizeof own / sizeof own[0] && own[k] != common->tag[i]) {
                k++;
            }
            if (k == sizeof own / sizeof own[0]) {
                put_absent(one, common->tag[i], common->value[i]);
            }
        }
        snprintf(number, sizeof number, "%zu", ++count);
        put_absent(one, 67, number);
        complete(sc, one, "D");
        remember(sc, one);
        add_entry(&entries, one);
    }
    for (size_t k = 0; k < sizeof own / sizeof own[0]; k++) {
        if (get(common, own[k]) != NULL) {
            fc_field_add(&body, own[k], get(common, own[k]));
        }
    }
    snprintf(number, sizeof number, "%zu", count);
    fc_field_add(&body, 68, number);
    fc_field_add(&body, 73, number);
    fc_buf_add(&body, entries.p, entries.len);
    fc_buf_free(&entries);
    free(common);
    free(one);
    if (!good || count == 0) {
        fc_buf_free(&body);
        return FC_BAD_COMMAND;
    }
    fc_session_send(sc->session, "E", &body);
    return FC_OK;
}

enum fc_result fc_order_command(struct fc_script *sc, const struct fc_line *line)
{
    const char *type = type_of(line->word[0]);

    return strcmp(type, "E") == 0 ? list_command(sc, line) : single_command(sc, line, type);
}
