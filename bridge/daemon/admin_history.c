/*
 * An order's timeline.
 */
#include "admin_internal.h"

bool admin_search_done(const struct admin_request *r)
{
    (void)r;
    return true;
}

void admin_search_free(struct admin_request *r)
{
    (void)r;
}
