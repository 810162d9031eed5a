/*
 * The simulator's page. The text is made into sim_page by the build.
 */
#ifndef TESTS_SIM_VENUESIM_PAGE_H
#define TESTS_SIM_VENUESIM_PAGE_H

#include "venuesim.h"

extern const char sim_page[];
extern const size_t sim_page_size;

/* GET /sim: the page, with a policy that allows its own script and style and nothing else. */
void page_serve(struct sim_request *req);
/* GET /sim/state: JSON, numbers as text. At most 200 orders and 50 fills. */
void page_state(struct sim_request *req);

#endif
