#include "daemon/store/opinion.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/core/lifecycle.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/event.h"
#include "daemon/store/rows.h"

/* Room for the longest that a message may bring. */
#define CONTENT_MAX 65536

static struct seal_place place_of(int64_t id, int64_t partner)
{
	return (struct seal_place){"opinion.content", id, partner};
}

/* ---- the sealed value: three strings of bytes, each behind its length ---- */

static void put(struct buf *buf, const void *data, size_t len)
{
	uint32_t n = (uint32_t)len;

	buf_add(buf, &n, sizeof(n));
	buf_add(buf, data, len);
}

static enum rc close_content(const struct tx *tx, const struct opinion *in,
			     int64_t partner, struct buf *out, struct err *err)
{
	const char *reference = in->reference ? in->reference : "";
	const struct seal_place place = place_of(in->id, partner);
	struct buf plain;
	enum rc rc;

	buf_init(&plain, CONTENT_MAX);
	put(&plain, in->text, strlen(in->text));
	put(&plain, reference, strlen(reference));
	put(&plain, in->signature, in->signature_len);
	rc = plain.failed
		     ? err_set(err, RC_NOMEM, "the opinion is too long")
		     : seal_close(tx, &place, plain.data, plain.len, out, err);
	buf_fini(&plain);
	return rc;
}

/* The next string, borrowed from the buffer; NULL: there is none. */
static const char *take(const struct buf *plain, size_t *at, size_t *out_len)
{
	uint32_t len;

	if (plain->len - *at < sizeof(len))
		return NULL;
	memcpy(&len, plain->data + *at, sizeof(len));
	*at += sizeof(len);
	if (plain->len - *at < len)
		return NULL;
	*at += len;
	*out_len = len;
	return plain->data + *at - len;
}

static enum rc take_all(const struct buf *plain, struct arena *arena,
			struct opinion *out)
{
	size_t at = 0, text_len, reference_len, len;
	const char *text = take(plain, &at, &text_len);
	const char *reference = text ? take(plain, &at, &reference_len) : NULL;
	const char *signature = reference ? take(plain, &at, &len) : NULL;

	if (!signature || len > sizeof(out->signature) || at != plain->len)
		return RC_CORRUPT;
	memcpy(out->signature, signature, len);
	out->signature_len = len;
	out->text = arena_strndup(arena, text, text_len);
	if (reference_len)
		out->reference = arena_strndup(arena, reference, reference_len);
	return out->text && (out->reference || !reference_len) ? RC_OK
							       : RC_NOMEM;
}

static enum rc open_content(const struct tx *tx, const struct query *q,
			    int column, int64_t partner, struct arena *arena,
			    struct opinion *out, struct err *err)
{
	const struct seal_place place = place_of(out->id, partner);
	size_t len;
	const void *sealed = query_col_blob(q, column, &len);
	struct buf plain;
	enum rc rc;

	buf_init(&plain, CONTENT_MAX);
	rc = seal_open(tx, &place, sealed, len, &plain, err);
	if (rc == RC_OK) {
		rc = take_all(&plain, arena, out);
		if (rc != RC_OK)
			rc = err_set(err, rc, "an opinion cannot be read");
	}
	buf_fini(&plain);
	return rc;
}

/* ---- writing ---- */

static enum rc insert_row(struct tx *tx, const struct request *r,
			  const struct opinion *in, const struct buf *content,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO opinion (id, request, expert, version,"
		    " identity, signed_at, filed_at, key, content)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	query_int(&q, 1, in->id);
	query_int(&q, 2, r->id);
	query_int(&q, 3, in->expert);
	query_int(&q, 4, in->version);
	query_int(&q, 5, in->identity);
	query_int(&q, 6, in->signed_at);
	query_int(&q, 7, in->filed_at);
	query_blob(&q, 8, in->key, sizeof(in->key));
	query_blob(&q, 9, content->data, content->len);
	return query_end(&q, err);
}

enum rc opinion_insert(struct tx *tx, const struct request *r,
		       struct opinion *in, struct err *err)
{
	struct buf content;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM opinion",
				  &in->id, err);

	if (rc != RC_OK)
		return rc;
	in->id++;
	buf_init(&content, CONTENT_MAX + CRYPT_SEAL_EXTRA);
	rc = close_content(tx, in, r->partner, &content, err);
	if (rc == RC_OK)
		rc = insert_row(tx, r, in, &content, err);
	buf_fini(&content);
	return rc;
}

/* ---- reading ---- */

