#include "proto/messages_day.h"

#include "proto/rows.h"

MESSAGE(noshow, "NoShow", "Somebody did not come",
	WORD(noshow, absent, REQUIRED, absent, ABSENT, "who did not"),
	TEXT(noshow, reason, SECRET, 1, 900,
	     "what is known about it, for the other side"));

MESSAGE(start, "Start", "A session begins",
	TEXT(start, reason, SECRET, 1, 900,
	     "why it begins without something that is missing"));

MESSAGE(consent_new, "ConsentNew", "A consent was signed, or is withdrawn",
	WORD(consent_new, consent, REQUIRED, consent, CONSENT, "to what"),
	WORD(consent_new, signer, OPTIONAL, signer, SIGNER,
	     "who signed; absent: the patient"),
	STR(consent_new, name, SECRET, 1, 128, "the name of who signed"),
	STR(consent_new, relation, SECRET, 1, 64,
	    "what the guardian is to the patient"),
	TIME(consent_new, signed_at, OPTIONAL, "when; absent: now"),
	STR(consent_new, kept, SECRET, 1, 300,
	    "where the paper is kept; needed unless it is withdrawn"),
	TEXT(consent_new, reason, SECRET, 1, 900,
	     "why it is guided from afar, of telementoring; or why withdrawn"),
	BOOL(consent_new, withdrawn, OPTIONAL,
	     "the one that there is, is withdrawn"));

MESSAGE(consent, "Consent", "To what a patient consented",
	WORD(consent, consent, REQUIRED, consent, CONSENT, "to what"),
	WORD(consent, signer, REQUIRED, signer, SIGNER, "who signed"),
	TIME(consent, signed_at, REQUIRED, "when"),
	TIME(consent, withdrawn_at, OPTIONAL, "when it was withdrawn"),
	STR(consent, name, SECRET, 1, 128, "the name of who signed"),
	STR(consent, relation, SECRET, 1, 64,
	    "what the guardian is to the patient"),
	STR(consent, kept, SECRET, 1, 300, "where the paper is kept"),
	TEXT(consent, reason, SECRET, 1, 900,
	     "why the operation is guided from afar"));

#define DAY_MINUTES 1440

MESSAGE(net_session, "NetSession",
	"What an agreement says about the day of its sessions",
	INT(net_session, early_minutes, OPTIONAL, 0, 7 * DAY_MINUTES,
	    "how long before its time somebody may come; absent: 720"),
	CONSENTS(net_session, waives, OPTIONAL,
		 "consents that it does not ask for; absent: none"),
	INT(net_session, consent_minutes, OPTIONAL, 1, 30 * DAY_MINUTES,
	    "how long an emergency that began without consent has for it;"
	    " absent: 1440"),
	INT(net_session, equipment_minutes, OPTIONAL, 0, DAY_MINUTES,
	    "so long before it the equipment is tested, 0: not; absent: 60"),
	INT(net_session, link_minutes, OPTIONAL, 0, DAY_MINUTES,
	    "so long before it the link is on, 0: not; absent: 20"),
	INT(net_session, connected_minutes, OPTIONAL, 0, DAY_MINUTES,
	    "so long before it both ends see each other, 0: not; absent: 10"),
	BOOL(net_session, moves_when_late, OPTIONAL,
	     "what is behind a late session is moved; absent: it is warned"),
	WORD(net_session, unchecked, OPTIONAL, unchecked, UNCHECKED,
	     "what it takes to begin where nobody has looked; absent: reason"),
	GATES(net_session, emergency_needs, OPTIONAL,
	      "what no emergency passes with a reason; absent: nothing"));

static const char *const outcome_names[] = {"moved", "warned"};
static const struct words outcomes = {"outcome", outcome_names, 2};

MESSAGE(run_late, "RunLate", "A session runs late",
	INT(run_late, minutes, OPTIONAL, 1, 480,
	    "so long after its end as it stands now"),
	INT(run_late, days, OPTIONAL, 1, 180, "of a bed, instead"),
	TEXT(run_late, reason, SECRET, 1, 900, "why"),
	WORD(run_late, reason_code, OPTIONAL, why, WHY,
	     "the same as one word, for who counts them"));

MESSAGE(follower, "Follower", "What a late session runs into",
	CODE(follower, booking, OPTIONAL,
	     "the booking; absent: one that you may not see"),
	SLUG(follower, expert, OPTIONAL, "who does it"),
	TIME(follower, from, REQUIRED, "when it was to begin"),
	TIME(follower, to, REQUIRED, "when it was to have ended"),
	CHOICE(follower, outcome, REQUIRED, outcomes,
	       "moved; or warned: it stays, for people to decide"),
	TIME(follower, now_from, OPTIONAL, "when it begins now"),
	TIME(follower, now_to, OPTIONAL, "when it has ended now"));

MESSAGE(net_credential, "NetCredential", "What an expert must have",
	STR(net_credential, name, REQUIRED, 1, 64, "what it is"),
	KINDS(net_credential, kinds, OPTIONAL,
	      "for which kinds it is needed; absent: all"),
	DATE(net_credential, valid_to, REQUIRED, "its last day"));

MESSAGE(fallback, "Fallback", "Who takes over at the partner's",
	SLUG(fallback, surgeon, REQUIRED,
	     "the partner's surgeon, one of its experts"));

MESSAGE(checking, "Checking",
	"One thing was looked at, or something is chosen instead of it",
	WORD(checking, check, OPTIONAL, check, CHECK, "what was looked at"),
	BOOL(checking, red, OPTIONAL, "it does not work"),
	SLUG(checking, site, OPTIONAL, "at which end; absent: the caller's"),
	WORD(checking, contingency, OPTIONAL, contingency, CONTINGENCY,
	     "what is chosen for what is red"),
	TEXT(checking, reason, SECRET, 1, 900, "what is known about it"));

static const char *const state_names[] = {"open", "green", "red"};
static const struct words states = {"state", state_names, 3};

MESSAGE(check, "Check", "One thing that is looked at before a session",
	SLUG(check, site, REQUIRED, "at which end"),
	WORD(check, check, REQUIRED, check, CHECK, "what"),
	TIME(check, due_at, REQUIRED, "until when"),
	CHOICE(check, state, REQUIRED, states, "how it is; open: nobody said"),
	TIME(check, said_at, OPTIONAL, "when somebody did"));
