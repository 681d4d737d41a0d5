#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypt.h"
#include "base/text.h"
#include "tests/support/fake.h"

static void assert_hash(const uint8_t hash[CRYPT_HASH_LEN], const char *hex)
{
	char shown[2 * CRYPT_HASH_LEN + 1];

	text_hex(hash, CRYPT_HASH_LEN, shown);
	assert_string_equal(shown, hex);
}

/* FIPS 180-4's examples (csrc.nist.gov, "SHA-256"). */
static void sha256_known_answers(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039"
		 "a33ce45964ff2167f6ecedd419db06c1"},
	};
	uint8_t hash[CRYPT_HASH_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *s = rows[i].text;
		size_t len = strlen(s);
		const struct crypt_part whole = {s, len};
		const struct crypt_part parts[] = {
			{s, len / 2}, {NULL, 0}, {s + len / 2, len - len / 2}};

		crypt_sha256(&whole, 1, hash);
		assert_hash(hash, rows[i].hex);
		crypt_sha256(parts, 3, hash);
		assert_hash(hash, rows[i].hex);
	}
	crypt_sha256(NULL, 0, hash);
	assert_hash(hash, rows[0].hex);
}

/* RFC 4231: HMAC pads a key with zeros, so the shorter keys fit ours. */
static void bit_by_bit_is_as_at_once(void **state)
{
	static const char text[] = "the quick brown fox";
	const struct crypt_part whole = {text, sizeof(text)};
	uint8_t at_once[CRYPT_HASH_LEN], by_bits[CRYPT_HASH_LEN];
	struct crypt_sum *sum = crypt_sum_new();

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		crypt_sum_add(sum, text + i, 1);
	crypt_sum_add(sum, "", 0);
	crypt_sum_end(sum, by_bits);
	crypt_sha256(&whole, 1, at_once);
	assert_memory_equal(at_once, by_bits, sizeof(at_once));
}

static void hmac_known_answers(void **state)
{
	static const struct {
		const char *key, *data, *hex;
	} rows[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		 "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
		 "Hi There",
		 "b0344c61d8db38535ca8afceaf0bf12b"
		 "881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", "what do ya want for nothing?",
		 "5bdcc146bf60754e6a042426089575c7"
		 "5a003f089d2739839dec58b964ec3843"},
	};
	uint8_t mac[CRYPT_HASH_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crypt_key key = {{0}};
		const char *s = rows[i].data;
		const struct crypt_part parts[] = {{s, 3},
						   {s + 3, strlen(s) - 3}};

		memcpy(key.bytes, rows[i].key, strlen(rows[i].key));
		crypt_hmac(&key, parts, 2, mac);
		assert_hash(mac, rows[i].hex);
	}
}

static void derived_keys_differ(void **state)
{
	const struct crypt_key root = {"root"};
	const struct crypt_part label = {"patient", 7};
	struct crypt_key a, b;

	(void)state;
	crypt_derive(&root, "patient", &a);
	crypt_hmac(&root, &label, 1, b.bytes);
	assert_memory_equal(&a, &b, sizeof(a));
	crypt_derive(&root, "field", &b);
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &root, sizeof(a));
}

struct sealed {
	struct crypt_key key;
	struct fake_rnd rnd;
	struct buf bytes;
};

static const struct crypt_part row7 = {"request/7", 9};

static void seal(struct sealed *s, const char *text)
{
	memset(s, 0, sizeof(*s));
	fake_rnd_init(&s->rnd, 7);
	rnd_fill(&s->rnd.rnd, s->key.bytes, sizeof(s->key.bytes));
	buf_init(&s->bytes, 4096);
	buf_str(&s->bytes, "before");
	assert_int_equal(crypt_seal(&s->key, &s->rnd.rnd, &row7, text,
				    strlen(text), &s->bytes, NULL),
			 RC_OK);
	assert_int_equal(s->bytes.len, 6 + strlen(text) + CRYPT_SEAL_EXTRA);
}

static enum rc open_as(const struct crypt_key *key,
		       const struct crypt_part *aad, const void *sealed,
		       size_t len, struct buf *out)
{
	struct err err = ERR_INIT;
	enum rc rc = crypt_open(key, aad, sealed, len, out, &err);

	assert_int_equal(err.rc, rc);
	assert_int_equal(err.text[0] == '\0', rc == RC_OK);
	return rc;
}

static void seals_and_opens(void **state)
{
	static const char *const texts[] = {"", "x", "王小明 1964-03-02",
					    "a text of several AES blocks, so "
					    "that more than one is counted"};
	struct sealed s;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		seal(&s, texts[i]);
		buf_init(&out, 4096);
		buf_str(&out, "kept:");
		assert_int_equal(open_as(&s.key, &row7, s.bytes.data + 6,
					 s.bytes.len - 6, &out),
				 RC_OK);
		assert_memory_equal(out.data, "kept:", 5);
		assert_string_equal(buf_cstr(&out) + 5, texts[i]);
		buf_fini(&out);
		buf_fini(&s.bytes);
	}
}

static void two_seals_differ(void **state)
{
	struct sealed s;
	size_t one;

	(void)state;
	seal(&s, "the same");
	one = s.bytes.len - 6;
	assert_int_equal(crypt_seal(&s.key, &s.rnd.rnd, &row7, "the same", 8,
				    &s.bytes, NULL),
			 RC_OK);
	assert_memory_equal(s.bytes.data + 6, s.bytes.data + 6 + one, 4);
	assert_memory_not_equal(s.bytes.data + 10, s.bytes.data + 10 + one, 12);
	assert_memory_not_equal(s.bytes.data + 22, s.bytes.data + 22 + one, 8);
	buf_fini(&s.bytes);
}

