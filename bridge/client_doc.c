/*
 * Writes the clients' dictionary, the rules of engagement and the table of venues. The dictionary
 * is the stock one as text with lines put in, so that nothing else of it changes.
 */
#include "client_doc.h"

#include <string.h>

#include "report_extra.h"
#include "tag_table.h"
#include "venue.h"

/* ---- the dictionary ------------------------------------------------------------------------ */

/* Where `what` begins at or behind `from`; xml.size: nowhere. */
static size_t find(struct bytes xml, size_t from, const char *what)
{
    size_t size = strlen(what);

    for (size_t i = from; i + size <= xml.size; i++) {
        if (memcmp(xml.data + i, what, size) == 0) {
            return i;
        }
    }
    return xml.size;
}

/* The group of a list's orders at or behind `from`. */
static size_t find_orders(struct bytes xml, size_t from)
{
    size_t a = find(xml, from, "<group name='NoOrders'");
    size_t b = find(xml, from, "<group name=\"NoOrders\"");

    return a < b ? a : b;
}

/* The end of the group that begins at `at`; groups may stand in it. */
static size_t group_end(struct bytes xml, size_t at)
{
    for (size_t depth = 1; at < xml.size;) {
        size_t inner = find(xml, at + 1, "<group "), end = find(xml, at + 1, "</group>");

        depth = inner < end ? depth + 1 : depth - 1;
        at = inner < end ? inner : end;
        if (depth == 0) {
            return at;
        }
    }
    return xml.size;
}

/* Where a field goes into the message that begins at `at`: before its end, or, of a list, before
 * the end of the group of its orders, which stands in the message or in the component ListOrdGrp.
 */
static size_t find_place(struct bytes xml, size_t at, bool list)
{
    size_t end = find(xml, at, "</message>"), group;

    if (!list) {
        return end;
    }
    group = find_orders(xml, at);
    if (group > end) {
        group = find_orders(xml, find(xml, 0, "<component name=\"ListOrdGrp\">"));
    }
    return group_end(xml, group);
}

/* "msgtype='D'" or with double quotes. */
static size_t find_message(struct bytes xml, const char *msg_type)
{
    char text[32];

    for (unsigned i = 0; i < 2; i++) {
        struct buf b;
        size_t at;

        buf_init(&b, sizeof text);
        buf_printf(&b, "msgtype=%c%s%c", i == 0 ? '\'' : '"', msg_type, i == 0 ? '\'' : '"');
        buf_char(&b, '\0');
        at = b.failed ? xml.size : find(xml, 0, b.data);
        buf_fini(&b);
        if (at < xml.size) {
            return find_place(xml, at, strcmp(msg_type, "E") == 0);
        }
    }
    return xml.size;
}

static bool has_number(struct bytes xml, uint32_t tag)
{
    struct buf b;
    bool found;

    buf_init(&b, 64);
    buf_printf(&b, "number='%u'", tag);
    buf_char(&b, '\0');
    found = !b.failed && find(xml, 0, b.data) < xml.size;
    buf_clear(&b);
    buf_printf(&b, "number=\"%u\"", tag);
    buf_char(&b, '\0');
    found = found || (!b.failed && find(xml, 0, b.data) < xml.size);
    buf_fini(&b);
    return found;
}

/* Fields of one message, put in before its end. */
static void put_members(struct buf *out, const char *msg_type, uint32_t extras)
{
    struct tag_custom c;

    for (size_t at = 0; tag_custom_next(&at, &c);) {
        if (strcmp(c.msg_type, msg_type) == 0) {
            buf_printf(out, "   <field name='%s' required='N'/>\n", c.name);
        }
    }
    for (size_t i = 0; strcmp(msg_type, "8") == 0 && i < report_extra_count; i++) {
        if ((extras >> i & 1) != 0 && report_extras[i].type != NULL) {
            buf_printf(out, "   <field name='%s' required='N'/>\n", report_extras[i].name);
        }
    }
}

static void put_definition(struct buf *out, struct bytes xml, struct buf *done, uint32_t tag,
                           const char *name, const char *type)
{
    struct bytes all = buf_view(done);

    if (has_number(xml, tag)) {
        return;
    }
    for (size_t i = 0; i + sizeof tag <= all.size; i += sizeof tag) {
        if (memcmp(all.data + i, &tag, sizeof tag) == 0) {
            return;
        }
    }
    buf_add(done, &tag, sizeof tag);
    buf_printf(out, "  <field number='%u' name='%s' type='%s'/>\n", tag, name, type);
}

