/*
 * What a stranger can send before anything is proved: the signed Logon with its window and replays,
 * and the text forms of keys and password hashes. The first byte says which; a Logon is the message
 * from "49=" on, '|' for SOH.
 */
#include "logon_proof.h"

#include "fuzz.h"
#include "lockout.h"
#include "logon.h"
#include "password.h"
#include "timestamp.h"

#define BODY_MAX 8000
#define WINDOW (30 * US_PER_S)

static struct fix_msg msg;

static void check_proof(enum proof_kind kind, const struct fix_msg *m, int64_t now_us)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    unsigned char public_key[PROOF_PUBLIC_SIZE];
    struct proof_memory memory = { .floor_us = 0 };
    struct proof_key k = { kind, { secret, sizeof secret - 1 }, { "desk", 4 } };
    enum proof_result first, second;

    if (kind == PROOF_ED25519) {
        PROMISE(
            proof_public_key(BYTES("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="), public_key));
        k.key = (struct bytes){ (const char *)public_key, sizeof public_key };
    }
    first = proof_check(&k, m, WINDOW, &memory, now_us);
    PROMISE(memory.count == (first == PROOF_GOOD ? 1 : 0));
    second = proof_check(&k, m, WINDOW, &memory, now_us);
    PROMISE(second != PROOF_GOOD);
    PROMISE(first == PROOF_GOOD ? second == PROOF_REPLAYED : second == first);
    /* A memory that begins now knows nothing of what was signed before. */
    memory = (struct proof_memory){ .floor_us = now_us };
    PROMISE(proof_check(&k, m, WINDOW, &memory, now_us) != PROOF_GOOD || first == PROOF_GOOD);
}

static void logon(struct bytes in)
{
    size_t head = sizeof "8=FIX.4.4|9=5|35=A|" - 1, size = head + in.size + 7;
    char *text = malloc(size);
    int64_t now_us = 0;

    PROMISE(text != NULL);
    memcpy(text, "8=FIX.4.4|9=5|35=A|", head);
    if (in.size > 0) {
        memcpy(text + head, in.data, in.size);
    }
    memcpy(text + head + in.size, "10=000|", 7);
    for (size_t i = 0; i < size; i++) {
        text[i] = text[i] == '|' ? '\001' : text[i];
    }
    PROMISE(timestamp_parse(BYTES("20260102-10:00:00.000"), &now_us));
    (void)fix_msg_parse(&msg, (struct bytes){ text, size });
    check_proof(PROOF_HMAC_SHA256, &msg, now_us);
    check_proof(PROOF_ED25519, &msg, now_us);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = { (const char *)data + 1, size - 1 };
    struct password_hash h;
    unsigned char key[PROOF_PUBLIC_SIZE];
    char peer[80], address[LOCKOUT_KEY_MAX];

    if (size < 1 || size > BODY_MAX) {
        return 0;
    }
    switch (data[0]) {
    case 'h':
        if (password_hash_parse(in, &h)) {
            PROMISE(h.salt_size <= sizeof h.salt && h.hash_size <= sizeof h.hash &&
                    h.hash_size > 0);
            PROMISE(h.log_n <= 18 && h.r > 0 && h.p > 0);
        }
        break;
    case 'k':
        PROMISE(!proof_public_key(in, key) || in.size >= 44); /* 32 bytes in base64 */
        break;
    case 'p':
        if (bytes_to_field(in, peer, sizeof peer)) {
            PROMISE(logon_address(peer, address) <= LOCKOUT_KEY_MAX);
        }
        break;
    default: logon(in); break;
    }
    return 0;
}
