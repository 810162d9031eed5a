/*
 * A FIX 4.4 session, acceptor role (FIX 4.4 vol. 2, "FIX session protocol"). Pure: bytes and time
 * in, events and bytes out. It opens no socket, reads no clock and calls nobody back.
 *
 *     connection accepted, first message is a Logon for this session (fix_accept.h)
 *         -> fix_session_connect()
 *     bytes  -> fix_session_feed(), then fix_session_next() until false, again while input is left
 *     time   -> fix_session_tick() at fix_session_deadline(), then fix_session_next() until false
 *     a message to send -> fix_session_send()
 *     fix_session_output() holds bytes for the peer: the shell writes them once the store records
 *         that justify them are durable, and tells fix_session_wrote()
 *     fix_session_can_resend() -> fix_session_resend(), as often as the shell sees fit
 *     connection gone -> fix_session_disconnect()
 *
 * States: OFFLINE, CONNECTED (a Logon is due), UP, LOGOUT_SENT. A gap being filled, an outstanding
 * TestRequest and a resend in progress are data beside the state.
 */
#ifndef FIX_SESSION_H
#define FIX_SESSION_H

#include "base.h"
#include "fix_body.h"
#include "fix_dict.h"
#include "fix_msg.h"
#include "fix_store.h"
#include "fix_validate.h"

/* Borrowed strings and dictionary live as long as the session. Plain data. */
struct fix_session_config {
    struct bytes our_comp_id; /* 49 in what we send, 56 in what we get */
    struct bytes their_comp_id;
    const struct fix_dict *dict;
    struct fix_validate_options validate;
    uint32_t heartbeat_min_s; /* Logon outside -> Logout with text */
    uint32_t heartbeat_max_s;
    bool heartbeat_zero_allowed;
    uint32_t logon_timeout_ms; /* from connect; also for the answer to Logout */
    uint32_t clock_skew_max_s; /* 52 off by more: Reject 373=10, Logout; 0: unchecked */
    unsigned time_digits;      /* 52 sent with 3, 6 or 9 fraction digits */
    bool reset_on_logon, reset_on_logout, reset_on_disconnect;
    bool reset_by_client_allowed; /* 141=Y obeyed (once authenticated); else Logout */
    bool send_next_expected;      /* 789 in our Logon, even if the client sent none */
    bool send_last_processed;     /* 369 in every message */
    bool test_environment;        /* 464 must agree when present */
    uint32_t early_max;           /* messages queued beyond a gap; <= FIX_EARLY_MAX */
    uint32_t output_max;          /* unsent output of a slow consumer; 0: FIX_OUTPUT_MAX */
};

/* Sensible values for all but the ids and the dictionary. */
void fix_session_config_defaults(struct fix_session_config *c);

enum fix_session_state { FIX_OFFLINE, FIX_CONNECTED, FIX_UP, FIX_LOGOUT_SENT };

enum fix_event_kind {
    FIX_EVENT_LOGON,    /* a Logon that is well formed, addressed right and due. The shell checks
                         * credentials and answers with fix_session_accept() or _refuse(), at once
                         * or later (fix_session_feed takes nothing until then); nothing of the
                         * session has changed yet. Also when UP: a Logon with 141=Y that resets a
                         * live session; no second FIX_EVENT_UP follows that one */
    FIX_EVENT_UP,       /* logged on; the Logon answer is in the output */
    FIX_EVENT_MESSAGE,  /* an application message, in sequence and valid against the dictionary */
    FIX_EVENT_UNKNOWN,  /* in sequence, but MsgType not in the dictionary; the session itself has
                         * sent BusinessMessageReject 380=3. For counting */
    FIX_EVENT_REJECTED, /* the peer sent a session-level Reject (3) */
    FIX_EVENT_NOTE,     /* something an operator should read; `reason` */
    FIX_EVENT_DOWN,     /* the session ended; write what is in the output, then close */
};

struct fix_event {
    enum fix_event_kind kind;
    const struct fix_msg *msg; /* LOGON, MESSAGE, UNKNOWN, REJECTED; until the next call */
    bool poss_resend;          /* MESSAGE: 97=Y */
    const char *reason;        /* DOWN, NOTE: text, lives until the next call */
};

struct fix_session;

/* `store` outlives the session, its next_in/next_out are the session's start. The config is copied
 * (shallow). NULL: out of memory, or a comp id longer than FIX_ID_MAX. Starts OFFLINE. */
struct fix_session *fix_session_new(const struct fix_session_config *c, struct fix_store *store);
void fix_session_free(struct fix_session *s);

