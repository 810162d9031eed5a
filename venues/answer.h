/*
 * Reading a venue's JSON answer: strict getters that copy into the arena, and one verdict for the
 * whole. What cannot be read is never half believed. Knows no venue's words.
 */
#ifndef VENUES_ANSWER_H
#define VENUES_ANSWER_H

#include "json.h"
#include "venue.h"

struct answer {
    const struct venue_call *call;
    const struct http_response *rsp;
    struct arena *arena;
    struct venue_reply *reply;
    struct json_doc *doc;
    const struct cJSON *root; /* NULL: the body is not JSON */
    const struct cJSON *data; /* the part that answers, where the venue wraps it: the envelope's */
    int dialect; /* where the venue speaks more than one, in the driver's numbers: the envelope's */
    enum venue_outcome outcome;
    bool bad; /* a field is missing or malformed, or no memory */
};

/* Parses the body, lets `envelope` judge it (false: answer.outcome is decided), and on success runs
 * `reader`. An answer that turns out bad is VENUE_UNKNOWN, and none of it is handed on. */
enum venue_outcome answer_run(const struct venue_call *call, const struct http_response *rsp,
                              struct arena *arena, struct venue_reply *reply,
                              bool (*envelope)(struct answer *a), void (*reader)(struct answer *a));

/* Getters: absent and null give an empty value and false; a wrong type makes the answer bad. */
bool answer_text(struct answer *a, const struct cJSON *o, const char *name, struct bytes *out);
bool answer_upper(struct answer *a, const struct cJSON *o, const char *name, struct bytes *out);
bool answer_decimal(struct answer *a, const struct cJSON *o, const char *name, struct decimal *out);
bool answer_flag(struct answer *a, const struct cJSON *o, const char *name);
bool answer_iso_time(struct answer *a, const struct cJSON *o, const char *name, int64_t *wall_us);
bool answer_ms_time(struct answer *a, const struct cJSON *o, const char *name, int64_t *wall_us);
/* The same for venues that say nothing by "" too, also where a number is meant. */
bool answer_filled_decimal(struct answer *a, const struct cJSON *o, const char *name,
                           struct decimal *out);
bool answer_filled_ms_time(struct answer *a, const struct cJSON *o, const char *name,
                           int64_t *wall_us);
/* buy or sell, any case; anything else is "not said". */
enum venue_side answer_side(struct answer *a, const struct cJSON *o, const char *name);
/* The array `name` of `o`; its absence makes the answer bad. */
const struct cJSON *answer_array(struct answer *a, const struct cJSON *o, const char *name);
/* Zeroed; NULL makes the answer bad, unless `count` is 0. */
void *answer_take(struct answer *a, size_t count, size_t size);
struct bytes answer_keep(struct answer *a, struct bytes text);
/* Room for that many rows of orders. */
struct venue_order_state *answer_orders(struct answer *a, size_t count);

/* An answer not to be believed: VENUE_UNKNOWN, and nothing of it handed on but the venue's clock
 * and its wish for a pause. */
void answer_disbelieve(struct answer *a);
/* Sets reason, code and (clipped) text of the reply, and returns `outcome`. */
enum venue_outcome answer_judge(struct answer *a, enum venue_outcome outcome,
                                enum venue_reason reason, struct bytes code, struct bytes text);
/* The same, with "HTTP <status>" as code. */
enum venue_outcome answer_judge_http(struct answer *a, enum venue_outcome outcome,
                                     enum venue_reason reason, struct bytes text);
/* The seconds a header such as Retry-After names, as microseconds; `otherwise` when it is absent,
 * unreadable or not above zero. */
int64_t answer_retry_after(const struct answer *a, const char *header, int64_t otherwise_us);
/* The time in the answer's Date header, to the second; false: none. */
bool answer_date(const struct answer *a, int64_t *wall_us);

/* ASCII, case ignored. */
bool answer_same(struct bytes a, const char *b);
bool answer_contains(struct bytes text, const char *word);

/* Key words of a venue's free text, first match wins; the list ends with a NULL word. NONE: no
 * match. */
struct answer_word {
    const char *word;
    enum venue_reason reason;
};
enum venue_reason answer_reason(const struct answer_word *words, struct bytes text);

#endif
