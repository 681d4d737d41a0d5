#include "tests/support/lobby.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct house house;
struct principal admin;
const struct principal nobody = {.name = "nobody", .role = ROLE_SYSTEM};

/* --- somebody's keys and secrets: 32 bytes out of a number --- */

struct bytes lobby_bytes(int n)
{
	struct bytes out = {{0xee}};

	memcpy(out.b + 1, &n, sizeof(n));
	return out;
}

static const uint8_t issuer[32] = "the service's own authority";

static struct principal_proof proof_of(int key)
{
	struct principal_proof proof = {.token = false};

	memcpy(proof.issuer, issuer, 32);
	memcpy(proof.hash, lobby_bytes(key).b, 32);
	return proof;
}

/* --- steps --- */

static enum rc run_step(struct work *w, void *arg)
{
	struct step *s = arg;

	return s->run(w, s);
}

static enum rc act(const struct principal *who, struct step *s)
{
	return house_do(&house, who, WORK_MATCH_ANY, run_step, s, &s->w);
}

static struct work_certified signed_now(const struct step *s)
{
	return (struct work_certified){
		.issuer = issuer,
		.key = s->key.b,
		.not_after = house.scratch.now + 365 * DAY,
	};
}

static enum rc do_invite(struct work *w, struct step *s)
{
	return work_invitation_make(w, &s->invite, s->hash.b, &s->invitation);
}

static enum rc do_invite_again(struct work *w, struct step *s)
{
	return work_invitation_again(w, s->id, s->hash.b, &s->invitation);
}

static enum rc do_take_back(struct work *w, struct step *s)
{
	return work_invitation_revoke(
		w, s->id, &(struct msg_revoke){"canary of a reason"},
		&s->revoked);
}

static enum rc do_enroll(struct work *w, struct step *s)
{
	const struct work_certified cert = signed_now(s);
	const char *name;
	enum rc rc = work_enroll_check(w, s->hash.b, &name);

	return rc == RC_OK ? work_enroll(w, s->hash.b, &cert, &s->enrolled)
			   : rc;
}

static enum rc do_renew(struct work *w, struct step *s)
{
	const struct work_certified cert = signed_now(s);

	return work_renew(w, &cert, &s->enrolled);
}

static enum rc do_revoke(struct work *w, struct step *s)
{
	return work_user_revoke(w, s->id,
				&(struct msg_revoke){"canary of a reason"},
				&s->revoked);
}

static enum rc do_grant(struct work *w, struct step *s)
{
	return work_token_make(w, &s->token, s->hash.b, &s->granted);
}

static enum rc do_grant_again(struct work *w, struct step *s)
{
	return work_token_again(w, s->id, s->hash.b, &s->granted);
}

static enum rc do_users(struct work *w, struct step *s)
{
	return work_user_list(w, &s->query, &s->users);
}

static enum rc do_invitations(struct work *w, struct step *s)
{
	return work_invitation_list(w, &s->query, &s->invitations);
}

static enum rc do_find(struct work *w, struct step *s)
{
	return principal_find(w->tx, &s->proof, w->arena, &s->who, &w->err);
}

struct step invite(enum role role, const char *site, const char *expert,
		   int secret)
{
	struct step s = {.run = do_invite, .hash = lobby_bytes(secret)};

	proto_clear(&msg_invitation_new_table, &s.invite);
	s.invite.name = "张三";
	s.invite.role = (int)role;
	s.invite.site = site;
	s.invite.expert = expert;
	return s;
}

struct step invite_known(const char *user, int secret)
{
	struct step s = invite(ROLE_AUDITOR, NULL, NULL, secret);

	s.invite.name = NULL;
	s.invite.role = -1;
	s.invite.user = user;
	return s;
}

struct step enroll(int secret, int key)
{
	return (struct step){.run = do_enroll,
			     .hash = lobby_bytes(secret),
			     .key = lobby_bytes(key)};
}

static struct step on(enum rc (*run)(struct work *, struct step *),
		      const char *id, int secret)
{
	return (struct step){.run = run, .id = id, .hash = lobby_bytes(secret)};
}

struct step invite_again(const char *id, int secret)
{
	return on(do_invite_again, id, secret);
}

struct step take_back(const char *id)
{
	return on(do_take_back, id, 0);
}

struct step revoke(const char *user)
{
	return on(do_revoke, user, 0);
}

struct step grant_again(const char *user, int secret)
{
	return on(do_grant_again, user, secret);
}

struct step step_of(enum rc (*run)(struct work *, struct step *))
{
	return on(run, NULL, 0);
}

static struct step list(enum rc (*run)(struct work *, struct step *),
			int64_t limit, const char *cursor)
{
	struct step s = {.run = run};

	proto_clear(&msg_people_query_table, &s.query);
	s.query.limit = limit;
	s.query.cursor = cursor;
	return s;
}

struct step users(int64_t limit, const char *cursor)
{
	return list(do_users, limit, cursor);
}

struct step invitations(int64_t limit, const char *cursor)
{
	return list(do_invitations, limit, cursor);
}

struct step renew(int key)
{
	return (struct step){.run = do_renew, .key = lobby_bytes(key)};
}

struct step grant(const char *site, scopeset scopes, int secret)
{
	struct step s = {.run = do_grant, .hash = lobby_bytes(secret)};

	proto_clear(&msg_token_new_table, &s.token);
	s.token.name = "HIS";
	s.token.site = site;
	s.token.scopes = scopes;
	return s;
}

/* --- what is expected --- */

struct step refused(const struct principal *who, struct step s, enum rc rc)
{
	assert_int_equal(act(who, &s), rc);
	assert_int_equal(s.w.err.rc, rc);
	return s;
}

void at_fault(struct step s, const char *pointer)
{
	assert_int_equal(act(&admin, &s), RC_INVALID);
	assert_int_equal(s.w.faults.n, 1);
	assert_string_equal(s.w.faults.v[0].pointer, pointer);
}

struct step done(const struct principal *who, struct step s)
{
	enum rc rc = act(who, &s);

	if (rc != RC_OK)
		print_message("%s\n", s.w.err.text);
	assert_int_equal(rc, RC_OK);
	return s;
}

struct step look_up(bool token, int number)
{
	struct step s = {.run = do_find, .proof = proof_of(number)};

	s.proof.token = token;
	return s;
}

struct principal known(int key)
{
	return done(&admin, look_up(false, key)).who;
}

void unknown(int key)
{
	refused(&admin, look_up(false, key), RC_UNAUTHENTICATED);
}

int64_t count(const char *sql)
{
	return scratch_number(house.db, sql);
}

int64_t events(void)
{
	return count("SELECT count(*) FROM event");
}

/* Somebody new, with that secret and key; how they are called. */
const char *enter(enum role role, const char *site, int number)
{
	done(&admin, invite(role, site, NULL, number));
	return done(&nobody, enroll(number, number)).enrolled.user;
}

int lobby_set_up(void **state)
{
	(void)state;
	house_begin(&house);
	admin = house_person(&house, ROLE_ADMINISTRATOR, NULL, NULL);
	return 0;
}

int lobby_tear_down(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}
