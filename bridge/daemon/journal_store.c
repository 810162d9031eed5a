/*
 * The sessions' stores on top of the journal. A store keeps no message in memory, only where each
 * one lies; live and recovery run the same journal_session_apply.
 */
#include "journal_internal.h"
#include "le.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where a sent message lies. In order of seq; numbers without a message have no entry. */
struct entry {
    uint64_t seq;
    uint32_t segment;
    uint32_t offset;
};

struct journal_session {
    struct fix_store store; /* first: a store is its session */
    struct journal *journal;
    uint16_t number;
    char name[JOURNAL_SESSION_NAME + 1];
    struct entry *entries;
    size_t count;
    size_t room;
    size_t last;    /* index of what was looked for last */
    unsigned waits; /* in a row, for a message to be fetched from the disk */
};

_Static_assert(JOURNAL_SEGMENT_SIZE_MAX + JOURNAL_BATCH_MAX + JOURNAL_BATCH_HEAD <= UINT32_MAX,
               "an offset in a segment has 32 bits");
_Static_assert(SESSIONS_MAX < UINT16_MAX, "a session's number has 16 bits");

static struct journal_session *session_of(struct fix_store *st)
{
    return (struct journal_session *)st;
}

static struct bytes bytes8(const char text[8])
{
    return (struct bytes){ text, 8 };
}

