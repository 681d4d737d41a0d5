/*
 * accept - which of several forms of an answer somebody would rather have.
 *
 * RFC 9110 section 12.5.1: media ranges with weights.
 */
#ifndef DAEMON_API_ACCEPT_H
#define DAEMON_API_ACCEPT_H

/* What the field gives a type ("text/csv"), in thousandths: the weight of the
 * range that fits it best; 0: none does. version: what a range's parameter of
 * that name must be. */
int accept_weigh(const char *accept, const char *type, const char *version);

#endif
