/*
 * field - one table a message: it decodes, validates, encodes and describes.
 *
 * A message is a plain C struct and a table of its fields. The same table
 * reads JSON or a query string strictly into the struct, writes the struct as
 * JSON straight into an output buffer, and prints its JSON Schema for OpenAPI
 * 3.1. To add a field add a struct member and a row.
 *
 * Absent values: NULL for strings and objects, FIELD_NONE for numbers and
 * times, -1 for words, n = 0 for lists, 0 for sets, false for bools. Absent
 * optional fields are not written.
 *
 * Decoded strings are copies in the arena, valid UTF-8, without control
 * characters; what is not to be empty is not to be blank either. Reals,
 * duplicate keys and depth over FIELD_DEPTH_MAX are refused; unknown fields
 * are refused by name. All faults are collected, each with its JSON pointer
 * (RFC 6901) - or, from a query, "#name" of the parameter. A fault never
 * repeats a value, and inside a FIELD_SECRET object not even a name that the
 * table does not have.
 */
#ifndef PROTO_FIELD_H
#define PROTO_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/words.h"

#define FIELD_NONE INT64_MIN
#define FIELD_DEPTH_MAX 8
#define FIELD_FAULTS_MAX 64

enum field_type {
	FIELD_STR,  /* const char *; min..max characters, or one of .words */
	FIELD_TEXT, /* the same, line breaks allowed */
	FIELD_SLUG, /* const char * */
	FIELD_REF,  /* const char *; site/name */
	FIELD_CODE, /* const char *; stored "7K2MQX9D", written "7K2M-QX9D" */
	FIELD_INT,  /* int64_t; min..max */
	FIELD_BOOL, /* bool */
	FIELD_TIME, /* int64_t UTC seconds; RFC 3339, written with Z */
	FIELD_DATE, /* int64_t days since 1970-01-01 */
	FIELD_WALL, /* int64_t wall seconds, whole minutes; "2022-01-03T08:00"
		     */
	FIELD_WORD, /* int; one of .words, from number min to number max */
	FIELD_WORDSET, /* kindset; JSON array of .words, each once */
	FIELD_STRS,    /* struct field_strs; min..max characters each */
	FIELD_SLUGS,   /* struct field_strs */
	FIELD_REFS,    /* struct field_strs */
	FIELD_DATES,   /* struct field_strs; "2026-10-01" */
	FIELD_OBJECT,  /* struct *; .msg */
	FIELD_OBJECTS, /* struct field_list; array of .msg */
	FIELD_MAP,     /* struct field_list; JSON object slug -> .msg; the
			* element's first member is const char *name and
			* has no row */
	FIELD_WORDMAP, /* int64_t[words->count]; word -> integer min..max */
	FIELD_TYPE_COUNT,
};

struct field_strs {
	const char **v;
	size_t n;
};

struct field_list {
	void *v; /* contiguous elements of msg->size bytes */
	size_t n;
};

enum {
	FIELD_REQUIRED = 1, /* must be in an input; is always in an output */
	FIELD_SECRET = 2,   /* of a patient: never in a log, fault or key */
};

struct field {
	const char *name; /* snake_case, on the wire */
	enum field_type type;
	unsigned flags;
	size_t offset;
	int64_t min, max; /* characters or values */
	size_t items;	  /* the most elements of a list or map */
	const struct words *words;
	const struct msg *msg;
	const char *help; /* one line, for OpenAPI and --help */
};

struct msg {
	const char *name; /* CamelCase, the schema's name in OpenAPI */
	const char *help;
	size_t size;
	const struct field *fields; /* at most 64; the last has no name */
};

struct field_fault {
	const char *pointer; /* "/patient/name"; arena */
	const char *detail;
};

struct field_faults {
	struct field_fault v[FIELD_FAULTS_MAX];
	size_t n;
	size_t dropped; /* found beyond the table */
};

enum { PROTO_STRICT = 0, PROTO_LENIENT = 1 /* unknown fields are skipped */ };

/* RC_MALFORMED: no JSON, duplicates, too deep (err says where).
 * RC_INVALID: faults says what, everything at once. RC_NOMEM: the arena is
 * too small or memory ended. out is msg->size bytes; it is set from first to
 * last whatever the answer, but a message only when that is RC_OK. */
__attribute__((warn_unused_result)) enum rc
proto_decode(const struct msg *msg, const char *json, size_t len, int mode,
	     struct arena *arena, void *out, struct field_faults *faults,
	     struct err *err);

/* The same from "a=b&c=d" (RFC 3986 percent-encoding, '+' is a plus); a list
 * field is a parameter repeated. Objects cannot stand in a query. RC_MALFORMED:
 * a byte that no query may have, or a broken percent-encoding. */
__attribute__((warn_unused_result)) enum rc
proto_decode_query(const struct msg *msg, const char *query, size_t len,
		   struct arena *arena, void *out, struct field_faults *faults,
		   struct err *err);

/* Sets every field of the struct to absent; members without a row are zeroed.
 */
void proto_clear(const struct msg *msg, void *out);

/* With all that its fields point to, in the arena, so that it outlives where
 * it was made; members without a row stay as they are. False: no memory, and
 * out is no message. Of a list all elements; in and out may be the same. */
__attribute__((warn_unused_result)) bool proto_copy(const struct msg *msg,
						    const void *in,
						    struct arena *arena,
						    void *out);
__attribute__((warn_unused_result)) bool
proto_copy_list(const struct msg *msg, const struct field_list *in,
		struct arena *arena, struct field_list *out);

/* Appends the JSON; a failure shows in buf->failed alone. */
void proto_encode(const struct msg *msg, const void *in, struct buf *buf);

/* Appends the JSON Schema (2020-12) of the message; nested messages are
 * "#/components/schemas/NAME" references. */
void proto_schema(const struct msg *msg, struct buf *buf);
/* Appends the OpenAPI parameter objects of a query message, comma-separated. */
void proto_parameters(const struct msg *msg, struct buf *buf);

/* Every message there is, for the schemas; ends with NULL. */
extern const struct msg *const proto_messages[];

/* Puts jansson's memory into our hands and seeds its hash. Once, before
 * threads and before anything is decoded. */
void proto_init(unsigned seed);

#endif