static void any_flipped_bit_is_found(void **state)
{
	struct sealed s;
	struct buf out;

	(void)state;
	seal(&s, "patient");
	for (size_t bit = 0; bit < 8 * (s.bytes.len - 6); bit++) {
		s.bytes.data[6 + bit / 8] ^= (char)(1 << bit % 8);
		buf_init(&out, 4096);
		assert_int_equal(open_as(&s.key, &row7, s.bytes.data + 6,
					 s.bytes.len - 6, &out),
				 RC_CORRUPT);
		assert_int_equal(out.len, 0);
		buf_fini(&out);
		s.bytes.data[6 + bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_fini(&s.bytes);
}

static void any_cut_is_found(void **state)
{
	struct sealed s;
	struct buf out;

	(void)state;
	seal(&s, "patient");
	for (size_t len = 0; len < s.bytes.len - 6; len++) {
		/* its own memory, so that reading beyond it is caught */
		char *copy = malloc(len > 0 ? len : 1);

		assert_non_null(copy);
		memcpy(copy, s.bytes.data + 6, len);
		buf_init(&out, 4096);
		assert_int_equal(open_as(&s.key, &row7, copy, len, &out),
				 RC_CORRUPT);
		assert_int_equal(out.len, 0);
		buf_fini(&out);
		free(copy);
	}
	buf_fini(&s.bytes);
}

static void another_place_or_key_is_found(void **state)
{
	static const struct crypt_part row8 = {"request/8", 9};
	struct crypt_key other;
	struct sealed s;
	struct buf out;

	(void)state;
	seal(&s, "patient");
	buf_init(&out, 4096);
	assert_int_equal(
		open_as(&s.key, &row8, s.bytes.data + 6, s.bytes.len - 6, &out),
		RC_CORRUPT);
	assert_int_equal(
		open_as(&s.key, NULL, s.bytes.data + 6, s.bytes.len - 6, &out),
		RC_CORRUPT);
	other = s.key;
	other.bytes[31] ^= 1;
	assert_int_equal(
		open_as(&other, &row7, s.bytes.data + 6, s.bytes.len - 6, &out),
		RC_CORRUPT);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
	buf_fini(&s.bytes);
}

static void bounds_are_answered(void **state)
{
	struct err err = ERR_INIT;
	struct sealed s;
	struct buf out;

	(void)state;
	seal(&s, "patient");
	buf_init(&out, 6);
	assert_int_equal(
		open_as(&s.key, &row7, s.bytes.data + 6, s.bytes.len - 6, &out),
		RC_TOO_LARGE);
	buf_fini(&out);
	buf_init(&out, CRYPT_SEAL_EXTRA + 6);
	assert_int_equal(
		crypt_seal(&s.key, &s.rnd.rnd, &row7, "patient", 7, &out, &err),
		RC_TOO_LARGE);
	buf_fini(&out);
	buf_fini(&s.bytes);
}

/* In a child, as hashing aborts: what the n-th failing allocation leads to. */
static int open_failing_at(struct sealed *s, uint64_t n)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = {0, 0};
		struct buf out;
		enum rc rc;

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL); /* not cmocka's */
		buf_init(&out, 4096);
		fake_mem_fail_at(n);
		rc = crypt_open(&s->key, &row7, s->bytes.data + 6,
				s->bytes.len - 6, &out, NULL);
		if ((rc == RC_OK) != (out.len == 7))
			rc = RC_INTERNAL;
		_exit(fake_mem_calls() < n && rc == RC_OK ? 255 : (int)rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return -WTERMSIG(status);
	return WEXITSTATUS(status);
}

static void no_memory_is_answered_or_aborts(void **state)
{
	int answered = 0, aborted = 0, got = 0;
	struct sealed s;

	(void)state;
	seal(&s, "patient");
	for (uint64_t n = 1; n < 100 && got != 255; n++) {
		got = open_failing_at(&s, n);
		answered += got == RC_NOMEM;
		aborted += got == -SIGABRT;
		if (got != RC_NOMEM && got != -SIGABRT && got != 255)
			fail_msg("allocation %d: %d", (int)n, got);
	}
	assert_int_equal(got, 255);
	assert_true(answered > 0);
	assert_true(aborted > 0);
	buf_fini(&s.bytes);
}

static void equal_in_constant_time(void **state)
{
	(void)state;
	assert_true(crypt_equal("abc", "abc", 3));
	assert_false(crypt_equal("abc", "abd", 3));
	assert_false(crypt_equal("abc", "bbc", 3));
	assert_true(crypt_equal("abc", "xyz", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(bit_by_bit_is_as_at_once),
		cmocka_unit_test(hmac_known_answers),
		cmocka_unit_test(derived_keys_differ),
		cmocka_unit_test(seals_and_opens),
		cmocka_unit_test(two_seals_differ),
		cmocka_unit_test(any_flipped_bit_is_found),
		cmocka_unit_test(any_cut_is_found),
		cmocka_unit_test(another_place_or_key_is_found),
		cmocka_unit_test(bounds_are_answered),
		cmocka_unit_test(no_memory_is_answered_or_aborts),
		cmocka_unit_test(equal_in_constant_time),
	};

	crypt_init();
	crypt_init(); /* the second time does nothing */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
