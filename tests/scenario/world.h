/*
 * The pure core in a made-up world: an engine, its journal in memory, a model venue, a clock,
 * clients' mailboxes. Everything a scenario or a property test needs to drive and to judge.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "engine.h"
#include "fix_dict.h"
#include "model_venue.h"

#define WORLD_SESSIONS 2
#define WORLD_MESSAGES 4096

struct world_message {
    uint32_t session;
    char text[2048]; /* "35=8|11=c1|...|" */
    bool consumed;
};

/* A request of a client that must be answered exactly once. */
struct world_request {
    uint32_t session;
    char type; /* D F G q H; E: an order of a list */
    char cl_ord_id[CL_ORD_ID_MAX + 1];
    char list[CL_ORD_ID_MAX + 1]; /* E */
    bool duplicate;               /* the id was used before: answered by a reject of its own */
};

struct world {
    struct engine *engine;
    unsigned ghosts; /* times the operator was told that a done order rests */
    struct symbols *symbols;
    struct engine_account account;
    struct venue_driver driver; /* a copy, to be changed by world_anonymous */
    struct engine_setting setting[4];
    char setting_value[4][32];
    struct engine_session session[WORLD_SESSIONS];
    struct model_venue *venue;
    struct fix_dict *dict;
    struct arena *arena;
    struct instant now;
    struct buf journal; /* records, each with a 32-bit length */
    struct world_message *message;
    size_t message_count;
    struct world_request request[512];
    size_t request_count;
    struct {
        uint64_t id;
        const struct venue_call *call;
    } transit[256];
    size_t transit_count;
    bool copies_all; /* the script has a drop copy from its beginning to its end */
    uint32_t copy_session;
    bool hold;             /* calls wait in transit */
    bool through_snapshot; /* a crash leaves a snapshot of the state behind, and no records */
    bool repeats;          /* a client sends again what it sent before */
    void (*body_failed)(struct world *w); /* the daemon ends when it meets such a message */
    bool verbose;
    bool failed;
    char failure[1024];
};

struct world *world_new(const char *dictionary_path);
void world_free(struct world *w);
/* Marks the run as failed; the first failure is kept. */
void world_fail(struct world *w, const char *format, ...) PRINTF_LIKE(2, 3);

/* "35=D|11=c1|..." without header and trailer. */
void world_client(struct world *w, uint32_t session, const char *text);
/* From now on the venue is of another kind, and the daemon is started anew. Words:
 *   anonymous   knows no client ids, has no STATUS and lists no fills
 *   nameless    knows no client ids; STATUS by the venue's id, one a call; lists no fills
 *   unsure      shows client ids in lists, does not look by them; else as nameless
 *   by-symbol   as nameless, lists want a symbol, fills are listed
 *   fills-only  as nameless, no lists of orders; STATUS tells an order's fills and nothing else
 *   async       a cancel is taken first and done later
 *   no-amend    orders cannot be changed
 *   tpsl stp quote hedge   does attached exits, self-trade prevention, 152; keeps two positions
 * False: another word. */
void world_setting(struct world *w, const char *words); /* "leverage 10 apply", "self_trade WORD" */
bool world_kind(struct world *w, const char *words);
/* `choice` of its Logon; NULL: none. */
void world_session(struct world *w, uint32_t session, bool up, const struct engine_choice *choice);
void world_drain(struct world *w);
/* The operator puts a trade right; `how` without the order. */
/* The operator cancels the live orders of a session, or (ENGINE_ANY) all of the account. */
void world_cancel_all(struct world *w, uint32_t session);
void world_correct(struct world *w, uint32_t session, const char *cl_ord_id,
                   const struct engine_correction *how, bool strict);
/* Our id of the order behind a client's ClOrdID; 0: none was told. */
uint64_t world_order_id(struct world *w, uint32_t session, const char *cl_ord_id);
/* What the venue holds under the order's present id; NULL: nothing. */
struct model_order *world_model(struct world *w, uint64_t order_id);
/* A person decides: what = "there", "absent", "canceled"; false: not possible. */
bool world_decide(struct world *w, uint64_t order_id, const char *what, const char *venue_id);
void world_wait(struct world *w, int64_t us);
void world_go(struct world *w); /* answers what is in transit */
/* The process dies and starts again. Calls in transit reached the venue (acted) or did not. */
void world_crash(struct world *w, bool acted);
/* The same, and it is down for so long. */
void world_crash_for(struct world *w, bool acted, int64_t down_us);
/* The model's order behind a client's ClOrdID; NULL: the venue has none. */
struct model_order *world_order(struct world *w, uint32_t session, const char *cl_ord_id);
/* Lets things come to rest, then compares all that clients were told with what the venue holds. */
void world_judge(struct world *w);
/* Value of a tag in a message text; false: absent. */
bool world_field(const char *text, uint32_t tag, char *out, size_t out_size);

#endif
