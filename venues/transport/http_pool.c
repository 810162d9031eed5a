/*
 * Setting up a pool from its configuration: texts kept and checked, bounds filled in, libcurl's
 * multi handle. What a pool does later is in http_client.c.
 */
#include "http_internal.h"

#include <stdlib.h>

/* An optional text of the configuration: empty stays NULL. */
static bool keep_text(char **to, struct bytes from)
{
    if (from.size == 0) {
        return true;
    }
    *to = strndup(from.data, from.size);
    return *to != NULL;
}

static bool url_is_sound(const char *text, bool proxy)
{
    CURLU *url = curl_url();
    bool sound = url != NULL && curl_url_set(url, CURLUPART_URL, text,
                                             proxy ? CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME
                                                   : 0) == CURLUE_OK;

    if (sound && !proxy) {
        char *scheme = NULL;

        sound = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
        curl_free(scheme);
    }
    curl_url_cleanup(url);
    return sound;
}

static bool pool_texts(struct http_pool *p, const struct http_pool_config *config)
{
    bool no_proxy = bytes_is(config->proxy, "none");

    if (!keep_text(&p->url, config->base_url) || !keep_text(&p->ca_file, config->ca_file) ||
        !keep_text(&p->interface_, config->interface_)) {
        return false;
    }
    p->proxy = no_proxy ? strdup("") : NULL;
    if (no_proxy ? p->proxy == NULL : !keep_text(&p->proxy, config->proxy)) {
        return false;
    }
    return p->url != NULL && url_is_sound(p->url, false) &&
           (p->proxy == NULL || no_proxy || url_is_sound(p->proxy, true));
}

/* Transfers share one multi handle, and its connections. */
static bool pool_multi(struct http_pool *p)
{
    long connections = (long)p->connections_max;
    struct http_multi *m = http_loop_multi(p);

    return m != NULL &&
           curl_multi_setopt(m->multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK &&
           curl_multi_setopt(m->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections) == CURLM_OK &&
           curl_multi_setopt(m->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)HTTP2_STREAMS_MAX) ==
               CURLM_OK &&
           curl_multi_setopt(m->multi, CURLMOPT_PIPELINING,
                             p->http2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING) == CURLM_OK;
}

/* "host" or "host:port" as in the URL: what RFC 9110, 7.2 wants in Host. */
static bool pool_host(struct http_pool *p)
{
    const char *start = strstr(p->url, "://");
    const char *standard = strncmp(p->url, "https:", 6) == 0 ? ":443" : ":80";
    size_t size;

    if (start == NULL) {
        return false;
    }
    start += 3;
    size = strcspn(start, "/?#");
    if (size > strlen(standard) &&
        strncmp(start + size - strlen(standard), standard, strlen(standard)) == 0) {
        size -= strlen(standard);
    }
    p->host = strndup(start, size);
    return p->host != NULL && strchr(p->host, '@') == NULL;
}

static void pool_limits(struct http_pool *p, const struct http_pool_config *config)
{
    p->connections_max = config->connections_max > 0 ? config->connections_max : 1;
    p->connect_timeout_ms = config->connect_timeout_ms > 0 ? config->connect_timeout_ms : 5000;
    p->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : 10000;
    p->response_max = config->response_max > 0 && config->response_max < HTTP_RESPONSE_BODY_MAX
                          ? config->response_max
                          : HTTP_RESPONSE_BODY_MAX;
    p->http2 = config->http2;
    p->direct = config->direct && !config->http2;
    p->connections_warm = config->connections_warm < p->connections_max ? config->connections_warm
                                                                        : p->connections_max;
}

bool http_pool_setup(struct http_pool *p, const struct http_pool_config *config)
{
    pool_limits(p, config);
    http_loop_init(p);
    return pool_texts(p, config) && pool_host(p) &&
           (p->direct ? http_direct_open(p) : pool_multi(p));
}
