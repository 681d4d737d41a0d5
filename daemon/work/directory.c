#include "daemon/work/directory.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/directory.h"
#include "daemon/work/tools.h"

#define PAGE_DEFAULT 50
#define NOBODYS (-1) /* a viewer without a site sees none */

static int64_t viewer_of(const struct principal *who)
{
	if (who->role == ROLE_ADMINISTRATOR)
		return DIRECTORY_ALL;
	return who->site ? who->site : NOBODYS;
}

static bool is_cursor(const char *s)
{
	size_t len = strlen(s);

	return text_slug(s, len) || text_ref(s, len);
}

static void view(const struct directory_row *row, struct msg_listed *out)
{
	proto_clear(&msg_listed_table, out);
	out->id = row->slug;
	out->name = row->name;
	out->site = row->site;
	out->type = row->type;
	out->time_zone = row->time_zone;
}

static enum rc list(struct work *w, enum directory_of of,
		    const struct msg_directory_query *in,
		    struct msg_directory *out)
{
	struct directory_filter page = {
		.of = of,
		.viewer = viewer_of(w->who),
		.site = in->site,
		.prefix = in->prefix,
		.after = in->cursor ? in->cursor : "",
		/* one more, to know whether there are more */
		.limit = (in->limit == FIELD_NONE ? PAGE_DEFAULT : in->limit) +
			 1,
	};
	struct directory_row *rows;
	size_t n;

	proto_clear(&msg_directory_table, out);
	if (in->cursor && !is_cursor(in->cursor))
		return work_fault(w, "#cursor", "is not one that was given");
	enum rc rc = directory_list(w->tx, &page, w->arena, &rows, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	if (n == (size_t)page.limit)
		out->next = rows[--n - 1].slug;
	struct msg_listed *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		view(&rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	return RC_OK;
}

enum rc work_directory_sites(struct work *w,
			     const struct msg_directory_query *in,
			     struct msg_directory *out)
{
	return list(w, DIRECTORY_SITES, in, out);
}

enum rc work_directory_experts(struct work *w,
			       const struct msg_directory_query *in,
			       struct msg_directory *out)
{
	return list(w, DIRECTORY_EXPERTS, in, out);
}

enum rc work_directory_resources(struct work *w,
				 const struct msg_directory_query *in,
				 struct msg_directory *out)
{
	return list(w, DIRECTORY_RESOURCES, in, out);
}
