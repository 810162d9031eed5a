/*
 * Contexts, handshakes and names.
 */
#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define DIGEST_SIZE 32

/* What of the files was read, to tell new ones from the same once more. */
struct digests {
    unsigned char certificate[DIGEST_SIZE], ca[DIGEST_SIZE];
};

struct tls {
    struct tls_config config;
    SSL_CTX *context; /* of new connections; counted, each connection holds its own */
    struct digests digests;
};

const char *tls_why(const char *other)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code == 0 ? NULL : ERR_reason_error_string(code);

    ERR_clear_error();
    return text == NULL ? other : text;
}

static bool fail(char error[TLS_ERROR_MAX], const char *what, const char *file)
{
    (void)snprintf(error, TLS_ERROR_MAX, "%s%s%s: %s", what, file == NULL ? "" : " ",
                   file == NULL ? "" : file, tls_why("not usable"));
    return false;
}

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

/* ---- context ------------------------------------------------------------------------------- */

static bool set_protocol(SSL_CTX *c)
{
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* One record a write, from wherever the output has moved to; buffers only while in use. */
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(c, 1); /* one system call for header and record */
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(c, no_password);
    return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_num_tickets(c, 0) == 1;
}

static bool set_client(SSL_CTX *c, const struct tls_config *config, char error[TLS_ERROR_MAX])
{
    STACK_OF(X509_NAME) * names;
    int mode = SSL_VERIFY_PEER;

    if (config->client == TLS_CLIENT_NO) {
        SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
        return true;
    }
    if (config->ca == NULL || SSL_CTX_load_verify_file(c, config->ca) != 1 ||
        (names = SSL_load_client_CA_file(config->ca)) == NULL) {
        return fail(error, "tls_ca", config->ca);
    }
    SSL_CTX_set_client_CA_list(c, names);
    mode |= config->client == TLS_CLIENT_REQUIRED ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(c, mode, NULL);
    return true;
}

static bool set_files(SSL_CTX *c, const struct tls_config *config, char error[TLS_ERROR_MAX])
{
    if (SSL_CTX_use_certificate_chain_file(c, config->certificate) != 1) {
        return fail(error, "tls_certificate", config->certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(c, config->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(c) != 1) {
        return fail(error, "tls_key", config->key);
    }
    if (config->ciphers != NULL && SSL_CTX_set_cipher_list(c, config->ciphers) != 1) {
        return fail(error, "tls_ciphers", config->ciphers);
    }
    if (config->ciphersuites != NULL && SSL_CTX_set_ciphersuites(c, config->ciphersuites) != 1) {
        return fail(error, "tls_ciphersuites", config->ciphersuites);
    }
    return set_client(c, config, error);
}

static SSL_CTX *make_context(const struct tls_config *config, char error[TLS_ERROR_MAX])
{
    SSL_CTX *c;

    ERR_clear_error();
    c = SSL_CTX_new(TLS_server_method());
    if (c == NULL || !set_protocol(c)) {
        (void)fail(error, "TLS", NULL);
    } else if (set_files(c, config, error)) {
        return c;
    }
    SSL_CTX_free(c);
    return NULL;
}

/* Zeros for a file that cannot be read: the context was made of what could. */
static void digest_file(const char *file, unsigned char out[DIGEST_SIZE])
{
    BIO *in = file == NULL ? NULL : BIO_new_file(file, "r");
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    char piece[4096];
    int n = 0;

    memset(out, 0, DIGEST_SIZE);
    if (in != NULL && sum != NULL && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1) {
        while ((n = BIO_read(in, piece, sizeof piece)) > 0 &&
               EVP_DigestUpdate(sum, piece, (size_t)n) == 1) {
        }
        (void)EVP_DigestFinal_ex(sum, out, NULL); /* of SHA-256: DIGEST_SIZE bytes */
    }
    EVP_MD_CTX_free(sum);
    BIO_free(in);
    ERR_clear_error();
}

static void take_digests(const struct tls_config *config, struct digests *out)
{
    digest_file(config->certificate, out->certificate);
    digest_file(config->ca, out->ca);
}

/* In the form of RFC 2253; empty: none, or too long. Cut short it would be another name. */
static void name_of(const X509 *certificate, char out[TLS_DESCRIBE_MAX])
{
    BIO *text = certificate == NULL ? NULL : BIO_new(BIO_s_mem());
    int size = 0;

    out[0] = '\0';
    if (text == NULL) {
        return;
    }
    if (X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) > 0) {
        size = BIO_read(text, out, TLS_DESCRIBE_MAX - 1);
    }
    out[size > 0 && BIO_pending(text) == 0 ? size : 0] = '\0';
    BIO_free(text);
}

struct tls *tls_new(const struct tls_config *config, char error[TLS_ERROR_MAX])
{
    struct tls *t = calloc(1, sizeof *t);

    if (t == NULL) {
        (void)snprintf(error, TLS_ERROR_MAX, "out of memory");
        return NULL;
    }
    t->config = *config;
    t->context = make_context(config, error);
    take_digests(config, &t->digests);
    if (t->context == NULL) {
        free(t);
        return NULL;
    }
    return t;
}

void tls_free(struct tls *t)
{
    if (t != NULL) {
        SSL_CTX_free(t->context);
        free(t);
    }
}

/* ---- once more ----------------------------------------------------------------------------- */

/* The old text where the new one is the same, so that the old configuration may be all that stays.
 */
static const char *keep(const char *old, const char *new)
{
    return old != NULL && new != NULL &&strcmp(old, new) == 0 ? old : new;
}

static void report_file(struct buf *report, const char *key, const char *file, bool same)
{
    buf_printf(report, "[fixbridge] %s: %s: %s: ", key, same ? "read again, as before" : "renewed",
               file);
}

static void report_certificate(struct buf *report, const SSL_CTX *context)
{
    const X509 *x = SSL_CTX_get0_certificate(context);
    char subject[TLS_DESCRIBE_MAX];
    struct tm end;

    name_of(x, subject);
    buf_text(report, subject);
    if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &end) == 1) {
        buf_printf(report, ", valid until %04d-%02d-%02dT%02d:%02d:%02dZ", end.tm_year + 1900,
                   end.tm_mon + 1, end.tm_mday, end.tm_hour, end.tm_min, end.tm_sec);
    }
    buf_char(report, '\n');
}

