/*
 * directory - the use cases of somebody who has to name a site, an expert or a
 * resource: their own, and those of whom they work with; an administrator's
 * all. See work.h.
 */
#ifndef DAEMON_WORK_DIRECTORY_H
#define DAEMON_WORK_DIRECTORY_H

#include "daemon/work/work.h"

enum rc work_directory_sites(struct work *w,
			     const struct msg_directory_query *in,
			     struct msg_directory *out);
enum rc work_directory_experts(struct work *w,
			       const struct msg_directory_query *in,
			       struct msg_directory *out);
enum rc work_directory_resources(struct work *w,
				 const struct msg_directory_query *in,
				 struct msg_directory *out);

#endif
