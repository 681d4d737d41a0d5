#include "proto/messages_papers.h"

#include "proto/rows.h"

static const char *const sort_names[] = {"dicom-study", "document"};
static const struct words sorts = {"attachment", sort_names, 2};

MESSAGE(attachment, "Attachment", "A picture or a document, by reference",
	CHOICE(attachment, kind, REQUIRED, sorts, "what it is"),
	STR(attachment, uid, SECRET, 1, 64,
	    "of a dicom-study: its Study Instance UID"),
	STR(attachment, url, SECRET, 1, 1000, "of a document: where (https)"),
	STR(attachment, sha256, SECRET, 64, 64,
	    "of a document: the SHA-256 of its bytes, in hex"),
	STR(attachment, label, SECRET, 1, 100, "what it shows, for people"));

MESSAGE(physician, "Physician", "Who accompanies the patient",
	STR(physician, name, REQUIRED | SECRET, 1, 128, "their name"),
	STR(physician, licence, SECRET, 1, 64, "the number of their licence"),
	STR(physician, phone, SECRET, 1, 32, "where they are reached"));
