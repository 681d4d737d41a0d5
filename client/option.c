/* option - see option.h. */
#include "client/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

const struct option_row option_rows[OPT_COUNT] = {
	[OPT_SERVER] = {"server", 0, "URL", false,
			"https://HOST:PORT, instead of the profile's"},
	[OPT_PROFILE] = {"profile", 0, "PROFILE", false,
			 "whose certificate to use (\"default\")"},
	[OPT_OUTPUT] = {"output", 'o', "table|json|csv", false,
			"a table for people, the API's document or rows"},
	[OPT_TZ] = {"tz", 0, "ZONE", false,
		    "read and show times in this IANA zone"},
	[OPT_KEY] = {"idempotency-key", 0, "KEY", false,
		     "the same KEY never does the same thing twice"},
	[OPT_NO_COLOR] = {"no-color", 0, NULL, false, "no colours"},
	[OPT_HELP] = {"help", 'h', NULL, false, "show this help"},
	[OPT_VERSION] = {"version", 0, NULL, false, "show the version"},
	[OPT_SITE] = {"site", 0, "SITE", false, "the hospital"},
	[OPT_REASON] = {"reason", 0, "TEXT", false, "why"},
	[OPT_REASON_CODE] = {"reason-code", 0, "WHY", false,
			     "why as one word, for who counts them"},
	[OPT_PURPOSE] = {"purpose", 0, "TEXT", false, "what is hoped for"},
	[OPT_URGENCY] = {"urgency", 0, "emergency|urgent|routine", false,
			 "how soon"},
	[OPT_SPECIALTY] = {"specialty", 0, "NAME", false,
			   "the specialty that is wanted"},
	[OPT_EXPERT] = {"expert", 0, "EXPERT", false, "the expert"},
	[OPT_TITLE] = {"title", 0, "TITLE", false,
		       "the least title that is wanted"},
	[OPT_MODALITY] = {"modality", 0, "NAME", false,
			  "for imaging: ultrasound, CT, MRI"},
	[OPT_LANGUAGE] = {"language", 0, "TAG", true,
			  "what the expert speaks, as en; may be repeated"},
	[OPT_SURGEON] = {"surgeon", 0, "EXPERT", false,
			 "the partner's surgeon who operates"},
	[OPT_DURATION] = {"duration", 0, "MINUTES", false,
			  "how long the expert takes part"},
	[OPT_BEFORE] = {"before", 0, "MINUTES", false,
			"how long before that the operation begins"},
	[OPT_AFTER] = {"after", 0, "MINUTES", false,
		       "how long after that the operation ends"},
	[OPT_WANTED] = {"wanted", 0, "FROM/TO", true,
			"a time that would do; may be repeated"},
	[OPT_AGREEMENT] = {"agreement", 0, "ID", false,
			   "under which agreement, if several fit"},
	[OPT_PATIENT] = {"patient", 0, "FILE|-", false,
			 "JSON with local_id, name and summary"},
	[OPT_PATIENT_ID] = {"patient-id", 0, "NUMBER", false,
			    "the patient's number at your site"},
	[OPT_PATIENT_NAME] = {"patient-name", 0, "NAME", false,
			      "the patient's name (others see it in ps)"},
	[OPT_SUMMARY] = {"summary", 0, "TEXT", false,
			 "the summary of the record (others see it in ps)"},
	[OPT_ATTACH] = {"attach", 0, "UID|URL#SHA256", true,
			"a DICOM study, or a document and its hash"},
	[OPT_ACCOMPANIED_BY] = {"accompanied-by", 0, "NAME", false,
				"the physician who accompanies the patient"},
	[OPT_LICENCE] = {"licence", 0, "NUMBER", false,
			 "that physician's licence"},
	[OPT_PHONE] = {"phone", 0, "NUMBER", false,
		       "where that physician is reached"},
	[OPT_FOR] = {"for", 0, "TEXT", false, "what is missing"},
	[OPT_NOTE] = {"note", 0, "TEXT", false,
		      "what was added, or what people should know"},
	[OPT_ONLY_THESE] = {"only-these", 0, NULL, false,
			    "the attachments are instead of those there are"},
	[OPT_BEYOND_END] = {"beyond-end", 0, NULL, false,
			    "even beyond the agreement's end, if you may"},
	[OPT_BY] = {"by", 0, "WHAT", true,
		    "month, day, lead, partner, expert or kind; repeat"},
	[OPT_RULE] = {"rrule", 0, "RRULE", false,
		      "how it repeats, with COUNT or UNTIL (RFC 5545)"},
	[OPT_EXCEPT] = {"except", 0, "DATE", true,
			"not on this day of it; may be repeated"},
	[OPT_ADD] = {"add", 0, "DATE", true,
		     "on this day as well; may be repeated"},
	[OPT_ON_HOLIDAY] = {"on-holiday", 0,
			    "leave-out|next-working-day|as-any-day", false,
			    "(leave-out)"},
	[OPT_POSSIBLE] = {"possible", 0, NULL, false,
			  "what can be done, where not all of it can"},
	[OPT_STATUS] = {"status", 0, "STATUS", false, "only with this status"},
	[OPT_KIND] = {"kind", 0, "KIND", false, "only of this kind"},
	[OPT_FROM] = {"from", 0, "TIME|DAY", false,
		      "from then on; a day begins at midnight"},
	[OPT_TO] = {"to", 0, "TIME|DAY", false,
		    "until then; a day is included whole"},
	[OPT_LIMIT] = {"limit", 'n', "N", false, "no more than N"},
	[OPT_REQUEST] = {"request", 0, "CODE", false,
			 "for this request: its kind, site and duration"},
	[OPT_WITH] = {"with", 0, "SITE/NAME", true,
		      "a room or link that takes part; may be repeated"},
	[OPT_ALSO] = {"also", 0, "WANTS", true,
		      "one more expert: specialty=imaging,modality=mri"},
	[OPT_WHY_NOT] = {"why-not", 0, NULL, false,
			 "say what stands in the way when there is no time"},
	[OPT_OVERBOOK] = {"overbook", 0, "REASON", false,
			  "behind the last place, if you may, and why"},
	[OPT_BEHIND] = {"overbook", 0, NULL, false,
			"places behind the last, too"},
	[OPT_EXPLAIN] = {"explain", 0, NULL, false,
			 "where there is no time, what would give one"},
	[OPT_REFER_TO] = {"to", 0, "SITE", false,
			  "of a referral: who takes the patient"},
	[OPT_OF] = {"of", 0, "CODE", false,
		    "of a referral: the request that it comes from"},
	[OPT_BED_DAYS] = {"bed-days", 0, "N", false,
			  "of a referral: a bed for N days, and no expert"},
	[OPT_WHAT] = {"what", 0, "EVENT", false,
		      "what happened: admitted, seen, operated, ..."},
	[OPT_WHEN] = {"at", 0, "TIME", false, "when it happened (now)"},
	[OPT_AT] = {"at", 0, "TIME", false, "when it begins"},
	[OPT_MINUTES] = {"minutes", 0, "N", false,
			 "how long the hold lasts (5)"},
	[OPT_MOVE_TO] = {"to", 0, "TIME", false, "when it begins now"},
	[OPT_DAY] = {"day", 0, NULL, false, "one day as a list"},
	[OPT_WEEK] = {"week", 0, NULL, false, "one week as a calendar"},
	[OPT_NAME] = {"name", 0, "NAME", false, "who it is, for people"},
	[OPT_ROLE] = {"role", 0, "ROLE", false, "what they may do"},
	[OPT_DRY_RUN] = {"dry-run", 0, NULL, false,
			 "store nothing, say what would change"},
	[OPT_FORCE] = {"force", 0, NULL, false, "replace the file"},
	[OPT_TIME_ZONE] = {"time-zone", 0, "ZONE", false,
			   "in which the profile reads and shows times"},
	[OPT_REPLACE] = {"replace", 0, NULL, false,
			 "give up the profile of that name for this one"},
	[OPT_USER] = {"user", 0, "USER", false,
		      "for user-12, who needs a new certificate"},
	[OPT_HOURS] = {"hours", 0, "N", false, "how long it can be used (72)"},
	[OPT_SCOPE] = {"scope", 0, "SCOPE", true,
		       "what it is good for; may be repeated"},
	[OPT_DAYS] = {"days", 0, "N", false, "how long it is good for (365)"},
	[OPT_DOOR] = {"door", 0, "TIME", false,
		      "of an emergency: when the patient came"},
	[OPT_LEVEL] = {"level", 0, "N", false,
		       "of this level: 1 is called first (1)"},
	[OPT_GIVES] = {"gives", 0, "EXPERT", false, "whose duty it is"},
	[OPT_TAKES] = {"takes", 0, "EXPERT", false, "who takes it over"},
	[OPT_FOR_EXPERT] = {"expert", 0, "EXPERT", false,
			    "for whom a coordinator says it"},
	[OPT_URGENT] = {"request", 0, "CODE", false,
			"the urgent request that gets the time"},
	[OPT_ABSENT] = {"absent", 0, "patient|expert|site|link", false,
			"who did not come"},
	[OPT_UNTIL] = {"until", 0, "TIME|DAY", false,
		       "over by then; a day is included whole"},
	[OPT_ANY_EXPERT] = {"any-expert", 0, NULL, false,
			    "whoever suits, not only the expert it names"},
	[OPT_NOTICE] = {"notice", 0, "MINUTES", false,
			"between the answer to an offer and the start"},
	[OPT_FILE] = {"file", 0, "FILE|-", false, "the text"},
	[OPT_REFERENCE] = {"reference", 0, "TEXT", false,
			   "where more of it is kept"},
	[OPT_CORRECTS] = {"corrects", 0, "N", false,
			  "the version of yours that it corrects"},
	[OPT_MODE] = {"mode", 0, "live|store-and-forward", false,
		      "of images: with a meeting or without one"},
	[OPT_RELATION] = {"relation", 0, "TEXT", false,
			  "what the guardian who signed is to the patient"},
	[OPT_WITHDRAWN] = {"withdrawn", 0, NULL, false,
			   "the consent that there is, is withdrawn"},
	[OPT_REMOTE] = {"remote-requests", 0, "refuse|allow", false,
			"whether they take others' requests meanwhile"},
	[OPT_WORKS_AS] = {"as", 0, "off|usual|MO|TU|WE|TH|FR|SA|SU", false,
			  "what the days are"},
	[OPT_RULE_FILE] = {"rule", 0, "FILE|-", true,
			   "JSON with rrule, start, end ...; may be repeated"},
	[OPT_NUMBER] = {"number", 0, "N", false,
			"which rule, as roster show counts them"},
	[OPT_SEEN] = {"seen", 0, "N", false,
		      "only if the roster still has this version"},
	[OPT_MOVES] = {"moves", 0, NULL, false,
		       "the nearest times that would do as well"},
	[OPT_OVER] = {"over", 0, NULL, false, "those that are over, too"},
	[OPT_INSTEAD] = {"instead", 0,
			 "second-line|telephone|local-fallback|postpone", false,
			 "for what fails"},
	[OPT_SEATS] = {"seats", 0, "N", false,
		       "how many may join, of all hospitals"},
	[OPT_PER_SITE] = {"per-site", 0, "N", false,
			  "how many of one hospital (all of them)"},
	[OPT_SHOWS] = {"shows", 0, "CODE", false,
		       "the booking of the operation that it shows"},
	[OPT_NO_RECORD] = {"no-record", 0, NULL, false, "nobody may record it"},
	[OPT_BESIDE] = {"beside", 0, "EXPERT", true,
			"an expert who comes as well; may be repeated"},
	[OPT_TOKENS] = {"tokens", 0, "N", false, "how many may walk in"},
	[OPT_STATION] = {"station", 0, "SITE/NAME", false,
			 "for this station (whichever is free)"},
};

