/*
 * One value of the configuration: text -> field, by type. Looks at the file system only to see
 * whether a file that is named can be read, and to read secrets.
 */
#include "config_keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "venue.h"

/* Keys, secrets, PEM files: far below this. */
#define SECRET_MAX (16 * 1024)
#define CREDENTIAL "credential:"

static bool expect(struct config_value *v, const char *what)
{
    (void)snprintf(v->expected, sizeof v->expected, "%s", what);
    return false;
}

static bool keep_text(struct config_value *v, void *field)
{
    struct bytes *out = field;

    return arena_copy(v->arena, v->text, out) || expect(v, "a shorter value (out of memory)");
}

static bool read_text(struct config_value *v, void *field)
{
    for (size_t i = 0; i < v->text.size; i++) {
        unsigned char c = (unsigned char)v->text.data[i];

        if (c < ' ' || c == 0x7f) {
            return expect(v, "text without control characters");
        }
    }
    if (v->text.size == 0) {
        return expect(v, "a value");
    }
    return keep_text(v, field);
}

static bool is_name(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '.')) {
            return false;
        }
    }
    return text.size > 0 && text.size <= NAME_MAX_LEN;
}

static bool read_name(struct config_value *v, void *field)
{
    if (!is_name(v->text)) {
        return expect(v, "a name of 1 to 48 characters of A-Z a-z 0-9 _ - .");
    }
    return keep_text(v, field);
}

static bool read_comp_id(struct config_value *v, void *field)
{
    bool good = v->text.size > 0 && v->text.size <= FIX_ID_MAX;

    for (size_t i = 0; good && i < v->text.size; i++) {
        good = v->text.data[i] > ' ' && v->text.data[i] < 0x7f;
    }
    return good ? keep_text(v, field)
                : expect(v, "a CompID of 1 to 64 printable characters without blanks");
}

static bool read_bool(struct config_value *v, void *field)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = { { "yes", true }, { "no", false },  { "true", true }, { "false", false },
                  { "on", true },  { "off", false }, { "Y", true },    { "N", false } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (bytes_is(v->text, words[i].word)) {
            *(bool *)field = words[i].value;
            return true;
        }
    }
    return expect(v, "yes or no");
}

/* Digits only; false when there are none or too many. */
static bool take_number(struct bytes *text, int64_t *out)
{
    int64_t n = 0;
    size_t i = 0;

    for (; i < text->size && text->data[i] >= '0' && text->data[i] <= '9'; i++) {
        if (i >= 12) {
            return false;
        }
        n = n * 10 + (text->data[i] - '0');
    }
    *out = n;
    text->data += i;
    text->size -= i;
    return i > 0;
}

static bool read_int(struct config_value *v, void *field)
{
    struct bytes text = v->text;
    int64_t n;

    if (!take_number(&text, &n) || text.size > 0 || n < v->key->least || n > v->key->most) {
        (void)snprintf(v->expected, sizeof v->expected, "a whole number from %lld to %lld (%s)",
                       (long long)v->key->least, (long long)v->key->most, v->key->unit);
        return false;
    }
    *(uint32_t *)field = (uint32_t)n;
    return true;
}

static const struct {
    const char *word;
    int64_t ms;
} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 } };

static void print_duration(int64_t ms, char out[32])
{
    size_t u = ARRAY_LEN(units) - 1;

    while (u > 0 && ms % units[u].ms != 0) {
        u--;
    }
    (void)snprintf(out, 32, "%lld%s", (long long)(ms / units[u].ms), ms == 0 ? "" : units[u].word);
}

static bool read_duration(struct config_value *v, void *field)
{
    struct bytes text = v->text;
    int64_t n;
    char least[32], most[32];

    if (take_number(&text, &n)) {
        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
            int64_t ms = n * units[i].ms;

            if ((bytes_is(text, units[i].word) || (n == 0 && text.size == 0)) &&
                ms >= v->key->least && ms <= v->key->most) {
                *(uint32_t *)field = (uint32_t)ms;
                return true;
            }
        }
    }
    print_duration(v->key->least, least);
    print_duration(v->key->most, most);
    (void)snprintf(v->expected, sizeof v->expected,
                   "a duration from %s to %s, written with its unit (ms, s, m, h)", least, most);
    return false;
}

