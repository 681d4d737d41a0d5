/*
 * complete - can a request be judged: is all there that its agreement wants,
 * and is what is there well formed? Every fault at once, each at its pointer.
 *
 * Attachments are references: a DICOM study by its UID (PS3.5 section 9.1:
 * digits in groups between dots, no group but "0" with a zero in front, at
 * most 64 characters), a document by an https address and the SHA-256 of its
 * bytes. In the papers they are lines of four fields between tabs: what, where,
 * hash, label.
 */
#ifndef DAEMON_WORK_COMPLETE_H
#define DAEMON_WORK_COMPLETE_H

#include "daemon/work/work.h"

/* Faults found so far and one more answer: the graver. */
enum rc complete_both(enum rc rc, enum rc more);

/* The same, and what the answer says of several. */
enum rc complete_said(struct work *w, enum rc rc);

/* Reads wanted times into r. Each ends after it begins and has not passed. */
enum rc complete_read_wanted(struct work *w, const struct field_list *wanted,
			     struct request *r);
/* ... and begins before the agreement has ended. */
enum rc complete_check_wanted(struct work *w, const struct request *r,
			      const struct core_agreement *agreement);

/* `had`: lines there are already, or NULL. */
enum rc complete_read_attachments(struct work *w, const struct field_list *in,
				  const char *had, const char **out);
void complete_read_physician(const struct msg_physician *in,
			     struct papers *papers);
/* The same out of the papers, as messages. */
enum rc complete_view_attachments(struct work *w, const struct papers *papers,
				  struct field_list *out);
enum rc complete_view_physician(struct work *w, const struct papers *papers,
				struct msg_physician **out);

/* Is there what the agreement requires? later: of a supplement, whose pointers
 * are others. */
enum rc complete_check(struct work *w, const struct core_agreement *agreement,
		       const struct request *r, const struct papers *papers,
		       bool later);

#endif
