/*
 * referral - a patient goes from one hospital to another, up or down, and who
 * sent them keeps seeing how it goes on.
 *
 * Up: from the partner to the lead; down: from the lead to the partner, under
 * the same agreement. Who is asked is the receiver (request_receiver()), and
 * stands on SIDE_LEAD of it; work_find_request() sees to that.
 */
#ifndef DAEMON_WORK_REFERRAL_H
#define DAEMON_WORK_REFERRAL_H

#include "daemon/store/site.h"
#include "daemon/work/work.h"
#include "proto/messages_referral.h"

/* The filter of a referral to the site that it names: up where there is such an
 * agreement, else down. */
enum rc referral_way(struct work *w, const struct msg_request_new *in,
		     struct agreement_filter *filter);
/* The request that it comes from: one that both hospitals see. */
enum rc referral_read_of(struct work *w, const struct msg_request_new *in,
			 struct request *r);

enum rc work_course_add(struct work *w, const char *code,
			const struct msg_course_new *in,
			struct msg_course_entry *out);
/* Reads papers, as work_request_show() does. */
enum rc work_course_list(struct work *w, const char *code,
			 struct msg_course *out);

#endif
