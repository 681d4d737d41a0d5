/* Who is let in: invitations, enrolment and renewal against a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/lobby.h"

/* --- invitations --- */

static void an_invitation_says_who_it_is_for(void **state)
{
	int64_t before = events();
	struct step s =
		done(&admin, invite(ROLE_EXPERT, "anzhen", "coronary-1", 1));
	const struct msg_invitation *v = &s.invitation;

	(void)state;
	assert_string_equal(v->id, "invitation-1");
	assert_string_equal(v->name, "张三");
	assert_int_equal(v->role, ROLE_EXPERT);
	assert_string_equal(v->site, "anzhen");
	assert_string_equal(v->expert, "coronary-1");
	assert_string_equal(v->status, "open");
	assert_int_equal(v->made_at, house.scratch.now);
	assert_int_equal(v->not_after, house.scratch.now + 72 * HOUR);
	assert_null(v->invitation);
	assert_null(v->user);
	assert_int_equal(events(), before + 1);
	assert_int_equal(
		count("SELECT count(*) FROM event WHERE thing = 'invitation'"
		      " AND id = 1 AND verb = 'invite' AND class = 'change'"
		      " AND lead IS NULL AND partner IS NULL"),
		1);
}

static void it_can_be_for_hours_only(void **state)
{
	struct step s = invite(ROLE_AUDITOR, SITE, NULL, 1);

	(void)state;
	s.invite.hours = 1;
	s = done(&admin, s);
	assert_int_equal(s.invitation.not_after, house.scratch.now + HOUR);
}

static void who_cannot_be_invited(void **state)
{
	struct step s = invite(ROLE_AUDITOR, SITE, NULL, 1);
	const char *user;

	(void)state;
	at_fault(invite(ROLE_ADMINISTRATOR, SITE, NULL, 1), "/site");
	at_fault(invite(ROLE_SITE_COORDINATOR, NULL, NULL, 1), "/site");
	at_fault(invite(ROLE_SITE_COORDINATOR, "nowhere", NULL, 1), "/site");
	at_fault(invite(ROLE_EXPERT, "anzhen", NULL, 1), "/expert");
	at_fault(invite(ROLE_AUDITOR, "anzhen", "coronary-1", 1), "/expert");
	at_fault(invite(ROLE_EXPERT, SITE, "coronary-1", 1), "/expert");
	at_fault(invite(ROLE_EXPERT, "anzhen", "nobody", 1), "/expert");
	at_fault(invite(ROLE_EXPERT, "anzhen", "anzhen/studio-1", 1),
		 "/expert");
	s.invite.name = NULL;
	at_fault(s, "/name");
	s = invite(ROLE_AUDITOR, SITE, NULL, 1);
	s.invite.role = -1;
	at_fault(s, "/role");
	s.invite.user = "user-1";
	at_fault(s, "/user"); /* and a name */
	at_fault(invite_known("user-99", 1), "/user");
	at_fault(invite_known("nobody", 1), "/user");
	at_fault(invite_known("user-01", 1), "/user");
	user = enter(ROLE_AUDITOR, SITE, 2);
	done(&admin, revoke(user));
	at_fault(invite_known(user, 1), "/user");
	user = done(&admin, grant(SITE, SCOPES_ALL, 3)).granted.user;
	at_fault(invite_known(user, 1), "/user");
	assert_int_equal(count("SELECT count(*) FROM invitation"), 1);
}

static void a_lost_secret_is_replaced(void **state)
{
	struct step first = done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 1));
	struct step s;

	(void)state;
	s = done(&admin, invite_again(first.invitation.id, 2));
	assert_string_equal(s.invitation.id, first.invitation.id);
	assert_int_equal(s.invitation.not_after, first.invitation.not_after);
	refused(&nobody, enroll(1, 10), RC_FORBIDDEN);
	done(&nobody, enroll(2, 10));
	refused(&admin, invite_again(first.invitation.id, 3), RC_STATE);
	refused(&admin, invite_again("invitation-77", 3), RC_NOT_FOUND);
}

static void one_that_is_taken_back_is_good_no_more(void **state)
{
	const char *id =
		done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 1)).invitation.id;
	struct step s = done(&admin, take_back(id));

	(void)state;
	assert_string_equal(s.revoked.id, id);
	assert_string_equal(s.revoked.name, "张三");
	assert_int_equal(s.revoked.revoked_at, house.scratch.now);
	refused(&nobody, enroll(1, 10), RC_FORBIDDEN);
	refused(&admin, take_back(id), RC_STATE);
	refused(&admin, take_back("invitation-2"), RC_NOT_FOUND);
	refused(&admin, take_back("user-1"), RC_NOT_FOUND);
	unknown(10);
}

/* --- enrolment --- */

static void it_works_once(void **state)
{
	int64_t before;
	struct step s;

	(void)state;
	done(&admin, invite(ROLE_SITE_COORDINATOR, SITE, NULL, 1));
	before = events();
	s = done(&nobody, enroll(1, 10));
	assert_string_equal(s.enrolled.name, "张三");
	assert_int_equal(s.enrolled.role, ROLE_SITE_COORDINATOR);
	assert_string_equal(s.enrolled.site, SITE);
	assert_int_equal(s.enrolled.not_after, house.scratch.now + 365 * DAY);
	assert_int_equal(events(), before + 1);
	struct principal who = known(10);

	assert_int_equal(who.role, ROLE_SITE_COORDINATOR);
	assert_string_equal(who.site_slug, SITE);
	assert_int_equal(who.scopes, SCOPES_ALL);
	refused(&nobody, enroll(1, 11), RC_FORBIDDEN);
	unknown(11);
	/* The answer was lost: the same key gets it again, with a new end. */
	house.scratch.now += HOUR;
	struct step again = done(&nobody, enroll(1, 10));

	assert_string_equal(again.enrolled.user, s.enrolled.user);
	assert_int_equal(known(10).not_after, house.scratch.now + 365 * DAY);
	assert_int_equal(count("SELECT count(*) FROM identity"), 2);
	assert_int_equal(count("SELECT count(*) FROM invitation WHERE used_at"
			       " IS NOT NULL AND used_by = 2"),
			 1);
}