const optset option_globals = OPTSET(SERVER) | OPTSET(PROFILE) |
			      OPTSET(OUTPUT) | OPTSET(TZ) | OPTSET(KEY) |
			      OPTSET(NO_COLOR) | OPTSET(HELP) | OPTSET(VERSION);

/* One word of argv that is an option. */
struct seen {
	const char *name;
	size_t len;
	char letter;
	const char *value; /* what follows '=' or a letter, or NULL */
};

static bool row_is(const struct option_row *row, const struct seen *s)
{
	if (!s->name)
		return row->letter && row->letter == s->letter;
	return strlen(row->name) == s->len &&
	       memcmp(row->name, s->name, s->len) == 0;
}

static int find_in(optset set, const struct seen *s)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if ((set & ((optset)1 << i)) && row_is(&option_rows[i], s))
			return i;
	return -1;
}

static int find(optset own, const struct seen *s)
{
	int o = find_in(own, s);

	return o >= 0 ? o : find_in(option_globals, s);
}

/* word begins with '-' and is longer than that. */
static struct seen look_at(const char *word)
{
	struct seen s = {0};

	if (word[1] != '-') {
		s.letter = word[1];
		if (word[2] != '\0')
			s.value = word + 2 + (word[2] == '=');
		return s;
	}
	s.name = word + 2;
	s.len = strcspn(s.name, "=");
	if (s.name[s.len] == '=')
		s.value = s.name + s.len + 1;
	return s;
}