bool tls_reload(struct tls *t, const struct tls_config *config, struct buf *report,
                char error[TLS_ERROR_MAX])
{
    struct tls_config new = *config;
    struct digests digests;
    SSL_CTX *context;

    new.client = t->config.client;
    context = make_context(&new, error);
    if (context == NULL) {
        return false;
    }
    take_digests(&new, &digests);
    report_file(report, "tls_certificate", new.certificate,
                memcmp(digests.certificate, t->digests.certificate, DIGEST_SIZE) == 0);
    report_certificate(report, context);
    if (new.ca != NULL &&new.client != TLS_CLIENT_NO) {
        report_file(report, "tls_ca", new.ca, memcmp(digests.ca, t->digests.ca, DIGEST_SIZE) == 0);
        buf_printf(report, "%d authorities\n",
                   sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context)));
    }
    SSL_CTX_free(t->context);
    t->context = context;
    t->digests = digests;
    t->config = (struct tls_config){
        .certificate = keep(t->config.certificate, new.certificate),
        .key = keep(t->config.key, new.key),
        .ca = keep(t->config.ca, new.ca),
        .ciphers = keep(t->config.ciphers, new.ciphers),
        .ciphersuites = keep(t->config.ciphersuites, new.ciphersuites),
        .client = new.client,
    };
    return true;
}

/* ---- connections --------------------------------------------------------------------------- */

struct ssl_st *tls_accept(const struct tls *t, int fd)
{
    SSL *s = SSL_new(t->context);

    if (s == NULL || SSL_set_fd(s, fd) != 1) {
        SSL_free(s);
        ERR_clear_error();
        return NULL;
    }
    SSL_set_accept_state(s);
    return s;
}

/* A failed check of the client's certificate has a reason of its own that says more. */
static const char *handshake_error(const SSL *s, int kind)
{
    long verified = SSL_get_verify_result(s);

    if (verified != X509_V_OK) {
        ERR_clear_error();
        return X509_verify_cert_error_string(verified);
    }
    return tls_why(kind == SSL_ERROR_SYSCALL ? "closed during the handshake" : "handshake failed");
}

enum tls_step tls_handshake(struct ssl_st *s, const char **why)
{
    int done, kind;

    ERR_clear_error();
    done = SSL_do_handshake(s);
    if (done == 1) {
        return TLS_DONE;
    }
    kind = SSL_get_error(s, done);
    if (kind == SSL_ERROR_WANT_READ) {
        return TLS_WANTS_READ;
    }
    if (kind == SSL_ERROR_WANT_WRITE) {
        return TLS_WANTS_WRITE;
    }
    *why = handshake_error(s, kind);
    return TLS_FAILED;
}

void tls_goodbye(struct ssl_st *s)
{
    ERR_clear_error();
    (void)SSL_shutdown(s); /* a courtesy: the end of the stream follows anyway */
    ERR_clear_error();
}

void tls_close(struct ssl_st *s)
{
    SSL_free(s);
}

/* ---- names --------------------------------------------------------------------------------- */

void tls_subject(const struct ssl_st *s, char out[TLS_DESCRIBE_MAX])
{
    name_of(SSL_get0_peer_certificate(s), out);
}

static bool same_name(const ASN1_IA5STRING *have, struct bytes name, bool any_case)
{
    const char *data = (const char *)ASN1_STRING_get0_data(have);
    size_t size = (size_t)ASN1_STRING_length(have);

    if (size != name.size || size == 0) {
        return false;
    }
    return any_case ? strncasecmp(data, name.data, size) == 0 && memchr(data, '\0', size) == NULL
                    : memcmp(data, name.data, size) == 0;
}

static bool has_alternative(const X509 *certificate, int type, struct bytes name)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; all != NULL && !found && i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

        /* DNS, URI and e-mail are all IA5 strings in the same union. */
        found = one->type == type && same_name(one->d.ia5, name, type == GEN_DNS);
    }
    GENERAL_NAMES_free(all);
    ERR_clear_error();
    return found;
}

bool tls_subject_is(const struct ssl_st *s, struct bytes name)
{
    static const struct {
        struct bytes prefix;
        int type;
    } kinds[] = {
        { { "DNS:", 4 }, GEN_DNS },
        { { "URI:", 4 }, GEN_URI },
        { { "email:", 6 }, GEN_EMAIL },
    };
    const X509 *certificate = SSL_get0_peer_certificate(s);
    char subject[TLS_DESCRIBE_MAX];

    if (certificate == NULL || SSL_get_verify_result(s) != X509_V_OK) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct bytes prefix = kinds[i].prefix;

        if (name.size > prefix.size && memcmp(name.data, prefix.data, prefix.size) == 0) {
            return has_alternative(
                certificate, kinds[i].type,
                (struct bytes){ name.data + prefix.size, name.size - prefix.size });
        }
    }
    tls_subject(s, subject);
    return subject[0] != '\0' && bytes_is(name, subject);
}

const char *tls_version(const struct ssl_st *s)
{
    return SSL_get_version(s);
}

const char *tls_cipher(const struct ssl_st *s)
{
    return SSL_get_cipher_name(s);
}