static void strangers_all_hear_the_same(void **state)
{
	struct step words[4];
	const char *back;

	(void)state;
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 1));
	done(&nobody, enroll(1, 10));
	back = done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 2)).invitation.id;
	done(&admin, take_back(back));
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 3));
	words[0] = enroll(1, 11);
	words[1] = enroll(2, 11);
	words[2] = enroll(3, 11);
	words[3] = enroll(4, 11);
	for (size_t i = 0; i < 4; i++) {
		if (i == 2)
			house.scratch.now += 72 * HOUR;
		words[i] = refused(&nobody, words[i], RC_FORBIDDEN);
		assert_string_equal(words[i].w.err.text, words[0].w.err.text);
	}
	unknown(11);
}

static void it_ends_at_the_second(void **state)
{
	(void)state;
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 1));
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 2));
	house.scratch.now += 72 * HOUR - 1;
	done(&nobody, enroll(1, 10));
	house.scratch.now += 1;
	refused(&nobody, enroll(2, 11), RC_FORBIDDEN);
	refused(&nobody, enroll(1, 10), RC_FORBIDDEN); /* a late repeat, too */
	assert_int_equal(known(10).role, ROLE_AUDITOR);
}

static void a_certificate_ends_at_the_second(void **state)
{
	(void)state;
	enter(ROLE_AUDITOR, SITE, 10);
	house.scratch.now += 365 * DAY - 1;
	known(10);
	house.scratch.now += 1;
	unknown(10);
}

static void a_key_is_one_persons(void **state)
{
	(void)state;
	enter(ROLE_AUDITOR, SITE, 10);
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 11));
	refused(&nobody, enroll(11, 10), RC_EXISTS);
	/* which uses nothing up */
	done(&nobody, enroll(11, 11));
}

static void somebody_known_stays_who_they_are(void **state)
{
	const char *user = enter(ROLE_SITE_COORDINATOR, SITE, 10);
	struct step s = done(&admin, invite_known(user, 11));

	(void)state;
	assert_string_equal(s.invitation.user, user);
	assert_string_equal(s.invitation.site, SITE);
	assert_int_equal(s.invitation.role, ROLE_SITE_COORDINATOR);
	known(10); /* until it is used */
	s = done(&nobody, enroll(11, 11));
	assert_string_equal(s.enrolled.user, user);
	assert_int_equal(s.w.ended.n, 1);
	assert_memory_equal(s.w.ended.keys, lobby_bytes(10).b, 32);
	assert_string_equal(known(11).name, "张三");
	unknown(10);
	/* What was replaced does not come back by its old invitation. */
	refused(&nobody, enroll(10, 10), RC_FORBIDDEN);
	unknown(10);
	assert_int_equal(count("SELECT count(*) FROM identity"), 2);
}

/* --- renewal --- */

static void a_renewal_keeps_two(void **state)
{
	struct principal me;
	struct step s;

	(void)state;
	enter(ROLE_AUDITOR, SITE, 10);
	enter(ROLE_AUDITOR, SITE, 20);
	me = known(10);
	refused(&me, renew(10), RC_EXISTS);
	refused(&me, renew(20), RC_EXISTS);
	s = done(&me, renew(11));
	assert_int_equal(s.w.ended.n, 0);
	assert_string_equal(s.enrolled.user, "user-2");
	known(10);
	assert_int_equal(known(11).identity, me.identity);
	done(&me, renew(11)); /* the answer was lost */
	known(11);
	s = done(&me, renew(12));
	assert_int_equal(s.w.ended.n, 1);
	assert_memory_equal(s.w.ended.keys, lobby_bytes(11).b, 32);
	known(10);
	known(12);
	unknown(11);
	refused(&me, renew(11), RC_EXISTS);
	me = known(12);
	done(&me, renew(13));
	unknown(10);
	assert_int_equal(
		count("SELECT count(*) FROM event WHERE verb = 'renew'"), 4);
}

static void a_token_is_not_renewed(void **state)
{
	struct principal his;

	(void)state;
	done(&admin, grant(SITE, SCOPES_ALL, 1));
	his = done(&admin, look_up(true, 1)).who;
	refused(&his, renew(10), RC_FORBIDDEN);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lobby_set_up, lobby_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_invitation_says_who_it_is_for),
		TEST(it_can_be_for_hours_only),
		TEST(who_cannot_be_invited),
		TEST(a_lost_secret_is_replaced),
		TEST(one_that_is_taken_back_is_good_no_more),
		TEST(it_works_once),
		TEST(strangers_all_hear_the_same),
		TEST(it_ends_at_the_second),
		TEST(a_certificate_ends_at_the_second),
		TEST(a_key_is_one_persons),
		TEST(somebody_known_stays_who_they_are),
		TEST(a_renewal_keeps_two),
		TEST(a_token_is_not_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
