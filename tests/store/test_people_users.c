/* Who is let in no more, tokens, the lists, and what the log has of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/ending.h"
#include "tests/support/lobby.h"

/* --- revocation --- */

static void who_is_revoked_is_gone_for_good(void **state)
{
	const char *user = enter(ROLE_AUDITOR, SITE, 10);
	struct principal me = known(10);
	struct step s;

	(void)state;
	done(&me, renew(11));
	done(&admin, invite_known(user, 12));
	s = done(&admin, revoke(user));
	assert_string_equal(s.revoked.id, user);
	assert_int_equal(s.revoked.revoked_at, house.scratch.now);
	assert_int_equal(s.w.ended.n, 2);
	unknown(10);
	unknown(11);
	refused(&nobody, enroll(12, 12), RC_FORBIDDEN);
	refused(&admin, revoke(user), RC_STATE);
	refused(&admin, revoke("user-99"), RC_NOT_FOUND);
	refused(&admin, revoke("nobody"), RC_NOT_FOUND);
	refused(&admin, revoke("invitation-1"), RC_NOT_FOUND);
}

static void what_a_revoked_administrator_left_open_is_shut(void **state)
{
	const char *user = enter(ROLE_ADMINISTRATOR, NULL, 10);
	struct principal second = known(10);

	(void)state;
	done(&second, invite(ROLE_ADMINISTRATOR, NULL, NULL, 11));
	done(&admin, invite(ROLE_ADMINISTRATOR, NULL, NULL, 12));
	done(&admin, revoke(user));
	refused(&nobody, enroll(11, 11), RC_FORBIDDEN);
	done(&nobody, enroll(12, 12));
}

static void the_last_administrator_stays(void **state)
{
	struct principal second;

	(void)state;
	refused(&admin, revoke("user-1"), RC_STATE);
	done(&admin, invite(ROLE_ADMINISTRATOR, NULL, NULL, 10));
	/* an invitation is not somebody yet */
	refused(&admin, revoke("user-1"), RC_STATE);
	done(&nobody, enroll(10, 10));
	second = known(10);
	done(&second, revoke("user-1"));
	refused(&second, revoke("user-2"), RC_STATE);
	known(10);
}

static void an_administrator_who_has_ended_does_not_count(void **state)
{
	(void)state;
	/* house_person()'s lasts a hundred days */
	enter(ROLE_ADMINISTRATOR, NULL, 10);
	house.scratch.now += 100 * DAY - 1;
	done(&admin, revoke("user-2"));
	unknown(10);
	enter(ROLE_ADMINISTRATOR, NULL, 11);
	house.scratch.now += 1;
	refused(&admin, revoke("user-3"), RC_STATE);
	known(11);
}

/* --- tokens --- */

static void a_token_is_found_by_its_hash(void **state)
{
	int64_t before = events();
	struct step s = done(&admin, grant(SITE, SCOPESET(SCOPE_READ), 1));
	struct principal his;

	(void)state;
	assert_int_equal(events(), before + 1);
	assert_string_equal(s.granted.site, SITE);
	assert_int_equal(s.granted.scopes, SCOPESET(SCOPE_READ));
	assert_int_equal(s.granted.not_after, house.scratch.now + 365 * DAY);
	assert_null(s.granted.token);
	his = done(&admin, look_up(true, 1)).who;
	assert_int_equal(his.role, ROLE_SYSTEM);
	assert_int_equal(his.scopes, SCOPESET(SCOPE_READ));
	assert_string_equal(his.site_slug, SITE);
	refused(&admin, look_up(true, 2), RC_UNAUTHENTICATED);
	/* A token is no key, and the other way round. */
	unknown(1);
	enter(ROLE_AUDITOR, SITE, 5);
	refused(&admin, look_up(true, 5), RC_UNAUTHENTICATED);
	house.scratch.now += 365 * DAY - 1;
	done(&admin, look_up(true, 1));
	house.scratch.now += 1;
	refused(&admin, look_up(true, 1), RC_UNAUTHENTICATED);
}

