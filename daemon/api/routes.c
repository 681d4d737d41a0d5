/* The table of routes (route.h) and what each does. */
#include "daemon/api/booking.h"
#include "daemon/api/call.h"
#include "daemon/api/clinic.h"
#include "daemon/api/day.h"
#include "daemon/api/emergency.h"
#include "daemon/api/people.h"
#include "daemon/api/pool.h"
#include "daemon/api/roster.h"
#include "daemon/api/series.h"
#include "daemon/api/session.h"
#include "daemon/api/waiting.h"
#include "daemon/api/watched.h"
#include "daemon/work/agreements.h"
#include "daemon/work/directory.h"
#include "daemon/work/imaging.h"
#include "daemon/work/report.h"
#include "daemon/work/worklist.h"

#define LEADS ROLES(LEAD_COORDINATOR)
/* Of a referral down it is the partner who is asked. */
#define TRIAGE ROLES_COORDINATORS
#define DESKS (ROLES_COORDINATORS | ROLES(SYSTEM))
#define PLANNERS (DESKS | ROLES(EXPERT))
#define READERS (PLANNERS | ROLES(AUDITOR))
#define ADMINS ROLES(ADMINISTRATOR)
#define ALL ((1u << ROLE_COUNT) - 1)

#define IMPORT_MAX (16u * 1024u * 1024u)
/* What was imported is more in one piece, with what it left unsaid. */
#define BACKUP_MS (3600u * 1000) /* of a large database */
#define EXPORT_MAX (64u * 1024u * 1024u)

static enum rc run_whoami(struct call *c)
{
	return work_whoami(&c->w, c->out);
}

static enum rc run_submit(struct call *c)
{
	return work_request_submit(&c->w, c->in, c->out);
}

static enum rc run_requests(struct call *c)
{
	return work_request_list(&c->w, c->in, c->out);
}

static enum rc run_request(struct call *c)
{
	return work_request_show(&c->w, c->param[0], c->out);
}

