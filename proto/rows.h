/*
 * rows - one line a field: the macros that the message tables are written in.
 *
 * Each takes the message (`patient` for struct msg_patient), the member, which
 * is also the name on the wire, and the flags; the type of the member is
 * checked by the compiler against the type of the field. For the tables in
 * messages_*.c and for tests alone.
 */
#ifndef PROTO_ROWS_H
#define PROTO_ROWS_H

#include "proto/field.h"

#define OPTIONAL 0
#define REQUIRED FIELD_REQUIRED
#define SECRET FIELD_SECRET

/* The member's offset; does not compile unless the member is a `ctype`. */
#define ROW_AT(s, m, ctype)                                                    \
	_Generic(((struct msg_##s *)NULL)->m, ctype                            \
		 : offsetof(struct msg_##s, m))

#define ROW(s, m, ftype, ctype, fl, ...)                                       \
	{                                                                      \
		.name = #m, .type = ftype, .flags = (fl),                      \
		.offset = ROW_AT(s, m, ctype), __VA_ARGS__                     \
	}
#define ROW_TEXT(s, m, ftype, fl, text)                                        \
	ROW(s, m, ftype, const char *, fl, .help = text)
#define ROW_NUMBER(s, m, ftype, fl, text)                                      \
	ROW(s, m, ftype, int64_t, fl, .help = text)

/* lo..hi: characters, values or word numbers; n: most elements. */
#define STR(s, m, fl, lo, hi, text)                                            \
	ROW(s, m, FIELD_STR, const char *, fl, .min = lo, .max = hi,           \
	    .help = text)
#define TEXT(s, m, fl, lo, hi, text)                                           \
	ROW(s, m, FIELD_TEXT, const char *, fl, .min = lo, .max = hi,          \
	    .help = text)
#define CHOICE(s, m, fl, set, text)                                            \
	ROW(s, m, FIELD_STR, const char *, fl, .words = &(set), .help = text)
#define SLUG(s, m, fl, text) ROW_TEXT(s, m, FIELD_SLUG, fl, text)
#define REF(s, m, fl, text) ROW_TEXT(s, m, FIELD_REF, fl, text)
#define CODE(s, m, fl, text) ROW_TEXT(s, m, FIELD_CODE, fl, text)
#define INT(s, m, fl, lo, hi, text)                                            \
	ROW(s, m, FIELD_INT, int64_t, fl, .min = lo, .max = hi, .help = text)
#define BOOL(s, m, fl, text) ROW(s, m, FIELD_BOOL, bool, fl, .help = text)
#define TIME(s, m, fl, text) ROW_NUMBER(s, m, FIELD_TIME, fl, text)
#define DATE(s, m, fl, text) ROW_NUMBER(s, m, FIELD_DATE, fl, text)
#define WALL(s, m, fl, text) ROW_NUMBER(s, m, FIELD_WALL, fl, text)
#define COUNT(s, m, fl, text) INT(s, m, fl, 0, INT64_MAX, text)
/* WORD(request, kind, REQUIRED, kind, KIND, ...): any of words_kind */
#define WORD(s, m, fl, set, prefix, text)                                      \
	WORD_RANGE(s, m, fl, set, 0, prefix##_COUNT - 1, text)
#define WORD_RANGE(s, m, fl, set, lo, hi, text)                                \
	ROW(s, m, FIELD_WORD, int, fl, .words = &words_##set, .min = lo,       \
	    .max = hi, .help = text)
#define KINDS(s, m, fl, text)                                                  \
	ROW(s, m, FIELD_WORDSET, kindset, fl, .words = &words_kind,            \
	    .max = KIND_COUNT - 1, .help = text)
#define CONSENTS(s, m, fl, text)                                               \
	ROW(s, m, FIELD_WORDSET, consentset, fl, .words = &words_consent,      \
	    .max = CONSENT_COUNT - 1, .help = text)
#define GATES(s, m, fl, text)                                                  \
	ROW(s, m, FIELD_WORDSET, gateset, fl, .words = &words_gate,            \
	    .max = GATE_COUNT - 1, .help = text)
#define SCOPES(s, m, fl, text)                                                 \
	ROW(s, m, FIELD_WORDSET, scopeset, fl, .words = &words_scope,          \
	    .max = SCOPE_COUNT - 1, .help = text)
#define BYS(s, m, fl, text)                                                    \
	ROW(s, m, FIELD_WORDSET, byset, fl, .words = &words_by,                \
	    .max = BY_COUNT - 1, .help = text)
#define NEEDS(s, m, fl, text)                                                  \
	ROW(s, m, FIELD_WORDSET, needset, fl, .words = &words_need,            \
	    .max = NEED_COUNT - 1, .help = text)
#define KINDMAP(s, m, fl, lo, hi, text)                                        \
	ROW(s, m, FIELD_WORDMAP, int64_t *, fl, .words = &words_kind,          \
	    .min = lo, .max = hi, .help = text)
#define STRS(s, m, fl, lo, hi, n, text)                                        \
	ROW(s, m, FIELD_STRS, struct field_strs, fl, .min = lo, .max = hi,     \
	    .items = n, .help = text)
#define SLUGS(s, m, fl, n, text)                                               \
	ROW(s, m, FIELD_SLUGS, struct field_strs, fl, .items = n, .help = text)
#define REFS(s, m, fl, n, text)                                                \
	ROW(s, m, FIELD_REFS, struct field_strs, fl, .items = n, .help = text)
#define DATES(s, m, fl, n, text)                                               \
	ROW(s, m, FIELD_DATES, struct field_strs, fl, .items = n, .help = text)
#define OBJECT(s, m, fl, of, text)                                             \
	ROW(s, m, FIELD_OBJECT, struct msg_##of *, fl,                         \
	    .msg = &msg_##of##_table, .help = text)
#define OBJECTS(s, m, fl, of, n, text)                                         \
	ROW(s, m, FIELD_OBJECTS, struct field_list, fl,                        \
	    .msg = &msg_##of##_table, .items = n, .help = text)
#define MAP(s, m, fl, of, n, text)                                             \
	ROW(s, m, FIELD_MAP, struct field_list, fl, .msg = &msg_##of##_table,  \
	    .items = n, .help = text)

/* The table itself: MESSAGE(patient, "Patient", "who it is for", ROWS...) */
#define MESSAGE(s, wire, text, ...)                                            \
	const struct msg msg_##s##_table = {                                   \
		wire, text, sizeof(struct msg_##s),                            \
		(const struct field[]){__VA_ARGS__, {.name = NULL}}}
/* Another table of the same struct. */
#define MESSAGE_OF(s, table, wire, text, ...)                                  \
	const struct msg msg_##table##_table = {                               \
		wire, text, sizeof(struct msg_##s),                            \
		(const struct field[]){__VA_ARGS__, {.name = NULL}}}

#endif
