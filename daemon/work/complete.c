#include "daemon/work/complete.h"

#include <string.h>

#include "daemon/core/local.h"
#include "daemon/work/tools.h"

enum rc complete_both(enum rc rc, enum rc more)
{
	bool found = rc == RC_OK || rc == RC_INVALID;

	return more != RC_OK && found ? more : rc;
}

enum rc complete_said(struct work *w, enum rc rc)
{
	size_t n = w->faults.n + w->faults.dropped;

	if (rc != RC_INVALID || n < 2)
		return rc;
	return err_set(&w->err, rc,
		       "%zu things are missing or not as they should be", n);
}

/* --- wanted times --- */

static const char *pointer_of(struct work *w, const char *list, size_t i,
			      const char *field)
{
	const char *p = arena_printf(w->arena, "/%s/%zu%s", list, i, field);

	return p ? p : "/";
}

enum rc complete_read_wanted(struct work *w, const struct field_list *wanted,
			     struct request *r)
{
	const struct msg_interval *v = wanted->v;
	enum rc rc = RC_OK;

	r->nwanted = 0;
	for (size_t i = 0; i < wanted->n && i < REQUEST_WANTED_MAX; i++) {
		const char *at = pointer_of(w, "wanted", i, "");
		enum rc more = RC_OK;

		if (v[i].to <= v[i].from)
			more = work_fault(w, at, "must end after it begins");
		else if (v[i].to <= w->tx->now)
			more = work_fault(w, at, "has passed already");
		rc = complete_both(rc, more);
		r->wanted[r->nwanted++] =
			(struct core_span){v[i].from, v[i].to};
	}
	return rc;
}

enum rc complete_check_wanted(struct work *w, const struct request *r,
			      const struct core_agreement *agreement)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r->nwanted; i++) {
		int64_t day =
			local_day(agreement->lead_zone, r->wanted[i].from);

		if (day > agreement->last_day)
			rc = complete_both(
				rc,
				work_fault(w, pointer_of(w, "wanted", i, ""),
					   "agreement %s has ended by then",
					   agreement->slug));
	}
	return rc;
}

/* --- attachments --- */

#define UID_MAX 64

static bool is_uid(const char *s)
{
	size_t len = strlen(s);
	const char *at = s;

	if (len == 0 || len > UID_MAX)
		return false;
	for (;;) {
		size_t digits = strspn(at, "0123456789");

		if (digits == 0 || (digits > 1 && at[0] == '0'))
			return false;
		at += digits;
		if (*at == '\0')
			return true;
		if (*at++ != '.')
			return false;
	}
}

/* Of an https address: a host, nobody's password, no blank (RFC 3986). */
static bool is_address(const char *s)
{
	static const char scheme[] = "https://";

	if (strncmp(s, scheme, sizeof(scheme) - 1) != 0)
		return false;
	const char *host = s + sizeof(scheme) - 1;
	size_t len = strcspn(host, "/?#");

	if (len == 0 || memchr(host, '@', len))
		return false;
	for (const char *c = host; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}", *c))
			return false;
	return true;
}

static bool is_sha256(const char *s)
{
	return strspn(s, "0123456789abcdefABCDEF") == 64 && s[64] == '\0';
}

/* A field of an attachment: there as it should be, or at fault. */
static enum rc check_field(struct work *w, size_t i, const char *field,
			   const char *value, bool wanted, bool good,
			   const char *what)
{
	const char *at = pointer_of(w, "attachments", i, field);

	if (wanted && !value)
		return work_fault(w, at, "is required of this one");
	if (!wanted && value)
		return work_fault(w, at, "is not of this one");
	return value && !good ? work_fault(w, at, "%s", what) : RC_OK;
}

static enum rc check_attachment(struct work *w, size_t i,
				const struct msg_attachment *a)
{
	bool study = strcmp(a->kind, "dicom-study") == 0;
	enum rc rc = check_field(
		w, i, "/uid", a->uid, study, a->uid && is_uid(a->uid),
		"is no DICOM UID: digits and dots, at most 64");

	rc = complete_both(rc, check_field(w, i, "/url", a->url, !study,
					   a->url && is_address(a->url),
					   "is no https address"));
	return complete_both(rc, check_field(w, i, "/sha256", a->sha256, !study,
					     a->sha256 && is_sha256(a->sha256),
					     "is no SHA-256 in hex"));
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; s && *s; s++)
		n += *s == '\n';
	return n;
}

