/*
 * oracle - what core_decide() should answer, said a second time.
 *
 * It walks minute by minute and shares nothing with the core but the recurrence
 * rules (rrule_on()), the catalogue of kinds and the clocks. For worlds whose
 * times are whole minutes. The rules that it knows, in plain words:
 *
 * Places. A rule with slot_minutes is a session of places: they follow one
 * another from its beginning, the last ends no later than the session. What
 * begins at that very minute, in a room that is known and at a site where the
 * kind may be, is what a direct booking asks for: one of them must do. If none
 * begins, a kind of places alone has nothing there; any other is asked for as a
 * session of the asked length, on the five-minute grid, in what is open besides
 * sessions of places.
 *
 * Lengths. The expert's part is the session. The reserve lies behind it: the
 * agreement's minutes or else the kind's, for operations only. An operation
 * begins `before` the session and ends `after` it. Expert, the expert's place,
 * the link and what is named are taken from the session's start to the end of
 * its reserve; operating room, surgeon and patient for the operation and at
 * least until then. They must be open and not on leave for the session, or the
 * operation, alone.
 *
 * The expert must have the kind, a specialty, the title or a higher one, the
 * modality, every language, and the years; may not be away while the kind is
 * from afar and that is refused; may not have begun as many sessions as the cap
 * allows on the day that the clock counts where the expert is. Nobody else may
 * have the expert then; the pause after ours must be free, and so must ours be
 * of the pause after a place of another session (other claims' pauses stand as
 * claims). Places of one session, in one room, have none between them. The ways
 * that stand as claims are no matter for the expert, only for a surgeon.
 *
 * Where. The rules of one place, together, must cover the session. A place
 * must be known, of the partner for a kind that is done there, of either for
 * one that may be; without a place the expert needs a studio of the lead if the
 * kind is seen in one, and a kind for which somebody travels cannot be. The
 * expert comes from the session at a place that ended last, if that is less
 * than a day ago, and goes on to the one that begins next, if within a day:
 * right before the later of two lies the way, and in it nothing, no pause
 * either. A session at no place is held wherever the expert is by then: the one
 * after it is come to from the place before it, if that is no day ago then.
 *
 * Rooms. Of each pool one room that is open, free and not taken for something
 * else in this plan; one that is named, if the pool has such. What is named and
 * not in the plan yet comes in addition. A room without rules is always open.
 */
#ifndef TESTS_SUPPORT_ORACLE_H
#define TESTS_SUPPORT_ORACLE_H

#include "daemon/core/decide.h"

#define ORACLE_FAULTS 256

/* What stands against it: every one once, in no order. */
struct oracle_faults {
	struct oracle_fault {
		int64_t subject; /* 0: of nobody */
		enum block reason;
	} v[ORACLE_FAULTS];
	size_t n;
};

bool oracle_takes(const struct core_ask *ask, size_t expert, int64_t at,
		  struct oracle_faults *out);

/* What is wrong with a plan that was answered; NULL: nothing. */
const char *oracle_plan(const struct core_ask *ask,
			const struct core_plan *plan);

#endif
