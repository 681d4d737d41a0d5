/*
 * input - what several commands read in the same way: files, a duration, the
 * people and rooms that take part, the patient.
 */
#ifndef CLIENT_INPUT_H
#define CLIENT_INPUT_H

#include "client/client.h"

/* A file, or standard input for "-", into out, whose max bounds it. */
__attribute__((warn_unused_result)) enum rc
input_read(const char *path, struct buf *out, struct err *err);

/* The number of an option, within the bounds that the message's table gives
 * the field; FIELD_NONE when absent. */
__attribute__((warn_unused_result)) enum rc
input_number(const struct client *c, enum option o, const struct msg *msg,
	     const char *field, int64_t *out, struct err *err);
/* --duration, for a message with duration_minutes. */
__attribute__((warn_unused_result)) enum rc
input_duration(const struct client *c, const struct msg *msg, int64_t *out,
	       struct err *err);

/* --before and --after, for a message with before_ and after_minutes. */
__attribute__((warn_unused_result)) enum rc
input_around(const struct client *c, const struct msg *msg, int64_t *out_before,
	     int64_t *out_after, struct err *err);

/* --patient FILE|-, a JSON object, so that ps shows nothing of it; or the
 * three options with its members. NULL when there is neither. */
__attribute__((warn_unused_result)) enum rc
input_patient(struct client *c, struct msg_patient **out, struct err *err);

/* --attach, each a DICOM UID or URL#SHA256. */
__attribute__((warn_unused_result)) enum rc
input_attachments(struct client *c, struct field_list *out, struct err *err);
/* --accompanied-by, --licence and --phone; NULL when there is none. */
__attribute__((warn_unused_result)) enum rc
input_physician(struct client *c, struct msg_physician **out, struct err *err);

/* --with, each a resource of a site. */
__attribute__((warn_unused_result)) enum rc
input_with(const struct client *c, struct field_strs *out, struct err *err);

/* --wanted, each a span of time. */
__attribute__((warn_unused_result)) enum rc
input_wanted(struct client *c, struct field_list *out, struct err *err);

/* --from and --to; FIELD_NONE when absent. */
__attribute__((warn_unused_result)) enum rc input_range(struct client *c,
							int64_t *out_from,
							int64_t *out_to,
							struct err *err);

#endif
