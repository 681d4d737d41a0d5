/* input - see input.h. */
#include "client/input.h"
#include "client/viewer.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define PATIENT_MAX (64 * 1024)

static enum rc read_stdin(struct buf *out, struct err *err)
{
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0 && !out->failed)
		buf_add(out, chunk, n);
	mem_wipe(chunk, sizeof(chunk));
	if (out->failed)
		return err_set(err, RC_USAGE, "standard input is too long");
	if (ferror(stdin))
		return err_set(err, RC_USAGE, "standard input cannot be read");
	return RC_OK;
}

enum rc input_read(const char *path, struct buf *out, struct err *err)
{
	struct err why = ERR_INIT;

	if (strcmp(path, "-") == 0)
		return read_stdin(out, err);
	if (file_read(path, out, &why) == RC_OK)
		return RC_OK;
	return err_set(err, RC_USAGE, "%s", why.text);
}

enum rc input_number(const struct client *c, enum option o,
		     const struct msg *msg, const char *field, int64_t *out,
		     struct err *err)
{
	const struct field *f = msg->fields;

	while (f->name && strcmp(f->name, field) != 0)
		f++;
	if (!f->name)
		return err_set(err, RC_INTERNAL, "%s has no %s", msg->name,
			       field);
	return options_int(&c->opts, o, f->min, f->max, out, err);
}

enum rc input_duration(const struct client *c, const struct msg *msg,
		       int64_t *out, struct err *err)
{
	return input_number(c, OPT_DURATION, msg, "duration_minutes", out, err);
}

enum rc input_with(const struct client *c, struct field_strs *out,
		   struct err *err)
{
	const struct field_strs *typed = &c->opts.v[OPT_WITH];

	for (size_t i = 0; i < typed->n; i++)
		if (!text_ref(typed->v[i], strlen(typed->v[i])))
			return err_set(err, RC_USAGE,
				       "--with %.60s: write SITE/NAME, as in "
				       "anzhen/studio-1",
				       typed->v[i]);
	*out = *typed;
	return RC_OK;
}

/* --patient FILE|-: a JSON object, so that ps shows nothing of it. */
static enum rc read_patient_file(struct client *c, const char *path,
				 struct msg_patient *out, struct err *err)
{
	struct field_faults *faults = client_alloc(c, sizeof(*faults));
	struct buf text;
	enum rc rc;

	buf_init(&text, PATIENT_MAX);
	rc = input_read(path, &text, err);
	if (rc == RC_OK)
		rc = proto_decode(&msg_patient_table, buf_cstr(&text), text.len,
				  PROTO_STRICT, &c->arena, out, faults, err);
	if (rc == RC_INVALID)
		rc = err_set(err, RC_USAGE, "--patient: %s %s",
			     faults->v[0].pointer, faults->v[0].detail);
	else if (rc == RC_MALFORMED)
		rc = err_set(err, RC_USAGE,
			     "--patient: no JSON object with local_id, name "
			     "and summary");
	buf_fini(&text);
	return rc;
}

enum rc input_patient(struct client *c, struct msg_patient **out,
		      struct err *err)
{
	const char *file = options_get(&c->opts, OPT_PATIENT);
	struct msg_patient *p;
	bool words = options_has(&c->opts, OPT_PATIENT_ID) ||
		     options_has(&c->opts, OPT_PATIENT_NAME) ||
		     options_has(&c->opts, OPT_SUMMARY);

	*out = NULL;
	if (file && words)
		return err_set(err, RC_USAGE,
			       "the patient is given twice: --patient FILE "
			       "stands for --patient-id, --patient-name and "
			       "--summary");
	if (!file && !words)
		return RC_OK;
	p = client_alloc(c, sizeof(*p));
	proto_clear(&msg_patient_table, p);
	*out = p;
	if (file)
		return read_patient_file(c, file, p, err);
	p->local_id = options_get(&c->opts, OPT_PATIENT_ID);
	p->name = options_get(&c->opts, OPT_PATIENT_NAME);
	p->summary = options_get(&c->opts, OPT_SUMMARY);
	return RC_OK;
}

