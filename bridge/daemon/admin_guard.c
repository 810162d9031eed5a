/*
 * Comparing and the token's file.
 */
#include "admin_guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"

static bool same_name(struct bytes a, struct bytes b)
{
    return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
}

/* Without the port; false: it is none. An IPv6 address loses its brackets. */
static bool host_name(struct bytes host, struct bytes *name, bool *v6)
{
    const char *end;
    size_t rest;

    *v6 = host.size > 0 && host.data[0] == '[';
    end = host.size == 0 ? NULL : memchr(host.data, *v6 ? ']' : ':', host.size);
    if (*v6 && end == NULL) {
        return false;
    }
    *name = host;
    if (*v6) {
        *name = (struct bytes){ host.data + 1, (size_t)(end - host.data) - 1 };
        end++;
    } else if (end != NULL) {
        name->size = (size_t)(end - host.data);
    } else {
        end = host.data + host.size;
    }
    rest = host.size - (size_t)(end - host.data);
    for (size_t i = 1; i < rest; i++) {
        if (end[i] < '0' || end[i] > '9') {
            return false;
        }
    }
    return name->size > 0 && (rest == 0 || (end[0] == ':' && rest > 1));
}

static bool is_address(struct bytes name, bool v6)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char binary[sizeof(struct in6_addr)];

    return bytes_to_field(name, text, sizeof text) &&
           inet_pton(v6 ? AF_INET6 : AF_INET, text, binary) == 1;
}

bool admin_host_is_ours(const struct admin_guard *g, struct bytes host)
{
    struct bytes name;
    bool v6;

    if (!host_name(host, &name, &v6)) {
        return false;
    }
    if (is_address(name, v6) || same_name(name, BYTES("localhost"))) {
        return true;
    }
    for (size_t i = 0; i < g->hosts.count; i++) {
        if (same_name(name, g->hosts.item[i])) {
            return true;
        }
    }
    return false;
}

bool admin_origin_is_ours(const struct admin_guard *g, struct bytes origin, struct bytes host)
{
    struct bytes scheme = g->tls ? BYTES("https://") : BYTES("http://");

    if (origin.data == NULL) {
        return true;
    }
    if (origin.size <= scheme.size || memcmp(origin.data, scheme.data, scheme.size) != 0) {
        return false;
    }
    return same_name((struct bytes){ origin.data + scheme.size, origin.size - scheme.size }, host);
}

bool admin_token_is_right(const struct admin_guard *g, struct bytes authorization)
{
    struct bytes token = bytes_of(g->token), given = authorization;

    if (token.size == 0 || given.size <= 7 || strncasecmp(given.data, "Bearer ", 7) != 0) {
        return false;
    }
    given.data += 7;
    given.size -= 7;
    return auth_same(token, given);
}

/* ---- the token's file ---------------------------------------------------------------------- */

static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return text.size >= ADMIN_TOKEN_LEAST && text.size <= ADMIN_TOKEN_MAX;
}

static bool make_file(const char *path, char error[ADMIN_TOKEN_ERROR_MAX])
{
    unsigned char random[32];
    char text[2 * sizeof random + 1];
    int fd;
    bool good;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        (void)snprintf(error, ADMIN_TOKEN_ERROR_MAX, "no random numbers: %s", strerror(errno));
        return false;
    }
    for (size_t i = 0; i < sizeof random; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", random[i]);
    }
    text[sizeof text - 1] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == EEXIST) {
        return true; /* of an earlier start */
    }
    good = fd >= 0 && write(fd, text, sizeof text) == (ssize_t)sizeof text;
    if (!good) {
        (void)snprintf(error, ADMIN_TOKEN_ERROR_MAX, "%s", strerror(errno));
    }
    if (fd >= 0 && close(fd) != 0) {
        good = false;
    }
    return good;
}

static bool read_file(struct admin_guard *g, const char *path, char error[ADMIN_TOKEN_ERROR_MAX])
{
    char text[ADMIN_TOKEN_MAX + 3];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    bool open_to_all = fd >= 0 && (fstat(fd, &st) != 0 || (st.st_mode & S_IRWXO) != 0);

    if (n < 0 || open_to_all) {
        (void)snprintf(error, ADMIN_TOKEN_ERROR_MAX, "%s",
                       open_to_all ? "others can read it; chmod o= it" : strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (n < 0 || open_to_all) {
        return false;
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
        n--;
    }
    if (!is_token((struct bytes){ text, (size_t)n }) ||
        !bytes_to_field((struct bytes){ text, (size_t)n }, g->token, sizeof g->token)) {
        (void)snprintf(error, ADMIN_TOKEN_ERROR_MAX,
                       "expected one line of %d to %d characters without blanks", ADMIN_TOKEN_LEAST,
                       ADMIN_TOKEN_MAX);
        return false;
    }
    return true;
}

bool admin_token_open(struct admin_guard *g, struct bytes file, struct bytes directory,
                      char path[ADMIN_PATH_MAX], char error[ADMIN_TOKEN_ERROR_MAX])
{
    int size = file.size > 0
                   ? snprintf(path, ADMIN_PATH_MAX, "%.*s", BYTES_ARG(file))
                   : snprintf(path, ADMIN_PATH_MAX, "%.*s/admin.token", BYTES_ARG(directory));

    if (size < 0 || size >= ADMIN_PATH_MAX) {
        (void)snprintf(error, ADMIN_TOKEN_ERROR_MAX, "the path is too long");
        return false;
    }
    return (file.size > 0 || make_file(path, error)) && read_file(g, path, error);
}
