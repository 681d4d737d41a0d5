#include "proto/messages_people.h"

#include "proto/rows.h"

#define PEM_MAX 16384
#define CSR_MAX 8192
#define PEOPLE_MAX 200
#define INVITE_TEXT_MAX 1024

static const char *const invitation_status_names[] = {"open", "used", "revoked",
						      "ended"};
const struct words words_invitation_status = {
	.what = "invitation status",
	.names = invitation_status_names,
	.count = 4,
};
static const char *const user_status_names[] = {"live", "ended", "revoked"};
const struct words words_user_status = {
	.what = "user status",
	.names = user_status_names,
	.count = 3,
};

#define WHO_ROWS(s)                                                            \
	STR(s, name, REQUIRED, 1, 128, "who it is, for people"),               \
		WORD(s, role, REQUIRED, role, ROLE, "what they may do"),       \
		SLUG(s, site, OPTIONAL, "where they belong"),                  \
		SLUG(s, expert, OPTIONAL, "which expert they are")

MESSAGE(invitation_new, "InvitationNew", "Somebody is asked to enrol",
	STR(invitation_new, name, OPTIONAL, 1, 64,
	    "who it is, for people; required without user"),
	WORD(invitation_new, role, OPTIONAL, role, ROLE,
	     "what they will be allowed to do; required without user"),
	SLUG(invitation_new, site, OPTIONAL,
	     "where they belong; required but for an administrator"),
	SLUG(invitation_new, expert, OPTIONAL,
	     "which expert they are; required for the role expert"),
	SLUG(invitation_new, user, OPTIONAL,
	     "somebody known who needs a new certificate; it takes the place"
	     " of what they had"),
	INT(invitation_new, hours, OPTIONAL, 1, 720,
	    "how long it can be used; absent: 72"));

MESSAGE(invitation, "Invitation", "An invitation and what became of it",
	SLUG(invitation, id, REQUIRED, "what it is called"),
	WHO_ROWS(invitation),
	SLUG(invitation, user, OPTIONAL, "whom it is for, or who used it"),
	CHOICE(invitation, status, REQUIRED, words_invitation_status,
	       "whether it can still be used"),
	TIME(invitation, made_at, REQUIRED, "when it was made"),
	TIME(invitation, not_after, REQUIRED, "until when it can be used"),
	TIME(invitation, used_at, OPTIONAL, "when it was used"),
	STR(invitation, invitation, OPTIONAL, 1, INVITE_TEXT_MAX,
	    "what to hand over; only in the answer that makes it"));

MESSAGE(invitation_list, "InvitationList", "Invitations, the newest first",
	OBJECTS(invitation_list, invitations, REQUIRED, invitation, PEOPLE_MAX,
		"a page of them"),
	STR(invitation_list, next, OPTIONAL, 1, 256,
	    "the cursor of the next page"));

MESSAGE(enroll, "Enroll", "An invitation is used",
	STR(enroll, secret, REQUIRED | SECRET, 32, 32,
	    "the invitation's secret, 32 hexadecimal digits"),
	TEXT(enroll, csr, REQUIRED, 1, CSR_MAX,
	     "the request for a certificate, PKCS #10 as PEM"));

MESSAGE(enrolled, "Enrolled", "A certificate, and whom it stands for",
	SLUG(enrolled, user, REQUIRED, "what they are called in lists"),
	WHO_ROWS(enrolled),
	TEXT(enrolled, certificate, REQUIRED, 1, PEM_MAX,
	     "the certificate, as PEM"),
	TEXT(enrolled, ca, REQUIRED, 1, PEM_MAX,
	     "the authority's certificate, as PEM"),
	TIME(enrolled, not_after, REQUIRED, "when the certificate ends"));

MESSAGE(renew, "Renew", "A new certificate before the old one ends",
	TEXT(renew, csr, REQUIRED, 1, CSR_MAX,
	     "the request for a certificate, PKCS #10 as PEM, of a new key"));

MESSAGE(token_new, "TokenNew", "A system is let in",
	STR(token_new, name, REQUIRED, 1, 64, "which system, for people"),
	SLUG(token_new, site, OPTIONAL,
	     "where it belongs; required but for metrics alone"),
	SCOPES(token_new, scopes, REQUIRED, "what it may do"),
	INT(token_new, days, OPTIONAL, 1, 3650,
	    "how long it is good for; absent: 365"));

MESSAGE(token, "Token", "A token, shown this once",
	SLUG(token, user, REQUIRED, "what to revoke it by"),
	STR(token, name, REQUIRED, 1, 128, "which system, for people"),
	SLUG(token, site, OPTIONAL, "where it belongs"),
	SCOPES(token, scopes, REQUIRED, "what it may do"),
	TIME(token, not_after, REQUIRED, "when it ends"),
	STR(token, token, REQUIRED, 1, 128,
	    "to be sent as Authorization: Bearer"));

MESSAGE(user, "User", "A person or a system that is known",
	SLUG(user, id, REQUIRED, "what it is called"), WHO_ROWS(user),
	CHOICE(user, status, REQUIRED, words_user_status,
	       "whether the service answers it"),
	SCOPES(user, scopes, OPTIONAL, "what its token is good for"),
	TIME(user, made_at, REQUIRED, "known since"),
	TIME(user, not_after, OPTIONAL,
	     "when its certificate or token ends; absent: it has none"),
	TIME(user, revoked_at, OPTIONAL, "when it was revoked"));

MESSAGE(user_list, "UserList", "Users, the newest first",
	OBJECTS(user_list, users, REQUIRED, user, PEOPLE_MAX, "a page of them"),
	STR(user_list, next, OPTIONAL, 1, 256, "the cursor of the next page"));

MESSAGE(people_query, "PeopleQuery", "Which users or invitations",
	SLUG(people_query, site, OPTIONAL, "of this site"),
	STR(people_query, status, OPTIONAL, 1, 16, "with this status"),
	INT(people_query, limit, OPTIONAL, 1, PEOPLE_MAX,
	    "how many a page; absent: 50"),
	STR(people_query, cursor, OPTIONAL, 1, 256,
	    "where the last page ended"));

MESSAGE(revoke, "Revoke", "Somebody is not to be let in any more",
	TEXT(revoke, reason, REQUIRED, 1, 1000, "why"));

MESSAGE(revoked, "Revoked", "Who is not let in any more",
	SLUG(revoked, id, REQUIRED, "what it is called"),
	STR(revoked, name, REQUIRED, 1, 128, "who it is, for people"),
	TIME(revoked, revoked_at, REQUIRED, "since when"));
