/*
 * title - which title serves for which: the physicians' titles in their order.
 *
 * A title serves for those below it; one that is not among them for itself
 * alone. Sources: the Chinese physicians' titles (主任医师, 副主任医师,
 * 主治医师, 住院医师).
 */
#ifndef DAEMON_CORE_TITLE_H
#define DAEMON_CORE_TITLE_H

#include <stdbool.h>

/* has: NULL: not known. */
bool title_serves(const char *has, const char *asked);
/* The next lower title; NULL: there is none. */
const char *title_below(const char *title);

#endif