/* Hours where no unit is written. */
static bool read_age(struct config_value *v, void *field)
{
    static const struct {
        const char *word;
        int64_t s;
    } age_units[] = { { "", 3600 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };
    struct bytes text = v->text;
    int64_t n;

    if (take_number(&text, &n)) {
        for (size_t i = 0; i < ARRAY_LEN(age_units); i++) {
            int64_t s = n * age_units[i].s;

            if (bytes_is(text, age_units[i].word) && s >= v->key->least * 3600 &&
                s <= v->key->most * 3600) {
                *(uint32_t *)field = (uint32_t)s;
                return true;
            }
        }
    }
    (void)snprintf(v->expected, sizeof v->expected,
                   "%lld to %lld hours, or a duration in that range with its unit (s, m, h)",
                   (long long)v->key->least, (long long)v->key->most);
    return false;
}

static bool read_enum(struct config_value *v, void *field)
{
    size_t used = 0;

    for (uint32_t i = 0; v->key->choice[i] != NULL; i++) {
        if (bytes_is(v->text, v->key->choice[i])) {
            *(uint32_t *)field = i;
            return true;
        }
    }
    v->expected[0] = '\0';
    for (uint32_t i = 0; v->key->choice[i] != NULL && used < sizeof v->expected; i++) {
        const char *glue = i == 0 ? "" : v->key->choice[i + 1] == NULL ? " or " : ", ";

        used += (size_t)snprintf(v->expected + used, sizeof v->expected - used, "%s%s", glue,
                                 v->key->choice[i]);
    }
    return false;
}

static bool read_venue(struct config_value *v, void *field)
{
    size_t used;

    if (venue_find(v->text) != NULL) {
        return keep_text(v, field);
    }
    used = (size_t)snprintf(v->expected, sizeof v->expected, "one of");
    for (size_t i = 0; venue_list[i] != NULL && used < sizeof v->expected; i++) {
        used += (size_t)snprintf(v->expected + used, sizeof v->expected - used, "%s %s",
                                 i > 0 ? "," : "", venue_list[i]->name);
    }
    return false;
}

bool config_host_port(struct bytes text, struct bytes *host, uint16_t *port)
{
    const char *colon = text.size == 0 ? NULL : memrchr(text.data, ':', text.size);
    struct bytes digits;
    int64_t n;

    if (colon == NULL) {
        return false;
    }
    *host = (struct bytes){ text.data, (size_t)(colon - text.data) };
    digits = (struct bytes){ colon + 1, text.size - host->size - 1 };
    if (!take_number(&digits, &n) || digits.size > 0 || n > UINT16_MAX) {
        return false;
    }
    *port = (uint16_t)n;
    if (host->size >= 2 && host->data[0] == '[' && host->data[host->size - 1] == ']') {
        host->data++;
        host->size -= 2;
        return host->size > 0;
    }
    return host->size > 0 && memchr(host->data, ':', host->size) == NULL;
}

bool config_listens(struct bytes address)
{
    return address.size > 0 && !bytes_is(address, "off");
}

bool config_is_loopback(struct bytes host)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char raw[16];
    static const unsigned char loopback6[16] = { [15] = 1 };

    if (bytes_is(host, "localhost")) {
        return true;
    }
    if (!bytes_to_field(host, text, sizeof text)) {
        return false;
    }
    if (inet_pton(AF_INET, text, raw) == 1) {
        return raw[0] == 127;
    }
    return inet_pton(AF_INET6, text, raw) == 1 && memcmp(raw, loopback6, sizeof raw) == 0;
}

static bool read_host_port(struct config_value *v, void *field)
{
    struct bytes host;
    uint16_t port;
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char raw[16];

    if (bytes_is(v->text, "off")) {
        return keep_text(v, field);
    }
    if (config_host_port(v->text, &host, &port) && bytes_to_field(host, text, sizeof text) &&
        (bytes_is(host, "localhost") || inet_pton(AF_INET, text, raw) == 1 ||
         inet_pton(AF_INET6, text, raw) == 1)) {
        return keep_text(v, field);
    }
    return expect(v, "numeric address:port such as 127.0.0.1:9878, 0.0.0.0:9878 or [::1]:9878, "
                     "or off");
}

