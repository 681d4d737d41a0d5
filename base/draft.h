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
/* A file to be taken over as it is: a regular one and no link, and no database
 * whose log lies beside it (RC_INVALID). */
struct draft_source;
__attribute__((warn_unused_result)) enum rc
draft_source_open(const char *path, struct draft_source **out, struct err *err);
void draft_source_close(struct draft_source *source);
__attribute__((warn_unused_result)) enum rc
draft_copy(struct draft *draft, struct draft_source *source, struct err *err);
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
