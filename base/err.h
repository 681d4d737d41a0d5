/*
 * err - why a call failed, for the person who asked.
 *
 * A struct err lives on the caller's stack, is optional (NULL is fine) and is
 * untouched on success. Whoever detects a failure writes it once; callers on
 * the way up return the rc and do not log. Never put a patient into it: the
 * text goes into answers and may be logged.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/rc.h"

#define ERR_TEXT_MAX 400

struct err {
	enum rc rc;
	char text[ERR_TEXT_MAX]; /* UTF-8, one line, cut at the bound */
};

#define ERR_INIT                                                               \
	{                                                                      \
		.rc = RC_OK                                                    \
	}

/* Fills err when it is not NULL; answers rc, so that "return err_set()". */
__attribute__((format(printf, 3, 4))) enum rc
err_set(struct err *err, enum rc rc, const char *fmt, ...);

/* So that the analyzer, which sees one file at a time, knows what it answers.
 */
#ifdef __clang_analyzer__
#define err_set(err, rc, ...) ((void)(err_set)((err), (rc), __VA_ARGS__), (rc))
#endif

#endif
