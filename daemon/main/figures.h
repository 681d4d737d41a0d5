/*
 * figures - what only main knows of what an operator sees.
 */
#ifndef DAEMON_MAIN_FIGURES_H
#define DAEMON_MAIN_FIGURES_H

#include "daemon/main/material.h"

/* Once, before "ready". */
void figures_begin(const struct clock *clock, unsigned workers);
/* When the certificates end; again after a reload. What cannot be read is not
 * shown: the TLS front has judged it. */
void figures_server(const struct material *material);
void figures_ca(const struct material *material);

#endif
