/*
 * draft - a large file, written bit by bit and then put in its place at once.
 *
 * It grows under PATH.part, readable by its owner only, and becomes PATH when
 * it is complete and on the disk: who looks at PATH finds nothing, what was
 * there before, or all of it. A PATH.part that a crash left is replaced by the
 * next draft of that path. Errors as in file.h.
 */
#ifndef BASE_DRAFT_H
#define BASE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct draft;

__attribute__((warn_unused_result)) enum rc
draft_new(const char *path, struct draft **out, struct err *err);
__attribute__((warn_unused_result)) enum rc
draft_add(struct draft *draft, const void *data, size_t len, struct err *err);
/* Empty again. */
__attribute__((warn_unused_result)) enum rc draft_restart(struct draft *draft,
							  struct err *err);
/* RC_EXISTS where there is something at PATH that it may not replace. The
 * draft is gone in any case. */
__attribute__((warn_unused_result)) enum rc
draft_place(struct draft *draft, bool replace, struct err *err);
/* Gives it up. */
void draft_drop(struct draft *draft);

#endif