#define SQL_OPINION                                                            \
	"SELECT o.id, o.expert, o.version, o.identity, o.signed_at,"           \
	" o.filed_at, o.received_at, o.key, o.content, s.slug, i.name,"        \
	" o.request FROM opinion o JOIN subject s ON s.id = o.expert"          \
	" JOIN identity i ON i.id = o.identity"

static enum rc read_one(struct tx *tx, struct query *q, int64_t partner,
			struct arena *arena, struct opinion *out,
			struct err *err)
{
	size_t len;
	const void *key = query_col_blob(q, 7, &len);

	*out = (struct opinion){
		.id = query_col_int(q, 0),
		.expert = query_col_int(q, 1),
		.version = query_col_int(q, 2),
		.identity = query_col_int(q, 3),
		.signed_at = query_col_int(q, 4),
		.filed_at = query_col_int(q, 5),
		.received_at = query_col_int(q, 6),
		.expert_slug = query_col_dup(q, 9, arena),
		.signer = query_col_dup(q, 10, arena),
	};
	if (len != sizeof(out->key))
		return err_set(err, RC_CORRUPT, "an opinion without a key");
	memcpy(out->key, key, len);
	return open_content(tx, q, 8, partner, arena, out, err);
}

static void lines_of(const struct opinion *o, const char *request,
		     struct opinion_lines *out)
{
	*out = (struct opinion_lines){
		.request = request,
		.expert = o->expert_slug,
		.version = o->version,
		.time = o->signed_at,
		.text = o->text,
		.reference = o->reference,
	};
	memcpy(out->corrects, o->corrects, sizeof(out->corrects));
}

/* The one of this expert's before v[n]; NULL: it is the first. */
static const struct opinion *before(const struct opinion *v, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (v[i].expert == v[n].expert)
			return &v[i];
	return NULL;
}

/* Of v[n], after those before it. */
static void verify(struct opinion *v, size_t n, const char *request)
{
	const struct opinion *last = before(v, n);
	struct opinion_lines lines;
	struct opinion *o = &v[n];
	struct buf bytes;

	if (last)
		memcpy(o->corrects, last->hash, sizeof(o->corrects));
	lines_of(o, request, &lines);
	opinion_hash(&lines, o->hash);
	buf_init(&bytes, OPINION_LINES_MAX);
	opinion_write(&lines, &bytes);
	o->verified = o->version == (last ? last->version + 1 : 1) &&
		      sign_check(o->key, sizeof(o->key), bytes.data, bytes.len,
				 o->signature, o->signature_len, NULL) == RC_OK;
	buf_fini(&bytes);
}

enum rc opinion_list(struct tx *tx, const struct request *r,
		     struct arena *arena, struct opinion **out, size_t *out_n,
		     struct err *err)
{
	struct opinion *v = NULL;
	enum rc rc = RC_OK, ended;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    SQL_OPINION " WHERE o.request = $1 ORDER BY o.id");
	query_int(&q, 1, r->id);
	while (rc == RC_OK && query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		rc = v ? read_one(tx, &q, r->partner, arena, &v[n], err)
		       : rows_full(err);
		if (rc == RC_OK)
			verify(v, n++, r->code.s);
	}
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	*out = v;
	*out_n = n;
	return rc == RC_OK ? ended : rc;
}

/* ---- who signs ---- */

#define LIVE SQL_LIVE("CAST($2 AS BIGINT)")
#define SQL_EXPERTS                                                            \
	"SELECT b.expert FROM booking b WHERE b.request = $1 AND " LIVE        \
	" AND b.expert IS NOT NULL"                                            \
	" UNION SELECT co.expert FROM booking b"                               \
	"  JOIN co_expert co ON co.booking = b.id"                             \
	"  WHERE b.request = $1 AND " LIVE

enum rc opinion_experts(struct tx *tx, const struct request *r, int64_t *out,
			size_t *out_n, struct err *err)
{
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db, SQL_EXPERTS);
	query_int(&q, 1, r->id);
	query_int(&q, 2, tx->now);
	while (n < OPINION_EXPERTS_MAX && query_row(&q))
		out[n++] = query_col_int(&q, 0);
	enum rc rc = query_end(&q, err);

	if (n == 0 && r->expert && core_request_assigned(r->status))
		out[n++] = r->expert;
	*out_n = n;
	return rc;
}

static enum rc has_signed(struct tx *tx, int64_t request, int64_t expert,
			  bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM opinion WHERE request = $1 AND expert = $2"
		    " AND version = 1");
	query_int(&q, 1, request);
	query_int(&q, 2, expert);
	*out = query_row(&q);
	return query_end(&q, err);
}

