/*
 * The modes of `auth`, and the counting of failures.
 */
#include "logon.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/random.h>

#include "auth.h"
#include "fix_tags.h"
#include "bounds.h"
#include "lockout.h"
#include "log.h"
#include "logon_worker.h"
#include "sign.h"

/* Addresses remembered for the lock-out: about 1 MiB. */
#define ADDRESSES_MAX 8192

struct logon_guard {
    const struct config_fixbridge *settings; /* reloadable: read when needed */
    struct lockout *sessions, *addresses;
    struct logon_worker *worker;
    struct sign_hmac *tagger;
    int64_t start_wall_us;
};

/* A thousand sessions that come back after a broken line must not queue for a minute of scrypt: the
 * password that was proved last is recognised by an HMAC under a random key that lives in this
 * process only and dies with it. What is at rest stays the slow hash. */
static bool make_tag(struct logon_guard *g, const struct config_session *c, struct bytes password,
                     unsigned char out[32])
{
    unsigned char mac[SIGN_DIGEST_MAX];
    struct bytes part[] = { c->head.name, BYTES("\n"), c->password_hash, BYTES("\n"), password };
    bool good = sign_hmac(g->tagger, part, ARRAY_LEN(part), mac) == 32;

    memcpy(out, mac, 32);
    sign_wipe(mac, sizeof mac);
    return good;
}

struct logon_guard *logon_guard_new(const struct config_fixbridge *settings, uint64_t seed,
                                    int64_t now_wall_us, void (*wake)(void *arg), void *arg)
{
    struct logon_guard *g = calloc(1, sizeof *g);
    unsigned char key[32];

    if (g == NULL) {
        return NULL;
    }
    g->settings = settings;
    g->start_wall_us = now_wall_us;
    g->sessions = lockout_new(SESSIONS_MAX, seed);
    g->addresses = lockout_new(ADDRESSES_MAX, seed + 1);
    g->worker = logon_worker_new(wake, arg);
    if (getrandom(key, sizeof key, 0) == (ssize_t)sizeof key) {
        g->tagger = sign_hmac_new(SIGN_SHA256, (struct bytes){ (const char *)key, sizeof key });
    }
    sign_wipe(key, sizeof key);
    if (g->sessions == NULL || g->addresses == NULL || g->worker == NULL || g->tagger == NULL) {
        logon_guard_free(g);
        return NULL;
    }
    return g;
}

void logon_guard_free(struct logon_guard *g)
{
    if (g == NULL) {
        return;
    }
    logon_worker_free(g->worker);
    lockout_free(g->sessions);
    lockout_free(g->addresses);
    sign_hmac_free(g->tagger);
    free(g);
}

size_t logon_suspects(const struct logon_guard *g)
{
    return lockout_count(g->sessions) + lockout_count(g->addresses);
}

/* ---- lock-out ------------------------------------------------------------------------------ */

size_t logon_address(const char *peer, char *out)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    const char *colon = strrchr(peer, ':');
    struct bytes host = { peer, colon == NULL ? strlen(peer) : (size_t)(colon - peer) };
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char raw[16];

    if (host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
        host.data++;
        host.size -= 2;
    }
    if (bytes_to_field(host, text, sizeof text) && inet_pton(AF_INET6, text, raw) == 1) {
        size_t skip = memcmp(raw, mapped, sizeof mapped) == 0 ? 12 : 0;
        size_t size = skip == 0 ? 8 : 4;

        memcpy(out, raw + skip, size);
        return size;
    }
    if (bytes_to_field(host, text, sizeof text) && inet_pton(AF_INET, text, raw) == 1) {
        memcpy(out, raw, 4);
        return 4;
    }
    host.size = host.size < LOCKOUT_KEY_MAX ? host.size : LOCKOUT_KEY_MAX;
    memcpy(out, host.data, host.size);
    return host.size;
}

static void count_failure(struct logon_guard *g, const struct config_session *c,
                          struct bytes address, const struct instant *now)
{
    int64_t time_us = (int64_t)g->settings->lockout_time * US_PER_MS;

    if (lockout_failed(g->sessions, c->head.name, g->settings->lockout_session, time_us,
                       now->mono_us)) {
        log_write(LOG_WARN, "session.locked_out", LOG_B("session", c->head.name),
                  LOG_U("seconds", g->settings->lockout_time / 1000));
    }
    if (lockout_failed(g->addresses, address, g->settings->lockout_address, time_us,
                       now->mono_us)) {
        log_write(LOG_WARN, "address.locked_out", LOG_B("session", c->head.name),
                  LOG_U("seconds", g->settings->lockout_time / 1000));
    }
}

static enum logon_answer conclude(struct logon_guard *g, const struct config_session *c,
                                  struct bytes address, bool good, const struct instant *now)
{
    if (good) {
        lockout_forget(g->sessions, c->head.name);
        lockout_forget(g->addresses, address);
        return LOGON_YES;
    }
    count_failure(g, c, address, now);
    return LOGON_NO;
}

/* ---- the modes ----------------------------------------------------------------------------- */

