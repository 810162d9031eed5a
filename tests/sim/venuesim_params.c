/*
 * Parameters, bodies and limits as every dialect checks them. See venuesim_params.h.
 */
#include "venuesim_params.h"

#include "venuesim_window.h"

#include <cjson/cJSON.h>
#include <strings.h>

bool params_listed(const char *list, struct bytes name)
{
    const char *at = list;

    while (name.size > 0 && *at != '\0') {
        const char *end = strchr(at, ' ');
        size_t size = end == NULL ? strlen(at) : (size_t)(end - at);

        if (size == name.size && memcmp(at, name.data, size) == 0) {
            return true;
        }
        at += size + (end == NULL ? 0 : 1);
    }
    return false;
}

static const char *cut(struct bytes name, char out[PARAM_NAME_SIZE])
{
    (void)snprintf(out, PARAM_NAME_SIZE, "%.*s", (int)(name.size < 60 ? name.size : 60),
                   name.data == NULL ? "" : name.data);
    return out;
}

const char *params_unknown(const struct form *f, const struct cJSON *json, const char *list,
                           char name[PARAM_NAME_SIZE])
{
    const cJSON *member = json == NULL ? NULL : json->child;
    size_t n;

    for (n = 0; f != NULL && n < f->count; n++) {
        if (!params_listed(list, f->name[n])) {
            return cut(f->name[n], name);
        }
    }
    for (; member != NULL; member = member->next) {
        if (!params_listed(list, bytes_of(member->string))) {
            return cut(bytes_of(member->string), name);
        }
    }
    return NULL;
}

bool params_type_is_json(const struct sim_request *req)
{
    static const char json[] = "application/json";
    struct bytes type = request_header(req, "Content-Type");

    return type.size >= sizeof json - 1 && strncasecmp(type.data, json, sizeof json - 1) == 0;
}

unsigned params_limit(const struct sim *s, unsigned limit)
{
    unsigned stretched = limit * s->options.rate_factor;

    return stretched < WINDOW_MAX ? stretched : WINDOW_MAX;
}

void params_fault_word(const char *word, char *code, size_t size, const char **text)
{
    const char *colon = strchr(word, ':');
    int length = colon == NULL ? (int)strlen(word) : (int)(colon - word);

    (void)snprintf(code, size, "%.*s", length, word);
    *text = colon == NULL ? "simulated" : colon + 1;
}
