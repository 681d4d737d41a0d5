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

static enum rc put_patient(struct tx *tx, unsigned slot, const char *name,
			   const struct crypt_key *key, struct err *err)
{
	struct buf sealed;
	enum rc rc;

	buf_init(&sealed, SEALED_MAX);
	rc = seal_close_with(tx, slot, &patient_place, key->bytes,
			     sizeof(key->bytes), &sealed, err);
	if (rc == RC_OK)
		rc = put(tx, name, false, &sealed, err);
	buf_fini(&sealed);
	return rc;
}

/* The name of a row of one key among several. */
static void name_of(const char *prefix, const struct crypt_key *key,
		    char out[ROW_NAME_MAX])
{
	uint8_t id[CRYPT_ID_LEN];
	size_t len = strlen(prefix);

	crypt_key_id(key, id);
	memcpy(out, prefix, len);
	text_hex(id, sizeof(id), out + len);
	out[len + 2 * sizeof(id)] = '\0';
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
	const struct store_keys *keys = &tx->env->keys;
	enum rc rc = put_check(tx, sealing(tx), "key-check", true, err);

	return rc == RC_OK
		       ? put_patient(tx, sealing(tx), "patient-key",
				     &keys->patient[atomic_load(&keys->names)],
				     err)
		       : rc;
}

/* ---- verifying ---- */

struct checks {
	unsigned found, opened;
	uint8_t missing[STORE_KEYS_MAX][CRYPT_ID_LEN]; /* did not open */
	size_t nmissing;
	uint32_t slots; /* bits: of those that did */
	int first;	/* the slot of the row "key-check"; -1: it is gone */
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
		if (out->nmissing < STORE_KEYS_MAX)
			memcpy(out->missing[out->nmissing++], sealed,
			       CRYPT_ID_LEN);
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
static enum rc is_missed(struct tx *tx, const uint8_t id[CRYPT_ID_LEN],
			 struct err *err)
{
	char hex[2 * CRYPT_ID_LEN + 1] = {0};
	int64_t n;
	enum rc rc = reseal_count(tx, id, &n, err);

	if (rc != RC_OK || n == 0)
		return rc;
	text_hex(id, CRYPT_ID_LEN, hex);
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
	for (size_t i = 0; rc == RC_OK && i < checks.nmissing; i++)
		rc = is_missed(tx, checks.missing[i], err);
	return rc;
}

/* ---- the patient keys ---- */

static enum rc is_walking(struct tx *tx, bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT 1 FROM meta WHERE name = 'reseal'");
	*out = query_row(&q);
	return query_end(&q, err);
}

struct patient_keys {
	struct crypt_key v[STORE_PATIENT_KEYS_MAX]; /* the first names */
	size_t n;
	bool kept; /* in the database */
};

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

/* RC_FORBIDDEN: one is sealed under a key that is not there. */
static enum rc find_patients(struct tx *tx, const struct checks *checks,
			     struct patient_keys *out, struct err *err)
{
	struct query q;
	bool ok = true;

	*out = (struct patient_keys){0};
	query_begin(&q, tx->db,
		    "SELECT value FROM meta WHERE name LIKE 'patient-key%'"
		    " ORDER BY name");
	while (ok && out->n < STORE_PATIENT_KEYS_MAX && query_row(&q)) {
		ok = open_patient(tx, query_col_text(&q, 0), &out->v[out->n]);
		out->n++;
	}
	enum rc rc = query_end(&q, err);

	out->kept = out->n > 0;
	if (rc == RC_OK && !ok)
		rc = err_set(err, RC_FORBIDDEN,
			     "the key of patients' numbers is sealed under a"
			     " field key that is not given");
	/* of old: what the key makes that the database was made with */
	if (rc == RC_OK && !out->kept && checks->first >= 0)
		out->v[out->n++] = tx->env->keys.makes[checks->first];
	return rc;
}

/* Under that key, in place of those that are there. */
static enum rc store_patients(struct tx *tx, unsigned slot,
			      const struct patient_keys *p, struct err *err)
{
	enum rc rc = db_run(
		tx->db, "DELETE FROM meta WHERE name LIKE 'patient-key%'", err);

	for (size_t i = 0; rc == RC_OK && i < p->n; i++) {
		char name[ROW_NAME_MAX] = "patient-key";

		if (i > 0)
			name_of("patient-key-", &p->v[i], name);
		rc = put_patient(tx, slot, name, &p->v[i], err);
	}
	return rc;
}

/* To the front, those that were there behind it. */
static enum rc name_by(struct patient_keys *p, const struct crypt_key *key,
		       struct err *err)
{
	struct crypt_key named = *key;
	size_t i = 0;