/* Characters a host and port may have; what curl makes of them is its own business. */
static bool read_url(struct config_value *v, void *field)
{
    static const char plain[] = "http://", tls[] = "https://";
    struct bytes rest = v->text;
    struct bytes host;
    uint16_t port;
    bool is_tls = rest.size > sizeof tls - 1 && strncasecmp(rest.data, tls, sizeof tls - 1) == 0;
    bool is_plain = !is_tls && rest.size > sizeof plain - 1 &&
                    strncasecmp(rest.data, plain, sizeof plain - 1) == 0;
    size_t skip = is_tls ? sizeof tls - 1 : sizeof plain - 1;

    if (!is_tls && !is_plain) {
        return expect(v, "https://host[:port]");
    }
    rest.data += skip;
    rest.size -= skip;
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] <= ' ' || strchr("/?#@", rest.data[i]) != NULL) {
            return expect(v, "https://host[:port] without path, query, user or blanks");
        }
    }
    if (!config_host_port(rest, &host, &port)) {
        host = rest;
    }
    if (is_plain && !config_is_loopback(host)) {
        return expect(v, "https://host[:port] (http only for a loopback address)");
    }
    return keep_text(v, field);
}

/* "credential:NAME" is file NAME of the directory a service manager hands secrets over in
 * (systemd's LoadCredential and SetCredential). */
static bool keep_credential(struct config_value *v, struct bytes name, struct bytes *out)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    size_t size;
    char *joined;

    if (directory == NULL) {
        return expect(v, "to be run with $CREDENTIALS_DIRECTORY set, as systemd's LoadCredential= "
                         "does");
    }
    if (!is_name(name)) {
        return expect(v, "credential:NAME with a name of A-Z a-z 0-9 _ - .");
    }
    size = strlen(directory) + 1 + name.size;
    joined = arena_take(v->arena, size + 1);
    if (joined == NULL) {
        return expect(v, "a shorter value (out of memory)");
    }
    (void)snprintf(joined, size + 1, "%s/%.*s", directory, BYTES_ARG(name));
    *out = (struct bytes){ joined, size };
    return true;
}

/* Relative names are relative to the configuration file, wherever the service was started. */
static bool keep_path(struct config_value *v, void *field)
{
    const char *slash = strrchr(v->path, '/');
    struct bytes directory = { v->path, slash == NULL ? 0 : (size_t)(slash - v->path) + 1 };
    struct bytes *out = field;
    char *joined;

    if (v->text.size >= sizeof CREDENTIAL - 1 &&
        memcmp(v->text.data, CREDENTIAL, sizeof CREDENTIAL - 1) == 0) {
        return keep_credential(v,
                               (struct bytes){ v->text.data + sizeof CREDENTIAL - 1,
                                               v->text.size - (sizeof CREDENTIAL - 1) },
                               out);
    }
    if (v->text.size == 0 || v->text.data[0] == '/' || directory.size == 0) {
        return keep_text(v, field);
    }
    joined = arena_take(v->arena, directory.size + v->text.size + 1);
    if (joined == NULL) {
        return expect(v, "a shorter value (out of memory)");
    }
    memcpy(joined, directory.data, directory.size);
    memcpy(joined + directory.size, v->text.data, v->text.size);
    *out = (struct bytes){ joined, directory.size + v->text.size };
    return true;
}

static bool read_file(struct config_value *v, void *field)
{
    const struct bytes *path = field;
    struct stat st;

    if (v->text.size == 0) {
        return expect(v, "a file that can be read");
    }
    if (!keep_path(v, field)) {
        return false;
    }
    if (stat(path->data, &st) != 0 || access(path->data, R_OK) != 0) {
        (void)snprintf(v->expected, sizeof v->expected, "a file that can be read (%s)",
                       strerror(errno));
        return false;
    }
    return !S_ISDIR(st.st_mode) || expect(v, "a file, not a directory");
}

static bool read_directory(struct config_value *v, void *field)
{
    const struct bytes *path = field;
    struct stat st;

    if (v->text.size == 0 || !keep_path(v, field)) {
        return expect(v, "a directory");
    }
    if (stat(path->data, &st) == 0 && !S_ISDIR(st.st_mode)) {
        return expect(v, "a directory, not a file");
    }
    return true;
}

