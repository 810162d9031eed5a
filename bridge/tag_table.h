/*
 * Every tag of the messages about orders: which message has it, what it means here, what is
 * refused. The checks of incoming messages, the dictionaries (ours and the clients') and the rules
 * of engagement that clients get are made from it.
 */
#ifndef BRIDGE_TAG_TABLE_H
#define BRIDGE_TAG_TABLE_H

#include "base.h"

enum tag_in {
    TAG_IN_D = 1u << 0,
    TAG_IN_F = 1u << 1,
    TAG_IN_G = 1u << 2,
    TAG_IN_Q = 1u << 3,
    TAG_IN_H = 1u << 4,
    TAG_IN_AF = 1u << 5,
    TAG_IN_LIST = 1u << 6, /* E, whose orders have the tags of D */
};

enum tag_out { TAG_OUT_8 = 1u << 0, TAG_OUT_9 = 1u << 1, TAG_OUT_R = 1u << 2, TAG_OUT_J = 1u << 3 };

enum tag_kind {
    TAG_READ,
    TAG_PASSIVE, /* needed by FIX itself; says nothing about the order */
    TAG_REFUSED, /* asks for what cannot be done: an order with it is refused */
};

struct tag_row {
    uint32_t tag;
    const char *name;
    const char *type; /* as dictionaries write it; NULL: FIX 4.4 has the tag in these messages */
    unsigned in, out; /* enum tag_in, enum tag_out */
    enum tag_kind kind;
    const char *note; /* for clients; REFUSED: why; may be NULL */
};

extern const struct tag_row tag_table[]; /* ascending */
extern const size_t tag_table_count;
const struct tag_row *tag_find(uint32_t tag); /* NULL: not in it */
/* Those of kind TAG_REFUSED: every order is looked through for them. */
extern const uint32_t tag_refused[];
extern const size_t tag_refused_count;

/* Messages that are not about one order: what of them is read, or told. */
struct tag_message {
    const char *msg_type, *name;
    bool in;
    uint32_t tag[24]; /* in the order of use; ended by 0; members of groups are left out */
    const char *note;
};
extern const struct tag_message tag_messages[];
extern const size_t tag_message_count;

/* A field that a message may have beyond the stock dictionary. */
struct tag_custom {
    const char *msg_type;
    uint32_t group; /* 73: in the orders of a list; 0: in the message itself */
    uint32_t tag;
    const char *name, *type;
};
/* All of them: start with *at = 0; false at the end. */
bool tag_custom_next(size_t *at, struct tag_custom *out);

#endif