	while (i < p->n &&
	       !crypt_equal(p->v[i].bytes, named.bytes, CRYPT_KEY_LEN))
		i++;
	if (i == STORE_PATIENT_KEYS_MAX)
		return err_set(err, RC_BUSY,
			       "%d keys of patients' numbers are needed yet",
			       STORE_PATIENT_KEYS_MAX);
	p->n += i == p->n;
	memmove(&p->v[1], &p->v[0], i * sizeof(p->v[0]));
	p->v[0] = named;
	return RC_OK;
}

enum rc keycheck_load(struct tx *tx, struct store_keys *keys, struct err *err)
{
	struct patient_keys p = {.n = 0};
	struct checks checks;
	bool going;
	enum rc rc = find_checks(tx, &checks, err);

	if (rc == RC_OK)
		rc = is_walking(tx, &going, err);
	if (rc == RC_OK)
		rc = find_patients(tx, &checks, &p, err);
	if (rc != RC_OK || p.n == 0)
		return rc;
	keys->patient[0] = p.v[0];
	atomic_store(&keys->patients, 0U);
	atomic_store(&keys->names, 0U);
	for (size_t i = 1; i < p.n; i++)
		(void)keys_add_patient(keys, &p.v[i]);
	mem_wipe(&p, sizeof(p));
	if ((going || checks.first != (int)sealing(tx)) &&
	    keys_name_by(keys, sealing(tx)) != RC_OK)
		return err_set(err, RC_BUSY,
			       "there are too many keys of patients' numbers");
	return RC_OK;
}

/* ---- another key ---- */

enum rc keycheck_note(struct tx *tx, const char *said, struct err *err)
{
	const struct event event = {
		.actor = words_name(&words_role, ROLE_SYSTEM),
		.thing = "field-key",
		.version = 1,
		.verb = VERB_ROTATE,
		.reason = said,
		.request_id = "rotate",
		.class = EVENT_CHANGE};

	return event_append(tx, &event, err);
}

static enum rc introduce(struct tx *tx, unsigned slot, struct err *err)
{
	char reason[80] = "seals from now on: the field key with the id ";
	const size_t len = strlen(reason), prefix = strlen("key-check-");
	char name[ROW_NAME_MAX];
	enum rc rc;

	name_of("key-check-", &tx->env->keys.field[slot], name);
	memcpy(reason + len, name + prefix, 2 * CRYPT_ID_LEN + 1);
	rc = put_check(tx, slot, name, false, err);
	return rc == RC_OK ? keycheck_note(tx, reason, err) : rc;
}

static enum rc begin(struct tx *tx, unsigned slot, bool known,
		     struct patient_keys *p, struct err *err)
{
	enum rc rc = known ? RC_OK : introduce(tx, slot, err);

	if (rc == RC_OK)
		rc = name_by(p, &tx->env->keys.makes[slot], err);
	if (rc == RC_OK)
		rc = store_patients(tx, slot, p, err);
	return rc == RC_OK ? reseal_begin(tx, err) : rc;
}

enum rc keycheck_settle(struct tx *tx, unsigned slot, struct err *err)
{
	const struct crypt_key *makes = &tx->env->keys.makes[slot];
	struct patient_keys p = {.n = 0};
	struct checks checks;
	bool going, known, named;
	enum rc rc = find_checks(tx, &checks, err);

	if (rc == RC_OK)
		rc = is_walking(tx, &going, err);
	if (rc == RC_OK)
		rc = find_patients(tx, &checks, &p, err);
	if (rc != RC_OK)
		return rc;
	known = (checks.slots >> slot & 1) != 0;
	named = p.n > 0 &&
		crypt_equal(p.v[0].bytes, makes->bytes, CRYPT_KEY_LEN);
	if (!going && checks.first == (int)slot)
		rc = p.kept ? RC_OK : store_patients(tx, slot, &p, err);
	else if (!going || !known || !named)
		rc = begin(tx, slot, known, &p, err);
	mem_wipe(&p, sizeof(p));
	return rc;
}

/* The row "key-check" is of the key that seals; the one before gets a row of
 * its own. */
static enum rc change_places(struct tx *tx, struct err *err)
{
	const struct store_keys *keys = &tx->env->keys;
	char name[ROW_NAME_MAX];
	struct checks checks;
	struct query q;
	enum rc rc = find_checks(tx, &checks, err);

	if (rc == RC_OK && checks.first >= 0) {
		name_of("key-check-", &keys->field[checks.first], name);
		rc = put_check(tx, (unsigned)checks.first, name, false, err);
	}
	if (rc == RC_OK)
		rc = put_check(tx, sealing(tx), "key-check", false, err);
	if (rc != RC_OK)
		return rc;
	name_of("key-check-", &keys->field[sealing(tx)], name);
	query_begin(&q, tx->db, "DELETE FROM meta WHERE name = $1");
	query_text(&q, 1, name);
	return query_end(&q, err);
}

enum rc keycheck_end(struct tx *tx, bool all, struct err *err)
{
	enum rc rc = change_places(tx, err);

	if (rc == RC_OK && all)
		rc = db_run(tx->db,
			    "DELETE FROM meta WHERE name LIKE 'key-check-%'",
			    err);
	if (rc == RC_OK && all)
		rc = db_run(tx->db,
			    "DELETE FROM meta WHERE name LIKE 'patient-key-%'",
			    err);
	return rc;
}
