/*
 * page - one thing on one page: labelled lines, blocks of text, its history.
 *
 * And the one line that says what a command has done. Times are shown in the
 * zone of the run (viewer_when() was called).
 */
#ifndef CLIENT_PAGE_H
#define CLIENT_PAGE_H

#include "client/client.h"

void page_request(struct client *c, const struct msg_request *request);
void page_booking(struct client *c, const struct msg_booking *booking);

/* A session with seats, and its line. */
void page_session(struct client *c, const struct msg_session *session);
void page_session_line(struct client *c, const struct msg_session *session);

/* "7K2M-QX91 booked, Tue 2026-12-01 09:30-10:15 Asia/Shanghai, with ..." */
void page_request_line(struct client *c, const struct msg_request *request);
void page_booking_line(struct client *c, const struct msg_booking *booking);

/* Calls and what was measured, of an emergency. */
void page_emergency(struct client *c, const struct msg_request *request);
/* Who is called now, how they are reached and until when; nothing where nobody
 * is. */
void page_call_line(struct client *c, const struct field_list *calls);

/* "3 min 20 s"; NULL for none. */
const char *page_seconds(struct client *c, int64_t seconds);
/* The first line; what: "booking". */
void page_title(struct client *c, const char *code, int kind,
		const char *status, const char *what);
/* What happened with the thing of that code, as a table. */
void page_events(struct client *c, const char *heading, const char *own,
		 const struct field_list *events);
/* A line of its own above what follows. */
void page_heading(struct client *c, const char *text);
/* "name         李医生"; nothing without a value. */
void page_line(struct client *c, const char *label, const char *value);
/* A code as stored, with its hyphen; other text as it is. */
const char *page_code(struct client *c, const char *code);
/* The last answer, as it came, for -o json. */
void page_json(struct client *c);
/* Rows of that message under the names of their fields, for -o csv. */
void page_csv(struct client *c, const struct msg *row,
	      const struct field_list *rows);

#endif