enum rc input_around(const struct client *c, const struct msg *msg,
		     int64_t *out_before, int64_t *out_after, struct err *err)
{
	enum rc rc = input_number(c, OPT_BEFORE, msg, "before_minutes",
				  out_before, err);

	if (rc != RC_OK)
		return rc;
	return input_number(c, OPT_AFTER, msg, "after_minutes", out_after, err);
}

enum rc input_range(struct client *c, int64_t *out_from, int64_t *out_to,
		    struct err *err)
{
	const char *from = options_get(&c->opts, OPT_FROM);
	const char *to = options_get(&c->opts, OPT_TO);
	enum rc rc = RC_OK;

	*out_from = *out_to = FIELD_NONE;
	if (from || to)
		rc = viewer_when(c, err);
	if (rc == RC_OK && from)
		rc = when_read_from(&c->when, from, out_from, err);
	if (rc == RC_OK && to)
		rc = when_read_to(&c->when, to, out_to, err);
	if (rc == RC_OK && from && to && *out_to <= *out_from)
		rc = err_set(err, RC_USAGE, "--to is not after --from");
	return rc;
}

enum rc input_wanted(struct client *c, struct field_list *out, struct err *err)
{
	const struct field_strs *typed = &c->opts.v[OPT_WANTED];
	struct msg_interval *v;
	enum rc rc;

	if (typed->n == 0)
		return RC_OK;
	rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	v = client_alloc(c, typed->n * sizeof(*v));
	for (size_t i = 0; i < typed->n && rc == RC_OK; i++)
		rc = when_read_span(&c->when, typed->v[i], &v[i].from, &v[i].to,
				    err);
	out->v = v;
	out->n = typed->n;
	return rc;
}

/* Whether it is one, and a good one, the service says. */
static enum rc read_attachment(struct client *c, const char *typed,
			       struct msg_attachment *out, struct err *err)
{
	const char *hash = strrchr(typed, '#');

	proto_clear(&msg_attachment_table, out);
	if (!strstr(typed, "://")) {
		out->kind = "dicom-study";
		out->uid = typed;
		return RC_OK;
	}
	if (!hash)
		return err_set(
			err, RC_USAGE,
			"--attach %.60s: write URL#SHA256, with the hash "
			"that sha256sum prints",
			typed);
	out->kind = "document";
	out->url = client_printf(c, "%.*s", (int)(hash - typed), typed);
	out->sha256 = hash + 1;
	return RC_OK;
}

enum rc input_attachments(struct client *c, struct field_list *out,
			  struct err *err)
{
	const struct field_strs *typed = &c->opts.v[OPT_ATTACH];
	struct msg_attachment *v = client_alloc(c, typed->n * sizeof(*v) + 1);
	enum rc rc = RC_OK;

	for (size_t i = 0; i < typed->n && rc == RC_OK; i++)
		rc = read_attachment(c, typed->v[i], &v[i], err);
	*out = (struct field_list){v, typed->n};
	return rc;
}

enum rc input_physician(struct client *c, struct msg_physician **out,
			struct err *err)
{
	const char *licence = options_get(&c->opts, OPT_LICENCE);
	const char *phone = options_get(&c->opts, OPT_PHONE);
	const char *name = options_get(&c->opts, OPT_ACCOMPANIED_BY);

	*out = NULL;
	if (!name && (licence || phone))
		return err_set(err, RC_USAGE,
			       "--licence and --phone are of somebody: give "
			       "--accompanied-by NAME");
	if (!name)
		return RC_OK;
	*out = client_alloc(c, sizeof(**out));
	**out = (struct msg_physician){name, licence, phone};
	return RC_OK;
}