static void whom_tokens_are_for(void **state)
{
	struct step s;

	(void)state;
	at_fault(grant(NULL, SCOPESET(SCOPE_READ), 1), "/site");
	at_fault(grant(NULL, SCOPES_ALL, 1), "/site");
	at_fault(grant("nowhere", SCOPES_ALL, 1), "/site");
	at_fault(grant(SITE, 0, 1), "/scopes");
	s = done(&admin, grant(NULL, SCOPESET(SCOPE_METRICS), 1));
	assert_null(s.granted.site);
	s = grant(SITE, SCOPESET(SCOPE_METRICS), 2);
	s.token.days = 1;
	s = done(&admin, s);
	assert_int_equal(s.granted.not_after, house.scratch.now + DAY);
}

static void a_lost_token_is_replaced(void **state)
{
	struct step s = done(&admin, grant(SITE, SCOPESET(SCOPE_READ), 1));
	struct step again;

	(void)state;
	again = done(&admin, grant_again(s.granted.user, 2));
	assert_string_equal(again.granted.user, s.granted.user);
	assert_int_equal(again.granted.not_after, s.granted.not_after);
	refused(&admin, look_up(true, 1), RC_UNAUTHENTICATED);
	done(&admin, look_up(true, 2));
	done(&admin, revoke(s.granted.user));
	refused(&admin, look_up(true, 2), RC_UNAUTHENTICATED);
	refused(&admin, grant_again(s.granted.user, 3), RC_STATE);
}

/* --- lists --- */

static void lists_have_all_the_newest_first(void **state)
{
	const char *cursor = NULL;
	int seen = 0;

	(void)state;
	for (int i = 10; i < 14; i++)
		enter(ROLE_AUDITOR, SITE, i);
	do {
		struct step s = done(&admin, users(2, cursor));
		const struct msg_user *v = s.users.users.v;

		for (size_t i = 0; i < s.users.users.n; i++) {
			char id[32];

			snprintf(id, sizeof(id), "user-%d", 5 - seen++);
			assert_string_equal(v[i].id, id);
			assert_string_equal(v[i].status, "live");
		}
		cursor = s.users.next;
	} while (cursor);
	assert_int_equal(seen, 5);
	seen = 0;
	do {
		struct step s = done(&admin, invitations(3, cursor));

		seen += (int)s.invitations.invitations.n;
		cursor = s.invitations.next;
	} while (cursor);
	assert_int_equal(seen, 4);
	/* A whole page that is the last one has no cursor. */
	assert_null(done(&admin, users(5, NULL)).users.next);
}

static size_t users_that_are(const char *status)
{
	struct step s = users(FIELD_NONE, NULL);

	s.query.status = status;
	return done(&admin, s).users.users.n;
}

static size_t invitations_that_are(const char *status)
{
	struct step s = invitations(FIELD_NONE, NULL);

	s.query.status = status;
	return done(&admin, s).invitations.invitations.n;
}

static void lists_can_be_of_a_site_or_status(void **state)
{
	struct step s = users(FIELD_NONE, NULL);
	const struct msg_user *v;

	(void)state;
	enter(ROLE_AUDITOR, SITE, 10);
	enter(ROLE_AUDITOR, "anzhen", 11);
	done(&admin, grant(SITE, SCOPESET(SCOPE_READ), 12));
	done(&admin, revoke("user-3"));
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 13));
	done(&admin, invite(ROLE_AUDITOR, SITE, NULL, 14));
	done(&admin, take_back("invitation-4"));
	assert_int_equal(users_that_are("live"), 3);
	assert_int_equal(users_that_are("revoked"), 1);
	assert_int_equal(users_that_are("ended"), 0);
	assert_int_equal(invitations_that_are("open"), 1);
	assert_int_equal(invitations_that_are("used"), 2);
	assert_int_equal(invitations_that_are("revoked"), 1);
	house.scratch.now += 365 * DAY;
	assert_int_equal(users_that_are("ended"), 3);
	assert_int_equal(invitations_that_are("ended"), 1);
	s.query.site = SITE;
	s = done(&admin, s);
	assert_int_equal(s.users.users.n, 2);
	v = s.users.users.v;
	assert_int_equal(v[0].scopes, SCOPESET(SCOPE_READ));
	assert_int_equal(v[1].scopes, 0);
	s = users(FIELD_NONE, NULL);
	s.query.status = "open";
	at_fault(s, "#status");
	s = invitations(FIELD_NONE, NULL);
	s.query.status = "live";
	at_fault(s, "#status");
	at_fault(users(FIELD_NONE, "x"), "#cursor");
	at_fault(users(FIELD_NONE, "0"), "#cursor");
}

