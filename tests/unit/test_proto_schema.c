#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "proto/messages.h"
#include "proto/rows.h"

static json_t *parse(const struct buf *buf)
{
	json_error_t error;
	json_t *root =
		json_loadb(buf->data, buf->len, JSON_REJECT_DUPLICATES, &error);

	if (root == NULL)
		fail_msg("%s at %d in %s", error.text, error.position,
			 buf_cstr(buf));
	return root;
}

static json_t *schema_of(const struct msg *msg)
{
	struct buf buf;
	json_t *root;

	buf_init(&buf, 1 << 20);
	proto_schema(msg, &buf);
	assert_false(buf.failed);
	root = parse(&buf);
	buf_fini(&buf);
	return root;
}

static const struct msg *find(const char *name)
{
	for (size_t i = 0; proto_messages[i] != NULL; i++)
		if (strcmp(proto_messages[i]->name, name) == 0)
			return proto_messages[i];
	fail_msg("no message is named %s", name);
	return NULL;
}

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; proto_messages[i] != NULL; i++) {
		const struct msg *msg = proto_messages[i];

		assert_ptr_equal(find(msg->name), msg);
		assert_true(msg->name[0] >= 'A' && msg->name[0] <= 'Z');
		assert_true(strlen(msg->help) > 0);
	}
}

/* What a table must hold so that the readers can trust it. */
static void check_row(const struct msg *msg, const struct field *f)
{
	bool list = f->type == FIELD_STRS || f->type == FIELD_SLUGS ||
		    f->type == FIELD_REFS || f->type == FIELD_DATES ||
		    f->type == FIELD_OBJECTS || f->type == FIELD_MAP;
	bool object = f->type == FIELD_OBJECT || f->type == FIELD_OBJECTS ||
		      f->type == FIELD_MAP;

	assert_true(f->offset < msg->size);
	assert_true(strlen(f->help) > 0 && strlen(f->help) < 80);
	assert_null(strchr(f->help, '\n'));
	assert_int_equal(f->items > 0, list);
	assert_int_equal(f->msg != NULL, object);
	assert_true(f->min <= f->max);
	if (f->type == FIELD_WORD)
		assert_true(f->min >= 0 && f->max < f->words->count);
	if (f->type == FIELD_WORDSET)
		assert_true(f->words->count <= 32);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; proto_messages[i] != NULL; i++) {
		const struct msg *msg = proto_messages[i];
		size_t n = 0;

		for (const struct field *f = msg->fields; f->name; f++, n++)
			check_row(msg, f);
		assert_true(n <= 64);
	}
}

/* Every "$ref" of a schema leads to a message that is listed. */
static void check_refs(json_t *v)
{
	static const char prefix[] = "#/components/schemas/";
	const char *key;
	json_t *member;

	for (size_t i = 0; i < json_array_size(v); i++)
		check_refs(json_array_get(v, i));
	json_object_foreach(v, key, member)
	{
		if (strcmp(key, "$ref") == 0) {
			const char *ref = json_string_value(member);

			assert_memory_equal(ref, prefix, strlen(prefix));
			find(ref + strlen(prefix));
		}
		check_refs(member);
	}
}

static void test_all(void **state)
{
	(void)state;
	for (size_t i = 0; proto_messages[i] != NULL; i++) {
		json_t *root = schema_of(proto_messages[i]);
		json_t *properties = json_object_get(root, "properties");
		size_t n = 0;

		while (proto_messages[i]->fields[n].name != NULL)
			n++;
		assert_int_equal(json_object_size(properties), n);
		assert_true(json_is_false(
			json_object_get(root, "additionalProperties")));
		check_refs(root);
		json_decref(root);
	}
}

static void assert_property(const struct msg *msg, const char *name,
			    const char *json)
{
	json_t *root = schema_of(msg);
	json_t *properties = json_object_get(root, "properties");
	json_t *got = json_object_get(properties, name);
	json_t *want = json_loads(json, 0, NULL);

	assert_non_null(want);
	assert_non_null(got);
	json_object_del(got, "description");
	if (!json_equal(got, want))
		fail_msg("%s: %s", name, json_dumps(got, 0));
	json_decref(want);
	json_decref(root);
}

#define SLUG_ "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"