/* Made when needed, so only its directory must be there. */
static bool read_log_file(struct config_value *v, void *field)
{
    const struct bytes *path = field;
    const char *slash;
    char directory[4096];
    struct stat st;

    if (bytes_is(v->text, "none")) {
        return keep_text(v, field);
    }
    if (v->text.size == 0 || !keep_path(v, field)) {
        return expect(v, "a file or none");
    }
    slash = strrchr(path->data, '/');
    (void)snprintf(directory, sizeof directory, "%.*s",
                   slash == NULL ? 1 : (int)(slash - path->data) + 1,
                   slash == NULL ? "." : path->data);
    if (stat(directory, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return expect(v, "a file in a directory that is there, or none");
    }
    if (stat(path->data, &st) == 0 && !S_ISREG(st.st_mode)) {
        return expect(v, "a file, not a directory or device");
    }
    return true;
}

static bool read_secret_file(struct config_value *v, void *field)
{
    const struct bytes *path = field;
    struct stat st;

    if (!read_file(v, field)) {
        return false;
    }
    if (stat(path->data, &st) == 0 && (st.st_mode & S_IRWXO) != 0) {
        return expect(v, "a file that others cannot read (chmod o= FILE)");
    }
    return true;
}

static bool is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

static bool read_list(struct config_value *v, void *field)
{
    struct config_list *list = field;
    size_t at = 0;

    list->item = arena_take(v->arena, (v->text.size / 2 + 1) * sizeof *list->item);
    list->count = 0;
    while (list->item != NULL && at < v->text.size) {
        struct bytes item = { v->text.data + at, 0 };

        while (at + item.size < v->text.size && !is_separator(item.data[item.size])) {
            item.size++;
        }
        at += item.size + 1;
        if (item.size == 0) {
            continue;
        }
        if (!is_name(item) || !arena_copy(v->arena, item, &list->item[list->count])) {
            return expect(v, "names of A-Z a-z 0-9 _ - . separated by commas");
        }
        list->count++;
    }
    return list->count > 0 || expect(v, "one or more names separated by commas");
}

static bool read_ip_list(struct config_value *v, void *field)
{
    struct ip_list *list = field;
    size_t at = 0;

    list->item = arena_take(v->arena, (v->text.size / 2 + 1) * sizeof *list->item);
    list->count = 0;
    while (list->item != NULL && at < v->text.size) {
        struct bytes item = { v->text.data + at, 0 };

        while (at + item.size < v->text.size && !is_separator(item.data[item.size])) {
            item.size++;
        }
        at += item.size + 1;
        if (item.size > 0 && !ip_net_parse(item, &list->item[list->count++])) {
            return expect(v, "addresses and networks such as 192.0.2.7, 10.0.0.0/8 or "
                             "2001:db8::/32 (no bits set beyond the mask), separated by commas");
        }
    }
    return list->count > 0 || expect(v, "one or more addresses or networks");
}

bool config_value_read(struct config_value *v, void *field)
{
    static bool (*const read_of[CONFIG_TYPE_COUNT])(struct config_value *, void *) = {
        [CONFIG_TEXT] = read_text,
        [CONFIG_NAME] = read_name,
        [CONFIG_COMP_ID] = read_comp_id,
        [CONFIG_BOOL] = read_bool,
        [CONFIG_INT] = read_int,
        [CONFIG_DURATION] = read_duration,
        [CONFIG_AGE] = read_age,
        [CONFIG_ENUM] = read_enum,
        [CONFIG_VENUE] = read_venue,
        [CONFIG_URL] = read_url,
        [CONFIG_HOST_PORT] = read_host_port,
        [CONFIG_FILE] = read_file,
        [CONFIG_SECRET_FILE] = read_secret_file,
        [CONFIG_DIRECTORY] = read_directory,
        [CONFIG_LIST] = read_list,
        [CONFIG_LOG_FILE] = read_log_file,
        [CONFIG_IP_LIST] = read_ip_list,
    };

    return read_of[v->key->type](v, field);
}

bool config_secret_read(struct arena *arena, const char *file, struct bytes *out,
                        char expected[256])
{
    char text[SECRET_MAX + 1];
    ssize_t size = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool good;

    if (fd >= 0) {
        size = read(fd, text, sizeof text);
        (void)close(fd);
    }
    if (fd < 0 || size < 0) {
        (void)snprintf(expected, 256, "a file that can be read (%s)", strerror(errno));
        return false;
    }
    if (size > SECRET_MAX) {
        (void)snprintf(expected, 256, "a file of at most %d bytes", SECRET_MAX);
        explicit_bzero(text, sizeof text);
        return false;
    }
    while (size > 0 &&
           (text[size - 1] == '\n' || text[size - 1] == '\r' || text[size - 1] == ' ')) {
        size--;
    }
    good = size > 0 && arena_copy(arena, (struct bytes){ text, (size_t)size }, out);
    if (!good) {
        (void)snprintf(expected, 256, "a file that is not empty");
    }
    explicit_bzero(text, sizeof text);
    return good;
}