enum fix_session_state fix_session_state(const struct fix_session *s);
uint64_t fix_session_next_in(const struct fix_session *s);
uint64_t fix_session_next_out(const struct fix_session *s);

/* A transport is there; a Logon is due. Only when OFFLINE. */
void fix_session_connect(struct fix_session *s, const struct instant *now);
/* The transport is gone. Yields FIX_EVENT_DOWN if the session was not OFFLINE. Unsent output is
 * dropped (it is in the store). */
void fix_session_disconnect(struct fix_session *s, const char *reason, const struct instant *now);

/* Takes at most one message (or one piece of garbage) from the start of `input` and returns how
 * many bytes were used; 0 means more input is needed, or that events (or the answer to a LOGON)
 * come first. `input` must stay until the events were pulled. */
size_t fix_session_feed(struct fix_session *s, struct bytes input, const struct instant *now);
bool fix_session_next(struct fix_session *s, struct fix_event *event);

/* The answer to FIX_EVENT_LOGON; without effect when the Logon timed out meanwhile. After `accept`
 * the session is UP, unless its numbers do not fit (MsgSeqNum too low, 789 too high: Logout with
 * text, then DOWN; strangers do not learn numbers) or the store failed (DOWN). `refuse` sends a
 * Logout with `text` when text is not NULL, else nothing, and goes down; no number is consumed and
 * nothing is stored. */
void fix_session_accept(struct fix_session *s, const struct instant *now);
/* Further fields for the answer to the Logon that waits, each with its SOH (what the client chose,
 * said back to it); before `accept`. Copied. More than FIX_LOGON_ECHO_MAX bytes: none is sent. */
#define FIX_LOGON_ECHO_MAX 64
void fix_session_echo(struct fix_session *s, struct bytes fields);
void fix_session_refuse(struct fix_session *s, const char *text, const struct instant *now);

/* Numbers the message, stores it, and queues it when the session is UP (else it waits in the store
 * for a resend). False: the store failed, or the body did; nothing was numbered then. */
MUST_CHECK bool fix_session_send(struct fix_session *s, const struct fix_body *body,
                                 const struct instant *now);
/* The same for what is stale soon (News of a planned stop): sent when the session is UP, else
 * dropped; not stored, so a resend fills its number as a gap. */
void fix_session_tell(struct fix_session *s, const struct fix_body *body,
                      const struct instant *now);
/* Session-level reject of an application message the shell or engine could not take; with
 * FIX_REJECT_UNKNOWN_MESSAGE BusinessMessageReject 380=3. `msg` as the event gave it. */
MUST_CHECK bool fix_session_reject(struct fix_session *s, const struct fix_msg *msg,
                                   enum fix_reject reason, uint32_t tag, const char *text,
                                   const struct instant *now);

/* Sends Logout with text and waits for the answer (logon_timeout_ms), then DOWN. */
void fix_session_logout(struct fix_session *s, const char *text, const struct instant *now);

void fix_session_tick(struct fix_session *s, const struct instant *now);
int64_t fix_session_deadline(const struct fix_session *s); /* mono_us; NEVER_US: none */

/* Bytes for the peer, in order. `wrote` drops n of them, which makes room for a waiting resend. */
struct bytes fix_session_output(const struct fix_session *s);
void fix_session_wrote(struct fix_session *s, size_t n);

/* Whether a resend is under way or messages wait behind one. */
bool fix_session_is_behind(const struct fix_session *s);
/* The same, and the output has room for more of them: fix_session_resend() has something to do. */
bool fix_session_can_resend(const struct fix_session *s);

enum fix_resend {
    FIX_RESEND_ENOUGH, /* nothing more to do now: all was sent again, or the output is full */
    FIX_RESEND_MORE,   /* go on, when others had their turn */
    FIX_RESEND_LATER,  /* the store fetches what comes next: go on in a millisecond or so */
};
/* Goes on with a resend: up to FIX_RESEND_CHUNK messages from the store into the output. Nothing
 * else does (but the first chunk, made when the ResendRequest comes in), so the shell decides how
 * much of its time resends get. */
enum fix_resend fix_session_resend(struct fix_session *s, const struct instant *now);

/* Operator: set the numbers of a session that is OFFLINE. False: not offline, or store failed. */
MUST_CHECK bool fix_session_set_next(struct fix_session *s, uint64_t next_in, uint64_t next_out);
MUST_CHECK bool fix_session_reset(struct fix_session *s);

#endif
