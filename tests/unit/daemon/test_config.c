/*
 * config: a whole file or every mistake, each with file, line, section and key. Each test writes a
 * file of its own into a fresh directory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "config_keys.h"
#include "suites.h"

static char directory[64];

int config_setup(void)
{
    (void)snprintf(directory, sizeof directory, "/tmp/test_config.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void put_file(const char *name, const char *text, mode_t mode)
{
    FILE *f = fopen(path_of(name), "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT(fputs(text, f) >= 0);
    CU_ASSERT(fclose(f) == 0);
    CU_ASSERT(chmod(path_of(name), mode) == 0);
}

int config_teardown(void)
{
    static const char *const names[] = { "a.conf", "dict.xml", "secret", "open" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)unlink(path_of(names[i]));
    }
    return rmdir(directory);
}

#define GOOD_HEAD                                                                                  \
    "[fixbridge]\n" /* 1 */                                                                        \
    "journal_dir = j\n"                                                                            \
    "dictionary = dict.xml\n"
#define GOOD_ACCOUNT                                                                               \
    "[account kf]\n" /* 4 */                                                                       \
    "venue = kraken-futures\n"                                                                     \
    "url = https://futures.kraken.com\n"                                                           \
    "key = the-key\n"                                                                              \
    "secret = the-secret\n"
#define GOOD_SESSION                                                                               \
    "[session one]\n" /* 9 */                                                                      \
    "sender_comp_id = US\n"                                                                        \
    "target_comp_id = THEM\n"                                                                      \
    "accounts = kf\n"                                                                              \
    "username = u\n"                                                                               \
    "password = p\n"

static struct config_mistakes *mistakes;

/* Loads `text`; the mistakes stay until the next call. */
static struct config *load_mode(const char *text, mode_t mode)
{
    static char path[128];

    put_file("dict.xml", "<fix/>", 0644);
    put_file("a.conf", text, mode);
    config_mistakes_free(mistakes);
    (void)snprintf(path, sizeof path, "%s", path_of("a.conf"));
    mistakes = config_mistakes_new(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mistakes);
    return config_load(path, mistakes);
}

static struct config *load(const char *text)
{
    return load_mode(text, 0600);
}

/* Exactly these mistakes, each "LINE: rest", in this order. */
static void check_mistakes(const char *text, const char *const *expected, size_t count)
{
    struct config *c = load(text);
    char whole[1200];

    CU_ASSERT_PTR_NULL(c);
    config_free(c);
    CU_ASSERT_EQUAL(mistakes->count, count);
    for (size_t i = 0; i < count && i < mistakes->count; i++) {
        (void)snprintf(whole, sizeof whole, "%s:%s", path_of("a.conf"), expected[i]);
        CU_ASSERT_STRING_EQUAL(mistakes->item[i].text, whole);
        if (strcmp(mistakes->item[i].text, whole) != 0) {
            (void)printf("\n  got      %s\n  expected %s\n", mistakes->item[i].text, whole);
        }
    }
}

#define CHECK_MISTAKES(text, ...)                                                                  \
    do {                                                                                           \
        const char *const list[] = { __VA_ARGS__ };                                                \
        check_mistakes(text, list, ARRAY_LEN(list));                                               \
    } while (0)

/* Hours where no unit is written: files of earlier versions mean what they meant. */
static void ages_are_hours_or_have_a_unit(void)
{
    static const struct {
        const char *text;
        uint32_t seconds;
    } good[] = { { "720", 2592000 }, { "2h", 7200 },          { "90m", 5400 },
                 { "45s", 45 },      { "87600h", 315360000 }, { "0", 0 } };
    char text[2048];

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct config *c;

        (void)snprintf(text, sizeof text,
                       GOOD_HEAD "retain_orders = %s\n" GOOD_ACCOUNT GOOD_SESSION, good[i].text);
        c = load(text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        CU_ASSERT_EQUAL(c->fixbridge->retain_orders_s, good[i].seconds);
        CU_ASSERT_EQUAL(c->fixbridge->retain_messages_s, 168 * 3600);
        config_free(c);
    }
    CHECK_MISTAKES(GOOD_HEAD "retain_orders = 87601\n"
                             "retain_messages = 5d\n" GOOD_ACCOUNT GOOD_SESSION,
                   "4: [fixbridge] retain_orders: expected 0 to 87600 hours, or a duration in that "
                   "range with its unit (s, m, h), got \"87601\"",
                   "5: [fixbridge] retain_messages: expected 0 to 87600 hours, or a duration in "
                   "that range with its unit (s, m, h), got \"5d\"");
}

