#include "daemon/store/keycheck.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/event.h"
#include "daemon/store/reseal.h"
#include "daemon/store/seal.h"

#define WORD "teleconsult"
#define SEALED_MAX (CRYPT_SEAL_EXTRA + CRYPT_KEY_LEN)
#define ROW_NAME_MAX 32

static const struct seal_place place = {.column = "meta.key-check"};
static const struct seal_place patient_place = {.column = "meta.patient-key"};

static unsigned sealing(const struct tx *tx)
{
	return atomic_load(&tx->env->keys.seals);
}

/* ---- rows ---- */

/* In place of the row of that name, or (fresh) never. */
static enum rc put(struct tx *tx, const char *name, bool fresh,
		   const struct buf *sealed, struct err *err)
{
	struct buf hex;
	struct query q;
	enum rc rc;

	buf_init(&hex, 2 * SEALED_MAX);
	buf_hex(&hex, sealed->data, sealed->len);
	if (fresh)
		query_begin(&q, tx->db,
			    "INSERT INTO meta (name, value) VALUES ($1, $2)");
	else
		query_begin(&q, tx->db,
			    "INSERT INTO meta (name, value) VALUES ($1, $2)"
			    " ON CONFLICT (name) DO UPDATE"
			    " SET value = excluded.value");
	query_text(&q, 1, name);
	query_text(&q, 2, buf_cstr(&hex));
	(void)query_row(&q);
	rc = query_end(&q, err);
	buf_fini(&hex);
	return rc;
}

static enum rc put_check(struct tx *tx, unsigned slot, const char *name,
			 bool fresh, struct err *err)
{
	struct buf sealed;
	enum rc rc;

	buf_init(&sealed, SEALED_MAX);
	rc = seal_close_with(tx, slot, &place, WORD, strlen(WORD), &sealed,
			     err);
	if (rc == RC_OK)
		rc = put(tx, name, fresh, &sealed, err);
	buf_fini(&sealed);
	return rc;
}

static enum rc put_patient(struct tx *tx, unsigned slot, struct err *err)
{
	const struct crypt_key *key = &tx->env->keys.patient;
	struct buf sealed;
	enum rc rc;

	buf_init(&sealed, SEALED_MAX);
	rc = seal_close_with(tx, slot, &patient_place, key->bytes,
			     sizeof(key->bytes), &sealed, err);
	if (rc == RC_OK)
		rc = put(tx, "patient-key", false, &sealed, err);
	buf_fini(&sealed);
	return rc;
}

/* The bytes of a row's value; false when it is no such text. */
static bool read_hex(const char *hex, uint8_t out[SEALED_MAX], size_t *out_len)
{
	size_t len = hex ? strlen(hex) : 0;

	*out_len = len / 2;
	return len >= 2 * (size_t)CRYPT_SEAL_EXTRA && len % 2 == 0 &&
	       *out_len <= SEALED_MAX && text_unhex(hex, len, out, *out_len);
}

/* ---- making ---- */

enum rc keycheck_add(struct tx *tx, struct err *err)
{
	enum rc rc = put_check(tx, sealing(tx), "key-check", true, err);

	return rc == RC_OK ? put_patient(tx, sealing(tx), err) : rc;
}

/* ---- verifying ---- */

struct checks {
	unsigned found, opened;
	uint8_t missing[CRYPT_ID_LEN]; /* of the last that did not open */
	uint32_t slots;		       /* bits: of those that did */
	int first;		       /* the slot of the row "key-check" */
};

static bool opens(struct tx *tx, const uint8_t *sealed, size_t len)
{
	struct buf word;
	bool ok;

	buf_init(&word, sizeof(WORD));
	ok = seal_open(tx, &place, sealed, len, &word, NULL) == RC_OK &&
	     strcmp(buf_cstr(&word), WORD) == 0;
	buf_fini(&word);
	return ok;
}

static void look_at(struct tx *tx, const struct query *q, struct checks *out)
{
	const char *name = query_col_text(q, 0);
	uint8_t sealed[SEALED_MAX] = {0};
	size_t len;
	bool ok = read_hex(query_col_text(q, 1), sealed, &len) &&
		  opens(tx, sealed, len);

	out->found++;
	if (!ok) {
		memcpy(out->missing, sealed, CRYPT_ID_LEN);
		return;
	}
	int slot = seal_slot(tx, sealed, len);

	out->opened++;
	out->slots |= 1U << (unsigned)slot;
	if (strcmp(name, "key-check") == 0)
		out->first = slot;
}

static enum rc find_checks(struct tx *tx, struct checks *out, struct err *err)
{
	struct query q;

	*out = (struct checks){.first = -1};
	query_begin(&q, tx->db,
		    "SELECT name, value FROM meta"
		    " WHERE name LIKE 'key-check%' ORDER BY name");
	while (query_row(&q))
		look_at(tx, &q, out);
	return query_end(&q, err);
}

/* A key that nothing is sealed under any more need not be there. */
static enum rc is_missed(struct tx *tx, const struct checks *checks,
			 struct err *err)
{
	char hex[2 * CRYPT_ID_LEN + 1] = {0};
	int64_t n;
	enum rc rc = reseal_count(tx, checks->missing, &n, err);