/* --- the log --- */

static enum rc do_verify(struct work *w, struct step *s)
{
	struct msg_log_report report;
	enum rc rc = work_log_verify(w, &report);

	(void)s;
	assert_true(report.ok);
	return rc;
}

static void the_log_has_all_of_it_and_keeps_the_reasons_sealed(void **state)
{
	const char *user = enter(ROLE_AUDITOR, SITE, 10);
	struct principal me = known(10);

	(void)state;
	done(&me, renew(11));
	done(&admin, grant(SITE, SCOPES_ALL, 12));
	done(&admin, revoke(user));
	assert_int_equal(count("SELECT count(*) FROM (SELECT DISTINCT verb"
			       " FROM event WHERE verb IN ('invite', 'enroll',"
			       " 'renew', 'grant', 'revoke'))"),
			 5);
	assert_int_equal(count("SELECT count(*) FROM event WHERE"
			       " instr(body, CAST('canary' AS BLOB)) > 0"),
			 0);
	assert_int_equal(count("SELECT count(*) FROM event WHERE"
			       " verb = 'revoke' AND body IS NOT NULL"),
			 1);
	done(&admin, step_of(do_verify));
}

/* --- the database itself --- */

static bool database_refuses(const char *sql)
{
	bool refuses;

	assert_int_equal(db_begin(house.db, NULL), RC_OK);
	refuses = db_script(house.db, sql, NULL) != RC_OK;
	db_rollback(house.db);
	return refuses;
}

static void the_database_refuses_what_no_use_case_does(void **state)
{
	static const char *const never[] = {
		"DELETE FROM identity WHERE id = 2",
		"UPDATE identity SET role = 'administrator' WHERE id = 2",
		"UPDATE identity SET site = NULL WHERE id = 2",
		"UPDATE identity SET revoked_at = NULL WHERE id = 2",
		"UPDATE invitation SET used_at = 1, used_by = 1 WHERE id = 1",
		"UPDATE invitation SET used_at = NULL, used_by = NULL"
		" WHERE id = 1",
		"UPDATE invitation SET hash = randomblob(32) WHERE id = 1",
		"UPDATE invitation SET revoked_at = 1 WHERE id = 1",
		"UPDATE token SET scopes = 0",
		"INSERT INTO token (hash, identity, scopes, made_at, not_after)"
		" VALUES (randomblob(31), 1, 1, 1, 2)",
	};

	(void)state;
	enter(ROLE_AUDITOR, SITE, 10);
	done(&admin, grant(SITE, SCOPES_ALL, 11));
	done(&admin, revoke("user-2"));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (!database_refuses(never[i]))
			fail_msg("it took: %s", never[i]);
	assert_false(database_refuses("UPDATE identity SET name = 'x'"));
}

/* Never before the certificate renews itself, whatever its life. */
static void notice_of_an_end_comes_after_the_renewal(void **state)
{
	(void)state;
	for (int64_t days = 1; days <= 3650; days++) {
		int64_t notice = ending_notice(days);

		assert_true(notice > 0 && notice <= 30 * 86400);
		assert_true(notice <= days * 86400 / 6);
	}
	assert_int_equal(ending_notice(365), 30 * 86400);
	assert_int_equal(ending_notice(90), 15 * 86400);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lobby_set_up, lobby_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_revoked_is_gone_for_good),
		TEST(what_a_revoked_administrator_left_open_is_shut),
		TEST(the_last_administrator_stays),
		TEST(an_administrator_who_has_ended_does_not_count),
		TEST(a_token_is_found_by_its_hash),
		TEST(whom_tokens_are_for),
		TEST(a_lost_token_is_replaced),
		TEST(lists_have_all_the_newest_first),
		TEST(lists_can_be_of_a_site_or_status),
		TEST(the_log_has_all_of_it_and_keeps_the_reasons_sealed),
		TEST(the_database_refuses_what_no_use_case_does),
		cmocka_unit_test(notice_of_an_end_comes_after_the_renewal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
