/* What an agreement says beside kinds, days and quotas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/terms.h"

#define HOUR 3600
#define ALL (NEEDSET(NEED_COUNT) - 1)

static void each_side_has_its_notice(void **state)
{
	struct core_terms t = core_terms_default;

	(void)state;
	assert_false(core_terms_late(&t, false, 9000, 9000));
	assert_true(core_terms_late(&t, false, 9000, 9001));
	t.partner_notice = HOUR;
	assert_false(core_terms_late(&t, false, 9000, 9000 - HOUR));
	assert_true(core_terms_late(&t, false, 9000, 9000 - HOUR + 1));
	assert_false(core_terms_late(&t, true, 9000, 9000));
	t.lead_notice = 2 * HOUR;
	assert_true(core_terms_late(&t, true, 9000, 9000 - HOUR));
}

static void an_emergency_needs_nothing_unless_it_is_said(void **state)
{
	struct core_terms t = {.requires = ALL};

	(void)state;
	assert_int_equal(0, core_terms_need(&t, KIND_REMOTE_CONSULTATION,
					    URGENCY_EMERGENCY));
	t.requires_emergency = NEEDSET(NEED_PURPOSE);
	assert_int_equal(NEEDSET(NEED_PURPOSE),
			 core_terms_need(&t, KIND_REMOTE_CONSULTATION,
					 URGENCY_EMERGENCY));
}

/* Pictures are read without a meeting; a modality is theirs alone. */
static void a_kind_needs_what_means_something_for_it(void **state)
{
	const struct core_terms t = {.requires = ALL};
	needset meeting = NEEDSET(NEED_WANTED) | NEEDSET(NEED_ACCOMPANIED);
	needset modality = NEEDSET(NEED_MODALITY);

	(void)state;
	assert_int_equal(
		ALL & ~modality,
		core_terms_need(&t, KIND_REMOTE_CONSULTATION, URGENCY_ROUTINE));
	assert_int_equal(
		ALL & ~meeting,
		core_terms_need(&t, KIND_IMAGING_CONSULTATION, URGENCY_URGENT));
	assert_int_equal(
		0, core_terms_need(&t, KIND_CLINIC_SLOT, URGENCY_ROUTINE));
	assert_int_equal(0, core_terms_need(&core_terms_default,
					    KIND_REMOTE_CONSULTATION,
					    URGENCY_ROUTINE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_has_its_notice),
		cmocka_unit_test(an_emergency_needs_nothing_unless_it_is_said),
		cmocka_unit_test(a_kind_needs_what_means_something_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