static void good_file_is_read(void)
{
    struct config *c = load(
        "# comment\n; comment\n\n" GOOD_HEAD "listen = [::1]:0\nlog_format = json\n" GOOD_ACCOUNT
        "poll_fills = 250ms\ncall_timeout=2m\n"
        "[symbols kf]\nBTC/USD = PF_XBTUSD\nETH/USD = PF_ETHUSD ; comment\n" GOOD_SESSION
        "time_precision = nanoseconds\nstrict = yes\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(bytes_is(c->fixbridge->listen, "[::1]:0"));
    CU_ASSERT_TRUE(bytes_is(c->fixbridge->dictionary, path_of("dict.xml")));
    CU_ASSERT_EQUAL(c->fixbridge->log_format, 1);
    CU_ASSERT_EQUAL(c->fixbridge->durability, CONFIG_SYNC);
    CU_ASSERT_EQUAL(c->account_count, 1);
    CU_ASSERT_EQUAL(c->account[0]->poll_fills, 250);
    CU_ASSERT_EQUAL(c->account[0]->call_timeout, 120000);
    CU_ASSERT_EQUAL(c->account[0]->connections, 8);
    CU_ASSERT_TRUE(c->account[0]->rate_limit);
    CU_ASSERT_EQUAL(c->account[0]->alias_count, 2);
    CU_ASSERT_TRUE(bytes_is(c->account[0]->alias[1].ours, "ETH/USD"));
    CU_ASSERT_TRUE(bytes_is(c->account[0]->alias[1].venue_symbol, "PF_ETHUSD"));
    CU_ASSERT_EQUAL(c->session_count, 1);
    CU_ASSERT_TRUE(bytes_is(c->session[0]->head.name, "one"));
    CU_ASSERT_EQUAL(c->session[0]->time_precision, CONFIG_NANOS);
    CU_ASSERT_TRUE(c->session[0]->strict);
    CU_ASSERT_EQUAL(c->session[0]->accounts.count, 1);
    CU_ASSERT_EQUAL(c->session[0]->account[0], 0);
    config_free(c);
}

static void every_mistake_is_reported(void)
{
    CHECK_MISTAKES(
        "[fixbridge]\n" /* 1 */
        "listen = nowhere\n"
        "durabilty = sync\n"
        "log_level = loud\n"
        "connections_max = 0\n" /* 5 */
        "drain_timeout = 10\n"
        "[account kf]\n" /* 7 */
        "venue = nyse\n"
        "url = http://example.com\n"
        "key = k\n" /* 10 */
        "[sesion one]\n"
        "sender_comp_id = US\n"
        "[session two]\n" /* 13 */
        "sender_comp_id = U S\n"
        "target_comp_id = THEM\n"
        "accounts = kf, other\n"
        "strict = perhaps\n"
        "auth = none\n",
        "1: [fixbridge] dictionary: missing; expected a file",
        "1: [fixbridge] journal_dir: missing; expected a directory",
        "2: [fixbridge] listen: expected numeric address:port such as 127.0.0.1:9878, 0.0.0.0:9878 "
        "or "
        "[::1]:9878, or off, got \"nowhere\"",
        "3: [fixbridge] durabilty: unknown key; did you mean \"durability\"?",
        "4: [fixbridge] log_level: expected debug, info, warn or error, got \"loud\"",
        "5: [fixbridge] connections_max: expected a whole number from 1 to 65536 (connections), "
        "got \"0\"",
        "6: [fixbridge] drain_timeout: expected a duration from 0 to 5m, written with its unit "
        "(ms, s, m, h), "
        "got \"10\"",
        "7: [account kf] secret: missing; expected secret or secret_file",
        "8: [account kf] venue: expected one of kraken-futures, bybit, bitget, bitget-mix-v1, "
        "coinswitch, b2prime, got \"nyse\"",
        "9: [account kf] url: expected https://host[:port] (http only for a loopback address), got "
        "\"http://example.com\"",
        "11: [sesion one]: expected [fixbridge], [account NAME], [session NAME] or [symbols "
        "ACCOUNT]; did you "
        "mean \"session\"?",
        "14: [session two] sender_comp_id: expected a CompID of 1 to 64 printable characters "
        "without blanks, "
        "got \"U S\"",
        "16: [session two] accounts: expected names of [account NAME] sections, got \"other\"",
        "17: [session two] strict: expected yes or no, got \"perhaps\"");
}

static void doubles_are_reported(void)
{
    CHECK_MISTAKES(GOOD_HEAD
                   "journal_dir = k\n" GOOD_ACCOUNT "[fixbridge]\n" GOOD_SESSION "strict = yes\n"
                   "strict = no\n[account kf]\n[session one]\n[symbols kf]\nA = X\nA = Y\n",
                   "4: [fixbridge] journal_dir: expected each key once, it is already at line 2",
                   "10: [fixbridge]: expected each section once, it is already at line 1",
                   "18: [session one] strict: expected each key once, it is already at line 17",
                   "19: [account kf]: expected each section once, it is already at line 5",
                   "20: [session one]: expected each section once, it is already at line 11",
                   "23: [symbols kf] A: expected each symbol once, it is already at line 22");
}

static void bad_lines_are_reported_with_their_number(void)
{
    CHECK_MISTAKES("key = 1\n" GOOD_HEAD "what is this\n= x\nlisten: 1\n[broken\n[account kf\n]\n",
                   "1: [account NAME]: expected at least one such section",
                   "1: [session NAME]: expected at least one such section",
                   "1: key: expected a [section] before the first key",
                   "5: expected \"key = value\", got \"what is this\"",
                   "6: expected \"key = value\", got \"\"",
                   "7: expected \"key = value\", got \"listen: 1\"",
                   "8: expected ']' after the section's name, got \"[broken\"",
                   "9: expected ']' after the section's name, got \"[account kf\"",
                   "10: expected \"key = value\", got \"]\"");
}

static void long_lines_are_reported_and_do_not_move_numbers(void)
{
    static char text[20000];
    size_t size = (size_t)snprintf(text, sizeof text, "%s", GOOD_HEAD "[account kf]\nkey = ");

    memset(text + size, 'x', 9000);
    (void)snprintf(text + size + 9000, sizeof text - size - 9000, "\nwrong = 1\n");
    CU_ASSERT_PTR_NULL(load(text));
    CU_ASSERT_PTR_NOT_NULL(strstr(mistakes->item[mistakes->count - 2].text,
                                  "a.conf:5: expected at most 4094 characters in a line"));
    CU_ASSERT_PTR_NOT_NULL(strstr(mistakes->item[mistakes->count - 1].text,
                                  "a.conf:6: [account kf] wrong: unknown key"));
}

static void auth_none_needs_loopback(void)
{
    struct config *c =
        load(GOOD_HEAD GOOD_ACCOUNT "[session s]\nsender_comp_id = A\ntarget_comp_id = B\n"
                                    "accounts = kf\nauth = none\n");

    CU_ASSERT_PTR_NOT_NULL(c);
    config_free(c);
    CHECK_MISTAKES(
        GOOD_HEAD "listen = 0.0.0.0:1\n" GOOD_ACCOUNT "[session s]\nsender_comp_id = A\n"
                  "target_comp_id = B\naccounts = kf\nauth = none\n",
        "14: [session s] auth: expected a password or a signature: \"none\" is taken only when "
        "[fixbridge] listen and tls_listen are loopback addresses without proxy_from, or with "
        "tls_subject and tls_client_certificate = required; listen is \"0.0.0.0:1\", tls_listen "
        "\"off\"");
    CHECK_MISTAKES(
        GOOD_HEAD "proxy_from = 127.0.0.1\n" GOOD_ACCOUNT "[session s]\nsender_comp_id = A\n"
                  "target_comp_id = B\naccounts = kf\nauth = none\n",
        "14: [session s] auth: expected a password or a signature: \"none\" is taken only when "
        "[fixbridge] listen and tls_listen are loopback addresses without proxy_from, or with "
        "tls_subject and tls_client_certificate = required; listen is \"127.0.0.1:9878\", "
        "tls_listen "
        "\"off\"");
}

#define PASSWORD_SESSION                                                                           \
    "[session s]\nsender_comp_id = A\ntarget_comp_id = B\naccounts = kf\nusername = u\npassword "  \
    "= p\n"

static void passwords_need_tls_or_loopback(void)
{
    struct config *c =
        load(GOOD_HEAD "listen = 0.0.0.0:1\nplain_passwords = yes\n" GOOD_ACCOUNT PASSWORD_SESSION);

    CU_ASSERT_PTR_NOT_NULL(c);
    config_free(c);
    CHECK_MISTAKES(
        GOOD_HEAD "listen = 0.0.0.0:1\n" GOOD_ACCOUNT PASSWORD_SESSION,
        "10: [session s] auth: expected a signature, or [fixbridge] tls_listen and listen = off: "
        "the password would pass \"0.0.0.0:1\" in the clear (plain_passwords = yes allows it)");
}

static void listeners_need_what_they_use(void)
{
    CHECK_MISTAKES(
        GOOD_HEAD "listen = off\n" GOOD_ACCOUNT PASSWORD_SESSION,
        "4: [fixbridge] listen: expected an address:port here or in tls_listen, got \"off\"");
    CHECK_MISTAKES(
        GOOD_HEAD
        "tls_listen = 0.0.0.0:1\ntls_client_certificate = required\n" GOOD_ACCOUNT PASSWORD_SESSION,
        "1: [fixbridge] tls_ca: missing; required to check clients' certificates",
        "1: [fixbridge] tls_certificate: missing; required with tls_listen",
        "1: [fixbridge] tls_key: missing; required with tls_listen");
    CHECK_MISTAKES(
        GOOD_HEAD "proxy_from = 10.1.2.3/8\n" GOOD_ACCOUNT PASSWORD_SESSION "tls_subject = CN=A\n",
        "4: [fixbridge] proxy_from: expected addresses and networks such as 192.0.2.7, 10.0.0.0/8 "
        "or "
        "2001:db8::/32 (no bits set beyond the mask), separated by commas, got \"10.1.2.3/8\"",
        "16: [session s] tls_subject: expected [fixbridge] tls_listen and tls_client_certificate = "
        "optional or required, without which no client can show a certificate");
}

static void password_is_required(void)
{
    CHECK_MISTAKES(GOOD_HEAD GOOD_ACCOUNT "[session s]\nsender_comp_id = A\ntarget_comp_id = B\n"
                                          "accounts = kf\n",
                   "9: [session s] password: missing; expected password or password_file",
                   "9: [session s] username: missing; required unless auth = none");
}

static void secrets_are_never_printed(void)
{
    CU_ASSERT_PTR_NULL(load(GOOD_HEAD "[account kf]\nsecret = hunter\001two\n"));
    for (size_t i = 0; i < mistakes->count; i++) {
        CU_ASSERT_PTR_NULL(strstr(mistakes->item[i].text, "hunter"));
    }
}

static void readable_secrets_are_refused(void)
{
    struct config *c = load_mode(GOOD_HEAD GOOD_ACCOUNT GOOD_SESSION, 0644);

    CU_ASSERT_PTR_NULL(c);
    config_free(c);
    CU_ASSERT_EQUAL(mistakes->count, 3);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(mistakes->item[0].text, ":7: [account kf] key: expected a file that others"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(mistakes->item[2].text, ":14: [session one] password: expected a file"));
    c = load_mode(GOOD_HEAD GOOD_ACCOUNT GOOD_SESSION, 0640);
    CU_ASSERT_PTR_NOT_NULL(c);
    config_free(c);
}

static void secret_files_are_read_and_checked(void)
{
    struct config *c;

    put_file("secret", "s3cret \n", 0600);
    put_file("open", "x", 0604);
    c = load_mode(GOOD_HEAD
                  "[account kf]\nvenue = kraken-futures\nurl = https://a\nkey_file = secret\n"
                  "secret_file = secret\n[session s]\nsender_comp_id = A\ntarget_comp_id = B\n"
                  "accounts = kf\nauth = none\n",
                  0644);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(bytes_is(c->account[0]->secret, "s3cret"));
    CU_ASSERT_TRUE(bytes_is(c->account[0]->key, "s3cret"));
    config_free(c);
    c = load(GOOD_HEAD "[account kf]\nvenue = kraken-futures\nurl = https://a\nkey_file = open\n"
                       "secret_file = absent\nsecret = x\n" GOOD_SESSION);
    CU_ASSERT_PTR_NULL(c);
    config_free(c);
    CU_ASSERT_EQUAL(mistakes->count, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(mistakes->item[0].text,
                                  ":7: [account kf] key_file: expected a file that "
                                  "others cannot read (chmod o= FILE), got \"open\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(mistakes->item[1].text,
                                  ":8: [account kf] secret_file: expected a file that "
                                  "can be read"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(mistakes->item[2].text, "expected only one of secret and secret_file"));
}

static void comp_ids_are_unique(void)
{
    CHECK_MISTAKES(GOOD_HEAD GOOD_ACCOUNT GOOD_SESSION
                   "[session two]\nsender_comp_id = US\n"
                   "target_comp_id = THEM\naccounts = kf, kf\nauth = none\n",
                   "17: [session two] target_comp_id: expected another pair of CompIDs than "
                   "[session one] has, "
                   "got \"THEM\"",
                   "18: [session two] accounts: expected each name once, got \"kf\" again");
}

static void ranges_and_relations_hold(void)
{
    CHECK_MISTAKES(
        GOOD_HEAD GOOD_ACCOUNT
        "calls_max = 1025\n[symbols nope]\nA = B\n" GOOD_SESSION
        "heartbeat_min = 30s\nheartbeat_max = 20s\nclock_skew_max = 1500ms\ncl_ord_id_max = 65\n",
        "9: [account kf] calls_max: expected a whole number from 1 to 1024 (calls), got \"1025\"",
        "10: [symbols nope]: expected the name of an [account NAME] section",
        "19: [session one] heartbeat_max: expected no less than heartbeat_min (30s), got 20s",
        "20: [session one] clock_skew_max: expected whole seconds, got 1500ms",
        "21: [session one] cl_ord_id_max: expected a whole number from 1 to 64 (characters), got "
        "\"65\"");
}

static void absent_file_is_one_mistake(void)
{
    CU_ASSERT_PTR_NULL(load(""));
    config_mistakes_free(mistakes);
    mistakes = config_mistakes_new("/nonexistent/file");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mistakes);
    CU_ASSERT_PTR_NULL(config_load("/nonexistent/file", mistakes));
    CU_ASSERT_EQUAL(mistakes->count, 1);
}

static void defaults_of_the_table_are_valid(void)
{
    struct arena *arena = arena_new(1024 * 1024);
    uint64_t room[8];

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        struct config_value v = {
            .key = key, .text = bytes_of(key->standard), .arena = arena, .path = "x"
        };

        CU_ASSERT(key->standard == NULL || config_value_read(&v, room));
        CU_ASSERT(key->standard == NULL || (key->flags & CONFIG_REQUIRED) == 0);
        CU_ASSERT(key->type != CONFIG_ENUM || key->choice != NULL);
        CU_ASSERT(key->help != NULL && key->help[0] != '\0');
        for (size_t k = 0; k < i; k++) {
            CU_ASSERT(config_keys[k].section != key->section ||
                      strcmp(config_keys[k].name, key->name) != 0);
            CU_ASSERT(config_keys[k].section != key->section ||
                      config_keys[k].offset != key->offset);
        }
    }
    arena_free(arena);
}

