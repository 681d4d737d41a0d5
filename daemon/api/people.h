/*
 * people - what the routes about invitations, certificates, users and tokens
 * do (rows of the table of routes). Secrets are drawn here and shown in the
 * one answer that makes them; the store hears of their SHA-256 alone.
 */
#ifndef DAEMON_API_PEOPLE_H
#define DAEMON_API_PEOPLE_H

#include "daemon/api/call.h"

/* Draws what is shown once. */
enum rc people_prepare_secret(struct call *c);
enum rc people_run_invite(struct call *c);
enum rc people_invite_again(struct call *c, const char *id);
enum rc people_run_invitations(struct call *c);
enum rc people_run_invitation_revoke(struct call *c);

/* Nothing is signed and no writer asked before the invitation is found. */
enum rc people_prepare_enroll(struct call *c);
enum rc people_run_enroll(struct call *c);
enum rc people_prepare_renew(struct call *c);
enum rc people_run_renew(struct call *c);

enum rc people_prepare_token(struct call *c);
enum rc people_run_token(struct call *c);
enum rc people_token_again(struct call *c, const char *user);

enum rc people_run_users(struct call *c);
enum rc people_run_revoke(struct call *c);

#endif