static enum rc add_value(struct options *opts, int o, const char *value,
			 struct arena *arena, struct err *err)
{
	struct field_strs *list = &opts->v[o];
	const char **grown;

	if (list->n > 0 && !option_rows[o].repeat)
		return err_set(err, RC_USAGE,
			       "--%s is given twice, and it is not known which "
			       "one counts",
			       option_rows[o].name);
	grown = arena_array(arena, list->n + 1, sizeof(*grown));
	if (!grown)
		return err_set(err, RC_USAGE, "too many options");
	if (list->n > 0)
		memcpy(grown, list->v, list->n * sizeof(*grown));
	grown[list->n] = value;
	list->v = grown;
	list->n++;
	return RC_OK;
}

/* Reads the option at argv[*i], and its value; moves *i past both. */
static enum rc read_one(const struct option_read *in, int *i,
			struct options *opts, struct err *err)
{
	const char *word = in->argv[*i];
	struct seen s = look_at(word);
	int o = find(in->own, &s);
	const char *value = s.value;

	(*i)++;
	if (o < 0)
		return err_set(err, RC_USAGE, "%.60s is no option here", word);
	if (!option_rows[o].arg && value)
		return err_set(err, RC_USAGE, "--%s takes no value",
			       option_rows[o].name);
	if (!option_rows[o].arg)
		value = "";
	if (!value && *i < in->argc)
		value = in->argv[(*i)++];
	if (!value)
		return err_set(err, RC_USAGE, "--%s wants a value: %s",
			       option_rows[o].name, option_rows[o].arg);
	if (!text_utf8(value, strlen(value)))
		return err_set(err, RC_USAGE, "the value of --%s is not UTF-8",
			       option_rows[o].name);
	return add_value(opts, o, value, in->arena, err);
}

