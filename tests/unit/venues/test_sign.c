/*
 * sign: published vectors (FIPS 180, RFC 4231, RFC 8032, RFC 4648), re-use of contexts, strict
 * decoding.
 */
#include "sign.h"

#include "suites.h"

static bool hex_is(const unsigned char *data, size_t size, const char *expected)
{
    struct buf b;
    bool same;

    buf_init(&b, 1024);
    sign_hex(&b, data, size);
    same = bytes_is(buf_view(&b), expected);
    buf_fini(&b);
    return same;
}

static void digests_match_fips_180(void)
{
    unsigned char out[SIGN_DIGEST_MAX];
    const struct bytes abc[] = { BYTES("a"), BYTES(""), BYTES("bc") };

    CU_ASSERT_EQUAL(sign_digest(SIGN_SHA256, abc, 3, out), 32);
    CU_ASSERT_TRUE(
        hex_is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    CU_ASSERT_EQUAL(sign_digest(SIGN_SHA256, NULL, 0, out), 32);
    CU_ASSERT_TRUE(
        hex_is(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    CU_ASSERT_EQUAL(sign_digest(SIGN_SHA512, abc, 3, out), 64);
    CU_ASSERT_TRUE(hex_is(out, 64,
                          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
}

static void a_hasher_can_be_used_again(void)
{
    struct sign_hasher *h = sign_hasher_new(SIGN_SHA256);
    const struct bytes abc = BYTES("abc");
    unsigned char out[SIGN_DIGEST_MAX];

    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(sign_hasher_run(h, &abc, 1, out), 32);
        CU_ASSERT_TRUE(
            hex_is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }
    sign_hasher_free(h);
    sign_hasher_free(NULL);
}

static void hmac_matches_rfc_4231(void)
{
    static const struct {
        const char *key, *data, *sha256, *sha512;
    } rows[] = {
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
          "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
          "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
        { "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
          "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf key, data;
        struct sign_hmac *h256, *h512;
        unsigned char out[SIGN_DIGEST_MAX];

        buf_init(&key, 256);
        buf_init(&data, 256);
        CU_ASSERT_TRUE_FATAL(sign_hex_decode(&key, bytes_of(rows[i].key)));
        CU_ASSERT_TRUE_FATAL(sign_hex_decode(&data, bytes_of(rows[i].data)));
        h256 = sign_hmac_new(SIGN_SHA256, buf_view(&key));
        h512 = sign_hmac_new(SIGN_SHA512, buf_view(&key));
        CU_ASSERT_TRUE_FATAL(h256 != NULL && h512 != NULL);
        /* Twice, and in two parts: the key must survive, the message must not. */
        for (size_t cut = 0; cut <= data.size; cut += data.size) {
            const struct bytes parts[] = { { data.data, cut },
                                           { data.data + cut, data.size - cut } };

            CU_ASSERT_EQUAL(sign_hmac(h256, parts, 2, out), 32);
            CU_ASSERT_TRUE(hex_is(out, 32, rows[i].sha256));
            CU_ASSERT_EQUAL(sign_hmac(h512, parts, 2, out), 64);
            CU_ASSERT_TRUE(hex_is(out, 64, rows[i].sha512));
        }
        sign_hmac_free(h256);
        sign_hmac_free(h512);
        buf_fini(&key);
        buf_fini(&data);
    }
    sign_hmac_free(NULL);
}

static void an_empty_hmac_key_is_a_key(void)
{
    struct sign_hmac *h = sign_hmac_new(SIGN_SHA256, (struct bytes){ NULL, 0 });
    unsigned char out[SIGN_DIGEST_MAX];

    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_EQUAL(sign_hmac(h, NULL, 0, out), 32);
    CU_ASSERT_TRUE(
        hex_is(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
    sign_hmac_free(h);
}

static void ed25519_matches_rfc_8032(void)
{
    static const struct {
        const char *seed, *message, *signature;
    } rows[] = {
        { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
          "1cf9b46b"
          "d25bf5f0595bbe24655141438e7a100b" },
        { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
          "d0f11d8c"
          "387b2eaeb4302aeeb00d291612bb0c00" },
        { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
          "984dc659"
          "4a7c15e9716ed28dc027beceea1ec40a" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf seed, message;
        struct sign_ed25519 *k;
        unsigned char out[64];

        buf_init(&seed, 64);
        buf_init(&message, 64);
        CU_ASSERT_TRUE_FATAL(sign_hex_decode(&seed, bytes_of(rows[i].seed)));
        CU_ASSERT_TRUE_FATAL(sign_hex_decode(&message, bytes_of(rows[i].message)));
        k = sign_ed25519_new(buf_view(&seed));
        CU_ASSERT_PTR_NOT_NULL_FATAL(k);
        for (int again = 0; again < 2; again++) {
            CU_ASSERT_TRUE(sign_ed25519(k, buf_view(&message), out));
            CU_ASSERT_TRUE(hex_is(out, 64, rows[i].signature));
        }
        sign_ed25519_free(k);
        buf_fini(&seed);
        buf_fini(&message);
    }
    CU_ASSERT_PTR_NULL(sign_ed25519_new(BYTES("short")));
    sign_ed25519_free(NULL);
}

static void base64_matches_rfc_4648_both_ways(void)
{
    static const char *const rows[][2] = { { "", "" },
                                           { "f", "Zg==" },
                                           { "fo", "Zm8=" },
                                           { "foo", "Zm9v" },
                                           { "foob", "Zm9vYg==" },
                                           { "fooba", "Zm9vYmE=" },
                                           { "foobar", "Zm9vYmFy" },
                                           { "\xfb\xff\xbf", "+/+/" } };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text, data;

        buf_init(&text, 64);
        buf_init(&data, 64);
        sign_base64(&text, (const unsigned char *)rows[i][0], strlen(rows[i][0]));
        CU_ASSERT_TRUE(bytes_is(buf_view(&text), rows[i][1]));
        CU_ASSERT_TRUE(sign_base64_decode(&data, bytes_of(rows[i][1])));
        CU_ASSERT_TRUE(bytes_is(buf_view(&data), rows[i][0]));
        buf_fini(&text);
        buf_fini(&data);
    }
}

static void damaged_base64_and_hex_are_refused(void)
{
    static const char *const base64[] = {
        "Z",     "Zg",   "Zg=",  "Zg===", "=Zg=",     "Z===",     "====",  "Zm9v\n",
        "Zm 9v", "Zm-_", "Zh==", "Zm9=",  "Zg==Zg==", "Zm9vYg=a", "Zm9v=", "Zm9\x80"
    };
    static const char *const hex[] = { "0", "0g", "g0", " 0", "0x", "000" };

    for (size_t i = 0; i < ARRAY_LEN(base64); i++) {
        struct buf b;

        buf_init(&b, 64);
        CU_ASSERT_FALSE(sign_base64_decode(&b, bytes_of(base64[i])));
        buf_fini(&b);
    }
    for (size_t i = 0; i < ARRAY_LEN(hex); i++) {
        struct buf b;

        buf_init(&b, 64);
        CU_ASSERT_FALSE(sign_hex_decode(&b, bytes_of(hex[i])));
        buf_fini(&b);
    }
}

static void hex_decodes_both_cases(void)
{
    struct buf b;

    buf_init(&b, 64);
    CU_ASSERT_TRUE(sign_hex_decode(&b, BYTES("00fFaB")));
    CU_ASSERT_TRUE(b.size == 3 && memcmp(b.data, "\x00\xff\xab", 3) == 0);
    buf_fini(&b);
}

static void comparing_and_wiping(void)
{
    char secret[] = "secret";

    CU_ASSERT_TRUE(sign_equal(BYTES("abc"), BYTES("abc")));
    CU_ASSERT_TRUE(sign_equal(BYTES(""), BYTES("")));
    CU_ASSERT_FALSE(sign_equal(BYTES("abc"), BYTES("abd")));
    CU_ASSERT_FALSE(sign_equal(BYTES("abc"), BYTES("ab")));
    sign_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        CU_ASSERT_EQUAL(secret[i], 0);
    }
}

CU_TestInfo sign_tests[] = {
    { "digests_match_fips_180", digests_match_fips_180 },
    { "a_hasher_can_be_used_again", a_hasher_can_be_used_again },
    { "hmac_matches_rfc_4231", hmac_matches_rfc_4231 },
    { "an_empty_hmac_key_is_a_key", an_empty_hmac_key_is_a_key },
    { "ed25519_matches_rfc_8032", ed25519_matches_rfc_8032 },
    { "base64_matches_rfc_4648_both_ways", base64_matches_rfc_4648_both_ways },
    { "damaged_base64_and_hex_are_refused", damaged_base64_and_hex_are_refused },
    { "hex_decodes_both_cases", hex_decodes_both_cases },
    { "comparing_and_wiping", comparing_and_wiping },
    CU_TEST_INFO_NULL,
};