enum rc opinion_missing(struct tx *tx, const struct request *r, size_t *out,
			struct err *err)
{
	int64_t experts[OPINION_EXPERTS_MAX];
	size_t n, missing = 0;
	enum rc rc = opinion_experts(tx, r, experts, &n, err);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		bool has;

		rc = has_signed(tx, r->id, experts[i], &has, err);
		missing += rc == RC_OK && !has;
	}
	*out = n > 0 ? missing : 1; /* nobody could have signed it */
	return rc;
}

/* ---- receipt ---- */

enum rc opinion_receive(struct tx *tx, int64_t request, int64_t *out_n,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE opinion SET received_at = $1"
		    " WHERE request = $2 AND received_at IS NULL");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, request);
	enum rc rc = query_end(&q, err);

	*out_n = rc == RC_OK ? db_changes(tx->db) : 0;
	return rc;
}

enum rc opinion_unreceived(struct tx *tx, int64_t request, int64_t *out,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM opinion"
		    " WHERE request = $1 AND received_at IS NULL");
	query_int(&q, 1, request);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* ---- all of them ---- */

#define REQUEST_ARENA ((size_t)64 * 1024 * 1024)

void opinion_said(int64_t version, const uint8_t hash[CRYPT_HASH_LEN],
		  char out[OPINION_SAID_MAX])
{
	char hex[2 * CRYPT_HASH_LEN + 1];

	text_hex(hash, CRYPT_HASH_LEN, hex);
	hex[2 * CRYPT_HASH_LEN] = '\0';
	snprintf(out, OPINION_SAID_MAX, "version %lld, SHA-256 %s",
		 (long long)version, hex);
}

/* Opinions and the log's records of them are in the same order. */
static bool is_said(const struct opinion *o, size_t i,
		    const struct event *events, size_t nevents)
{
	char want[OPINION_SAID_MAX];

	if (i >= nevents)
		return false;
	opinion_said(o->version, o->hash, want);
	return !events[i].reason || strcmp(events[i].reason, want) == 0;
}

static void add_bad(struct opinion_report *out, const struct request *r)
{
	out->of = out->bad ? out->of : r->code;
	out->bad++;
}

static enum rc verify_request(struct tx *tx, int64_t id,
			      struct opinion_report *out, struct err *err)
{
	struct opinion *v = NULL;
	struct event *events = NULL;
	struct request r = {0};
	size_t n = 0, nevents = 0;
	struct arena arena;

	arena_init(&arena, REQUEST_ARENA);
	enum rc rc = request_by_id(tx, id, &arena, &r, err);

	if (rc == RC_OK)
		rc = opinion_list(tx, &r, &arena, &v, &n, err);
	if (rc == RC_OK)
		rc = event_history_of_verb(tx, "request", id, VERB_SIGN, &arena,
					   &events, &nevents, err);
	if (rc == RC_CORRUPT) { /* one that does not open verifies nothing */
		add_bad(out, &r);
		n = nevents = 0;
		rc = RC_OK;
	}
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		out->opinions++;
		if (!v[i].verified || !is_said(&v[i], i, events, nevents))
			add_bad(out, &r);
	}
	for (size_t i = n; rc == RC_OK && i < nevents; i++)
		add_bad(out, &r);
	arena_fini(&arena);
	return rc;
}

/* The next request after that one with an opinion; 0: none. */
static enum rc next_with_opinions(struct tx *tx, int64_t *at, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT request FROM opinion WHERE request > $1"
		    " ORDER BY request LIMIT 1");
	query_int(&q, 1, *at);
	*at = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* Those of which the log says that they were signed, and none is there. */
static enum rc verify_absent(struct tx *tx, struct opinion_report *out,
			     struct err *err)
{
	enum rc rc = RC_OK, ended;
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT DISTINCT id FROM event WHERE verb = 'sign'"
		    " AND thing = 'request' AND id NOT IN"
		    " (SELECT request FROM opinion)");
	while (rc == RC_OK && query_row(&q))
		rc = verify_request(tx, query_col_int(&q, 0), out, err);
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	return rc == RC_OK ? ended : rc;
}

enum rc opinion_verify_all(struct tx *tx, struct opinion_report *out,
			   struct err *err)
{
	int64_t request = 0;
	enum rc rc;

	*out = (struct opinion_report){0};
	do {
		rc = next_with_opinions(tx, &request, err);
		if (rc == RC_OK && request)
			rc = verify_request(tx, request, out, err);
	} while (rc == RC_OK && request);
	return rc == RC_OK ? verify_absent(tx, out, err) : rc;
}