static bool put_definitions(struct buf *out, struct bytes xml, uint32_t extras)
{
    struct tag_custom c;
    struct buf done;
    bool good;

    buf_init(&done, 4096);
    for (size_t at = 0; tag_custom_next(&at, &c);) {
        put_definition(out, xml, &done, c.tag, c.name, c.type);
    }
    for (size_t i = 0; i < report_extra_count; i++) {
        if ((extras >> i & 1) != 0 && report_extras[i].type != NULL) {
            put_definition(out, xml, &done, report_extras[i].tag, report_extras[i].name,
                           report_extras[i].type);
        }
    }
    good = !done.failed;
    buf_fini(&done);
    return good;
}

/* Copies up to the first of the places not yet behind us, puts in what belongs there, and so on. */
bool client_doc_dictionary(struct bytes xml, uint32_t extras, struct buf *out)
{
    static const char *const messages[] = { "A", "D", "E", "G", "8", "AD" };
    size_t fields = xml.size, from = 0;

    for (size_t at = find(xml, 0, "</fields>"); at < xml.size;
         at = find(xml, at + 1, "</fields>")) {
        fields = at;
    }
    if (fields == xml.size) {
        return false;
    }
    while (from < xml.size) {
        size_t next = fields >= from ? fields : xml.size;
        const char *message = NULL;

        for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
            size_t at = find_message(xml, messages[i]);

            if (at >= from && at < next) {
                next = at;
                message = messages[i];
            }
        }
        buf_add(out, xml.data + from, next - from);
        if (next == xml.size) {
            break;
        }
        if (message != NULL) {
            put_members(out, message, extras);
        } else if (!put_definitions(out, xml, extras)) {
            return false;
        }
        buf_char(out, xml.data[next]); /* the '<' of the place itself */
        from = next + 1;
    }
    return !out->failed;
}

/* ---- rules of engagement ------------------------------------------------------------------- */

static const struct {
    const char *type, *name, *what;
    unsigned in, out;
} messages[] = {
    { "D", "NewOrderSingle", "a new order", TAG_IN_D, 0 },
    { "F", "OrderCancelRequest", "cancels an order", TAG_IN_F, 0 },
    { "G", "OrderCancelReplaceRequest", "changes an order; all terms are repeated", TAG_IN_G, 0 },
    { "q", "OrderMassCancelRequest", "cancels many orders", TAG_IN_Q, 0 },
    { "H", "OrderStatusRequest", "asks for an order's state", TAG_IN_H, 0 },
    { "AF", "OrderMassStatusRequest", "asks for the state of many", TAG_IN_AF, 0 },
    { "8", "ExecutionReport", "what became of an order", 0, TAG_OUT_8 },
    { "9", "OrderCancelReject", "a cancel or change that was not done", 0, TAG_OUT_9 },
    { "r", "OrderMassCancelReport", "what became of a mass cancel", 0, TAG_OUT_R },
    { "j", "BusinessMessageReject", "a message that was not acted upon", 0, TAG_OUT_J },
};

static void put_rows(struct buf *out, unsigned in, unsigned outgoing)
{
    buf_text(out, "| Tag | Name | Rule |\n|---|---|---|\n");
    for (size_t i = 0; i < tag_table_count; i++) {
        const struct tag_row *r = &tag_table[i];
        bool here = (r->in & in) != 0 || (r->out & outgoing) != 0;

        if (here && !(in != 0 && r->kind == TAG_REFUSED)) {
            buf_printf(out, "| %u%s | %s | %s |\n", r->tag, in != 0 && r->type != NULL ? "*" : "",
                       r->name, in == 0 || r->note == NULL ? "" : r->note);
        }
    }
}

void client_doc_rules(struct buf *out)
{
    buf_text(out, "# Rules of engagement: orders\n\nGenerated by `fixbridge --rules-of-engagement` "
                  "from the tables the bridge works by. `*`: FIX 4.4 does not have the tag in this "
                  "message; a client adds it to its dictionary to send it "
                  "(`fixbridge --client-dictionary`).\n");
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        buf_printf(out, "\n## %s %s, %s: %s\n\n", messages[i].name, messages[i].type,
                   messages[i].in != 0 ? "in" : "out", messages[i].what);
        put_rows(out, messages[i].in, messages[i].out);
    }
    buf_text(out, "\n## Other messages\n\n| Message | | Tags | Rule |\n|---|---|---|---|\n");
    for (size_t i = 0; i < tag_message_count; i++) {
        const struct tag_message *m = &tag_messages[i];

        buf_printf(out, "| %s %s | %s |", m->name, m->msg_type, m->in ? "in" : "out");
        for (size_t k = 0; k < ARRAY_LEN(m->tag) && m->tag[k] != 0; k++) {
            buf_printf(out, " %u", m->tag[k]);
        }
        buf_printf(out, " | %s |\n", m->note == NULL ? "" : m->note);
    }
    buf_text(out, "\n## Refused in orders (103=11)\n\n| Tag | Name | Text |\n|---|---|---|\n");
    for (size_t i = 0; i < tag_table_count; i++) {
        if (tag_table[i].kind == TAG_REFUSED) {
            buf_printf(out, "| %u | %s | %s |\n", tag_table[i].tag, tag_table[i].name,
                       tag_table[i].note);
        }
    }
    buf_text(out, "\n## In ExecutionReports by opt-in (`report_tags`)\n\n| Tag | Name | Type | "
                  "Meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < report_extra_count; i++) {
        buf_printf(out, "| %u | %s | %s | %s |\n", report_extras[i].tag, report_extras[i].name,
                   report_extras[i].type == NULL ? "FIX 4.4's" : report_extras[i].type,
                   report_extras[i].note);
    }
}

