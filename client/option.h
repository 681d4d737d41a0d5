/*
 * option - every option of the tool in one table, and the reader of argv.
 *
 * A row says how an option is written and what it is for; help, the reader
 * and the check of the manual all come from it. Two rows may share a name when
 * no command takes both (`--to`: the end of a list, the new time of a move):
 * the name is looked up among the command's own options first, then among the
 * global ones, so that before the command only the global meaning exists.
 *
 * Values are borrowed from argv. To add an option add an enum value and a row.
 */
#ifndef CLIENT_OPTION_H
#define CLIENT_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/field.h"

enum option {
	OPT_SERVER,
	OPT_PROFILE,
	OPT_OUTPUT,
	OPT_TZ,
	OPT_KEY,
	OPT_NO_COLOR,
	OPT_HELP,
	OPT_VERSION,
	OPT_SITE,
	OPT_REASON,
	OPT_REASON_CODE,
	OPT_PURPOSE,
	OPT_URGENCY,
	OPT_SPECIALTY,
	OPT_EXPERT,
	OPT_TITLE,
	OPT_MODALITY,
	OPT_LANGUAGE,
	OPT_SURGEON,
	OPT_DURATION,
	OPT_BEFORE,
	OPT_AFTER,
	OPT_WANTED,
	OPT_AGREEMENT,
	OPT_PATIENT,
	OPT_PATIENT_ID,
	OPT_PATIENT_NAME,
	OPT_SUMMARY,
	OPT_STATUS,
	OPT_KIND,
	OPT_FROM,
	OPT_TO,
	OPT_LIMIT,
	OPT_REQUEST,
	OPT_WITH,
	OPT_WHY_NOT,
	OPT_OVERBOOK,
	OPT_BEHIND,
	OPT_REFER_TO,
	OPT_OF,
	OPT_BED_DAYS,
	OPT_WHAT,
	OPT_WHEN,
	OPT_EXPLAIN,
	OPT_AT,
	OPT_MINUTES,
	OPT_MOVE_TO,
	OPT_DAY,
	OPT_WEEK,
	OPT_NAME,
	OPT_ROLE,
	OPT_DRY_RUN,
	OPT_FORCE,
	OPT_TIME_ZONE,
	OPT_REPLACE,
	OPT_USER,
	OPT_HOURS,
	OPT_SCOPE,
	OPT_DAYS,
	OPT_ABSENT,
	OPT_UNTIL,
	OPT_ANY_EXPERT,
	OPT_NOTICE,
	OPT_FILE,
	OPT_REFERENCE,
	OPT_CORRECTS,
	OPT_MODE,
	OPT_RELATION,
	OPT_WITHDRAWN,
	OPT_INSTEAD,
	OPT_DOOR,
	OPT_LEVEL,
	OPT_GIVES,
	OPT_TAKES,
	OPT_FOR_EXPERT,
	OPT_URGENT,
	OPT_ATTACH,
	OPT_ACCOMPANIED_BY,
	OPT_LICENCE,
	OPT_PHONE,
	OPT_FOR,
	OPT_NOTE,
	OPT_ONLY_THESE,
	OPT_BEYOND_END,
	OPT_SEATS,
	OPT_PER_SITE,
	OPT_SHOWS,
	OPT_NO_RECORD,
	OPT_BESIDE,
	OPT_TOKENS,
	OPT_STATION,
	OPT_ALSO,
	OPT_BY,
	OPT_RULE,
	OPT_EXCEPT,
	OPT_ADD,
	OPT_ON_HOLIDAY,
	OPT_POSSIBLE,
	OPT_REMOTE,
	OPT_WORKS_AS,
	OPT_RULE_FILE,
	OPT_NUMBER,
	OPT_SEEN,
	OPT_MOVES,
	OPT_OVER,
	OPT_COUNT
};

/* A bit an option; there are more than 64. */
__extension__ typedef unsigned __int128 optset;
#define OPTSET(o) ((optset)1 << (OPT_##o))

struct option_row {
	const char *name; /* without the hyphens */
	char letter;	  /* 0: none */
	const char *arg;  /* NULL: a flag */
	bool repeat;	  /* may be given several times */
	const char *help;
};

extern const struct option_row option_rows[OPT_COUNT];
extern const optset option_globals;

struct options {
	struct field_strs v[OPT_COUNT]; /* a flag's value is "" */
};

#define OPTIONS_ARGS_MAX 8

/* What stands after the options; args are borrowed. */
struct option_args {
	const char *v[OPTIONS_ARGS_MAX];
	size_t n;
};

/*
 * Reads argv[0..argc) with the command's options `own` and the global ones.
 * words_first: stop at the first word that is no option (the command) and
 * answer how many were read in out_used. RC_USAGE with a text about the first
 * mistake; what follows it is read all the same, to know the form of answers.
 */
struct option_read {
	int argc;
	char *const *argv;
	optset own;
	bool words_first;
	struct arena *arena;
};
__attribute__((warn_unused_result)) enum rc
options_read(const struct option_read *in, struct options *opts,
	     struct option_args *out_args, int *out_used, struct err *err);

/* The option that a word of argv is, among own and global ones; -1 when it is
 * none. *out_value: what follows its '=' or letter, or NULL. */
int option_find(optset own, const char *word, const char **out_value);

bool options_has(const struct options *opts, enum option o);
/* The last value given, or NULL. */
const char *options_get(const struct options *opts, enum option o);
/* min <= value <= max; FIELD_NONE when absent. */
__attribute__((warn_unused_result)) enum rc
options_int(const struct options *opts, enum option o, int64_t min, int64_t max,
	    int64_t *out, struct err *err);
/* A word of the set; -1 when absent. The text lists what may be given. */
__attribute__((warn_unused_result)) enum rc
options_word(const struct options *opts, enum option o,
	     const struct words *words, int *out, struct err *err);
/* The same for a value that is no option (`what` it is comes from words). */
__attribute__((warn_unused_result)) enum rc
option_word(const char *s, const struct words *w, int *out, struct err *err);
/* A slug; NULL when absent. */
__attribute__((warn_unused_result)) enum rc
options_slug(const struct options *opts, enum option o, const char **out,
	     struct err *err);

#endif
