/*
 * logon_proof: vectors made by other implementations (Python's hmac, the openssl command), the
 * window, and that no proof is good twice.
 */
#include "logon_proof.h"

#include <stdio.h>

#include "sign.h"
#include "suites.h"
#include "timestamp.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define HMAC_PROOF "E058s7UyJy5PswcTYdm4Sd5/p2pDLq1EJJKnr9ZndYE="
#define ED_PROOF                                                                                   \
    "Q0cQ1E0LuoBkpDEo7eAjXiWBvI+rmUQg/P+AMngvVMquaEcWAiVH71iPENFB8RUDEh+j+FVORBiZXazESYGYCQ=="
#define ED_PUBLIC "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
#define ED_SPKI "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
#define VECTOR_TIME "20260102-10:00:00.000"
#define WINDOW (30 * US_PER_S)

static struct fix_msg msg;
static char text[1024];

/* '|' stands for SOH. */
static const struct fix_msg *parse(const char *fields)
{
    int size = snprintf(text, sizeof text, "8=FIX.4.4|9=5|35=A|%s10=000|", fields);

    CU_ASSERT_FATAL(size > 0 && size < (int)sizeof text);
    for (int i = 0; i < size; i++) {
        text[i] = text[i] == '|' ? '\001' : text[i];
    }
    (void)fix_msg_parse(&msg, (struct bytes){ text, (size_t)size });
    return &msg;
}

static const struct fix_msg *with_proof(const char *proof)
{
    char fields[512];

    (void)snprintf(fields, sizeof fields,
                   "49=ACME|56=FIXBRIDGE|34=7|52=" VECTOR_TIME
                   "|98=0|108=30|553=desk|95=%zu|96=%s|",
                   strlen(proof), proof);
    return parse(fields);
}

static int64_t vector_us(void)
{
    int64_t at = 0;

    CU_ASSERT_TRUE_FATAL(fix_msg_get_timestamp(with_proof(HMAC_PROOF), 52, &at) == FIX_GET_OK);
    return at;
}

static const struct proof_key hmac_key = { PROOF_HMAC_SHA256,
                                           { SECRET, sizeof SECRET - 1 },
                                           { "desk", 4 } };

static enum proof_result check(const struct proof_key *k, const struct fix_msg *m, int64_t now_us)
{
    struct proof_memory fresh = { .floor_us = 0 };

    return proof_check(k, m, WINDOW, &fresh, now_us);
}

static void the_signed_text_is_that_of_the_rules(void)
{
    struct buf out;

    buf_init(&out, 1024);
    CU_ASSERT_TRUE(proof_text(with_proof(HMAC_PROOF), &out));
    CU_ASSERT_TRUE(bytes_is(buf_view(&out), VECTOR_TIME "\001A\0017\001ACME\001FIXBRIDGE\001desk"));
    buf_fini(&out);
}

static void hmac_vector_is_good_and_every_change_of_it_is_not(void)
{
    int64_t at = vector_us();
    char proof[] = HMAC_PROOF;

    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(HMAC_PROOF), at), PROOF_GOOD);
    for (size_t i = 0; i < sizeof proof - 1; i++) {
        char before = proof[i];

        proof[i] = before == 'A' ? 'B' : 'A';
        CU_ASSERT_NOT_EQUAL(check(&hmac_key, with_proof(proof), at), PROOF_GOOD);
        proof[i] = before;
    }
    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(ED_PROOF), at), PROOF_WRONG);
}

static void another_key_or_user_is_wrong(void)
{
    int64_t at = vector_us();
    struct proof_key other = hmac_key;

    other.key = BYTES(SECRET "x");
    CU_ASSERT_EQUAL(check(&other, with_proof(HMAC_PROOF), at), PROOF_WRONG);
    other = hmac_key;
    other.username = BYTES("des");
    CU_ASSERT_EQUAL(check(&other, with_proof(HMAC_PROOF), at), PROOF_WRONG);
}

static void every_signed_field_counts(void)
{
    static const char *const changed[] = {
        "49=ACMF|56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGF|34=7|52=20260102-10:00:00.000|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=8|52=20260102-10:00:00.000|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00.001|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00|553=desk|95=44|96=" HMAC_PROOF "|",
    };
    static const char *const incomplete[] = {
        "56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|553=desk|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|95=44|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|553=desk|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|553=desk|95=43|96=" HMAC_PROOF "|",
        "49=ACME|56=FIXBRIDGE|34=7|52=20260102-10:00:00.000|553=desk|",
        "49=ACME|56=FIXBRIDGE|34=7|52=yesterday|553=desk|95=44|96=" HMAC_PROOF "|",
    };
    int64_t at = vector_us();

    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        CU_ASSERT_EQUAL(check(&hmac_key, parse(changed[i]), at), PROOF_WRONG);
    }
    for (size_t i = 0; i < ARRAY_LEN(incomplete); i++) {
        CU_ASSERT_EQUAL(check(&hmac_key, parse(incomplete[i]), at), PROOF_INCOMPLETE);
    }
}

static void ed25519_vector_is_good(void)
{
    static const char *const forms[] = {
        ED_PUBLIC,
        ED_SPKI,
        "-----BEGIN PUBLIC KEY-----\n" ED_SPKI "\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\r\n" ED_SPKI "\r\n-----END PUBLIC KEY-----",
    };
    static const char *const not_keys[] = { "", "abc", HMAC_PROOF "AAAA", ED_PROOF,
                                            "-----BEGIN PUBLIC KEY-----\n" };
    unsigned char raw[PROOF_PUBLIC_SIZE];
    struct proof_key k = { PROOF_ED25519, { (const char *)raw, sizeof raw }, { "desk", 4 } };
    int64_t at = vector_us();

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        CU_ASSERT_TRUE_FATAL(proof_public_key(bytes_of(forms[i]), raw));
        CU_ASSERT_EQUAL(check(&k, with_proof(ED_PROOF), at), PROOF_GOOD);
    }
    CU_ASSERT_EQUAL(check(&k, with_proof(HMAC_PROOF), at), PROOF_WRONG);
    raw[5] ^= 1;
    CU_ASSERT_EQUAL(check(&k, with_proof(ED_PROOF), at), PROOF_WRONG);
    for (size_t i = 0; i < ARRAY_LEN(not_keys); i++) {
        CU_ASSERT_FALSE(proof_public_key(bytes_of(not_keys[i]), raw));
    }
}

