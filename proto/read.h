/*
 * read - what reading JSON and reading a query have in common: where we are,
 * the faults found so far, and the values that are written as text.
 *
 * A reading lives on the stack of one proto_decode*() call. Readers do not
 * answer whether they succeeded: a wrong value adds a fault and leaves the
 * member absent, and the end of memory sets `nomem`; the caller asks once at
 * the end. Private to proto.
 */
#ifndef PROTO_READ_H
#define PROTO_READ_H

#include "proto/field.h"

/* One step from the root to a value; the steps are a list on the stack. */
struct step {
	const struct step *up; /* NULL at the first step */
	const char *name;      /* NULL: an element, number `index` */
	size_t index;
	bool secret; /* this one or one above it is of a patient */
};

struct reading {
	struct arena *arena;
	struct field_faults *faults;
	bool lenient;
	bool query; /* pointers are "#name" */
	bool nomem;
};

/* Adds a fault with a fixed text; at NULL is the whole message. */
void read_fault(struct reading *r, const struct step *at, const char *detail);
/* The same with min and max of the field put into "%lld" twice. */
void read_fault_bounds(struct reading *r, const struct step *at,
		       const struct field *f);
void read_fault_words(struct reading *r, const struct step *at,
		      const struct field *f);
void read_fault_items(struct reading *r, const struct step *at, size_t most);
/* A name that the peer chose and that the table does not have. */
void read_fault_name(struct reading *r, const struct step *at, const char *name,
		     size_t len, const char *detail);

/* Arena memory, or NULL and r->nomem. */
void *read_alloc(struct reading *r, size_t n, size_t size);

/* A value written as text, or one element of a list of such, into *out, which
 * is the member or the element. s is valid UTF-8. For the types that are
 * neither numbers nor objects. */
void read_text(struct reading *r, const struct field *f, const struct step *at,
	       const char *s, size_t len, void *out);
/* The word's number within the field's range, or -1 and a fault. */
int read_word(struct reading *r, const struct field *f, const struct step *at,
	      const char *s, size_t len);

/* What the whole reading comes to. */
__attribute__((warn_unused_result)) enum rc
read_end(const struct reading *r, const struct msg *msg, struct err *err);

#endif