/* ---- venues -------------------------------------------------------------------------------- */

static const struct {
    uint32_t feature;
    const char *name;
} features[] = {
    { VENUE_HAS_MARKET, "market, 40=1" },
    { VENUE_HAS_STOP, "stop, 40=3, 4" },
    { VENUE_HAS_TAKE, "take-profit, 40=J" },
    { VENUE_HAS_TRAILING, "trailing, 18=a" },
    { VENUE_HAS_IOC, "59=3" },
    { VENUE_HAS_FOK, "59=4" },
    { VENUE_HAS_GTD, "59=6" },
    { VENUE_HAS_DAY, "59=0" },
    { VENUE_HAS_POST_ONLY, "post-only, 18=6" },
    { VENUE_HAS_REDUCE_ONLY, "reduce-only, 18=E" },
    { VENUE_HAS_TRIGGER_SOURCE, "trigger source, 22105" },
    { VENUE_HAS_POSITION_SIDE, "position side, 77" },
    { VENUE_HAS_MARGIN, "margin, 544=2, 3" },
    { VENUE_HAS_ATTACHED_TPSL, "attached exits, 22101" },
    { VENUE_HAS_STP, "self-trade, 7928" },
    { VENUE_HAS_QUOTE_QTY, "money, 152" },
};

/* Stops of a venue that goes on with them under an id it does not tell are refused by the bridge.
 */
static bool is_done(const struct venue_driver *d, uint32_t feature)
{
    const uint32_t triggered = VENUE_HAS_STOP | VENUE_HAS_TAKE | VENUE_HAS_TRAILING;

    return (d->features & feature) != 0 &&
           ((feature & triggered) == 0 || (d->features & VENUE_STOPS_UNTRACKED) == 0);
}

/* What the bridge makes of an operation: with the venue's call, by other calls, or not at all. A
 * venue whose change of an order makes another order is not asked for it: as where there is none,
 * 22109=Y has the order canceled and the rest placed. */
static const char *way_of(const struct venue_driver *d, enum venue_op op)
{
    if (op == VENUE_CANCEL_ALL && d->endpoint[op].build == NULL) {
        return "emulated"; /* one cancel each */
    }
    if (op == VENUE_REPLACE &&
        (d->endpoint[op].build == NULL || (d->features & VENUE_REPLACE_IS_NEW) != 0)) {
        return "emulated";
    }
    return d->endpoint[op].build != NULL ? "native" : "refused";
}

static void put_head(struct buf *out, const char *first)
{
    buf_printf(out, "| %s |", first);
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        buf_printf(out, " %s |", venue_list[i]->name);
    }
    buf_text(out, "\n|---|");
    for (size_t i = 0; venue_list[i] != NULL; i++) {
        buf_text(out, "---|");
    }
    buf_char(out, '\n');
}

void client_doc_venues(struct buf *out)
{
    put_head(out, "Operation");
    for (unsigned op = 0; op < VENUE_OP_COUNT; op++) {
        buf_printf(out, "| %s |", venue_op_text((enum venue_op)op));
        for (size_t i = 0; venue_list[i] != NULL; i++) {
            buf_printf(out, " %s |", way_of(venue_list[i], (enum venue_op)op));
        }
        buf_char(out, '\n');
    }
    buf_char(out, '\n');
    put_head(out, "Of an order");
    for (size_t f = 0; f < ARRAY_LEN(features); f++) {
        buf_printf(out, "| %s |", features[f].name);
        for (size_t i = 0; venue_list[i] != NULL; i++) {
            buf_printf(out, " %s |",
                       is_done(venue_list[i], features[f].feature) ? "native" : "refused");
        }
        buf_char(out, '\n');
    }
}
