#include "tests/support/filing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pki.h"
#include "base/text.h"

void filing_enrol(struct principal *who, const struct buf *key_pem)
{
	struct crypt_part part;
	struct buf der;

	buf_init(&der, 200);
	assert_int_equal(RC_OK, sign_key_of(buf_cstr(key_pem), &der, NULL));
	part = (struct crypt_part){der.data, der.len};
	crypt_sha256(&part, 1, who->proof.hash);
	buf_fini(&der);
}

void filing_sign(struct filing *f, const struct buf *key_pem,
		 const struct opinion_lines *lines)
{
	struct buf bytes, made;

	buf_init(&bytes, OPINION_LINES_MAX);
	buf_init(&made, 500);
	opinion_write(lines, &bytes);
	assert_int_equal(RC_OK, sign_key_of(buf_cstr(key_pem), &made, NULL));
	text_hex(made.data, made.len, f->key);
	buf_reset(&made);
	assert_int_equal(RC_OK, sign_make(buf_cstr(key_pem), bytes.data,
					  bytes.len, &made, NULL));
	text_hex(made.data, made.len, f->signature);
	f->signature[2 * made.len] = '\0';
	f->in.key = f->key;
	f->in.signature = f->signature;
	buf_fini(&bytes);
	buf_fini(&made);
}

void filing_fill(struct filing *f, const struct buf *key_pem, const char *code,
		 const struct opinion_lines *lines)
{
	f->code = code;
	proto_clear(&msg_opinion_new_table, &f->in);
	f->in.version = lines->version;
	if (lines->version > 1)
		f->in.corrects = lines->version - 1;
	f->in.signed_at = lines->time;
	f->in.text = lines->text;
	f->in.reference = lines->reference;
	filing_sign(f, key_pem, lines);
}

struct opinion_lines filing_next(const struct msg_to_sign *next,
				 const char *text)
{
	struct opinion_lines lines = {.request = next->request,
				      .expert = next->expert,
				      .version = next->version,
				      .time = next->now,
				      .text = text};

	assert_true(
		text_unhex(next->previous, 64, lines.corrects, CRYPT_HASH_LEN));
	return lines;
}

enum rc filing_step(struct work *w, void *arg)
{
	struct filing *f = arg;

	return work_opinion_file(w, f->code, &f->in, &f->out);
}
