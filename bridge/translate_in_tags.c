/*
 * What the table of tags says of a message's tags: fields that change what an order means and that
 * we cannot carry out ("no instruction is dropped in silence"), and, for a strict session, all that
 * is not read.
 */
#include "translate_in_tags.h"

#include "assert.h"
#include "fix_tags.h"
#include "tag_table.h"

static bool refuse_first(const struct fix_msg *m, struct refusal *no)
{
    for (uint32_t i = 0; i < m->field_count; i++) {
        const struct tag_row *r = tag_find(m->field[i].tag);

        if (r != NULL && r->kind == TAG_REFUSED) {
            return refuse(no, REFUSAL_ORDER, 11, "tag %u %s", r->tag, r->note);
        }
    }
    UNREACHABLE();
}

bool translate_in_check_instructions(const struct fix_msg *m, struct refusal *no)
{
    struct bytes handling;

    /* Asking for these few costs a tenth of looking up every field; an order has none of them. */
    if (fix_msg_has_any(m, tag_refused, tag_refused_count)) {
        return refuse_first(m, no);
    }
    /* 1 and 2 both mean "automated"; 3 asks for a person, and there is none. */
    if (fix_msg_find(m, TAG_HANDL_INST, &handling) && bytes_is(handling, "3")) {
        return refuse(no, REFUSAL_ORDER, 11, "HandlInst(21)=3, manual, is not supported");
    }
    return true;
}

static bool is_read(uint32_t tag)
{
    const struct tag_row *r = tag_find(tag);

    return r != NULL && (r->kind == TAG_PASSIVE || (r->kind == TAG_READ && r->in != 0));
}

bool translate_in_check_strict(const struct fix_msg *m, struct refusal *no)
{
    for (uint32_t i = 0; i < m->field_count; i++) {
        if (!is_read(m->field[i].tag)) {
            return refuse(no, REFUSAL_ORDER, 11,
                          "tag %u is not acted upon, and this session is strict", m->field[i].tag);
        }
    }
    return true;
}