/* The first entry whose seq is not lower. */
static size_t entry_at(const struct journal_session *s, uint64_t seq)
{
    size_t low = 0;
    size_t high = s->count;

    if (s->count == 0 || s->entries[s->count - 1].seq < seq) {
        return s->count; /* the next message, nearly always */
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->entries[middle].seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool entry_add(struct journal_session *s, uint64_t seq, const struct journal_place *at)
{
    s->count = entry_at(s, seq); /* a number used again retires what came after it */
    if (s->count == s->room) {
        size_t room = s->room * 2 + 64;
        struct entry *grown = realloc(s->entries, room * sizeof *grown);

        if (grown == NULL) {
            s->journal->no_memory = true;
            return false;
        }
        s->entries = grown;
        s->room = room;
    }
    s->entries[s->count++] = (struct entry){ seq, (uint32_t)at->segment, (uint32_t)at->offset };
    return true;
}

static bool session_append(struct fix_store *st, uint64_t seq, struct bytes message);
static bool session_set_next(struct fix_store *st, uint64_t next_in, uint64_t next_out);
static bool session_read(struct fix_store *st, uint64_t seq, struct bytes *message);
static bool session_ready(struct fix_store *st, uint64_t seq);
static bool session_reset(struct fix_store *st);

static const struct fix_store_ops session_ops = {
    .append = session_append,
    .set_next = session_set_next,
    .read = session_read,
    .ready = session_ready,
    .reset = session_reset,
};

static bool sessions_grow(struct journal *j)
{
    struct journal_session **grown;
    size_t count = j->session_count;

    if ((count & (count - 1)) != 0) {
        return true; /* room is doubled at each power of two */
    }
    grown = realloc(j->sessions, (count == 0 ? 2 : count * 2 + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    j->sessions = grown;
    return true;
}

static bool apply_session(struct journal *j, const struct journal_record *r)
{
    struct journal_session *s;

    if (r->session != j->session_count + 1 || r->body.size == 0 || r->session > SESSIONS_MAX) {
        return false;
    }
    s = sessions_grow(j) ? calloc(1, sizeof *s) : NULL;
    if (s == NULL) {
        j->no_memory = true;
        return false;
    }
    s->store = (struct fix_store){ &session_ops, 1, 1 };
    s->journal = j;
    s->number = r->session;
    if (!bytes_to_field(r->body, s->name, sizeof s->name) ||
        map_find(j->session_names, bytes_of(s->name)) != NULL) {
        free(s);
        return false;
    }
    j->no_memory = !map_put(j->session_names, bytes_of(s->name), s);
    if (j->no_memory) {
        free(s);
        return false;
    }
    j->sessions[j->session_count++] = s;
    return true;
}

static bool apply_message(struct journal_session *s, const struct journal_place *at,
                          struct bytes body)
{
    uint64_t seq;

    if (body.size < 8) {
        return false;
    }
    seq = le64_get(body.data);
    s->store.next_out = seq + 1;
    return entry_add(s, seq, at);
}

static bool apply_next(struct journal_session *s, struct bytes body)
{
    if (body.size != 16) {
        return false;
    }
    s->store.next_in = le64_get(body.data);
    s->store.next_out = le64_get(body.data + 8);
    s->count = entry_at(s, s->store.next_out);
    return true;
}

static bool apply_reset(struct journal_session *s, struct bytes body)
{
    s->store.next_in = 1;
    s->store.next_out = 1;
    s->count = 0;
    return body.size == 0;
}

/* What a snapshot says of messages that stayed where they were. */
static bool apply_index(struct journal_session *s, struct bytes body)
{
    for (; body.size >= JOURNAL_INDEX_ENTRY; body.data += JOURNAL_INDEX_ENTRY) {
        uint64_t at = le64_get(body.data + 8);
        const struct journal_place place = { .segment = at & UINT32_MAX, .offset = at >> 32 };

        if (!entry_add(s, le64_get(body.data), &place)) {
            return false;
        }
        body.size -= JOURNAL_INDEX_ENTRY;
    }
    return body.size == 0;
}

#define INDEX_RECORD_ENTRIES ((size_t)4096)

_Static_assert(INDEX_RECORD_ENTRIES *JOURNAL_INDEX_ENTRY <= JOURNAL_RECORD_MAX, "one record");

static void tell_entry(const struct entry *e, struct buf *out)
{
    char text[JOURNAL_INDEX_ENTRY];

    le64_put(text, e->seq);
    le64_put(text + 8, e->segment | (uint64_t)e->offset << 32);
    buf_add(out, text, sizeof text);
}

enum journal_kind journal_session_tell(const struct journal *j, size_t session, size_t *step,
                                       struct buf *out)
{
    const struct journal_session *s = j->sessions[session];
    char text[16];
    size_t first;

    if (*step == 0) {
        ++*step;
        buf_text(out, s->name);
        return JOURNAL_KIND_SESSION;
    }
    if (*step == 1) {
        ++*step;
        le64_put(text, s->store.next_in);
        le64_put(text + 8, s->store.next_out);
        buf_add(out, text, sizeof text);
        return JOURNAL_KIND_NEXT;
    }
    first = (*step - 2) * INDEX_RECORD_ENTRIES;
    if (first >= s->count) {
        return 0;
    }
    ++*step;
    for (size_t i = first; i < s->count && i < first + INDEX_RECORD_ENTRIES; i++) {
        tell_entry(&s->entries[i], out);
    }
    return JOURNAL_KIND_INDEX;
}

static void session_drop(struct journal_session *s, uint64_t segment)
{
    size_t kept = 0;

    while (kept < s->count && s->entries[kept].segment < segment) {
        kept++;
    }
    if (kept > 0) {
        memmove(s->entries, s->entries + kept, (s->count - kept) * sizeof *s->entries);
        s->count -= kept;
    }
}

void journal_sessions_drop(struct journal *j, uint64_t segment)
{
    for (size_t i = 0; i < j->session_count; i++) {
        session_drop(j->sessions[i], segment);
    }
}

bool journal_session_apply(struct journal *j, const struct journal_place *at,
                           const struct journal_record *r)
{
    struct journal_session *s;

    if (r->kind == JOURNAL_KIND_MARK || r->kind == JOURNAL_KIND_END) {
        return true;
    }
    if (r->kind == JOURNAL_KIND_AGE) {
        if (r->body.size == 16) {
            journal_age_add(j, le64_get(r->body.data), (int64_t)le64_get(r->body.data + 8));
        }
        return r->body.size == 16;
    }
    if (r->kind == JOURNAL_KIND_SESSION) {
        return apply_session(j, r);
    }
    if (r->session == 0 || r->session > j->session_count) {
        return false;
    }
    s = j->sessions[r->session - 1];
    switch (r->kind) {
    case JOURNAL_KIND_MESSAGE: return apply_message(s, at, r->body);
    case JOURNAL_KIND_NEXT: return apply_next(s, r->body);
    case JOURNAL_KIND_RESET: return apply_reset(s, r->body);
    case JOURNAL_KIND_INDEX: return apply_index(s, r->body);
    default: return false; /* a kind of a later format */
    }
}

static bool session_append(struct fix_store *st, uint64_t seq, struct bytes message)
{
    struct journal_session *s = session_of(st);
    struct journal_place at;
    char text[8];

    le64_put(text, seq);
    if (!journal_put(s->journal, JOURNAL_KIND_MESSAGE, s->number, bytes8(text), message, &at)) {
        return false;
    }
    return apply_message(s, &at, bytes8(text)) ||
           journal_fail(s->journal, "journal: out of memory");
}

static bool session_set_next(struct fix_store *st, uint64_t next_in, uint64_t next_out)
{
    struct journal_session *s = session_of(st);
    struct journal_place at;
    char text[16];

    le64_put(text, next_in);
    le64_put(text + 8, next_out);
    return journal_put(s->journal, JOURNAL_KIND_NEXT, s->number,
                       (struct bytes){ text, sizeof text }, (struct bytes){ NULL, 0 }, &at) &&
           apply_next(s, (struct bytes){ text, sizeof text });
}

static bool session_reset(struct fix_store *st)
{
    struct journal_session *s = session_of(st);
    const struct bytes none = { NULL, 0 };
    struct journal_place at;

    return journal_put(s->journal, JOURNAL_KIND_RESET, s->number, none, none, &at) &&
           apply_reset(s, none);
}

static bool open_for_read(struct journal *j, uint64_t segment)
{
    char file[JOURNAL_NAME_SIZE];

    if (j->read_fd >= 0 && j->read_segment == segment) {
        return true;
    }
    if (j->read_fd >= 0) {
        (void)close(j->read_fd);
    }
    journal_segment_name(segment, file);
    j->read_segment = segment;
    j->read_fd = openat(j->directory, file, O_RDONLY | O_CLOEXEC);
    return j->read_fd >= 0 ||
           journal_fail(j, "journal %.80s/%s: %s", j->name, file, strerror(errno));
}

/* What a resend reads at once. Messages of one session that lie close together, as after an hour of
 * trading alone or a busy one among few, are then read without a call of the kernel each. */
#define STRETCH ((size_t)32 * 1024)
#define STRETCH_MESSAGES 8 /* within it, or it is not worth it */
#define RECORD_LIKELY ((size_t)2048)
/* What the kernel is asked to fetch beforehand. */
#define AHEAD ((off_t)512 * 1024)
/* Attempts to read without waiting for the disk, before it is waited for all the same: memory may
 * be too short to keep what was fetched. */
#define WAITS_MAX 1000

static size_t stretch(const struct journal_session *s, size_t index)
{
    const struct entry *e = &s->entries[index];
    const struct entry *far = e + STRETCH_MESSAGES;

    return index + STRETCH_MESSAGES < s->count && far->segment == e->segment &&
                   far->offset - e->offset < STRETCH
               ? STRETCH
               : RECORD_LIKELY;
}

/* The whole record at `e`, if what is in memory holds it. */
static bool held(const struct journal *j, const struct entry *e, struct journal_record *r)
{
    struct bytes rest;

    if (j->read_at == UINT64_MAX || j->read_segment != e->segment || e->offset < j->read_at ||
        e->offset - j->read_at >= j->read.size) {
        return false;
    }
    rest = (struct bytes){ j->read.data + (e->offset - j->read_at),
                           j->read.size - (size_t)(e->offset - j->read_at) };
    return journal_record_take(&rest, r);
}

/* preadv2 with RWF_NOWAIT, where the file system can do it. */
static ssize_t read_some(struct journal *j, const struct entry *e, size_t size, bool wait)
{
    struct iovec to = { j->read.data + j->read.size, size - j->read.size };
    off_t at = (off_t)(e->offset + j->read.size);
    ssize_t n = preadv2(j->read_fd, &to, 1, at, wait ? 0 : RWF_NOWAIT);

    if (n < 0 && errno == EOPNOTSUPP && !wait) {
        n = preadv2(j->read_fd, &to, 1, at, 0);
    }
    return n;
}

/* Up to `size` bytes of the segment from `e` on into j->read, never such that are being written
 * now. Not `wait`: only what the kernel has in memory. */
static bool fetch(struct journal *j, const struct entry *e, size_t size, bool wait)
{
    uint64_t written = journal_written(j, e->segment);

    buf_clear(&j->read);
    j->read_at = UINT64_MAX;
    if (!open_for_read(j, e->segment)) {
        return false;
    }
    if (!buf_reserve(&j->read, size)) {
        return journal_fail(j, "journal: out of memory");
    }
    j->read_at = e->offset;
    size = written > e->offset && written - e->offset < size ? (size_t)(written - e->offset) : size;
    while (j->read.size < size) {
        ssize_t n = read_some(j, e, size, wait);

        if (n < 0 && errno == EAGAIN && !wait) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return journal_fail(j, "journal %.80s: segment %u: %s", j->name, e->segment,
                                strerror(errno));
        }
        if (n == 0) {
            break;
        }
        j->read.size += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The record of an entry that is still in memory. */
static bool peek(struct journal *j, const struct entry *e, struct journal_record *r)
{
    struct bytes rest;

    j->read_at = UINT64_MAX;
    buf_clear(&j->read);
    if (!journal_peek(j, e->segment, e->offset, RECORD_LIKELY, &j->read)) {
        return false;
    }
    rest = buf_view(&j->read);
    if (journal_record_take(&rest, r)) {
        return true;
    }
    buf_clear(&j->read);
    (void)journal_peek(j, e->segment, e->offset, JOURNAL_RECORD_HEAD + JOURNAL_RECORD_MAX,
                       &j->read);
    rest = buf_view(&j->read);
    if (!journal_record_take(&rest, r)) {
        *r = (struct journal_record){ 0 }; /* no message, says check_message */
    }
    return true;
}

/* A place that does not hold what the index says is damage: the session must not be told "no
 * message there" and skip it, so the journal fails. */
static bool check_message(struct journal_session *s, const struct entry *e,
                          const struct journal_record *r, struct bytes *message)
{
    if (s->journal->read.failed) {
        return journal_fail(s->journal, "journal: out of memory");
    }
    if (r->kind != JOURNAL_KIND_MESSAGE || r->session != s->number || r->body.size < 8 ||
        le64_get(r->body.data) != e->seq) {
        return journal_fail(s->journal, "journal %.80s: segment %u, offset %u: message damaged",
                            s->journal->name != NULL ? s->journal->name : "", e->segment,
                            e->offset);
    }
    *message = (struct bytes){ r->body.data + 8, r->body.size - 8 };
    return true;
}

static bool is_at(const struct journal_session *s, size_t index, uint64_t seq)
{
    return index < s->count && s->entries[index].seq == seq;
}

/* Resends ask for one after the other. */
static const struct entry *find(struct journal_session *s, uint64_t seq, size_t *index)
{
    if (is_at(s, s->last + 1, seq)) {
        s->last++;
    } else if (!is_at(s, s->last, seq)) {
        s->last = entry_at(s, seq);
    }
    *index = s->last;
    return is_at(s, *index, seq) ? &s->entries[*index] : NULL;
}

static bool session_read(struct fix_store *st, uint64_t seq, struct bytes *message)
{
    struct journal_session *s = session_of(st);
    struct journal *j = s->journal;
    struct journal_record r = { 0 };
    size_t index;
    const struct entry *e = find(s, seq, &index);

    if (e == NULL) {
        return false;
    }
    if (!held(j, e, &r) && !peek(j, e, &r)) {
        if (!fetch(j, e, stretch(s, index), true) ||
            (!held(j, e, &r) && !fetch(j, e, JOURNAL_RECORD_HEAD + JOURNAL_RECORD_MAX, true))) {
            return false;
        }
        (void)held(j, e, &r);
    }
    return check_message(s, e, &r, message);
}

/* A failure to read, and the rest of a large record, are session_read's, which comes next. */
static bool session_ready(struct fix_store *st, uint64_t seq)
{
    struct journal_session *s = session_of(st);
    struct journal *j = s->journal;
    struct journal_record r;
    size_t index;
    const struct entry *e = find(s, seq, &index);

    if (e == NULL || held(j, e, &r) || s->waits == WAITS_MAX ||
        journal_written(j, e->segment) <= e->offset || !fetch(j, e, stretch(s, index), false) ||
        held(j, e, &r) || j->read.size >= RECORD_LIKELY) {
        s->waits = 0;
        return true;
    }
    s->waits++;
    (void)posix_fadvise(j->read_fd, (off_t)e->offset, AHEAD, POSIX_FADV_WILLNEED);
    return false;
}

struct fix_store *journal_store(struct journal *j, struct bytes session_name)
{
    const uint16_t number = (uint16_t)(j->session_count + 1);
    const struct bytes none = { NULL, 0 };
    struct journal_session *s = map_find(j->session_names, session_name);
    struct journal_place at;

    if (s != NULL) {
        return &s->store;
    }
    if (session_name.size == 0 || session_name.size > JOURNAL_SESSION_NAME ||
        j->session_count >= SESSIONS_MAX ||
        !journal_put(j, JOURNAL_KIND_SESSION, number, session_name, none, &at)) {
        return NULL;
    }
    if (!apply_session(j, &(struct journal_record){ JOURNAL_KIND_SESSION, number, session_name })) {
        (void)journal_fail(j, "journal: out of memory");
        return NULL;
    }
    return &j->sessions[j->session_count - 1]->store;
}

void journal_sessions_free(struct journal *j)
{
    for (size_t i = 0; i < j->session_count; i++) {
        free(j->sessions[i]->entries);
        free(j->sessions[i]);
    }
    free(j->sessions);
}
