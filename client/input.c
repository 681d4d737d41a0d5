/* input - see input.h. */
#include "client/input.h"
#include "client/viewer.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

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
