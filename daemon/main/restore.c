#include "daemon/main/restore.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/draft.h"
#include "daemon/main/material.h"
#include "daemon/store/backup.h"
#include "daemon/store/event.h"
#include "daemon/store/invitation.h"
#include "daemon/store/lock.h"
#include "daemon/store/sound.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/process.h"

#define NAME_MAX_LEN (MATERIAL_PATH_MAX + 64)

struct restore {
	const struct restore_order *order;
	char database[MATERIAL_PATH_MAX];
	char work[NAME_MAX_LEN];   /* the copy, while it is judged */
	char model[NAME_MAX_LEN];  /* a new database, to compare with */
	char before[NAME_MAX_LEN]; /* what was in place gets this name */
	struct store_env env;
	struct sound_end end; /* of the backup */
	int version;	      /* its schema */
	int64_t closed;	      /* invitations that were open in it */
	bool had_old, knew_old;
	bool one_file; /* nothing of the old one is in its log */
	bool marked;   /* what is kept ends in its own hash, as a backup */
	struct sound_end old;
	int64_t lost;	 /* events; -1: it was no later state of the backup */
	int64_t revoked; /* of these: people, */
	int64_t renewed; /* and certificates that people got */
};

/* ---- the copy ---- */

static void clear(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal",
					       ".part"};
	char name[NAME_MAX_LEN + 16];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		sys_dir_unlink(name);
	}
}

static enum rc make_model(struct restore *r, struct db **out, struct err *err)
{
	struct draft *draft;
	enum rc rc;

	clear(r->model);
	rc = draft_new(r->model, &draft, err); /* or the driver makes it */
	if (rc == RC_OK)
		rc = draft_place(draft, false, err);
	if (rc == RC_OK)
		rc = db_open(r->model, DB_WRITER, NULL, out, err);
	return rc == RC_OK ? db_migrate(*out, r->order->rnd, err) : rc;
}

/* Before anything is changed in it, and after. */
static enum rc judge(struct restore *r, struct db *db, struct err *err)
{
	struct db *model = NULL;
	enum rc rc = sound_version(db, &r->version, err);

	if (rc == RC_OK)
		rc = sound_content(db, &r->env, &r->end, err);
	if (rc == RC_OK)
		rc = db_migrate(db, r->order->rnd, err);
	if (rc == RC_OK)
		rc = make_model(r, &model, err);
	if (rc == RC_OK)
		rc = sound_schema(db, model, err);
	db_close(model);
	clear(r->model);
	return rc;
}

static enum rc name_epoch(struct restore *r, struct db *db, struct err *err)
{
	uint8_t bytes[16];
	struct query q;
	struct buf hex;
	enum rc rc;

	rnd_fill(r->order->rnd, bytes, sizeof(bytes));
	buf_init(&hex, 2 * sizeof(bytes));
	buf_hex(&hex, bytes, sizeof(bytes));
	query_begin(&q, db, "UPDATE meta SET value = $1 WHERE name = 'epoch'");
	query_text(&q, 1, buf_cstr(&hex));
	rc = query_end(&q, err);
	buf_fini(&hex);
	return rc;
}

/* Who used one after the copy was made may have been revoked since, and would
 * come in by it again; so none that is open stays so. */
static enum rc put_on_record(struct restore *r, struct db *db, struct err *err)
{
	struct tx tx = {.db = db,
			.env = &r->env,
			.write = true,
			.now = clock_now(r->order->clock),
			.head = r->end.head};
	enum rc rc = invitation_revoke_all(&tx, &r->closed, err);
	char reason[64];
	struct event event = {.actor = words_name(&words_role, ROLE_SYSTEM),
			      .thing = "database",
			      .version = 1,
			      .verb = VERB_RESTORE,
			      .reason = reason,
			      .request_id = "restore",
			      .class = EVENT_CHANGE};

	snprintf(reason, sizeof(reason), "open invitations revoked: %lld",
		 (long long)r->closed);
	return rc == RC_OK ? event_append(&tx, &event, err) : rc;
}

static enum rc begin_life(struct restore *r, struct db *db, struct err *err)
{
	enum rc rc = db_begin(db, err);

	if (rc == RC_OK)
		rc = name_epoch(r, db, err);
	if (rc == RC_OK)
		rc = put_on_record(r, db, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc == RC_OK ? db_checkpoint(db, DB_LOG_EMPTY, err) : rc;
}

/* The copy, sound and complete in one file. */
static enum rc prepare(struct restore *r, struct err *err)
{
	struct err why = ERR_INIT;
	struct db *db = NULL;
	enum rc rc = backup_unmark(r->work, &why);

