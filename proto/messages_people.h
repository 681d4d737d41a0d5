/*
 * messages_people - invitations, enrolment, certificates, tokens, users.
 *
 * What somebody is called in messages is a slug that says what it is:
 * "user-12", "invitation-5". Secrets (an invitation's text, a token) are in
 * the one answer that makes them and never again. See messages.h; the tables
 * are in messages_people.c.
 */
#ifndef PROTO_MESSAGES_PEOPLE_H
#define PROTO_MESSAGES_PEOPLE_H

#include "proto/field.h"

#define USER_PREFIX "user-"
#define INVITATION_PREFIX "invitation-"

/* --- invitations --- */

struct msg_invitation_new {
	const char *name;   /* absent with user: as that one is called */
	int role;	    /* -1 with user */
	const char *site;   /* all roles but the administrator's */
	const char *expert; /* role expert */
	const char *user;   /* somebody known who needs a new certificate: what
			     * they had before ends when it is used */
	int64_t hours;	    /* valid for; absent: 72 */
};

struct msg_invitation {
	const char *id;
	const char *name;
	int role;
	const char *site, *expert;
	const char *user;   /* whom it is for, or who used it */
	const char *status; /* words_invitation_status */
	int64_t made_at, not_after, used_at;
	const char *invitation; /* the text to hand over; when made only */
};

struct msg_invitation_list {
	struct field_list invitations; /* msg_invitation */
	const char *next;
};

extern const struct words words_invitation_status; /* open, used, ... */
enum { INVITATION_OPEN, INVITATION_USED, INVITATION_REVOKED, INVITATION_ENDED };

/* --- enrolment and renewal --- */

struct msg_enroll {
	const char *secret; /* of the invitation, 32 hexadecimal digits */
	const char *csr;    /* PKCS #10, PEM */
};

/* The answer to enrolment and to renewal. */
struct msg_enrolled {
	const char *user;
	const char *name;
	int role;
	const char *site, *expert;
	const char *certificate; /* PEM */
	const char *ca;		 /* PEM */
	int64_t not_after;
};

struct msg_renew {
	const char *csr; /* of a new key */
};

/* --- tokens --- */

struct msg_token_new {
	const char *name;
	const char *site; /* absent for scope metrics alone */
	scopeset scopes;
	int64_t days; /* absent: 365 */
};

struct msg_token {
	const char *user;
	const char *name;
	const char *site;
	scopeset scopes;
	int64_t not_after;
	const char *token; /* this once */
};

/* --- users --- */

struct msg_user {
	const char *id;
	const char *name;
	int role;
	const char *site, *expert;
	const char *status; /* words_user_status */
	scopeset scopes;    /* of a token; 0: comes with a certificate */
	int64_t made_at;
	int64_t not_after; /* of the certificate or token that lasts longest */
	int64_t revoked_at;
};

struct msg_user_list {
	struct field_list users; /* msg_user */
	const char *next;
};

extern const struct words words_user_status;
enum { USER_LIVE, USER_ENDED, USER_REVOKED };

/* Of users and of invitations. */
struct msg_people_query {
	const char *site;
	const char *status; /* of users or invitations */
	int64_t limit;	    /* default 50 */
	const char *cursor;
};

struct msg_revoke {
	const char *reason; /* kept in the log, sealed */
};

struct msg_revoked {
	const char *id;
	const char *name;
	int64_t revoked_at;
};

extern const struct msg msg_invitation_new_table, msg_invitation_table,
	msg_invitation_list_table, msg_enroll_table, msg_enrolled_table,
	msg_renew_table, msg_token_new_table, msg_token_table, msg_user_table,
	msg_user_list_table, msg_people_query_table, msg_revoke_table,
	msg_revoked_table;

#endif
