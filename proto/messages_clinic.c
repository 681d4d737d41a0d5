#include "proto/messages_clinic.h"

#include "proto/rows.h"

#define FIGURES_MAX 20000

MESSAGE(take_back, "TakeBack", "Places kept for a partner become anybody's",
	SLUG(take_back, agreement, REQUIRED, "for which they are kept"),
	SLUG(take_back, expert, REQUIRED, "whose session it is"),
	TIME(take_back, at, REQUIRED, "a time in the session, as its start"),
	TEXT(take_back, reason, REQUIRED | SECRET, 1, 1000,
	     "why, for the partner"));

MESSAGE(taken_back, "TakenBack", "Places that are anybody's now",
	SLUG(taken_back, agreement, REQUIRED, "for which they were kept"),
	SLUG(taken_back, expert, REQUIRED, "whose session it is"),
	TIME(taken_back, from, REQUIRED, "when the session begins"),
	TIME(taken_back, to, REQUIRED, "when it has ended"),
	COUNT(taken_back, places, REQUIRED,
	      "how many were kept, what is booked of them included"),
	TIME(taken_back, until, REQUIRED, "they were kept until then"));

MESSAGE(clinic_figure, "ClinicFigure", "What became of a month's places",
	DATE(clinic_figure, month, REQUIRED, "its first day, of the lead"),
	SLUG(clinic_figure, agreement, REQUIRED, "under which agreement"),
	SLUG(clinic_figure, lead, REQUIRED, "the site that gives them"),
	SLUG(clinic_figure, partner, REQUIRED, "the site that booked them"),
	COUNT(clinic_figure, booked, REQUIRED, "all that were booked"),
	COUNT(clinic_figure, open, REQUIRED, "... without a word yet"),
	COUNT(clinic_figure, came, REQUIRED, "... whose patient came"),
	COUNT(clinic_figure, absent, REQUIRED,
	      "... whose patient, or site, did not come"),
	COUNT(clinic_figure, failed, REQUIRED,
	      "... where the expert, or the link, was not there"),
	COUNT(clinic_figure, cancelled, REQUIRED, "... cancelled in time"),
	COUNT(clinic_figure, cancelled_late, REQUIRED, "... cancelled late"));

MESSAGE(clinic_report, "ClinicReport", "Clinic places, by month and partner",
	TIME(clinic_report, from, REQUIRED, "beginning from then on"),
	TIME(clinic_report, to, REQUIRED, "before then"),
	OBJECTS(clinic_report, items, REQUIRED, clinic_figure, FIGURES_MAX,
		"by agreement and month"));
