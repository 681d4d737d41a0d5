/*
 * items - the elements of a list document as the server wrote them, so that
 * several pages become one document without losing a field.
 */
#ifndef CLIENT_ITEMS_H
#define CLIENT_ITEMS_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends up to max elements of the top-level array `name` of a JSON document
 * that is known to be well-formed, after a comma when out is not empty.
 */
void items_append(const char *json, size_t len, const char *name, size_t max,
		  struct buf *out);

#endif