static enum rc add_arg(struct option_args *args, const char *word,
		       struct err *err)
{
	if (args->n == OPTIONS_ARGS_MAX)
		return err_set(err, RC_USAGE, "too many words");
	if (!text_utf8(word, strlen(word)))
		return err_set(err, RC_USAGE, "a word is not UTF-8");
	args->v[args->n++] = word;
	return RC_OK;
}

enum rc options_read(const struct option_read *in, struct options *opts,
		     struct option_args *out_args, int *out_used,
		     struct err *err)
{
	bool words_only = false;
	enum rc first = RC_OK;
	int i = 0;

	while (i < in->argc) {
		const char *word = in->argv[i];
		struct err *tell = first == RC_OK ? err : NULL;
		enum rc rc = RC_OK;

		if (!words_only && strcmp(word, "--") == 0) {
			words_only = true;
			i++;
		} else if (!words_only && word[0] == '-' && word[1] != '\0') {
			rc = read_one(in, &i, opts, tell);
		} else if (in->words_first) {
			break;
		} else {
			rc = add_arg(out_args, word, tell);
			i++;
		}
		first = first == RC_OK ? rc : first;
	}
	*out_used = i;
	return first;
}

int option_find(optset own, const char *word, const char **out_value)
{
	struct seen s;

	*out_value = NULL;
	if (word[0] != '-' || word[1] == '\0')
		return -1;
	s = look_at(word);
	*out_value = s.value;
	return find(own, &s);
}

bool options_has(const struct options *opts, enum option o)
{
	return opts->v[o].n > 0;
}

const char *options_get(const struct options *opts, enum option o)
{
	const struct field_strs *list = &opts->v[o];

	return list->n > 0 ? list->v[list->n - 1] : NULL;
}

enum rc options_int(const struct options *opts, enum option o, int64_t min,
		    int64_t max, int64_t *out, struct err *err)
{
	const char *s = options_get(opts, o);

	*out = FIELD_NONE;
	if (!s || text_int(s, strlen(s), min, max, out))
		return RC_OK;
	return err_set(err, RC_USAGE,
		       "--%s %.39s: a number from %" PRId64 " to %" PRId64
		       " is wanted",
		       option_rows[o].name, s, min, max);
}

enum rc option_word(const char *s, const struct words *w, int *out,
		    struct err *err)
{
	char known[ERR_TEXT_MAX - 80];
	size_t len = 0;

	*out = words_find(w, s, strlen(s));
	if (*out >= 0)
		return RC_OK;
	for (int i = 0; i < w->count && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len,
					"%s%s", i ? ", " : "", w->names[i]);
	return err_set(err, RC_USAGE, "\"%.39s\" is no %s; known are: %s", s,
		       w->what, known);
}

enum rc options_word(const struct options *opts, enum option o,
		     const struct words *words, int *out, struct err *err)
{
	const char *s = options_get(opts, o);

	*out = -1;
	return s ? option_word(s, words, out, err) : RC_OK;
}

enum rc options_slug(const struct options *opts, enum option o,
		     const char **out, struct err *err)
{
	const char *s = options_get(opts, o);

	if (s && !text_slug(s, strlen(s)))
		return err_set(err, RC_USAGE,
			       "--%s %.39s: an id has small letters, digits "
			       "and hyphens",
			       option_rows[o].name, s);
	*out = s;
	return RC_OK;
}
