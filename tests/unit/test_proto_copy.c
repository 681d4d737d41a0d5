#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/messages.h"
#include "tests/support/fake.h"

#define ARENA_MAX (4 << 20)

static void read_one(const struct msg *msg, const char *json,
		     struct arena *arena, void *out)
{
	struct field_faults faults = {0};
	struct err err = ERR_INIT;
	enum rc rc = proto_decode(msg, json, strlen(json), PROTO_STRICT, arena,
				  out, &faults, &err);

	if (rc != RC_OK)
		fail_msg("%s: %s%s", msg->name, err.text,
			 faults.n != 0 ? faults.v[0].pointer : "");
}

static void write_one(const struct msg *msg, const void *in, struct buf *buf)
{
	buf_init(buf, ARENA_MAX);
	proto_encode(msg, in, buf);
	assert_false(buf->failed);
}

/* Nothing of a copy is in the arena of what it was made from: that one is
 * overwritten and ended before the copy is read. */
static void copied(const struct msg *msg, void *one, void *two,
		   const char *json)
{
	struct arena from, to;
	struct buf before, after;

	arena_init(&from, ARENA_MAX);
	arena_init(&to, ARENA_MAX);
	read_one(msg, json, &from, one);
	write_one(msg, one, &before);
	assert_true(proto_copy(msg, one, &to, two));
	arena_fini(&from);
	memset(one, 0x5a, msg->size);
	write_one(msg, two, &after);
	assert_string_equal(buf_cstr(&before), buf_cstr(&after));
	buf_fini(&before);
	buf_fini(&after);
	arena_fini(&to);
}

#define SLOT                                                                   \
	"{\"from\":\"2025-06-02T00:00:00Z\",\"to\":\"2025-06-02T00:30:00Z\","  \
	"\"expert\":\"e-1\",\"expert_name\":\"One\","                          \
	"\"experts\":[\"e-1\",\"e-2\"],\"fair\":{\"minutes\":30,"              \
	"\"weeks\":13,\"rank\":1,\"of\":2,\"detail\":\"the least\"},"          \
	"\"agreement\":\"a\",\"time_zone\":\"Asia/Shanghai\","                 \
	"\"with\":[\"s/studio-1\",\"t/studio-2\"]}"
/* Without an expert: a bed. */
#define BED                                                                    \
	"{\"from\":\"2025-06-02T00:00:00Z\",\"to\":\"2025-06-02T00:30:00Z\","  \
	"\"with\":[]}"

static void a_slot_is_copied_whole(void **state)
{
	struct msg_slot one, two;

	(void)state;
	copied(&msg_slot_table, &one, &two, SLOT);
	copied(&msg_slot_table, &one, &two, BED);
}

static void lists_and_maps_are(void **state)
{
	struct msg_slots one, two;
	struct msg_network net, other;

	(void)state;
	copied(&msg_slots_table, &one, &two,
	       "{\"slots\":[" SLOT "," BED "],\"blockers\":[{\"subject\":"
	       "\"e-1\",\"reason\":\"busy\",\"rule\":\"MO\","
	       "\"detail\":\"taken\"}]}");
	copied(&msg_network_table, &net, &other,
	       "{\"version\":1,\"limit_sets\":{\"fast\":{}},\"calendars\":"
	       "{\"cn\":{\"days_off\":[\"2025-01-01\"],\"shifted_workdays\":"
	       "[{\"date\":\"2025-01-26\",\"works_as\":\"MO\"}]}},"
	       "\"sites\":[],\"agreements\":[],\"resources\":[],"
	       "\"experts\":[],\"availability\":[]}");
}

static void too_little_memory_is_said(void **state)
{
	struct arena from, to;
	struct msg_slot one, two;

	(void)state;
	arena_init(&from, ARENA_MAX);
	read_one(&msg_slot_table, SLOT, &from, &one);
	arena_init(&to, 1);
	assert_false(proto_copy(&msg_slot_table, &one, &to, &two));
	arena_fini(&to);
	arena_fini(&from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_is_copied_whole),
		cmocka_unit_test(lists_and_maps_are),
		cmocka_unit_test(too_little_memory_is_said),
	};

	proto_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