static enum logon_answer begin_password(struct logon_guard *g, void *owner, struct logon_session *s,
                                        const struct config_session *c, const struct fix_msg *logon,
                                        struct bytes address, const struct instant *now,
                                        const char **why)
{
    struct logon_job job = { .owner = owner };
    struct bytes username = { NULL, 0 }, password = { NULL, 0 };
    unsigned char tag[32];
    bool queued;

    *why = "wrong credentials";
    if (c->password_hash.size == 0) {
        return conclude(g, c, address, auth_check(c, logon), now);
    }
    (void)fix_msg_find(logon, TAG_USERNAME, &username);
    if (!fix_msg_find(logon, TAG_PASSWORD, &password) || password.size > PASSWORD_MAX ||
        !password_hash_parse(c->password_hash, &job.hash)) {
        return conclude(g, c, address, false, now);
    }
    job.user_is_right = auth_same(username, c->username);
    if (s->has_tag && job.user_is_right && make_tag(g, c, password, tag) &&
        sign_equal((struct bytes){ (const char *)tag, 32 },
                   (struct bytes){ (const char *)s->tag, 32 })) {
        return conclude(g, c, address, true, now);
    }
    job.serial = ++s->serial;
    memcpy(job.password, password.data, password.size);
    job.size = password.size;
    memcpy(job.peer, address.data, address.size);
    job.peer_size = address.size;
    queued = logon_worker_put(g->worker, &job);
    sign_wipe(&job, sizeof job);
    s->waits = queued;
    *why = "too many logons wait";
    return queued ? LOGON_LATER : LOGON_NO;
}

static enum logon_answer begin_proof(struct logon_guard *g, struct logon_session *s,
                                     const struct config_session *c, const struct fix_msg *logon,
                                     struct bytes address, const struct instant *now,
                                     const char **why)
{
    unsigned char public_key[PROOF_PUBLIC_SIZE];
    struct proof_key k = { PROOF_HMAC_SHA256, c->logon_secret, c->username };
    enum proof_result result;

    if (!s->has_proofs) {
        s->has_proofs = true;
        s->proofs.floor_us = g->start_wall_us;
    }
    if (c->auth == CONFIG_AUTH_ED25519) {
        k.kind = PROOF_ED25519;
        k.key = (struct bytes){ (const char *)public_key, sizeof public_key };
        if (!proof_public_key(c->logon_public_key, public_key)) {
            *why = "the public key cannot be read";
            return LOGON_NO;
        }
    }
    result = proof_check(&k, logon, (int64_t)c->proof_window * US_PER_MS, &s->proofs, now->wall_us);
    *why = proof_result_text(result);
    /* Made with the right key, but early after our start or with a wrong clock: not an attack. */
    if (result == PROOF_BEFORE_FLOOR || result == PROOF_OUTSIDE_WINDOW ||
        result == PROOF_NO_MEMORY) {
        return LOGON_NO;
    }
    return conclude(g, c, address, result == PROOF_GOOD, now);
}

enum logon_answer logon_begin(struct logon_guard *g, void *owner, struct logon_session *s,
                              const struct config_session *c, const struct fix_msg *logon,
                              const char *peer, const struct instant *now, const char **why)
{
    char key[LOCKOUT_KEY_MAX];
    struct bytes address = { key, logon_address(peer, key) };

    *why = "locked out";
    if (lockout_is_locked(g->sessions, c->head.name, now->mono_us) ||
        lockout_is_locked(g->addresses, address, now->mono_us)) {
        return LOGON_NO;
    }
    switch ((enum config_auth)c->auth) {
    case CONFIG_AUTH_NONE: return LOGON_YES;
    case CONFIG_AUTH_PASSWORD: return begin_password(g, owner, s, c, logon, address, now, why);
    case CONFIG_AUTH_HMAC_SHA256:
    case CONFIG_AUTH_ED25519: return begin_proof(g, s, c, logon, address, now, why);
    }
    return LOGON_NO;
}

/* ---- those that wait ----------------------------------------------------------------------- */

void logon_forget(struct logon_guard *g, void *owner, struct logon_session *s)
{
    if (s->waits) {
        s->waits = false;
        logon_worker_cancel(g->worker, owner, s->serial);
    }
}

bool logon_next(struct logon_guard *g, struct logon_session *(*state_of)(void *owner),
                const struct config_session *(*config_of)(void *owner), const struct instant *now,
                void **owner, bool *good)
{
    struct logon_job job;

    while (logon_worker_take(g->worker, &job)) {
        struct logon_session *s = state_of(job.owner);
        const struct config_session *c = config_of(job.owner);
        struct bytes password = { job.password, job.size };
        bool is_wanted = s->waits && s->serial == job.serial;

        if (is_wanted || !job.good) {
            /* Who goes away before the answer has failed all the same. */
            *good = conclude(g, c, (struct bytes){ job.peer, job.peer_size }, job.good, now) ==
                    LOGON_YES;
        }
        if (is_wanted) {
            *owner = job.owner;
            s->waits = false;
            s->has_tag = *good && make_tag(g, c, password, s->tag);
            sign_wipe(&job, sizeof job);
            return true;
        }
        sign_wipe(&job, sizeof job);
    }
    return false;
}