static void reference_names_every_key(void)
{
    struct buf out;
    char needle[64];

    buf_init(&out, 1024 * 1024);
    config_reference(&out);
    buf_char(&out, '\0');
    CU_ASSERT_FALSE_FATAL(out.failed);
    for (size_t i = 0; i < config_key_count; i++) {
        (void)snprintf(needle, sizeof needle, "| `%s` |", config_keys[i].name);
        CU_ASSERT_PTR_NOT_NULL(strstr(out.data, needle));
    }
    buf_fini(&out);
}

static void addresses_are_taken_apart(void)
{
    struct bytes host;
    uint16_t port;

    CU_ASSERT_TRUE(config_host_port(BYTES("127.0.0.1:80"), &host, &port));
    CU_ASSERT_TRUE(bytes_is(host, "127.0.0.1") && port == 80);
    CU_ASSERT_TRUE(config_host_port(BYTES("[::1]:65535"), &host, &port));
    CU_ASSERT_TRUE(bytes_is(host, "::1") && port == 65535);
    CU_ASSERT_FALSE(config_host_port(BYTES("127.0.0.1"), &host, &port));
    CU_ASSERT_FALSE(config_host_port(BYTES("127.0.0.1:65536"), &host, &port));
    CU_ASSERT_FALSE(config_host_port(BYTES("127.0.0.1:8x"), &host, &port));
    CU_ASSERT_FALSE(config_host_port(BYTES("::1:80"), &host, &port));
    CU_ASSERT_FALSE(config_host_port(BYTES(":80"), &host, &port));
    CU_ASSERT_FALSE(config_host_port(BYTES("[]:80"), &host, &port));
    CU_ASSERT_TRUE(config_is_loopback(BYTES("127.1.2.3")));
    CU_ASSERT_TRUE(config_is_loopback(BYTES("::1")));
    CU_ASSERT_TRUE(config_is_loopback(BYTES("localhost")));
    CU_ASSERT_FALSE(config_is_loopback(BYTES("0.0.0.0")));
    CU_ASSERT_FALSE(config_is_loopback(BYTES("::")));
    CU_ASSERT_FALSE(config_is_loopback(BYTES("128.0.0.1")));
}