static enum rc run_accept(struct call *c)
{
	return work_request_accept(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_assign(struct call *c)
{
	return work_request_assign(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_decline(struct call *c)
{
	return work_request_decline(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_ask(struct call *c)
{
	return work_request_ask(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_supplement(struct call *c)
{
	return work_request_supplement(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_withdraw(struct call *c)
{
	return work_request_withdraw(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_opinion(struct call *c)
{
	return work_opinion_file(&c->w, c->param[0], c->in, c->out);
}

static enum rc run_opinions(struct call *c)
{
	return work_opinion_list(&c->w, c->param[0], c->out);
}

static enum rc run_receive(struct call *c)
{
	return work_opinion_receive(&c->w, c->param[0], c->out);
}

static enum rc run_worklist(struct call *c)
{
	return work_worklist(&c->w, c->in, c->out);
}

static enum rc run_report_load(struct call *c)
{
	return work_report_load(&c->w, c->in, c->out);
}

static enum rc run_report_answers(struct call *c)
{
	return work_report_answers(&c->w, c->in, c->out);
}

static enum rc run_report(struct call *c)
{
	return work_report(&c->w, c->route->out, c->in, c->out);
}

static enum rc run_agreements(struct call *c)
{
	return work_agreement_list(&c->w, c->in, c->out);
}

static enum rc run_sites(struct call *c)
{
	return work_directory_sites(&c->w, c->in, c->out);
}

static enum rc run_experts(struct call *c)
{
	return work_directory_experts(&c->w, c->in, c->out);
}

static enum rc run_resources(struct call *c)
{
	return work_directory_resources(&c->w, c->in, c->out);
}

static enum rc run_import(struct call *c)
{
	return work_import(&c->w, c->in, c->out);
}

static enum rc run_import_trial(struct call *c)
{
	struct msg_import_report *out = c->out;
	enum rc rc = work_import(&c->w, c->in, out);

	out->dry_run = true;
	return rc;
}

/* What is wrong with a file is found before the writer hears of it. */
static enum rc prepare_import(struct call *c)
{
	return work_import_check(&c->w, c->in);
}

static enum rc run_export(struct call *c)
{
	return work_export(&c->w, c->out);
}

static enum rc run_verify(struct call *c)
{
	return work_log_verify(&c->w, c->out);
}

static enum rc run_openapi(struct call *c)
{
	openapi_reply(&c->reply);
	return RC_OK;
}

static bool is_emergency(struct call *c)
{
	return work_request_is_urgent(c->in);
}

static bool is_of_emergency(struct call *c)
{
	return work_code_is_urgent(&c->w, c->param[0]);
}

/* Whoever is let in no more is so at once. */
static bool is_always_urgent(struct call *c)
{
	(void)c;
	return true;
}

#define GET HTTP_GET
#define POST HTTP_POST
#define CHANGE (ROUTE_WRITE | ROUTE_MATCH)
#define CREATE (ROUTE_WRITE | ROUTE_KEY | ROUTE_CREATED)
#define READ SCOPESET(SCOPE_READ)
#define REQUESTS SCOPESET(SCOPE_REQUESTS)
#define BOOK SCOPESET(SCOPE_BOOKINGS)
#define MSG(name) &msg_##name##_table
#define REPORT(name, text)                                                     \
	{                                                                      \
		GET, "/v1/reports/" #name, READERS, ROUTE_REPORT | ROUTE_ROWS, \
			.scope = READ, .query = MSG(report_query),             \
			.out = MSG(report_##name), .run = run_report,          \
			.summary = text                                        \
	}

/* Public paths without a function are answered in api.c. */
static const struct route table[] = {
	{GET, "/healthz", ALL, ROUTE_PUBLIC, .scope = SCOPES_ALL,
	 .out = MSG(health), .summary = "Alive"},
	{GET, "/readyz", ALL, ROUTE_PUBLIC, .scope = SCOPES_ALL,
	 .out = MSG(health), .summary = "Ready to book"},
	{GET, "/metrics", ADMINS | ROLES(AUDITOR) | ROLES(SYSTEM), 0,
	 .scope = SCOPESET(SCOPE_METRICS), .run = metrics_run,
	 .media = "text/plain application/openmetrics-text",
	 .summary = "The figures of the service, for Prometheus"},
	{GET, "/v1/status", ADMINS, 0, .out = MSG(status), .run = status_run,
	 .summary = "How the service does, and what is to be done"},
	{GET, "/v1/openapi.json", ALL, 0, .scope = SCOPES_ALL,
	 .run = run_openapi, .summary = "This description"},
	{GET, "/v1/whoami", ALL, 0, .scope = SCOPES_ALL, .out = MSG(whoami),
	 .run = run_whoami, .summary = "Who the caller is"},
	{POST, "/v1/requests", DESKS, CREATE, .scope = REQUESTS,
	 .body = MSG(request_new), .out = MSG(request), .run = run_submit,
	 .is_urgent = is_emergency, .summary = "Submit a request"},
	{GET, "/v1/requests", READERS, 0, .scope = READ,
	 .query = MSG(list_query), .out = MSG(request_list),
	 .run = run_requests, .summary = "List requests"},
	{GET, "/v1/requests/{code}", READERS, ROUTE_WRITE | ROUTE_PAPERS,
	 .scope = READ, .out = MSG(request), .run = run_request,
	 .is_urgent = is_of_emergency,
	 .summary = "Show a request with its papers and history"},
	{POST, "/v1/requests/{code}/accept", TRIAGE, CHANGE,
	 .body = MSG(accept), .out = MSG(request), .run = run_accept,
	 .is_urgent = is_of_emergency, .summary = "Accept a request"},
	{POST, "/v1/requests/{code}/assign", TRIAGE, CHANGE,
	 .body = MSG(assign), .out = MSG(request), .run = run_assign,
	 .is_urgent = is_of_emergency,
	 .summary = "Assign an accepted request to another expert"},
	{POST, "/v1/requests/{code}/decline", TRIAGE, CHANGE,
	 .body = MSG(decline), .out = MSG(request), .run = run_decline,
	 .is_urgent = is_of_emergency, .summary = "Decline a request"},
	{POST, "/v1/requests/{code}/ask", TRIAGE, CHANGE, .body = MSG(ask),
	 .out = MSG(request), .run = run_ask, .is_urgent = is_of_emergency,
	 .summary = "Ask for what a request lacks, once"},
	{POST, "/v1/requests/{code}/supplement", DESKS, CHANGE,
	 .scope = REQUESTS, .body = MSG(supplement), .out = MSG(request),
	 .run = run_supplement, .is_urgent = is_of_emergency,
	 .summary = "Supplement a request"},
	{POST, "/v1/requests/{code}/withdraw", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(withdraw), .out = MSG(request), .run = run_withdraw,
	 .is_urgent = is_of_emergency, .summary = "Withdraw a request"},
	{POST, "/v1/requests/{code}/opinions", ROLES(EXPERT),
	 ROUTE_WRITE | ROUTE_KEY, .body = MSG(opinion_new),
	 .out = MSG(opinion_filed), .run = run_opinion,
	 .is_urgent = is_of_emergency, .summary = "Sign an opinion"},
	{GET, "/v1/requests/{code}/opinions", READERS,
	 ROUTE_WRITE | ROUTE_PAPERS, .scope = READ, .out = MSG(opinion_list),
	 .run = run_opinions, .is_urgent = is_of_emergency,
	 .summary = "Read the opinions on a request"},
	{POST, "/v1/requests/{code}/receive", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(empty), .out = MSG(request), .run = run_receive,
	 .is_urgent = is_of_emergency,
	 .summary = "Confirm that the opinions were received"},
	{POST, "/v1/requests/{code}/course", PLANNERS, ROUTE_WRITE | ROUTE_KEY,
	 .scope = REQUESTS, .body = MSG(course_new), .out = MSG(course_entry),
	 .run = clinic_run_course_add,
	 .summary = "Say how it went on with a patient"},
	{GET, "/v1/requests/{code}/course", READERS, ROUTE_WRITE | ROUTE_PAPERS,
	 .scope = READ, .out = MSG(course), .run = clinic_run_course,
	 .summary = "Read how it goes on with a patient"},
	{POST, "/v1/requests/{code}/wait", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(wait), .out = MSG(request), .run = waiting_run_wait,
	 .is_urgent = is_of_emergency,
	 .summary = "Put an accepted request on the waitlist"},
	{POST, "/v1/requests/{code}/unwait", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(unwait), .out = MSG(request), .run = waiting_run_unwait,
	 .is_urgent = is_of_emergency,
	 .summary = "Take a request off the waitlist"},
	{GET, "/v1/waitlist", DESKS | ROLES(AUDITOR), 0, .scope = READ,
	 .query = MSG(wait_query), .out = MSG(waitlist),
	 .run = waiting_run_waitlist, .summary = "Who waits for time"},
	{GET, "/v1/offers", DESKS | ROLES(AUDITOR), 0, .scope = READ,
	 .query = MSG(wait_query), .out = MSG(offer_list),
	 .run = waiting_run_offers,
	 .summary = "Times that are offered and not answered yet"},
	{POST, "/v1/requests/{code}/answer", LEADS | ROLES(EXPERT), CHANGE,
	 .body = MSG(answer), .out = MSG(request),
	 .prepare = emergency_prepare_answer, .run = emergency_run_answer,
	 .is_urgent = is_of_emergency,
	 .summary = "Answer the call to an emergency"},
	{POST, "/v1/requests/{code}/papers", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(papers), .out = MSG(request), .run = emergency_run_papers,
	 .is_urgent = is_of_emergency,
	 .summary = "Give an emergency's papers afterwards"},
	{GET, "/v1/on-call", READERS, 0, .scope = READ,
	 .query = MSG(on_call_query), .out = MSG(on_call),
	 .run = emergency_run_on_call, .summary = "Who is on call, and when"},
	{POST, "/v1/on-call/swap", LEADS | ROLES(EXPERT),
	 ROUTE_WRITE | ROUTE_KEY, .body = MSG(swap), .out = MSG(swapped),
	 .run = emergency_run_swap,
	 .summary = "Somebody takes over a duty on call"},
	{GET, "/v1/reports/emergencies", READERS, ROUTE_REPORT, .scope = READ,
	 .query = MSG(emergencies_query), .out = MSG(emergencies),
	 .run = emergency_run_report,
	 .summary = "What was measured of emergencies, by partner"},
	{GET, "/v1/slots", PLANNERS, 0, .scope = READ,
	 .query = MSG(slots_query), .out = MSG(slots), .run = booking_run_slots,
	 .is_wide = booking_is_wide_search,
	 .summary = "The first times that would do"},
	{POST, "/v1/bookings", DESKS, CREATE, .scope = BOOK, .body = MSG(book),
	 .out = MSG(booking), .run = booking_run_book,
	 .is_urgent = booking_is_for_emergency,
	 .summary = "Book an accepted request"},
	{POST, "/v1/holds", DESKS, CREATE, .scope = BOOK, .body = MSG(hold),
	 .out = MSG(booking), .run = booking_run_hold,
	 .is_urgent = booking_is_for_emergency,
	 .summary = "Hold a time for some minutes"},
	{GET, "/v1/bookings", READERS, 0, .scope = READ,
	 .query = MSG(list_query), .out = MSG(booking_list),
	 .run = booking_run_list, .summary = "List bookings"},
	{GET, "/v1/bookings/{code}", READERS, ROUTE_WRITE | ROUTE_PAPERS,
	 .scope = READ, .out = MSG(booking), .run = booking_run_show,
	 .is_urgent = is_of_emergency,
	 .summary = "Show a booking with its history"},
	{POST, "/v1/bookings/{code}/confirm", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(booking), .run = booking_run_confirm,
	 .is_urgent = is_of_emergency, .summary = "Turn a hold into a booking"},
	{POST, "/v1/bookings/{code}/release", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(booking), .run = booking_run_release,
	 .is_urgent = is_of_emergency, .summary = "Give a hold back"},
	{POST, "/v1/bookings/{code}/refuse", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(refuse), .out = MSG(booking), .run = waiting_run_refuse,
	 .is_urgent = is_of_emergency,
	 .summary = "Refuse a time that is offered"},
	{POST, "/v1/bookings/{code}/move", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(move), .out = MSG(booking), .run = booking_run_move,
	 .is_urgent = is_of_emergency, .summary = "Move a booking"},
	{POST, "/v1/bookings/{code}/cancel", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(cancel), .out = MSG(booking), .run = booking_run_cancel,
	 .is_urgent = is_of_emergency, .summary = "Cancel a booking"},
	{POST, "/v1/bookings/{code}/move-following", DESKS,
	 CHANGE | ROUTE_HEAVY, .scope = BOOK, .body = MSG(series_move),
	 .out = MSG(series), .prepare = series_prepare_move,
	 .run = series_run_move,
	 .summary = "Move an occurrence of a series and all that follow"},
	{POST, "/v1/bookings/{code}/move-following/dry-run", DESKS,
	 CHANGE | ROUTE_HEAVY | ROUTE_TRIAL, .scope = BOOK,
	 .body = MSG(series_move), .out = MSG(series),
	 .prepare = series_prepare_move, .run = series_run_move_trial,
	 .summary = "What of a series would move where"},
	{POST, "/v1/bookings/{code}/cancel-following", DESKS, CHANGE,
	 .scope = BOOK, .body = MSG(series_cancel), .out = MSG(series),
	 .run = series_run_cancel,
	 .summary = "Cancel an occurrence of a series and all that follow"},
	{POST, "/v1/bookings/{code}/cancel-following/dry-run", DESKS,
	 CHANGE | ROUTE_TRIAL, .scope = BOOK, .body = MSG(series_cancel),
	 .out = MSG(series), .run = series_run_cancel_trial,
	 .summary = "What of a series would be cancelled"},
	{POST, "/v1/series", DESKS, CREATE | ROUTE_HEAVY, .scope = BOOK,
	 .body = MSG(series_new), .out = MSG(series), .prepare = series_prepare,
	 .run = series_run_make, .max_body = HTTP_BODY_DEFAULT,
	 .summary = "Book a series"},
	{POST, "/v1/series/dry-run", DESKS,
	 ROUTE_WRITE | ROUTE_KEY | ROUTE_HEAVY | ROUTE_TRIAL, .scope = BOOK,
	 .body = MSG(series_new), .out = MSG(series), .prepare = series_prepare,
	 .run = series_run_trial, .max_body = HTTP_BODY_DEFAULT,
	 .summary = "What of a series could be booked"},
	{GET, "/v1/series", READERS, 0, .scope = READ, .query = MSG(list_query),
	 .out = MSG(series_list), .run = series_run_list,
	 .summary = "List series"},
	{GET, "/v1/series/{code}", READERS, 0, .scope = READ,
	 .out = MSG(series), .run = series_run_show,
	 .summary = "Show a series with its occurrences"},
	{POST, "/v1/bookings/{code}/arrive", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(booking), .run = day_run_arrive,
	 .is_urgent = is_of_emergency, .summary = "Say that they are there"},
	{POST, "/v1/bookings/{code}/start", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(start), .out = MSG(booking), .run = day_run_start,
	 .is_urgent = is_of_emergency, .summary = "Say that it begins"},
	{POST, "/v1/bookings/{code}/finish", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(booking), .run = day_run_finish,
	 .is_urgent = is_of_emergency, .summary = "Say that it is over"},
	{POST, "/v1/bookings/{code}/noshow", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(noshow), .out = MSG(booking), .run = day_run_noshow,
	 .is_urgent = is_of_emergency, .summary = "Say who did not come"},
	{POST, "/v1/bookings/{code}/late", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(run_late), .out = MSG(booking), .run = day_run_late,
	 .is_urgent = is_of_emergency, .summary = "Say that it runs late"},
	{POST, "/v1/bookings/{code}/checks", PLANNERS, CHANGE, .scope = BOOK,
	 .body = MSG(checking), .out = MSG(booking), .run = day_run_check,
	 .is_urgent = is_of_emergency,
	 .summary = "Say whether what it needs works"},
	{POST, "/v1/bookings/{code}/fallback", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(fallback), .out = MSG(booking), .run = day_run_fallback,
	 .is_urgent = is_of_emergency, .summary = "Name who takes over"},
	{POST, "/v1/requests/{code}/consent", DESKS, CHANGE, .scope = REQUESTS,
	 .body = MSG(consent_new), .out = MSG(request), .run = day_run_consent,
	 .is_urgent = is_of_emergency,
	 .summary = "Say to what the patient consented"},
	{POST, "/v1/bookings/{code}/consent", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(consent_new), .out = MSG(booking),
	 .run = day_run_consent_booking, .is_urgent = is_of_emergency,
	 .summary = "Say to what the patient consented"},
	{GET, "/v1/worklist", READERS, 0, .scope = READ,
	 .query = MSG(list_query), .out = MSG(worklist), .run = run_worklist,
	 .summary = "What is late or about to be"},
	{GET, "/v1/reports/answers", READERS, ROUTE_REPORT | ROUTE_ROWS,
	 .scope = READ, .query = MSG(report_span), .out = MSG(report_answers),
	 .run = run_report_answers, .summary = "How promises were kept"},
	{GET, "/v1/reports/load", READERS, ROUTE_REPORT | ROUTE_ROWS,
	 .scope = READ, .query = MSG(report_span), .out = MSG(report_load),
	 .run = run_report_load, .summary = "How much is asked of experts"},
	{POST, "/v1/take-backs", LEADS, ROUTE_WRITE | ROUTE_KEY,
	 .body = MSG(take_back), .out = MSG(taken_back),
	 .run = clinic_run_take_back,
	 .summary = "Take back places that are kept for a partner"},
	{GET, "/v1/reports/clinic", READERS, ROUTE_REPORT | ROUTE_ROWS,
	 .scope = READ, .query = MSG(report_span), .out = MSG(clinic_report),
	 .run = clinic_run_report,
	 .summary = "What became of clinic places, by month and partner"},
	REPORT(activity, "What was done, by site, expert, kind and month"),
	REPORT(waits, "How long it took until they began, by urgency"),
	REPORT(pooled, "How long waiting for a pooled half-day takes"),
	REPORT(deviations, "What did not go as it was booked, and why"),
	REPORT(declines, "Requests that ended unserved, and why"),
	REPORT(quotas, "How far quotas are used"),
	REPORT(hours, "Experts' time, and how much of it is free"),
	{GET, "/v1/unresolved", READERS, ROUTE_REPORT, .scope = READ,
	 .query = MSG(list_query), .out = MSG(booking_list),
	 .run = day_run_unresolved,
	 .summary = "Bookings past their end without a word"},
	{POST, "/v1/bookings/{code}/receive", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(booking), .run = emergency_run_receive,
	 .summary = "Confirm that a booking which gave way is known of"},
	{POST, "/v1/bookings/{code}/displace", LEADS, CHANGE,
	 .body = MSG(displace), .out = MSG(booking),
	 .prepare = emergency_prepare_displace, .run = emergency_run_displace,
	 .is_urgent = is_always_urgent,
	 .summary = "Let a booking give way to an urgent request"},
	{GET, "/v1/pools", DESKS | ROLES(AUDITOR), 0, .scope = READ,
	 .query = MSG(pool_query), .out = MSG(pool_list), .run = pool_run_list,
	 .summary = "Half-days that are filled from the queue"},
	{POST, "/v1/pools", LEADS, CREATE, .body = MSG(pool_new),
	 .out = MSG(pool), .run = pool_run_open,
	 .summary = "Open one for whoever waits"},
	{POST, "/v1/pools/{code}/order", LEADS, ROUTE_WRITE | ROUTE_KEY,
	 .body = MSG(pool_order), .out = MSG(pool), .run = pool_run_order,
	 .summary = "Say who comes first in one"},
	{POST, "/v1/sessions", LEADS, CREATE, .body = MSG(session_new),
	 .out = MSG(session), .run = session_run_make,
	 .summary = "Make a session that others may join"},
	{GET, "/v1/sessions", READERS, 0, .scope = READ,
	 .query = MSG(list_query), .out = MSG(session_list),
	 .run = session_run_list, .summary = "Sessions that one may join"},
	{GET, "/v1/sessions/{code}", READERS, 0, .scope = READ,
	 .out = MSG(session), .run = session_run_show,
	 .summary = "One session, and who joins"},
	{POST, "/v1/sessions/{code}/join", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(join), .out = MSG(session), .run = session_run_join,
	 .summary = "Take seats for one's own site"},
	{POST, "/v1/sessions/{code}/leave", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(empty), .out = MSG(session), .run = session_run_leave,
	 .summary = "Give the seats of one's own site back"},
	{POST, "/v1/sessions/{code}/attendance", DESKS, CHANGE, .scope = BOOK,
	 .body = MSG(attendance), .out = MSG(session),
	 .run = session_run_attend, .summary = "Say how many of a site came"},
	{GET, "/v1/roster", READERS, ROUTE_REPORT, .scope = READ,
	 .query = MSG(roster_query), .out = MSG(roster), .run = roster_run_show,
	 .summary = "What is said of when somebody is there"},
	{POST, "/v1/roster", ROLES_COORDINATORS, ROUTE_WRITE | ROUTE_KEY,
	 .body = MSG(roster_changes), .out = MSG(roster_report),
	 .run = roster_run_change, .summary = "Change rosters"},
	{POST, "/v1/roster/dry-run", ROLES_COORDINATORS, ROUTE_REPORT,
	 .body = MSG(roster_changes), .out = MSG(roster_report),
	 .run = roster_run_plan,
	 .summary = "What a change of rosters would do"},
	{GET, "/v1/visits", READERS, ROUTE_REPORT, .scope = READ,
	 .query = MSG(visit_query), .out = MSG(visit_list),
	 .run = roster_run_visits,
	 .summary = "Who is at another site, and when"},
	{GET, "/v1/orphans", READERS, ROUTE_REPORT, .scope = READ,
	 .query = MSG(orphan_query), .out = MSG(orphan_list),
	 .run = roster_run_orphans,
	 .summary = "Bookings that a change left without ground"},
	{POST, "/v1/sessions/{code}/cases", LEADS, CHANGE,
	 .body = MSG(case_new), .out = MSG(session), .run = session_run_add,
	 .summary = "Put a case on the list of a case conference"},
	{POST, "/v1/sessions/{code}/order", LEADS, CHANGE,
	 .body = MSG(case_order), .out = MSG(session), .run = session_run_order,
	 .summary = "Bring the cases of a list into order"},
	{POST, "/v1/sessions/{code}/tokens", DESKS, ROUTE_WRITE | ROUTE_KEY,
	 .scope = BOOK, .body = MSG(walk_in_new), .out = MSG(walk_in),
	 .run = session_run_draw, .summary = "Draw a token of a free clinic"},
	{GET, "/v1/sessions/{code}/tokens", READERS, 0, .scope = READ,
	 .out = MSG(walk_in_list), .run = session_run_tokens,
	 .summary = "Who waits at a free clinic"},
	{POST, "/v1/sessions/{code}/call", PLANNERS, ROUTE_WRITE | ROUTE_PAPERS,
	 .scope = BOOK, .body = MSG(walk_in_call), .out = MSG(walk_in),
	 .run = session_run_call, .summary = "Call the next to a station"},
	{POST, "/v1/sessions/{code}/mark", PLANNERS, ROUTE_WRITE | ROUTE_KEY,
	 .scope = BOOK, .body = MSG(walk_in_mark), .out = MSG(walk_in),
	 .run = session_run_mark, .summary = "Say what came of a token"},
	{GET, "/v1/agreements", READERS, 0, .scope = READ,
	 .query = MSG(agreement_query), .out = MSG(agreement_list),
	 .run = run_agreements,
	 .summary = "List agreements, their quotas and their ends"},
	{GET, "/v1/sites", READERS | ADMINS, 0, .scope = READ,
	 .query = MSG(directory_query), .out = MSG(directory), .run = run_sites,
	 .summary = "List sites"},
	{GET, "/v1/experts", READERS | ADMINS, 0, .scope = READ,
	 .query = MSG(directory_query), .out = MSG(directory),
	 .run = run_experts, .summary = "List experts"},
	{GET, "/v1/resources", READERS | ADMINS, 0, .scope = READ,
	 .query = MSG(directory_query), .out = MSG(directory),
	 .run = run_resources, .summary = "List rooms, links and devices"},
	{GET, "/v1/experts/{id}/schedule", READERS, ROUTE_KEPT, .scope = READ,
	 .query = MSG(schedule_query), .out = MSG(schedule),
	 .run = roster_run_schedule, .summary = "An expert's plan"},
	{GET, "/v1/resources/{site}/{name}/schedule", READERS, ROUTE_KEPT,
	 .scope = READ, .query = MSG(schedule_query), .out = MSG(schedule),
	 .run = roster_run_resource_schedule, .summary = "A resource's plan"},
	{GET, "/v1/sites/{id}/schedule", READERS, ROUTE_KEPT, .scope = READ,
	 .query = MSG(schedule_query), .out = MSG(schedule),
	 .run = roster_run_site_schedule, .summary = "A site's sessions"},
	{GET, "/v1/events", READERS | ADMINS, ROUTE_STREAM, .scope = READ,
	 .media = "text/event-stream", .query = MSG(feed_query),
	 .out = MSG(change), .summary = "What changes, as it changes"},
	{POST, "/v1/import", ADMINS, ROUTE_WRITE | ROUTE_HEAVY | ROUTE_KEY,
	 .body = MSG(network), .out = MSG(import_report),
	 .prepare = prepare_import, .run = run_import, .max_body = IMPORT_MAX,
	 .summary = "Load a network"},
	{POST, "/v1/import/dry-run", ADMINS,
	 ROUTE_WRITE | ROUTE_HEAVY | ROUTE_KEY | ROUTE_TRIAL,
	 .body = MSG(network), .out = MSG(import_report),
	 .prepare = prepare_import, .run = run_import_trial,
	 .max_body = IMPORT_MAX, .summary = "What an import would do"},
	{GET, "/v1/export", ADMINS, ROUTE_REPORT, .out = MSG(network),
	 .run = run_export, .max_answer = EXPORT_MAX,
	 .summary = "The network as a file"},
	{POST, "/v1/invitations", ADMINS, CREATE, .body = MSG(invitation_new),
	 .out = MSG(invitation), .prepare = people_prepare_secret,
	 .run = people_run_invite, .again = people_invite_again,
	 .summary = "Invite somebody to enrol"},
	{GET, "/v1/invitations", ADMINS, 0, .query = MSG(people_query),
	 .out = MSG(invitation_list), .run = people_run_invitations,
	 .summary = "List invitations"},
	{POST, "/v1/invitations/{id}/revoke", ADMINS, ROUTE_WRITE,
	 .body = MSG(revoke), .out = MSG(revoked),
	 .run = people_run_invitation_revoke, .is_urgent = is_always_urgent,
	 .summary = "Take an invitation back"},
	{POST, "/v1/enroll", 0, ROUTE_WRITE | ROUTE_OPEN, .body = MSG(enroll),
	 .out = MSG(enrolled), .prepare = people_prepare_enroll,
	 .run = people_run_enroll,
	 .summary = "Use an invitation: have a certificate signed"},
	{POST, "/v1/certificate", ALL, ROUTE_WRITE, .body = MSG(renew),
	 .out = MSG(enrolled), .prepare = people_prepare_renew,
	 .run = people_run_renew,
	 .summary = "Have one's next certificate signed"},
	{POST, "/v1/tokens", ADMINS, CREATE, .body = MSG(token_new),
	 .out = MSG(token), .prepare = people_prepare_token,
	 .run = people_run_token, .again = people_token_again,
	 .summary = "Let a system in by a token"},
	{GET, "/v1/users", ADMINS, 0, .query = MSG(people_query),
	 .out = MSG(user_list), .run = people_run_users,
	 .summary = "List who is known"},
	{POST, "/v1/users/{id}/revoke", ADMINS, ROUTE_WRITE,
	 .body = MSG(revoke), .out = MSG(revoked), .run = people_run_revoke,
	 .is_urgent = is_always_urgent, .summary = "Let somebody in no more"},
	{POST, "/v1/backups", ADMINS | ROLES(BACKUP), ROUTE_WRITE,
	 .body = MSG(empty), .out = MSG(empty), .prepare = backup_prepare,
	 .run = backup_run, .after = backup_after, .patience_ms = BACKUP_MS,
	 .media = "application/vnd.sqlite3",
	 .summary = "The whole database as a file"},
	{POST, "/v1/log/verify", ADMINS | ROLES(AUDITOR), ROUTE_REPORT,
	 .body = MSG(empty), .out = MSG(log_report), .run = run_verify,
	 .summary = "Verify the event chain"},
};

const struct route *routes(size_t *out_n)
{
	*out_n = sizeof(table) / sizeof(table[0]);
	return table;
}
