/*
 * The inside of a session, shared by the fix_session*.c files and nobody else.
 *
 *     fix_session.c          life of a session: calls of the shell, time, events, numbers
 *     fix_session_in.c       a message comes in: checks, its number, gaps
 *     fix_session_logon.c    the Logon handshake
 *     fix_session_admin.c    one handler per administrative message
 *     fix_session_out.c      a message goes out: header, trailer, answers of the session itself
 *     fix_session_resend.c   what was sent before, sent again; and what waits behind that
 */
#ifndef FIX_SESSION_IMPL_H
#define FIX_SESSION_IMPL_H

#include "buf.h"
#include "fix_early.h"
#include "fix_session.h"
#include "bounds.h"
#include "timestamp.h"

#define EVENTS_MAX 8
#define REASON_MAX 256
#define SEQ_MAX ((uint64_t)INT64_MAX) /* numbers can be counted up from here for ever */
#define STAMP_MAX 28                  /* YYYYMMDD-HH:MM:SS.nnnnnnnnn */

/* What a Logon says, kept from FIX_EVENT_LOGON to the shell's answer. */
struct logon {
    bool awaited; /* the shell has to accept or refuse */
    bool reset;   /* 141=Y */
    bool poss_dup;
    bool has_next_expected;
    uint32_t heartbeat_s;
    uint64_t seq;
    uint64_t next_expected; /* 789 */
    char echo[FIX_LOGON_ECHO_MAX];
    size_t echo_size;
};

/* A hole in what we received. */
struct gap {
    bool asked;       /* a ResendRequest is outstanding */
    uint64_t from;    /* its BeginSeqNo */
    uint64_t until;   /* the early message that made us ask */
    int64_t retry_us; /* mono: no progress by then, ask again */
};

/* An administrative message numbered while a resend holds back live output. It is in no store. */
struct deferred {
    struct deferred *next;
    uint64_t seq;
    size_t size;
    char frame[];
};

/* An answer to a ResendRequest in progress, the next one, and the live messages behind them. */
struct resend {
    bool active;
    uint64_t begin, end; /* as asked (end clipped): to recognise a repeated request */
    uint64_t at;         /* next number to look at */
    uint64_t gap_from;   /* numbers [gap_from, at) have nothing to replay; 0: none */
    bool again;          /* another range was asked for meanwhile */
    uint64_t again_begin, again_end;
    uint64_t live_at; /* first number not yet in the output of this connection */
    struct deferred *first, *last;
    size_t deferred_bytes;
};

struct fix_session {
    struct fix_session_config config;
    struct fix_store *store;
    enum fix_session_state state;
    uint64_t next_in, next_out;
    struct instant now; /* of the call that is running */

    struct fix_msg *msg; /* at hand; allocated at the first connect */
    enum fix_msg_error parse_error;
    char *early_data; /* what `msg` reads when it came from `early`; owned */
    struct logon logon;
    struct gap gap;
    struct fix_early early;
    struct resend resend;

    struct buf out; /* out_head bytes at its front are written */
    size_t out_head;
    size_t out_mark; /* out.size when the running call began */
    struct buf body; /* scratch for messages the session makes itself */

    bool was_up;                  /* logged on over this connection */
    bool logged_out;              /* by Logouts, not by a lost connection */
    bool test_sent;               /* a TestRequest is unanswered */
    int64_t heartbeat_us;         /* 0: none */
    int64_t since_us;             /* mono: connected, or Logout sent */
    int64_t received_us, sent_us; /* mono */

    struct fix_event event[EVENTS_MAX];
    size_t event_first, event_count;
    size_t event_mark;       /* event_count when the running call began */
    char reason[REASON_MAX]; /* of the Logout or DOWN at hand */

    char ids[2 * FIX_ID_MAX + 16]; /* "49=..|56=..|", constant */
    size_t ids_size;
    int64_t stamp_second; /* what `stamp` holds the text of */
    char stamp[TIMESTAMP_TEXT_MAX];
};

