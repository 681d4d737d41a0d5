#include "daemon/store/keycheck.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/seal.h"

#define WORD "teleconsult"
#define SEALED_MAX (CRYPT_SEAL_EXTRA + sizeof(WORD))

static const struct seal_place place = {.column = "meta.key-check"};

enum rc keycheck_add(struct tx *tx, struct err *err)
{
	struct buf sealed, hex;
	struct query q;
	enum rc rc;

	buf_init(&sealed, SEALED_MAX);
	buf_init(&hex, 2 * SEALED_MAX);
	rc = seal_close(tx, &place, WORD, strlen(WORD), &sealed, err);
	if (rc == RC_OK) {
		buf_hex(&hex, sealed.data, sealed.len);
		query_begin(&q, tx->db,
			    "INSERT INTO meta (name, value)"
			    " VALUES ('key-check', $1)");
		query_text(&q, 1, buf_cstr(&hex));
		(void)query_row(&q);
		rc = query_end(&q, err);
	}
	buf_fini(&hex);
	buf_fini(&sealed);
	return rc;
}

static bool opens(struct tx *tx, const char *hex)
{
	uint8_t sealed[SEALED_MAX];
	size_t len = strlen(hex);
	struct buf word;
	bool ok;

	if (len > 2 * sizeof(sealed) || len % 2 != 0 ||
	    !text_unhex(hex, len, sealed, len / 2))
		return false;
	buf_init(&word, sizeof(WORD));
	ok = seal_open(tx, &place, sealed, len / 2, &word, NULL) == RC_OK &&
	     strcmp(buf_cstr(&word), WORD) == 0;
	buf_fini(&word);
	return ok;
}

enum rc keycheck_verify(struct tx *tx, struct err *err)
{
	struct query q;
	bool found = false, ok = false;
	enum rc rc;

	query_begin(&q, tx->db,
		    "SELECT value FROM meta WHERE name = 'key-check'");
	if (query_row(&q)) {
		found = true;
		ok = opens(tx, query_col_text(&q, 0));
	}
	rc = query_end(&q, err);
	if (rc == RC_OK && !found)
		rc = err_set(err, RC_NOT_FOUND,
			     "the database was not made by \"teleconsultd "
			     "init\": it has no check of its field key");
	else if (rc == RC_OK && !ok)
		rc = err_set(err, RC_FORBIDDEN,
			     "this is not the field key that the database was "
			     "made with");
	return rc;
}