static void the_window_is_exact_on_both_sides(void)
{
    int64_t at = vector_us();

    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(HMAC_PROOF), at + WINDOW), PROOF_GOOD);
    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(HMAC_PROOF), at + WINDOW + 1),
                    PROOF_OUTSIDE_WINDOW);
    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(HMAC_PROOF), at - WINDOW), PROOF_GOOD);
    CU_ASSERT_EQUAL(check(&hmac_key, with_proof(HMAC_PROOF), at - WINDOW - 1),
                    PROOF_OUTSIDE_WINDOW);
}

/* ---- used once ----------------------------------------------------------------------------- */

/* A Logon of its own for each number, signed at `sent_us`. */
static const struct fix_msg *signed_at(unsigned seq, int64_t sent_us)
{
    char at[40], fields[512], signed_text[256];
    unsigned char mac[SIGN_DIGEST_MAX];
    struct bytes part = { signed_text, 0 };
    struct sign_hmac *h = sign_hmac_new(SIGN_SHA256, hmac_key.key);
    struct buf base64;

    at[timestamp_print(sent_us, 3, at)] = '\0';
    part.size = (size_t)snprintf(signed_text, sizeof signed_text,
                                 "%s\001A\001%u\001ACME\001FIXBRIDGE\001desk", at, seq);
    buf_init(&base64, 256);
    CU_ASSERT_EQUAL_FATAL(sign_hmac(h, &part, 1, mac), 32);
    sign_base64(&base64, mac, 32);
    (void)snprintf(fields, sizeof fields,
                   "49=ACME|56=FIXBRIDGE|34=%u|52=%s|553=desk|95=%zu|96=%.*s|", seq, at,
                   base64.size, (int)base64.size, base64.data);
    buf_fini(&base64);
    sign_hmac_free(h);
    return parse(fields);
}

static void a_proof_is_good_once(void)
{
    struct proof_memory m = { .floor_us = 0 };
    int64_t at = vector_us();

    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at), PROOF_GOOD);
    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at), PROOF_REPLAYED);
    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at + WINDOW),
                    PROOF_REPLAYED);
    /* Another one of the same millisecond, or of a clock set back, is another proof. */
    CU_ASSERT_EQUAL(proof_check(&hmac_key, signed_at(8, at), WINDOW, &m, at), PROOF_GOOD);
    CU_ASSERT_EQUAL(proof_check(&hmac_key, signed_at(9, at - US_PER_S), WINDOW, &m, at),
                    PROOF_GOOD);
}

static void a_refused_proof_is_not_remembered(void)
{
    struct proof_memory m = { .floor_us = 0 };
    int64_t at = vector_us();

    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at + 2 * WINDOW),
                    PROOF_OUTSIDE_WINDOW);
    CU_ASSERT_EQUAL(m.count, 0);
    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at), PROOF_GOOD);
}

static void what_was_signed_before_the_start_is_refused(void)
{
    int64_t at = vector_us();
    struct proof_memory m = { .floor_us = at };

    CU_ASSERT_EQUAL(proof_check(&hmac_key, with_proof(HMAC_PROOF), WINDOW, &m, at),
                    PROOF_BEFORE_FLOOR);
    CU_ASSERT_EQUAL(proof_check(&hmac_key, signed_at(7, at + US_PER_MS), WINDOW, &m, at),
                    PROOF_GOOD);
}

/* A full memory forgets its oldest and raises the floor: none of all the used ones is taken again.
 */
static void no_proof_is_taken_twice_when_the_memory_is_full(void)
{
    struct proof_memory m = { .floor_us = 0 };
    int64_t at = vector_us();

    for (unsigned i = 0; i < 3 * PROOFS_KEPT; i++) {
        CU_ASSERT_EQUAL(proof_check(&hmac_key, signed_at(i, at + i * US_PER_MS), WINDOW, &m, at),
                        PROOF_GOOD);
        CU_ASSERT_TRUE(m.count <= PROOFS_KEPT);
        for (unsigned k = 0; k <= i; k++) {
            CU_ASSERT_NOT_EQUAL(
                proof_check(&hmac_key, signed_at(k, at + k * US_PER_MS), WINDOW, &m, at),
                PROOF_GOOD);
        }
    }
}

CU_TestInfo logon_proof_tests[] = {
    { "the signed text is that of the rules", the_signed_text_is_that_of_the_rules },
    { "hmac vector is good and every change of it is not",
      hmac_vector_is_good_and_every_change_of_it_is_not },
    { "another key or user is wrong", another_key_or_user_is_wrong },
    { "every signed field counts", every_signed_field_counts },
    { "ed25519 vector is good", ed25519_vector_is_good },
    { "the window is exact on both sides", the_window_is_exact_on_both_sides },
    { "a proof is good once", a_proof_is_good_once },
    { "a refused proof is not remembered", a_refused_proof_is_not_remembered },
    { "what was signed before the start is refused", what_was_signed_before_the_start_is_refused },
    { "no proof is taken twice when the memory is full",
      no_proof_is_taken_twice_when_the_memory_is_full },
    CU_TEST_INFO_NULL,
};