enum rc complete_read_attachments(struct work *w, const struct field_list *in,
				  const char *had, const char **out)
{
	const struct msg_attachment *v = in->v;
	enum rc rc = RC_OK;

	*out = had;
	if (in->n + count_lines(had) > ATTACHMENTS_MAX)
		return work_fault(w, "/attachments", "are more than %d",
				  ATTACHMENTS_MAX);
	for (size_t i = 0; i < in->n; i++) {
		rc = complete_both(rc, check_attachment(w, i, &v[i]));
		*out = arena_printf(w->arena, "%s%s\t%s\t%s\t%s\n",
				    *out ? *out : "", v[i].kind,
				    v[i].uid   ? v[i].uid
				    : v[i].url ? v[i].url
					       : "",
				    v[i].sha256 ? v[i].sha256 : "",
				    v[i].label ? v[i].label : "");
		if (!*out)
			return work_nomem(w);
	}
	return rc;
}

/* The field up to the next tab or line; moves behind it. NULL: empty. */
static const char *take_field(struct work *w, const char **at)
{
	size_t len = strcspn(*at, "\t\n");
	const char *s = len ? arena_strndup(w->arena, *at, len) : NULL;

	*at += len + ((*at)[len] != '\0');
	return s;
}

enum rc complete_view_attachments(struct work *w, const struct papers *papers,
				  struct field_list *out)
{
	const char *at = papers->attachments;
	size_t n = count_lines(at);
	struct msg_attachment *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		proto_clear(&msg_attachment_table, &v[i]);
		v[i].kind = take_field(w, &at);
		const char *place = take_field(w, &at);

		if (!v[i].kind || !place)
			return work_nomem(w);
		if (strcmp(v[i].kind, "dicom-study") == 0)
			v[i].uid = place;
		else
			v[i].url = place;
		v[i].sha256 = take_field(w, &at);
		v[i].label = take_field(w, &at);
	}
	*out = (struct field_list){v, n};
	return RC_OK;
}

void complete_read_physician(const struct msg_physician *in,
			     struct papers *papers)
{
	if (!in)
		return;
	papers->physician = in->name;
	papers->licence = in->licence;
	papers->phone = in->phone;
}

enum rc complete_view_physician(struct work *w, const struct papers *papers,
				struct msg_physician **out)
{
	*out = NULL;
	if (!papers->physician)
		return RC_OK;
	*out = arena_alloc(w->arena, sizeof(**out));
	if (!*out)
		return work_nomem(w);
	**out = (struct msg_physician){papers->physician, papers->licence,
				       papers->phone};
	return RC_OK;
}

/* --- what an agreement requires --- */

/* Each need: where it stands in a request, where in a supplement. */
static const struct {
	const char *pointer, *later;
} where[NEED_COUNT] = {
	[NEED_PURPOSE] = {"/purpose", "/purpose"},
	[NEED_WANTED] = {"/wanted", "/wanted"},
	[NEED_SUMMARY] = {"/patient/summary", "/summary"},
	[NEED_SPECIALTY] = {"/specialty", "/specialty"},
	[NEED_TITLE] = {"/title", "/title"},
	[NEED_MODALITY] = {"/modality", "/modality"},
	[NEED_ATTACHMENTS] = {"/attachments", "/attachments"},
	[NEED_ACCOMPANIED] = {"/accompanied_by", "/accompanied_by"},
};

/* Whoever names an expert has said which specialty and title. */
static needset had_by(const struct request *r, const struct papers *p)
{
	const struct {
		enum need need;
		bool is;
	} has[] = {
		{NEED_PURPOSE, p->purpose},
		{NEED_WANTED, r->nwanted > 0},
		{NEED_SUMMARY, p->summary},
		{NEED_SPECIALTY, r->specialty || r->expert},
		{NEED_TITLE, r->title || r->expert},
		{NEED_MODALITY, r->modality},
		{NEED_ATTACHMENTS, p->attachments},
		{NEED_ACCOMPANIED, p->physician},
	};
	needset set = 0;

	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		set |= has[i].is ? NEEDSET(has[i].need) : 0;
	return set;
}

enum rc complete_check(struct work *w, const struct core_agreement *agreement,
		       const struct request *r, const struct papers *papers,
		       bool later)
{
	needset lacks =
		core_terms_need(&agreement->terms, r->kind, r->urgency) &
		~had_by(r, papers);
	enum rc rc = RC_OK;

	for (int n = 0; n < NEED_COUNT; n++)
		if (lacks & NEEDSET(n))
			rc = complete_both(
				rc, work_fault(w,
					       later ? where[n].later
						     : where[n].pointer,
					       "is required by agreement %s",
					       agreement->slug));
	return rc;
}
