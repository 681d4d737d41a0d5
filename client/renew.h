/*
 * renew - a certificate renews itself before it ends.
 *
 * After the work of a command, when its answer is written already: once a
 * third or less of the certificate's life is left, a new key is made and
 * signed over the connection that is open anyhow. Nothing of it changes how
 * the command ended. One run of the tool at a time tries (a lock in the
 * profile), for seconds at most, and after a failure no more for an hour. The
 * profile's key and certificate are one file that is replaced at once: other
 * runs see the old or the new, and a crash leaves one of them.
 */
#ifndef CLIENT_RENEW_H
#define CLIENT_RENEW_H

#include "client/client.h"

#define RENEW_WARN_DAYS 14

/* Does it when it is due. When it cannot and the end is near, a line about it
 * is added to out. */
void renew(struct client *c, struct buf *out);

/*
 * The same in the midst of a command that runs for long, between two of its
 * requests: what was renewed, here or by another run, is what it goes on with.
 * A failure is of the profile; the wire is closed then.
 */
__attribute__((warn_unused_result)) enum rc
renew_between(struct client *c, bool *out_changed, struct err *err);

#endif
