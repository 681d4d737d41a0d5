/*
 * query - a message as the query of a URL, out of the same field table that
 * the server reads it with. Absent fields are left out; a list is a parameter
 * repeated; objects and maps cannot stand in a query and are not written.
 */
#ifndef CLIENT_QUERY_H
#define CLIENT_QUERY_H

#include "proto/field.h"

/* Appends "?a=b&c=d", or nothing when every field is absent. */
void query_encode(const struct msg *msg, const void *in, struct buf *out);

#endif
