/* The claims of a subject, kept while its stamp stands (calendar.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/store/calendar.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"

/* What is kept ends on a mark of so many days, so that a window which moves on
 * with the clock is in it for a while. */
#define MARK (8 * (int64_t)CIVIL_DAY)
#define KEPT_DAYS 64
#define KEPT_MAX ((size_t)8 << 20) /* of one subject */

struct claim_list {
	struct core_claim *v;
	size_t n;
};

struct kept_claims {
	struct keep_block block;
	uint64_t stamp;
	struct core_span span; /* all that touch it are here */
	int64_t longest;       /* of these */
	size_t n;
	struct core_claim v[];
};

/* The site of a place; 0: there is none. */
static enum rc find_site(struct tx *tx, int64_t place, struct arena *other,
			 int64_t *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_PLACE_SITE, .a = place};
	const int64_t *kept = place ? keep_find(tx, &key) : NULL;
	struct arena *arena = keep_arena(tx, other);
	struct query q;

	*out = kept ? *kept : 0;
	if (kept || !place)
		return RC_OK;
	query_begin(&q, tx->db, "SELECT site FROM subject WHERE id = $1");
	query_int(&q, 1, place);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	enum rc rc = query_end(&q, err);
	int64_t *site = rc == RC_OK ? arena_alloc(arena, sizeof(*site)) : NULL;

	if (site) {
		*site = *out;
		keep_add(tx, arena, &key, site);
	}
	return rc;
}

/* Asked for once a place, not joined to each claim. */
static enum rc find_sites(struct tx *tx, const struct claim_list *list,
			  struct arena *arena, struct err *err)
{
	const struct core_claim *last = NULL;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < list->n; i++) {
		struct core_claim *c = &list->v[i];

		if (last && last->place == c->place)
			c->place_site = last->place_site;
		else if (c->place)
			rc = find_site(tx, c->place, arena, &c->place_site,
				       err);
		if (c->place)
			last = c;
	}
	return rc;
}

/* All that touch the span. */
static enum rc read_claims(struct tx *tx, int64_t id, struct core_span span,
			   struct arena *arena, struct claim_list *out,
			   struct err *err)
{
	struct query q;
	struct core_claim *v = NULL;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT c.from_time, c.to_time, c.booking, c.role,"
		    " c.hold_until, c.place, c.session FROM claim c"
		    " WHERE c.subject = $1 AND c.from_time > $2"
		    "  - (SELECT longest FROM subject WHERE id = $1)"
		    " AND c.from_time < $3 AND c.to_time > $2"
		    " ORDER BY c.from_time");
	query_int(&q, 1, id);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct core_claim){
			.subject = id,
			.from = query_col_int(&q, 0),
			.to = query_col_int(&q, 1),
			.booking = query_col_int(&q, 2),
			.role = (enum claim_role)rows_word(&q, 3,
							   &words_claim_role),
			.hold_until = query_col_int(&q, 4),
			.place = query_col_int(&q, 5),
			.session = query_col_int(&q, 6),
		};
	}
	enum rc rc = rows_end(&q, v, err);

	*out = (struct claim_list){v, rc == RC_OK && v ? n : 0};
	return rc == RC_OK ? find_sites(tx, out, arena, err) : rc;
}

/* --- kept --- */

static struct keep_key key_of(int64_t id)
{
	return (struct keep_key){.sort = KEEP_CLAIMS, .a = id};
}

static void free_kept(struct keep_block *block)
{
	mem_free(block);
}

static bool is_within(struct core_span span, struct core_span in)
{
	return span.from >= in.from && span.to <= in.to;
}

static struct core_span marked(struct core_span span)
{
	int64_t to = span.to + MARK - 1;

	return (struct core_span){span.from - span.from % CIVIL_DAY,
				  to - to % MARK};
}

/* What is worth reading: what is wanted, and what is kept already. */
static struct core_span wider(struct core_span span,
			      const struct kept_claims *k)
{
	struct core_span wide = marked(span);

	if (k && k->span.from < wide.from)
		wide.from = k->span.from;
	if (k && k->span.to > wide.to)
		wide.to = k->span.to;
	return wide.to - wide.from <= KEPT_DAYS * (int64_t)CIVIL_DAY
		       ? wide
		       : marked(span);
}

