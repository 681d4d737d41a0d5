#include "proto/messages_opinion.h"

#include "base/words.h"
#include "proto/rows.h"

#define VERSIONS_MAX 1000
#define HASH_LEN 64
#define KEY_LEN 182
#define SIGNATURE_MIN 16
#define SIGNATURE_MAX 144

MESSAGE(opinion_new, "OpinionNew", "What an expert signs of a request",
	INT(opinion_new, version, REQUIRED, 1, VERSIONS_MAX,
	    "of this expert's opinion: 1, or one more than the last"),
	INT(opinion_new, corrects, OPTIONAL, 1, VERSIONS_MAX,
	    "the version that it corrects: the last; absent for the first"),
	TIME(opinion_new, signed_at, REQUIRED,
	     "when it was signed, by the signer's word"),
	TEXT(opinion_new, text, REQUIRED | SECRET, 1, OPINION_TEXT_MAX,
	     "the opinion"),
	STR(opinion_new, reference, SECRET, 1, 500,
	    "where more of it is kept, a report's address say"),
	STR(opinion_new, key, REQUIRED, KEY_LEN, KEY_LEN,
	    "public key of the certificate in use:"
	    " SubjectPublicKeyInfo (DER), hex"),
	STR(opinion_new, signature, REQUIRED, SIGNATURE_MIN, SIGNATURE_MAX,
	    "ECDSA with SHA-256 (DER), hex, over the lines that"
	    " docs/api.md names"));

MESSAGE(opinion_filed, "OpinionFiled", "An opinion that was taken",
	CODE(opinion_filed, code, REQUIRED, "the request's code"),
	SLUG(opinion_filed, expert, REQUIRED, "whose opinion it is"),
	COUNT(opinion_filed, opinion_version, REQUIRED, "its version"),
	STR(opinion_filed, hash, REQUIRED, HASH_LEN, HASH_LEN,
	    "SHA-256 of the lines that were signed"),
	WORD(opinion_filed, status, REQUIRED, request_status, REQUEST,
	     "where the request is now"));

MESSAGE(opinion, "Opinion", "A version of what an expert signed",
	SLUG(opinion, expert, REQUIRED, "whose opinion it is"),
	STR(opinion, by, REQUIRED, 1, 128, "who signed, by name"),
	COUNT(opinion, version, REQUIRED, "its number"),
	COUNT(opinion, corrects, OPTIONAL, "the version that it corrects"),
	TIME(opinion, signed_at, REQUIRED,
	     "when it was signed, by the signer's word"),
	TIME(opinion, filed_at, REQUIRED, "when it was taken"),
	TIME(opinion, received_at, OPTIONAL,
	     "when the partner confirmed that it has it"),
	TEXT(opinion, text, SECRET, 1, OPINION_TEXT_MAX, "the opinion"),
	STR(opinion, reference, SECRET, 1, 500, "where more of it is kept"),
	STR(opinion, hash, REQUIRED, HASH_LEN, HASH_LEN,
	    "SHA-256 of the lines that were signed"),
	STR(opinion, previous, REQUIRED, HASH_LEN, HASH_LEN,
	    "that of the version before, which it is signed over; zeros: the"
	    " first"),
	STR(opinion, key, REQUIRED, KEY_LEN, KEY_LEN,
	    "the public key that it is signed under, as OpinionNew says"),
	STR(opinion, signature, SECRET, SIGNATURE_MIN, SIGNATURE_MAX,
	    "the signature, as OpinionNew says"),
	BOOL(opinion, verified, REQUIRED,
	     "the signature was checked just now, and holds"));

MESSAGE(to_sign, "ToSign", "What the caller's next opinion has to say",
	STR(to_sign, request, REQUIRED, 8, 8,
	    "the request's code as it stands in the lines"),
	SLUG(to_sign, expert, REQUIRED, "the caller as an expert"),
	COUNT(to_sign, version, REQUIRED, "the next version"),
	STR(to_sign, previous, REQUIRED, HASH_LEN, HASH_LEN,
	    "the hash of the version before; zeros: there is none"),
	TIME(to_sign, now, REQUIRED, "the service's clock"));

MESSAGE(opinion_list, "OpinionList", "The opinions on a request",
	OBJECTS(opinion_list, items, REQUIRED, opinion, VERSIONS_MAX,
		"every version, in the order in which they came"),
	OBJECT(opinion_list, to_sign, OPTIONAL, to_sign,
	       "to an expert who has to sign one, or may correct theirs"));

MESSAGE(load, "Load", "How much is asked of one expert",
	SLUG(load, expert, REQUIRED, "who"),
	COUNT(load, sessions, REQUIRED, "sessions that begin in the span"),
	COUNT(load, session_minutes, REQUIRED, "how long they are"),
	COUNT(load, to_read, REQUIRED,
	      "store-and-forward: accepted, and by now not signed"),
	COUNT(load, to_read_minutes, REQUIRED, "how long those take"),
	COUNT(load, read, REQUIRED, "store-and-forward: signed in the span"),
	COUNT(load, read_minutes, REQUIRED, "how long those took"),
	COUNT(load, minutes, REQUIRED, "all of it"));

MESSAGE(report_load, "ReportLoad", "How much is asked of each expert",
	TIME(report_load, from, REQUIRED, "from then on"),
	TIME(report_load, to, REQUIRED, "before then"),
	OBJECTS(report_load, items, REQUIRED, load, 20000,
		"the experts, in the order of their ids"));
