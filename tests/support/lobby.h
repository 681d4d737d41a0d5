/*
 * lobby - who is let in: a house with one administrator, and the steps of the
 * use cases about invitations, certificates, tokens and users.
 *
 * Secrets and keys are numbers: number n's hash is lobby_bytes(n). One lobby
 * at a time: its house is a global, as tests share it.
 */
#ifndef TESTS_SUPPORT_LOBBY_H
#define TESTS_SUPPORT_LOBBY_H

#include "tests/support/house.h"

#define HOUR 3600
#define DAY ((int64_t)24 * HOUR)
#define SITE "liaoyang-central"

struct bytes {
	uint8_t b[32];
};

/* One use case; made by a function below, its answer is in it afterwards. */
struct step {
	enum rc (*run)(struct work *w, struct step *s);
	struct bytes hash; /* of a secret */
	struct bytes key;  /* of a certificate */
	const char *id;
	struct msg_invitation_new invite;
	struct msg_token_new token;
	struct msg_people_query query;
	struct principal_proof proof;
	/* answers */
	struct msg_invitation invitation;
	struct msg_enrolled enrolled;
	struct msg_token granted;
	struct msg_revoked revoked;
	struct msg_user_list users;
	struct msg_invitation_list invitations;
	struct principal who;
	struct work w;
};

extern struct house house;
extern struct principal admin;
extern const struct principal nobody;

/* For cmocka_unit_test_setup_teardown(). */
int lobby_set_up(void **state);
int lobby_tear_down(void **state);

struct bytes lobby_bytes(int n);

/* --- steps --- */

struct step invite(enum role role, const char *site, const char *expert,
		   int secret);
struct step invite_known(const char *user, int secret);
struct step invite_again(const char *id, int secret);
struct step take_back(const char *id);
struct step enroll(int secret, int key);
struct step renew(int key);
struct step revoke(const char *user);
struct step grant(const char *site, scopeset scopes, int secret);
struct step grant_again(const char *user, int secret);
struct step users(int64_t limit, const char *cursor);
struct step invitations(int64_t limit, const char *cursor);
/* Is somebody known by that certificate or token? */
struct step look_up(bool token, int number);
/* Any other. */
struct step step_of(enum rc (*run)(struct work *w, struct step *s));

/* --- what is expected of them --- */

struct step done(const struct principal *who, struct step s);
struct step refused(const struct principal *who, struct step s, enum rc rc);
/* Refused to the administrator for that one pointer. */
void at_fault(struct step s, const char *pointer);
/* Whoever comes with that key; nobody does. */
struct principal known(int key);
void unknown(int key);

/* Somebody new, with that secret and key; how they are called. */
const char *enter(enum role role, const char *site, int number);
/* sql: a literal. */
int64_t count(const char *sql);
int64_t events(void);

#endif
