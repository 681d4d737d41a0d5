/* Who is known, and who is not let in any more. */
#include "daemon/work/people.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/calendar.h"
#include "daemon/store/certificate.h"
#include "daemon/store/token.h"

static enum rc find_site(struct work *w, const char *slug, struct site *out)
{
	enum rc rc = site_by_slug(w->tx, slug, w->arena, out, &w->err);

	return rc == RC_NOT_FOUND
		       ? work_fault(w, "/site", "there is no such site")
		       : rc;
}

static enum rc find_expert(struct work *w, const char *slug, int64_t site,
			   int64_t *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct core_subject expert;
	enum rc rc = calendar_find(&loader, slug, &expert, &w->err);

	if (rc == RC_NOT_FOUND ||
	    (rc == RC_OK &&
	     (expert.type != SUBJECT_EXPERT || expert.site != site)))
		return work_fault(w, "/expert", "the site has no such expert");
	*out = rc == RC_OK ? expert.id : 0;
	return rc;
}

enum rc people_whom(struct work *w, int role, const char *site,
		    const char *expert, struct identity_new *out)
{
	struct site at;
	enum rc rc;

	out->role = (enum role)role;
	if ((role == ROLE_ADMINISTRATOR || role == ROLE_BACKUP) != !site)
		return work_fault(w, "/site",
				  site ? "nobody of this role has a site"
				       : "is required for this role");
	if ((role == ROLE_EXPERT) != !!expert)
		return work_fault(w, "/expert",
				  expert ? "only an expert's role has one"
					 : "is required for this role");
	if (!site)
		return RC_OK;
	rc = find_site(w, site, &at);
	if (rc != RC_OK)
		return rc;
	out->site = at.id;
	return expert ? find_expert(w, expert, at.id, &out->expert) : RC_OK;
}

enum rc people_read_id(struct work *w, const char *slug, const char *prefix,
		       const char *what, int64_t *out)
{
	size_t n = strlen(prefix);

	if (strncmp(slug, prefix, n) != 0 ||
	    !text_int(slug + n, strlen(slug + n), 1, INT64_MAX, out))
		return err_set(&w->err, RC_NOT_FOUND, "there is no such %s",
			       what);
	return RC_OK;
}

const char *people_show_id(struct work *w, const char *prefix, int64_t id)
{
	return arena_printf(w->arena, "%s%lld", prefix, (long long)id);
}

enum rc people_event(struct work *w, const char *thing, int64_t id,
		     enum verb verb, const char *reason)
{
	const struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.thing = thing,
		.id = id,
		.version = 1,
		.verb = verb,
		.reason = reason,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &event, &w->err);
}

#define PAGE_DEFAULT 50

enum rc people_page(struct work *w, const struct msg_people_query *in,
		    const struct words *statuses, struct people_filter *out)
{
	*out = (struct people_filter){
		.site = in->site,
		.status = in->status,
		.before = INT64_MAX,
		.limit = (in->limit == FIELD_NONE ? PAGE_DEFAULT : in->limit) +
			 1,
	};
	if (in->status &&
	    words_find(statuses, in->status, strlen(in->status)) < 0)
		return work_fault(w, "#status", "is no status of these");
	if (in->cursor && !text_int(in->cursor, strlen(in->cursor), 1,
				    INT64_MAX, &out->before))
		return work_fault(w, "#cursor", "is not one that was given");
	return RC_OK;
}

enum rc people_next(struct work *w, const struct people_filter *filter,
		    size_t *n, int64_t last_id, const char **out_next)
{
	*out_next = NULL;
	if (*n < (size_t)filter->limit)
		return RC_OK;
	--*n;
	*out_next = arena_printf(w->arena, "%lld", (long long)last_id);
	return *out_next ? RC_OK : work_nomem(w);
}

enum rc people_end(struct work *w, int64_t identity, const uint8_t *but)
{
	return certificate_end(w->tx, identity, but, w->arena, &w->ended.keys,
			       &w->ended.n, &w->err);
}

/* --- users --- */

static int64_t or_none(int64_t value)
{
	return value ? value : FIELD_NONE;
}

static enum rc view_user(struct work *w, const struct identity *id,
			 struct msg_user *out)
{
	proto_clear(&msg_user_table, out);
	out->id = people_show_id(w, USER_PREFIX, id->id);
	out->name = id->name;
	out->role = (int)id->role;
	out->site = id->site_slug;
	out->expert = id->expert_slug;
	out->status = id->status;
	out->scopes = id->scopes;
	out->made_at = id->made_at;
	out->not_after = or_none(id->not_after);
	out->revoked_at = or_none(id->revoked_at);
	return out->id ? RC_OK : work_nomem(w);
}

enum rc work_user_list(struct work *w, const struct msg_people_query *in,
		       struct msg_user_list *out)
{
	struct people_filter page;
	struct identity *rows;
	size_t n = 0;
	enum rc rc = people_page(w, in, &words_user_status, &page);

	proto_clear(&msg_user_list_table, out);
	if (rc == RC_OK)
		rc = identity_list(w->tx, &page, w->arena, &rows, &n, &w->err);
	if (rc == RC_OK && n > 1)
		rc = people_next(w, &page, &n, rows[n - 2].id, &out->next);
	if (rc != RC_OK)
		return rc;
	struct msg_user *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_user(w, &rows[i], &v[i]);
	out->users = (struct field_list){v, n};
	return rc;
}

/* There is always one who can let others in. */
static enum rc keep_an_admin(struct work *w, const struct identity *id)
{
	int64_t others;
	enum rc rc;

	if (id->role != ROLE_ADMINISTRATOR)
		return RC_OK;
	rc = identity_other_admins(w->tx, id->id, &others, &w->err);
	if (rc == RC_OK && others == 0)
		rc = err_set(&w->err, RC_STATE,
			     "nobody else who is an administrator has a"
			     " certificate that is good: let another one enrol"
			     " first");
	return rc;
}

static enum rc end_user(struct work *w, int64_t id)
{
	enum rc rc = identity_revoke(w->tx, id, &w->err);

	if (rc == RC_OK)
		rc = people_end(w, id, NULL);
	if (rc == RC_OK)
		rc = token_end(w->tx, id, &w->err);
	if (rc == RC_OK)
		rc = invitation_revoke_with(w->tx, id, &w->err);
	return rc;
}

enum rc work_user_revoke(struct work *w, const char *slug,
			 const struct msg_revoke *in, struct msg_revoked *out)
{
	struct identity user;
	int64_t id;
	enum rc rc = people_read_id(w, slug, USER_PREFIX, "user", &id);

	proto_clear(&msg_revoked_table, out);
	if (rc == RC_OK)
		rc = identity_by_id(w->tx, id, w->arena, &user, &w->err);
	if (rc != RC_OK)
		return rc;
	if (user.revoked_at)
		return err_set(&w->err, RC_STATE,
			       "the user was revoked already");
	rc = keep_an_admin(w, &user);
	if (rc == RC_OK)
		rc = end_user(w, id);
	if (rc == RC_OK)
		rc = people_event(w, "identity", id, VERB_REVOKE, in->reason);
	out->id = people_show_id(w, USER_PREFIX, id);
	out->name = user.name;
	out->revoked_at = w->tx->now;
	return rc == RC_OK && !out->id ? work_nomem(w) : rc;
}