/* The first of the claims that begins after the instant. */
static size_t first_after(const struct kept_claims *k, int64_t instant)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (k->v[mid].from > instant)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* As few as may touch the span. */
static void use(const struct kept_claims *k, struct core_span span,
		struct core_subject *s)
{
	size_t first = first_after(k, span.from - k->longest);

	s->claims = k->v + first;
	s->nclaims = first_after(k, span.to - 1) - first;
}

static struct kept_claims *pack(const struct claim_list *list, int64_t id,
				uint64_t stamp, struct core_span span)
{
	size_t bytes = sizeof(struct kept_claims) +
		       list->n * sizeof(struct core_claim);
	struct kept_claims *k = mem_try(bytes);

	if (!k)
		return NULL;
	k->block = (struct keep_block){
		.key = key_of(id), .bytes = bytes, .free = free_kept};
	k->stamp = stamp;
	k->span = span;
	k->n = list->v ? list->n : 0;
	for (size_t i = 0; i < k->n; i++) {
		int64_t length = list->v[i].to - list->v[i].from;

		if (length > k->longest)
			k->longest = length;
		k->v[i] = list->v[i];
	}
	return k;
}

/* Reads what is kept from now on; false: it is not, and nothing was read. */
static bool read_to_keep(struct calendar_loader *l, struct core_span want,
			 struct kept_claims *old, struct core_subject *s)
{
	struct core_span span = wider(want, old);
	uint64_t stamp = keep_stamp(l->tx, s->id);
	struct claim_list list;
	struct arena scratch;
	struct kept_claims *k = NULL;

	if (old)
		keep_drop_block(l->tx, &old->block);
	if (stamp == 0)
		return false;
	arena_init(&scratch, KEPT_MAX);
	if (read_claims(l->tx, s->id, span, &scratch, &list, NULL) == RC_OK &&
	    keep_room(l->tx, sizeof(*k) + list.n * sizeof(struct core_claim)))
		k = pack(&list, s->id, stamp, span);
	arena_fini(&scratch);
	if (!k)
		return false;
	keep_add_block_take(l->tx, &k->block);
	use(k, want, s);
	return true;
}

static struct core_span wanted(const struct calendar_loader *l,
			       const struct core_subject *s)
{
	int64_t more = s->type == SUBJECT_EXPERT ? CALENDAR_EXPERT : 0;

	if (l->length == 0)
		return (struct core_span){l->window.from - CALENDAR_MARGIN,
					  l->window.to + CALENDAR_MARGIN};
	return (struct core_span){l->window.from - l->before - more,
				  l->window.to + l->length + more};
}

static enum rc load(struct calendar_loader *l, struct core_subject *s,
		    struct err *err)
{
	struct core_span want = wanted(l, s);
	const struct keep_key key = key_of(s->id);
	struct keep_block *block = NULL;
	struct claim_list list = {0};

	if (keep_blocks(l->tx) && s->type != SUBJECT_PATIENT) {
		block = keep_find_block(l->tx, &key);
		struct kept_claims *k = (struct kept_claims *)block;

		if (k && keep_stands(l->tx, s->id, k->stamp) &&
		    is_within(want, k->span)) {
			use(k, want, s);
			return RC_OK;
		}
		if (read_to_keep(l, want, k, s))
			return RC_OK;
	}
	enum rc rc = read_claims(l->tx, s->id, want, l->arena, &list, err);

	s->claims = list.v;
	s->nclaims = list.n;
	return rc;
}

/* What is kept stays as it is. */
static enum rc leave_out(struct calendar_loader *l, struct core_subject *s,
			 struct err *err)
{
	struct core_claim *v = arena_array(l->arena, s->nclaims, sizeof(*v));
	size_t n = 0;

	if (s->nclaims == 0)
		return RC_OK;
	if (!v)
		return rows_full(err);
	for (size_t i = 0; i < s->nclaims; i++)
		if (s->claims[i].booking != l->without)
			v[n++] = s->claims[i];
	s->claims = v;
	s->nclaims = n;
	return RC_OK;
}

enum rc calendar_claims(struct calendar_loader *l, struct core_subject *s,
			struct err *err)
{
	enum rc rc = load(l, s, err);

	return rc == RC_OK && l->without ? leave_out(l, s, err) : rc;
}
