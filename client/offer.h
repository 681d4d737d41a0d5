/*
 * offer - the words that can stand for a placeholder, for completion.
 *
 * A placeholder in capitals names a source ("KIND", "CODE", "SITE/NAME"), a
 * word in small letters stands for itself ("table|json|csv"). What the server
 * knows is asked with little patience, and is not offered when it does not
 * answer.
 */
#ifndef CLIENT_OFFER_H
#define CLIENT_OFFER_H

#include "client/client.h"

struct offer {
	struct client *c;
	const char *typed;  /* only what begins with it is offered */
	const char *before; /* stands in front of each answer */
	const char *arg;    /* the command's first argument, or NULL */
};

/* A line, if the word fits; help may be NULL. */
void offer_word(const struct offer *offer, const char *word, const char *help);
/* Every alternative of "CODE|KIND" and the like. */
void offer_placeholders(const struct offer *offer, const char *alternatives);
/* What can be the value of an option. */
void offer_value(const struct offer *offer, enum option o);

/* What the server knows (offer_ask.c). */
void offer_codes(const struct offer *offer);
void offer_users(const struct offer *offer);
void offer_ids(const struct offer *offer);
void offer_experts(const struct offer *offer);
void offer_sites(const struct offer *offer);
void offer_resources(const struct offer *offer);

#endif
