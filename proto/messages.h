/*
 * messages - what goes over the wire, as C structs, each with its table.
 *
 * Times are UTC seconds, durations minutes, codes and ids strings; see
 * field.h for absent values. The structs are also the use cases' input and
 * output: a skin decodes, calls, encodes, and has no struct of its own. To add
 * a message add the struct, its table in the .c file of the same name, and a
 * line in messages.c.
 */
#ifndef PROTO_MESSAGES_H
#define PROTO_MESSAGES_H

#include "proto/messages_asking.h"
#include "proto/messages_clinic.h"
#include "proto/messages_clock.h"
#include "proto/messages_day.h"
#include "proto/messages_directory.h"
#include "proto/messages_emergency.h"
#include "proto/messages_explain.h"
#include "proto/messages_feed.h"
#include "proto/messages_in.h"
#include "proto/messages_net.h"
#include "proto/messages_opinion.h"
#include "proto/messages_ops.h"
#include "proto/messages_out.h"
#include "proto/messages_people.h"
#include "proto/messages_pool.h"
#include "proto/messages_referral.h"
#include "proto/messages_report.h"
#include "proto/messages_roster.h"
#include "proto/messages_series.h"
#include "proto/messages_session.h"
#include "proto/messages_wait.h"

#endif
