/* Invitations: made, listed, revoked. */
#include "daemon/work/people.h"

#define HOUR 3600
#define HOURS_DEFAULT 72

static int64_t or_none(int64_t value)
{
	return value ? value : FIELD_NONE;
}

static enum rc view(struct work *w, const struct invitation *v,
		    struct msg_invitation *out)
{
	int64_t user = v->used_by ? v->used_by : v->of;

	proto_clear(&msg_invitation_table, out);
	out->id = people_show_id(w, INVITATION_PREFIX, v->id);
	out->name = v->name;
	out->role = (int)v->role;
	out->site = v->site_slug;
	out->expert = v->expert_slug;
	if (user)
		out->user = people_show_id(w, USER_PREFIX, user);
	out->status = v->status;
	out->made_at = v->made_at;
	out->not_after = v->not_after;
	out->used_at = or_none(v->used_at);
	return out->id && (!user || out->user) ? RC_OK : work_nomem(w);
}

static enum rc view_by_id(struct work *w, int64_t id,
			  struct msg_invitation *out)
{
	struct invitation v;
	enum rc rc = invitation_by_id(w->tx, id, w->arena, &v, &w->err);

	return rc == RC_OK ? view(w, &v, out) : rc;
}

/* Somebody known: they stay who they are. */
static enum rc for_user(struct work *w, const struct msg_invitation_new *in,
			struct invitation *out)
{
	struct identity id;
	enum rc rc;

	if (in->name || in->role >= 0 || in->site || in->expert)
		return work_fault(w, "/user",
				  "is given alone: they stay who they are");
	rc = people_read_id(w, in->user, USER_PREFIX, "user", &out->of);
	if (rc == RC_OK)
		rc = identity_by_id(w->tx, out->of, w->arena, &id, &w->err);
	if (rc == RC_NOT_FOUND)
		return work_fault(w, "/user", "there is no such user");
	if (rc == RC_OK && id.revoked_at)
		return work_fault(w, "/user",
				  "was revoked: invite them as somebody new");
	if (rc == RC_OK && id.scopes)
		return work_fault(w, "/user",
				  "comes with a token: make another one");
	if (rc != RC_OK)
		return rc;
	out->name = id.name;
	out->role = id.role;
	out->site = id.site;
	out->expert = id.expert;
	return RC_OK;
}

static enum rc for_somebody_new(struct work *w,
				const struct msg_invitation_new *in,
				struct invitation *out)
{
	struct identity_new who = {0};
	enum rc rc;

	if (!in->name)
		return work_fault(w, "/name", "is required without user");
	if (in->role < 0)
		return work_fault(w, "/role", "is required without user");
	rc = people_whom(w, in->role, in->site, in->expert, &who);
	out->name = in->name;
	out->role = who.role;
	out->site = who.site;
	out->expert = who.expert;
	return rc;
}

enum rc work_invitation_make(struct work *w,
			     const struct msg_invitation_new *in,
			     const uint8_t hash[32], struct msg_invitation *out)
{
	struct invitation v = {.made_by = w->who->identity};
	int64_t hours = in->hours == FIELD_NONE ? HOURS_DEFAULT : in->hours;
	int64_t id = 0;
	enum rc rc =
		in->user ? for_user(w, in, &v) : for_somebody_new(w, in, &v);

	v.not_after = w->tx->now + hours * HOUR;
	if (rc == RC_OK)
		rc = invitation_add(w->tx, &v, hash, &id, &w->err);
	if (rc == RC_OK)
		rc = people_event(w, "invitation", id, VERB_INVITE, NULL);
	return rc == RC_OK ? view_by_id(w, id, out) : rc;
}

/* RC_STATE says in words why nothing can be done with it. */
static enum rc refuse_spent(struct work *w, enum rc rc)
{
	return rc == RC_RULE ? err_set(&w->err, RC_STATE,
				       "the invitation is not open: it was"
				       " used or revoked, or its time is over")
			     : rc;
}

static enum rc find(struct work *w, const char *slug, struct invitation *out)
{
	int64_t id;
	enum rc rc =
		people_read_id(w, slug, INVITATION_PREFIX, "invitation", &id);

	return rc == RC_OK ? invitation_by_id(w->tx, id, w->arena, out, &w->err)
			   : rc;
}

enum rc work_invitation_again(struct work *w, const char *slug,
			      const uint8_t hash[32],
			      struct msg_invitation *out)
{
	struct invitation v;
	enum rc rc = find(w, slug, &v);

	if (rc == RC_OK)
		rc = refuse_spent(w,
				  invitation_rekey(w->tx, v.id, hash, &w->err));
	if (rc == RC_OK)
		rc = people_event(w, "invitation", v.id, VERB_INVITE, NULL);
	return rc == RC_OK ? view(w, &v, out) : rc;
}

enum rc work_invitation_revoke(struct work *w, const char *slug,
			       const struct msg_revoke *in,
			       struct msg_revoked *out)
{
	struct invitation v;
	enum rc rc = find(w, slug, &v);

	proto_clear(&msg_revoked_table, out);
	if (rc == RC_OK)
		rc = refuse_spent(w, invitation_revoke(w->tx, v.id, &w->err));
	if (rc == RC_OK)
		rc = people_event(w, "invitation", v.id, VERB_REVOKE,
				  in->reason);
	if (rc != RC_OK)
		return rc;
	out->id = people_show_id(w, INVITATION_PREFIX, v.id);
	out->name = v.name;
	out->revoked_at = w->tx->now;
	return out->id ? RC_OK : work_nomem(w);
}

enum rc work_invitation_list(struct work *w, const struct msg_people_query *in,
			     struct msg_invitation_list *out)
{
	struct people_filter page;
	struct invitation *rows;
	size_t n = 0;
	enum rc rc = people_page(w, in, &words_invitation_status, &page);

	proto_clear(&msg_invitation_list_table, out);
	if (rc == RC_OK)
		rc = invitation_list(w->tx, &page, w->arena, &rows, &n,
				     &w->err);
	if (rc == RC_OK && n > 1)
		rc = people_next(w, &page, &n, rows[n - 2].id, &out->next);
	if (rc != RC_OK)
		return rc;
	struct msg_invitation *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view(w, &rows[i], &v[i]);
	out->invitations = (struct field_list){v, n};
	return rc;
}
