/*
 * Where cJSON's trees lie on the loop's thread: in one block that is filled from its start and
 * begun anew whenever nothing in it is in use. An answer's tree lives within a turn, and two
 * allocations a member would be most of those an order costs.
 */
#ifndef DAEMON_JSON_MEMORY_H
#define DAEMON_JSON_MEMORY_H

#include "base.h"

/* Installs it for the whole process (cJSON_InitHooks), on the loop's thread, before cJSON is used;
 * calling it again changes nothing. Other threads, and what the block has no room for, get malloc's
 * memory. False: no memory for the block; cJSON goes on with malloc. */
bool json_memory_init(void);

/* Gives the block back; cJSON uses malloc again. Nothing that cJSON made may be in use. */
void json_memory_fini(void);

#endif