	if (rc != RC_OK || n == 0)
		return rc;
	text_hex(checks->missing, CRYPT_ID_LEN, hex);
	return err_set(err, RC_FORBIDDEN,
		       "%lld values are still sealed under the field key with"
		       " the id %s, which is not given: put it back below the"
		       " others until sealing anew is done",
		       (long long)n, hex);
}

enum rc keycheck_verify(struct tx *tx, struct err *err)
{
	struct checks checks;
	enum rc rc = find_checks(tx, &checks, err);

	if (rc != RC_OK)
		return rc;
	if (checks.found == 0)
		return err_set(err, RC_NOT_FOUND,
			       "the database was not made by \"teleconsultd "
			       "init\": it has no check of its field key");
	if (checks.opened == 0)
		return err_set(
			err, RC_FORBIDDEN,
			"this is not the field key that the database was "
			"made with");
	return checks.opened < checks.found ? is_missed(tx, &checks, err)
					    : RC_OK;
}

/* ---- the patient key ---- */

static bool open_patient(struct tx *tx, const char *hex, struct crypt_key *out)
{
	uint8_t sealed[SEALED_MAX];
	struct buf plain;
	size_t len;
	bool ok;

	buf_init(&plain, CRYPT_KEY_LEN);
	ok = read_hex(hex, sealed, &len) &&
	     seal_open(tx, &patient_place, sealed, len, &plain, NULL) ==
		     RC_OK &&
	     plain.len == sizeof(out->bytes);
	if (ok)
		memcpy(out->bytes, plain.data, sizeof(out->bytes));
	buf_fini(&plain);
	return ok;
}

enum rc keycheck_load(struct tx *tx, struct store_keys *keys, struct err *err)
{
	bool found, ok = false;
	struct checks checks;
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "SELECT value FROM meta WHERE name = 'patient-key'");
	found = query_row(&q);
	if (found)
		ok = open_patient(tx, query_col_text(&q, 0), &keys->patient);
	rc = query_end(&q, err);
	if (rc == RC_OK && found && !ok)
		rc = err_set(err, RC_FORBIDDEN,
			     "the key of patients' numbers is sealed under a"
			     " field key that is not given");
	if (rc != RC_OK || found)
		return rc;
	/* of old: what the key makes that the database was made with */
	rc = find_checks(tx, &checks, err);
	if (rc == RC_OK && checks.first >= 0)
		keys->patient = keys->makes[checks.first];
	return rc;
}

/* ---- another key ---- */

static enum rc has_row(struct tx *tx, const char *name, bool *out,
		       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT 1 FROM meta WHERE name = $1");
	query_text(&q, 1, name);
	*out = query_row(&q);
	return query_end(&q, err);
}

static enum rc note(struct tx *tx, const char *hex, struct err *err)
{
	char reason[80] = "seals from now on: the field key with the id ";
	const struct event event = {
		.actor = words_name(&words_role, ROLE_SYSTEM),
		.thing = "field-key",
		.version = 1,
		.verb = VERB_ROTATE,
		.reason = reason,
		.request_id = "rotate",
		.class = EVENT_CHANGE};
	size_t len = strlen(reason);

	memcpy(reason + len, hex, 2 * CRYPT_ID_LEN + 1);
	return event_append(tx, &event, err);
}

static enum rc introduce(struct tx *tx, unsigned slot, struct err *err)
{
	char name[ROW_NAME_MAX] = "key-check-";
	uint8_t id[CRYPT_ID_LEN];
	char *hex = name + strlen(name);
	enum rc rc;

	crypt_key_id(&tx->env->keys.field[slot], id);
	text_hex(id, sizeof(id), hex);
	hex[2 * sizeof(id)] = '\0';
	rc = put_check(tx, slot, name, false, err);
	return rc == RC_OK ? note(tx, hex, err) : rc;
}

enum rc keycheck_settle(struct tx *tx, unsigned slot, struct err *err)
{
	bool kept, known, going;
	struct checks checks;
	enum rc rc = find_checks(tx, &checks, err);

	if (rc == RC_OK)
		rc = has_row(tx, "patient-key", &kept, err);
	if (rc == RC_OK)
		rc = has_row(tx, "reseal", &going, err);
	if (rc != RC_OK)
		return rc;
	known = (checks.slots >> slot & 1) != 0;
	if (known && checks.found == 1)
		return kept ? RC_OK : put_patient(tx, slot, err);
	if (!known)
		rc = introduce(tx, slot, err);
	if (rc == RC_OK)
		rc = put_patient(tx, slot, err);
	return rc == RC_OK && !going ? reseal_begin(tx, err) : rc;
}

enum rc keycheck_keep_one(struct tx *tx, struct err *err)
{
	enum rc rc = db_run(
		tx->db, "DELETE FROM meta WHERE name LIKE 'key-check%'", err);

	return rc == RC_OK ? put_check(tx, sealing(tx), "key-check", true, err)
			   : rc;
}