CU_TestInfo config_tests[] = {
    { "a good file is read", good_file_is_read },
    { "ages are hours or have a unit", ages_are_hours_or_have_a_unit },
    { "every mistake is reported", every_mistake_is_reported },
    { "doubles are reported", doubles_are_reported },
    { "bad lines are reported with their number", bad_lines_are_reported_with_their_number },
    { "long lines are reported and do not move numbers",
      long_lines_are_reported_and_do_not_move_numbers },
    { "auth = none needs loopback", auth_none_needs_loopback },
    { "passwords need TLS or loopback", passwords_need_tls_or_loopback },
    { "listeners need what they use", listeners_need_what_they_use },
    { "a password is required", password_is_required },
    { "secrets are never printed", secrets_are_never_printed },
    { "readable secrets are refused", readable_secrets_are_refused },
    { "secret files are read and checked", secret_files_are_read_and_checked },
    { "CompIDs are unique", comp_ids_are_unique },
    { "ranges and relations hold", ranges_and_relations_hold },
    { "an absent file is one mistake", absent_file_is_one_mistake },
    { "defaults of the table are valid", defaults_of_the_table_are_valid },
    { "the reference names every key", reference_names_every_key },
    { "addresses are taken apart", addresses_are_taken_apart },
    CU_TEST_INFO_NULL,
};
