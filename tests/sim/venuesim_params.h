/*
 * What the dialects' tables of routes share: parameters a route knows, JSON bodies, limits, and the
 * words of faults.
 */
#ifndef TESTS_SIM_VENUESIM_PARAMS_H
#define TESTS_SIM_VENUESIM_PARAMS_H

#include "venuesim.h"
#include "venuesim_text.h"

#define PARAM_NAME_SIZE 64

/* Whether `name` is one of the words of `list`, which are divided by one space each. */
bool params_listed(const char *list, struct bytes name);
/* The first parameter of the query or member of the body (either may be NULL) that `list` does not
 * hold, cut to the size of `name`; NULL: all are known. */
const char *params_unknown(const struct form *f, const struct cJSON *json, const char *list,
                           char name[PARAM_NAME_SIZE]);
/* Whether the request says that its body is JSON; further parameters of the type are let pass. */
bool params_type_is_json(const struct sim_request *req);
/* What a route may be called per period, as the options stretch it. */
unsigned params_limit(const struct sim *s, unsigned limit);
/* "40762:some text" into code and text; without a text it is "simulated". */
void params_fault_word(const char *word, char *code, size_t size, const char **text);

#endif