static void test_types(void **state)
{
	static const struct {
		const struct msg *msg;
		const char *name, *json;
	} cases[] = {
		{&msg_patient_table, "name",
		 "{\"type\":\"string\",\"minLength\":1,\"maxLength\":128}"},
		{&msg_book_table, "at",
		 "{\"type\":\"string\",\"format\":\"date-time\"}"},
		{&msg_book_table, "duration_minutes",
		 "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":5,"
		 "\"maximum\":1440}"},
		{&msg_book_table, "request",
		 "{\"type\":\"string\",\"pattern\":\"^[0-9A-HJKMNP-TV-Z]{4}-"
		 "[0-9A-HJKMNP-TV-Z]{4}$\"}"},
		{&msg_book_table, "expert",
		 "{\"type\":\"string\",\"pattern\":\"^" SLUG_ "$\"}"},
		{&msg_book_table, "with",
		 "{\"type\":\"array\",\"maxItems\":16,\"items\":{"
		 "\"type\":\"string\",\"pattern\":\"^" SLUG_ "/" SLUG_ "$\"}}"},
		{&msg_request_new_table, "urgency",
		 "{\"type\":\"string\",\"enum\":[\"emergency\",\"urgent\","
		 "\"routine\"]}"},
		{&msg_request_new_table, "patient",
		 "{\"$ref\":\"#/components/schemas/Patient\"}"},
		{&msg_request_new_table, "wanted",
		 "{\"type\":\"array\",\"maxItems\":16,\"items\":{\"$ref\":"
		 "\"#/components/schemas/Interval\"}}"},
		{&msg_net_agreement_table, "valid_to",
		 "{\"type\":\"string\",\"format\":\"date\"}"},
		{&msg_net_rule_table, "start",
		 "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-"
		 "[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?$\"}"},
		{&msg_net_rule_table, "on_holidays", "{\"type\":\"boolean\"}"},
		{&msg_net_shift_table, "works_as",
		 "{\"type\":\"string\",\"enum\":[\"MO\",\"TU\",\"WE\",\"TH\","
		 "\"FR\",\"SA\",\"SU\"]}"},
		{&msg_net_resource_table, "type",
		 "{\"type\":\"string\",\"enum\":[\"studio\",\"clinic-room\","
		 "\"operating-room\",\"link\",\"robot\",\"ward\",\"station\","
		 "\"device\"]}"},
		{&msg_net_calendar_table, "days_off",
		 "{\"type\":\"array\",\"maxItems\":5000,\"items\":{"
		 "\"type\":\"string\",\"format\":\"date\"}}"},
		{&msg_network_table, "calendars",
		 "{\"type\":\"object\",\"maxProperties\":1000,"
		 "\"propertyNames\":{\"type\":\"string\",\"pattern\":\"^" SLUG_
		 "$\"},\"additionalProperties\":{\"$ref\":"
		 "\"#/components/schemas/NetCalendar\"}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_property(cases[i].msg, cases[i].name, cases[i].json);
}

static void test_kinds(void **state)
{
	json_t *root = schema_of(&msg_net_agreement_table);
	json_t *properties = json_object_get(root, "properties");
	json_t *kinds = json_object_get(properties, "kinds");
	json_t *quota = json_object_get(properties, "quota_per_month");
	json_t *set = json_object_get(json_object_get(kinds, "items"), "enum");
	json_t *names = json_object_get(json_object_get(quota, "propertyNames"),
					"enum");

	(void)state;
	assert_true(json_is_true(json_object_get(kinds, "uniqueItems")));
	assert_int_equal(json_array_size(set), KIND_COUNT);
	assert_true(json_equal(set, names));
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(quota, "additionalProperties"),
				 "minimum")),
			 0);
	json_decref(root);
}

static void test_required(void **state)
{
	json_t *want = json_loads("[\"kind\",\"site\",\"reason\",\"patient\"]",
				  0, NULL);
	json_t *root = schema_of(&msg_request_new_table);
	json_t *none = schema_of(&msg_accept_table);

	(void)state;
	assert_true(json_equal(json_object_get(root, "required"), want));
	assert_null(json_object_get(none, "required"));
	json_decref(want);
	json_decref(root);
	json_decref(none);
}

static void test_parameters(void **state)
{
	struct buf buf;
	json_t *root, *with, *kind;

	(void)state;
	buf_init(&buf, 65536);
	buf_chr(&buf, '[');
	proto_parameters(&msg_slots_query_table, &buf);
	buf_chr(&buf, ']');
	root = parse(&buf);
	assert_int_equal(json_array_size(root), 22);
	kind = json_array_get(root, 0);
	assert_string_equal(json_string_value(json_object_get(kind, "name")),
			    "kind");
	assert_string_equal(json_string_value(json_object_get(kind, "in")),
			    "query");
	assert_null(json_object_get(kind, "required"));
	assert_null(json_object_get(kind, "explode"));
	assert_non_null(json_object_get(kind, "description"));
	assert_non_null(
		json_object_get(json_object_get(kind, "schema"), "enum"));
	with = json_array_get(root, 15);
	assert_string_equal(json_string_value(json_object_get(with, "name")),
			    "with");
	assert_true(json_is_true(json_object_get(with, "explode")));
	json_decref(root);
	buf_reset(&buf);
	proto_parameters(&msg_empty_table, &buf);
	assert_string_equal(buf_cstr(&buf), "");
	buf_fini(&buf);
}

struct msg_asked {
	const char *who;
};
static MESSAGE(asked, "Asked", "h", SLUG(asked, who, REQUIRED, "whom"));

static void test_required_parameter(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 65536);
	proto_parameters(&msg_asked_table, &buf);
	assert_string_equal(buf_cstr(&buf),
			    "{\"name\":\"who\",\"in\":\"query\","
			    "\"required\":true,\"description\":\"whom\","
			    "\"schema\":{\"type\":\"string\","
			    "\"pattern\":\"^" SLUG_ "$\"}}");
	buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_required_parameter),
	};

	/* This test's own use of jansson then goes through our hooks too. */
	proto_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
