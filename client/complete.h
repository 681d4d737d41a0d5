/*
 * complete - what could be typed next: one mechanism for every shell.
 *
 * `teleconsult __complete WORD...` is asked by the shell's own few lines with
 * the words up to the cursor, the last of them the one that is being typed
 * (perhaps empty). It answers a line for each word that would do, with a tab
 * and a help text where there is one, and ":files" where the name of a file
 * belongs. Commands, options and their values come from the tables of command.h
 * and option.h, of which the placeholders ("KIND", "SITE/NAME") say what can
 * stand there; codes, slugs and users are asked from the server, with little
 * patience. Whatever goes wrong, goes wrong silently: nothing is answered.
 *
 * A shell that splits words at "=" and ":" (bash) gives them as words of their
 * own; they are put together again, and what is answered then replaces what
 * stands after the last of them.
 */
#ifndef CLIENT_COMPLETE_H
#define CLIENT_COMPLETE_H

#include "client/client.h"

#define COMPLETE_COMMAND "__complete"

/* The lines for these words, into c->out. */
void complete(struct client *c, const char *const *words, size_t n);

#endif
