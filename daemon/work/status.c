#include "daemon/work/status.h"

#include "base/text.h"
#include "daemon/store/ending.h"
#include "daemon/store/event.h"
#include "daemon/store/reseal.h"
#include "daemon/work/emergency.h"
#include "daemon/work/tools.h"

#define DAY 86400
#define SHOWN_MAX 200 /* as the message's table says */

static enum rc put_users(struct work *w, int64_t certificate_days,
			 struct msg_status *out)
{
	int64_t now = w->tx->now;
	struct ending_user *users;
	struct msg_ending_user *v;
	size_t n;
	enum rc rc = ending_users(
		w->tx, now, now + ending_notice(certificate_days), SHOWN_MAX,
		w->arena, &users, &n, &out->users_all, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_alloc(w->arena, (n + 1) * sizeof(*v));
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct msg_ending_user){
			.id = arena_printf(w->arena, USER_PREFIX "%lld",
					   (long long)users[i].id),
			.name = users[i].name,
			.role = (int)users[i].role,
			.site = users[i].site,
			.not_after = users[i].not_after,
			.days = (users[i].not_after - now) / DAY,
		};
		if (!v[i].id)
			return work_nomem(w);
	}
	out->users = (struct field_list){v, n};
	return RC_OK;
}

static enum rc put_agreements(struct work *w, struct msg_status *out)
{
	int64_t today = w->tx->now / DAY;
	struct ending_agreement *agreements;
	struct msg_ending_agreement *v;
	size_t n;
	enum rc rc = ending_agreements(
		w->tx, today, today + WORK_STATUS_AGREEMENTS, SHOWN_MAX,
		w->arena, &agreements, &n, &out->agreements_all, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_alloc(w->arena, (n + 1) * sizeof(*v));
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct msg_ending_agreement){
			.agreement = agreements[i].slug,
			.lead = agreements[i].lead,
			.partner = agreements[i].partner,
			.last_day = agreements[i].last_day,
			.days = agreements[i].last_day - today,
		};
	out->agreements = (struct field_list){v, n};
	return RC_OK;
}

static enum rc put_unopened(struct work *w, const struct reseal_progress *p,
			    struct msg_store_status *s)
{
	size_t n =
		p->unopened < RESEAL_SHOWN ? (size_t)p->unopened : RESEAL_SHOWN;
	const char **v = arena_array(w->arena, n, sizeof(*v));

	for (size_t i = 0; v && i < n; i++) {
		v[i] = arena_printf(w->arena, "%s %lld", p->first[i].place,
				    (long long)p->first[i].number);
		if (!v[i])
			return work_nomem(w);
	}
	s->unopened = p->unopened;
	s->unopened_first = (struct field_strs){v, n};
	return v ? RC_OK : work_nomem(w);
}

static enum rc put_key(struct work *w, struct msg_store_status *s)
{
	const struct store_keys *keys = &w->tx->env->keys;
	char *hex = arena_alloc(w->arena, 2 * CRYPT_ID_LEN + 1);
	uint8_t id[CRYPT_ID_LEN];
	struct reseal_progress p;

	if (!hex)
		return work_nomem(w);
	crypt_key_id(&keys->field[atomic_load(&keys->seals)], id);
	text_hex(id, sizeof(id), hex);
	hex[2 * sizeof(id)] = '\0';
	s->field_key = hex;
	enum rc rc = reseal_find(w->tx, &p, &w->err);

	if (rc == RC_OK && p.going) {
		s->resealed = p.done;
		s->resealed_of = p.all;
	}
	return rc == RC_OK && p.unopened ? put_unopened(w, &p, s) : rc;
}

static enum rc put_store(struct work *w, struct msg_status *out)
{
	struct msg_store_status *s = arena_alloc(w->arena, sizeof(*s));
	char *epoch = arena_alloc(w->arena, EVENT_EPOCH_LEN + 1);
	struct event_head head;
	int64_t backup;
	enum rc rc;

	if (!s || !epoch)
		return work_nomem(w);
	proto_clear(&msg_store_status_table, s);
	out->store = s;
	s->epoch = epoch;
	s->schema = db_schema_version();
	rc = put_key(w, s);
	if (rc == RC_OK)
		rc = event_epoch(w->tx, epoch, &w->err);
	if (rc == RC_OK)
		rc = event_load_head(w->tx->db, &head, &w->err);
	if (rc == RC_OK)
		rc = ending_backup(w->tx, &backup, &w->err);
	if (rc != RC_OK)
		return rc;
	s->head = head.seq;
	s->backup_at = backup ? backup : FIELD_NONE;
	return RC_OK;
}

enum rc work_status(struct work *w, int64_t certificate_days,
		    struct msg_status *out)
{
	enum rc rc;

	proto_clear(&msg_status_table, out);
	out->now = w->tx->now;
	rc = put_store(w, out);
	if (rc == RC_OK)
		rc = put_users(w, certificate_days, out);
	if (rc == RC_OK)
		rc = put_agreements(w, out);
	if (rc == RC_OK)
		rc = work_on_call_gaps(w, &out->on_call_gaps,
				       &out->on_call_gap);
	return rc;
}