/* fix_session.c */
void session_begin(struct fix_session *s, const struct instant *now);
void session_event(struct fix_session *s, enum fix_event_kind kind, const char *reason);
void session_message_event(struct fix_session *s, enum fix_event_kind kind, bool poss_resend);
void session_down(struct fix_session *s, const char *reason);
/* Formats into s->reason. */
const char *session_reason(struct fix_session *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* The next incoming number is `next`. */
void session_advance(struct fix_session *s, uint64_t next);
/* Puts the numbers into the store if they changed; on failure the session is down. */
bool session_settle(struct fix_session *s);
bool session_reset_store(struct fix_session *s);
/* Down; what the running call was about to say or to tell is taken back. */
void session_store_failed(struct fix_session *s);

/* fix_session_in.c */
void session_receive(struct fix_session *s, struct bytes frame);
void session_in_turn(struct fix_session *s);
void session_ask_resend(struct fix_session *s, uint64_t until);
/* The peer knows (by a request, or by 789) what is missing before `until`. */
void session_gap_asked(struct fix_session *s, uint64_t until);
/* Logout, in QuickFIX's words that clients' tools look for, and down. */
void session_too_low(struct fix_session *s, uint64_t seq);
void session_consume(struct fix_session *s);
/* SendingTime within clock_skew_max_s; true also when absent or unreadable (validation's case). */
bool session_time_accurate(const struct fix_session *s);
bool session_flag(const struct fix_msg *m, uint32_t tag);

/* fix_session_logon.c */
void session_first_message(struct fix_session *s);
/* Whether `msg` is a Logon that resets a live session; it has been dealt with then. */
bool session_logon_again(struct fix_session *s);

/* fix_session_admin.c */
typedef void session_admin_fn(struct fix_session *s);
/* NULL: an application message. */
session_admin_fn *session_admin_find(struct bytes msg_type);
void session_admin_logout(struct fix_session *s);
void session_admin_resend_request(struct fix_session *s);
void session_admin_reset_mode(struct fix_session *s);

/* fix_session_out.c */
struct outgoing {
    struct bytes msg_type;
    uint64_t seq;
    struct bytes header;    /* further header fields, each with its SOH */
    struct bytes orig_time; /* 122; not empty: also 43=Y */
    struct bytes body;
    bool stranger; /* to a peer that is not let in: nothing of ours but the text */
};
/* Appends one frame to `out`; false: no memory. `frame` is where it lies. */
bool session_compose(struct fix_session *s, const struct outgoing *o, struct bytes *frame);
struct bytes session_stamp(struct fix_session *s, char out[STAMP_MAX + 4]);
/* Numbers and sends what fix_body_start(b, type, &s->body) and its friends wrote. */
void session_send_admin(struct fix_session *s, const struct fix_body *b);
void session_send_reject(struct fix_session *s, const struct fix_msg *m, enum fix_reject reason,
                         uint32_t tag, const char *text);
void session_send_unknown(struct fix_session *s, const struct fix_msg *m);
void session_send_test_request(struct fix_session *s);
void session_send_heartbeat(struct fix_session *s, struct bytes test_req_id);
/* Logout now, past anything that waits; `wait` for the answer or go down at once. */
void session_send_logout(struct fix_session *s, const char *text, bool wait);
size_t session_pending(const struct fix_session *s);
/* More output waits than may: Logout with a reason, and down. What was not sent is in the store. */
void session_check_slow(struct fix_session *s);

/* fix_session_resend.c */
void session_resend_start(struct fix_session *s, uint64_t begin, uint64_t end);
/* Whether live messages have to wait. */
bool session_behind(const struct fix_session *s);
/* Whether there is something to be sent now: not after a Logout but for what is asked for. */
bool session_can_resend(const struct fix_session *s);
/* One chunk. */
enum fix_resend session_resend_pump(struct fix_session *s);
void session_resend_cancel(struct fix_session *s);
/* Keeps an administrative frame for its turn; when it cannot, its number will be gap-filled. */
void session_defer(struct fix_session *s, uint64_t seq, struct bytes frame);

#endif
