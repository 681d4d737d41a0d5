/*
 * messages_papers - what comes with a request beside words about its patient:
 * references to pictures and documents, and who accompanies the patient.
 *
 * A picture or a document stays where it is; its reference is sealed like the
 * patient's name. See messages.h; the tables are in messages_papers.c.
 */
#ifndef PROTO_MESSAGES_PAPERS_H
#define PROTO_MESSAGES_PAPERS_H

#include "proto/field.h"

#define ATTACHMENTS_MAX 16

struct msg_attachment {
	const char *kind;   /* "dicom-study" or "document" */
	const char *uid;    /* of a study: its Study Instance UID */
	const char *url;    /* of a document: https */
	const char *sha256; /* of a document's bytes, in hex */
	const char *label;  /* for people */
};

/* At the partner's side of the session. */
struct msg_physician {
	const char *name, *licence, *phone;
};

extern const struct msg msg_attachment_table, msg_physician_table;

#endif
