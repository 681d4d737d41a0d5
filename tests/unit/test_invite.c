#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypt.h"
#include "base/invite.h"
#include "tests/support/fake.h"

#define TEXT_MAX 4096

static void make(struct invite *in, struct buf *text)
{
	struct fake_rnd rnd;

	fake_rnd_init(&rnd, fake_seed());
	memset(in, 0, sizeof(*in));
	rnd_fill(&rnd.rnd, in->ca, sizeof(in->ca));
	rnd_fill(&rnd.rnd, in->secret, sizeof(in->secret));
	strcpy(in->people, "teleconsult.example.org:8444");
	strcpy(in->partners, "[2001:db8::1]:8443");
	buf_init(text, TEXT_MAX);
	invite_write(in, text);
	assert_false(text->failed);
}

static void reads_what_it_wrote(void **state)
{
	struct invite in, out;
	struct err err = ERR_INIT;
	struct buf text;
	char spaced[TEXT_MAX];

	(void)state;
	make(&in, &text);
	assert_int_equal(invite_read(buf_cstr(&text), &out, &err), RC_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_string_equal(err.text, "");
	snprintf(spaced, sizeof(spaced), " \t%s\r\n", buf_cstr(&text));
	memset(&out, 0, sizeof(out));
	assert_int_equal(invite_read(spaced, &out, NULL), RC_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	buf_fini(&text);
}

static void longest_addresses(void **state)
{
	struct invite in, out;
	struct buf text;

	(void)state;
	make(&in, &text);
	buf_reset(&text);
	memset(in.people, 'a', INVITE_ADDRESS_MAX);
	memset(in.partners, 'b', INVITE_ADDRESS_MAX);
	in.people[9] = in.partners[9] = ':';
	invite_write(&in, &text);
	assert_int_equal(invite_read(buf_cstr(&text), &out, NULL), RC_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	buf_fini(&text);
}

/* Whatever is lost, added or mistaken, nothing is read and out is kept. */
static void tells_a_broken_copy(void **state)
{
	struct invite in, out, before;
	struct buf text;
	char copy[TEXT_MAX];

	(void)state;
	make(&in, &text);
	memset(&before, 7, sizeof(before));
	out = before;
	for (size_t cut = 0; cut < text.len; cut++) {
		memcpy(copy, text.data, cut);
		copy[cut] = '\0';
		assert_int_equal(invite_read(copy, &out, NULL), RC_USAGE);
	}
	for (size_t at = 0; at < text.len; at++) {
		memcpy(copy, text.data, text.len + 1);
		copy[at] = copy[at] == '0' ? '1' : '0';
		assert_int_equal(invite_read(copy, &out, NULL), RC_USAGE);
	}
	snprintf(copy, sizeof(copy), "%s00", buf_cstr(&text));
	assert_int_equal(invite_read(copy, &out, NULL), RC_USAGE);
	assert_memory_equal(&out, &before, sizeof(out));
	buf_fini(&text);
}

/* A true checksum over what no invitation holds. */
static void judges_the_addresses(void **state)
{
	static const char *const bad[] = {"", "host", "a b:1", "h\xc3\xb6:1",
					  "a:1\nb:2"};
	struct invite in, out;
	struct buf text;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make(&in, &text);
		buf_reset(&text);
		strcpy(in.partners, bad[i]);
		invite_write(&in, &text);
		assert_int_equal(invite_read(buf_cstr(&text), &out, NULL),
				 RC_USAGE);
		buf_fini(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(longest_addresses),
		cmocka_unit_test(tells_a_broken_copy),
		cmocka_unit_test(judges_the_addresses),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
