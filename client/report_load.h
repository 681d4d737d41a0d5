/*
 * report_load - how much is asked of each expert.
 */
#ifndef CLIENT_REPORT_LOAD_H
#define CLIENT_REPORT_LOAD_H

#include "client/client.h"

/* As --from, --to and --kind say. */
__attribute__((warn_unused_result)) enum rc report_load(struct client *c,
							struct err *err);

#endif