	if (rc == RC_OK)
		rc = db_open(r->work, DB_WRITER, NULL, &db, &why);
	if (rc == RC_OK)
		rc = judge(r, db, &why);
	if (rc == RC_OK)
		rc = begin_life(r, db, &why);
	db_close(db);
	if (rc != RC_OK) /* the copy's name would tell nobody anything */
		return err_set(err, rc, "%s cannot be restored: %s",
			       r->order->from, why.text);
	return RC_OK; /* the engine has synced it, with the log's end */
}

/* ---- what is in place ---- */

/* Does it go on where the backup ends, and how far? */
static enum rc compare(struct restore *r, struct db *db, struct err *err)
{
	bool same = false;
	struct query q;
	size_t len;
	enum rc rc;

	r->lost = -1;
	query_begin(&q, db, "SELECT hash FROM event WHERE seq = $1");
	query_int(&q, 1, r->end.head.seq);
	if (query_row(&q)) {
		const void *hash = query_col_blob(&q, 0, &len);

		same = len == sizeof(r->end.head.hash) &&
		       memcmp(hash, r->end.head.hash, len) == 0;
	}
	rc = query_end(&q, err);
	if (rc != RC_OK || !same)
		return rc;
	r->lost = r->old.head.seq - r->end.head.seq;
	query_begin(&q, db,
		    "SELECT count(CASE verb WHEN 'revoke' THEN 1 END),"
		    " count(CASE WHEN verb IN ('enroll', 'renew') THEN 1 END)"
		    " FROM event WHERE seq > $1 AND thing = 'identity'");
	query_int(&q, 1, r->end.head.seq);
	if (query_row(&q)) {
		r->revoked = query_col_int(&q, 0);
		r->renewed = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

/* Everything of it in its one file, so that it can be put aside as such; one
 * that cannot be read any more is put aside as it is, log and all. */
static void look_at_old(struct restore *r)
{
	struct db *db = NULL;
	enum rc rc;

	r->had_old = sys_dir_has(r->database);
	if (!r->had_old ||
	    sys_dir_shorter(r->database, MATERIAL_DATABASE_LEAST))
		return;
	rc = db_open(r->database, DB_WRITER, NULL, &db, NULL);
	if (rc == RC_OK)
		rc = sound_find_end(db, &r->old, NULL);
	if (rc == RC_OK)
		rc = compare(r, db, NULL);
	r->knew_old = rc == RC_OK;
	r->one_file =
		rc == RC_OK && db_checkpoint(db, DB_LOG_EMPTY, NULL) == RC_OK;
	db_close(db);
}

static enum rc move_log(const struct restore *r, const char *suffix, bool back,
			struct err *err)
{
	char from[NAME_MAX_LEN], to[NAME_MAX_LEN];

	snprintf(from, sizeof(from), "%s%s", r->database, suffix);
	snprintf(to, sizeof(to), "%s%s", r->before, suffix);
	return sys_dir_put_aside(back ? to : from, back ? from : to, err);
}

static enum rc exchange(struct restore *r, struct err *err)
{
	enum rc rc = move_log(r, "-wal", false, err);

	if (rc == RC_OK)
		rc = move_log(r, "-shm", false, err);
	if (rc == RC_OK)
		rc = sys_dir_exchange(r->work, r->database, r->before, err);
	if (rc != RC_OK)
		(void)move_log(r, "-wal", true, NULL);
	return rc;
}

/* ---- in words ---- */

static void say_time(struct buf *out, int64_t at)
{
	char shown[CIVIL_RFC3339_LEN + 1];

	civil_show_rfc3339(at, 0, shown);
	buf_str(out, shown);
}

static void say_people(const struct restore *r, struct buf *out)
{
	if (!r->knew_old || r->lost < 0)
		buf_str(out,
			"Who was revoked since, or got another "
			"certificate, may be let in by the old one:\n"
			"look at all of them (teleconsult admin users).\n");
	if (r->revoked > 0)
		buf_printf(out,
			   "%lld of them revoked somebody, who is let in "
			   "again now: revoke them once more.\n",
			   (long long)r->revoked);
	if (r->renewed > 0)
		buf_printf(out,
			   "%lld of them gave somebody a certificate, which is "
			   "not known any more. Where it took\nthe place of an "
			   "older one, the older one is let in again, on a "
			   "lost computer, too:\nrevoke at once whose computer "
			   "was lost, and invite them as somebody new.\n",
			   (long long)r->renewed);
}

static void say_lost(const struct restore *r, struct buf *out)
{
	if (!r->knew_old) {
		buf_str(out, "it could not be read, so nobody can say what "
			     "is lost with it");
	} else if (r->lost < 0) {
		buf_printf(out,
			   "it is no later state of this one (%lld "
			   "events, the last of ",
			   (long long)r->old.head.seq);
		say_time(out, r->old.at);
		buf_chr(out, ')');
	} else if (r->lost == 0) {
		buf_str(out, "nothing had changed since the backup");
	} else {
		buf_printf(out,
			   "lost with it are the %lld events since the "
			   "backup, the last of ",
			   (long long)r->lost);
		say_time(out, r->old.at);
	}
	buf_str(out, ".\n");
	say_people(r, out);
}

static void say(const struct restore *r, struct buf *out)
{
	buf_printf(out, "Restored %s from %s:\n%lld events, the last of ",
		   r->database, r->order->from, (long long)r->end.head.seq);
	say_time(out, r->end.at);
	if (r->version < db_schema_version())
		buf_printf(out, "; brought from schema %d to %d", r->version,
			   db_schema_version());
	buf_str(out, ".\n");
	if (r->closed > 0)
		buf_printf(out,
			   "%lld invitations that were open in it are closed: "
			   "some may have been used since. Make new\nones for "
			   "who still waits.\n",
			   (long long)r->closed);
	if (!r->had_old) {
		buf_str(out, "There was no database before.\n");
		return;
	}
	buf_printf(out, "What was in place is kept as %s%s;\n", r->before,
		   r->marked	 ? ""
		   : r->one_file ? ", without its hash"
				 : ", with its log (-wal)");
	say_lost(r, out);
}

/* ---- the whole ---- */

static void name_files(struct restore *r)
{
	struct civil c;

	civil_from_wall(clock_now(r->order->clock), &c);
	snprintf(r->work, sizeof(r->work), "%s.restore", r->database);
	snprintf(r->model, sizeof(r->model), "%s.restore-model", r->database);
	snprintf(r->before, sizeof(r->before),
		 "%s.before-restore-%04d%02d%02dT%02d%02d%02dZ", r->database,
		 c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/* As the owner of the state directory and under the lock. */
static enum rc work_on(struct restore *r, struct draft_source *source,
		       struct err *err)
{
	struct draft *draft;
	enum rc rc;

	name_files(r);
	clear(r->work);
	clear(r->model);
	rc = draft_new(r->work, &draft, err);
	if (rc != RC_OK)
		return rc;
	rc = draft_copy(draft, source, err);
	if (rc == RC_OK)
		rc = draft_place(draft, false, err);
	else
		draft_drop(draft);
	if (rc == RC_OK)
		rc = prepare(r, err);
	if (rc == RC_OK) {
		look_at_old(r);
		rc = exchange(r, err);
	}
	/* So that a restore takes it; without the mark it is kept as well. */
	if (rc == RC_OK && r->one_file)
		r->marked = backup_mark_file(r->before, NULL) == RC_OK;
	clear(r->work);
	clear(r->model);
	return rc;
}

static enum rc find_database(struct restore *r, struct err *err)
{
	material_path(r->order->conf, MATERIAL_DATABASE, r->database);
	return sys_dir_resolve(r->database, sizeof(r->database), err);
}

static enum rc with_source(struct restore *r, struct draft_source *source,
			   struct err *err)
{
	const struct material_from from = {r->order->conf,
					   r->order->credentials};
	char key[MATERIAL_PATH_MAX];
	struct lock *lock;
	enum rc rc = material_read_keys(&from, &r->env.keys, key, err);

	if (rc == RC_OK)
		rc = find_database(r, err);
	if (rc == RC_OK)
		rc = sys_process_be_owner_of(r->order->conf->state.s, err);
	if (rc == RC_OK)
		rc = lock_take(r->database, &lock, err);
	if (rc != RC_OK)
		return rc;
	rc = work_on(r, source, err);
	lock_drop(lock);
	return rc;
}

enum rc restore_run(const struct restore_order *order, struct buf *out_said,
		    struct err *err)
{
	struct restore r = {.order = order,
			    .env = {.clock = order->clock, .rnd = order->rnd}};
	struct draft_source *source;
	enum rc rc = draft_source_open(order->from, &source, err);

	if (rc != RC_OK)
		return rc;
	rc = with_source(&r, source, err);
	if (rc == RC_OK)
		say(&r, out_said);
	draft_source_close(source);
	mem_wipe(&r.env.keys, sizeof(r.env.keys));
	return rc;
}
