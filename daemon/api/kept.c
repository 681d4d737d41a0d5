#include "daemon/api/kept.h"

#include <string.h>

#include "base/text.h"

#define HASH_SLOTS 4096

struct entry {
	struct entry *next; /* in its slot */
	struct entry *newer, *older;
	uint32_t hash;
	struct principal_view view;
	struct http_str path, query;
	uint64_t all, of_subject, of_site;
	struct work_basis basis;
	struct kept_answer answer;
	size_t size;
	char bytes[]; /* path, query, body */
};

struct kept {
	const struct stamps *stamps;
	size_t max, used;
	struct entry *newest, *oldest;
	struct entry *slots[HASH_SLOTS];
};

struct kept *kept_new(const struct stamps *stamps, size_t max)
{
	struct kept *kept = mem_alloc(sizeof(*kept));

	kept->stamps = stamps;
	kept->max = stamps ? max : 0;
	return kept;
}

/* --- in the order in which they were asked for --- */

static void unlink_entry(struct kept *kept, struct entry *e)
{
	*(e->newer ? &e->newer->older : &kept->newest) = e->older;
	*(e->older ? &e->older->newer : &kept->oldest) = e->newer;
}

static void put_first(struct kept *kept, struct entry *e)
{
	e->newer = NULL;
	e->older = kept->newest;
	*(kept->newest ? &kept->newest->newer : &kept->oldest) = e;
	kept->newest = e;
}

static void drop(struct kept *kept, struct entry *e)
{
	struct entry **at = &kept->slots[e->hash % HASH_SLOTS];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_entry(kept, e);
	kept->used -= e->size;
	mem_free(e);
}

void kept_free(struct kept *kept)
{
	if (!kept)
		return;
	while (kept->oldest)
		drop(kept, kept->oldest);
	mem_free(kept);
}

/* --- by their keys --- */

static uint32_t hash_more(uint32_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT32_C(16777619); /* FNV-1a */
	return hash;
}

static uint32_t hash_of(const struct kept_key *key)
{
	uint32_t hash = UINT32_C(2166136261) ^ (uint32_t)key->view.site ^
			(uint32_t)key->view.expert << 16 ^
			(uint32_t)key->view.role << 28;

	hash = hash_more(hash, key->path.p, key->path.len);
	return hash_more(hash, key->query.p, key->query.len);
}

static bool same_str(struct http_str a, struct http_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

static bool is_of(const struct entry *e, const struct kept_key *key)
{
	return e->view.site == key->view.site &&
	       e->view.expert == key->view.expert &&
	       e->view.role == key->view.role && same_str(e->path, key->path) &&
	       same_str(e->query, key->query);
}

static struct entry *find(const struct kept *kept, const struct kept_key *key,
			  uint32_t hash)
{
	struct entry *e = kept->slots[hash % HASH_SLOTS];

	while (e && (e->hash != hash || !is_of(e, key)))
		e = e->next;
	return e;
}

/* --- while they are good --- */

static uint64_t subject_of(const struct kept *kept, const struct work_basis *b)
{
	return b->subject ? stamps_subject(kept->stamps, b->subject) : 0;
}

static uint64_t site_of(const struct kept *kept, const struct work_basis *b)
{
	return b->site ? stamps_site(kept->stamps, b->site) : 0;
}

static bool is_good(const struct kept *kept, const struct entry *e, int64_t now)
{
	return now < e->basis.until && e->all == stamps_all(kept->stamps) &&
	       e->of_subject == subject_of(kept, &e->basis) &&
	       e->of_site == site_of(kept, &e->basis);
}

const struct kept_answer *kept_find(struct kept *kept,
				    const struct kept_key *key, int64_t now)
{
	struct entry *e = kept->used ? find(kept, key, hash_of(key)) : NULL;

	if (!e)
		return NULL;
	if (!is_good(kept, e, now)) {
		drop(kept, e);
		return NULL;
	}
	if (e != kept->newest) {
		unlink_entry(kept, e);
		put_first(kept, e);
	}
	return &e->answer;
}

struct kept_before kept_before(const struct kept *kept)
{
	if (!kept->stamps)
		return (struct kept_before){0};
	uint64_t published = stamps_published(kept->stamps);

	return (struct kept_before){published, stamps_all(kept->stamps)};
}

static struct http_str add_bytes(struct entry *e, size_t *at, const char *p,
				 size_t len)
{
	struct http_str copy = {e->bytes + *at, len};

	if (len)
		memcpy(e->bytes + *at, p, len);
	*at += len;
	return copy;
}

static void insert(struct kept *kept, struct entry *e)
{
	struct entry **slot = &kept->slots[e->hash % HASH_SLOTS];

	e->next = *slot;
	*slot = e;
	put_first(kept, e);
	kept->used += e->size;
}

/* What it rests on was not known before the transaction was begun. Its stamps
 * are taken now, and are those of before if nothing was published since. */
void kept_put(struct kept *kept, const struct kept_key *key,
	      const struct kept_before *before, const struct work_basis *basis,
	      const struct buf *body, const char *tag)
{
	size_t size = sizeof(struct entry) + key->path.len + key->query.len +
		      body->len;
	struct entry *e;
	size_t at = 0;

	if (!basis->known || size > kept->max / 4)
		return;
	e = find(kept, key, hash_of(key));
	if (e) /* of another time */
		drop(kept, e);
	while (kept->used + size > kept->max)
		drop(kept, kept->oldest);
	e = mem_try(size);
	if (!e)
		return;
	e->size = size;
	e->hash = hash_of(key);
	e->view = key->view;
	e->basis = *basis;
	e->all = before->all;
	e->of_subject = subject_of(kept, basis);
	e->of_site = site_of(kept, basis);
	if (stamps_published(kept->stamps) != before->published) {
		mem_free(e);
		return;
	}
	e->path = add_bytes(e, &at, key->path.p, key->path.len);
	e->query = add_bytes(e, &at, key->query.p, key->query.len);
	e->answer.body = add_bytes(e, &at, body->data, body->len);
	memcpy(e->answer.tag, tag, sizeof(e->answer.tag));
	insert(kept, e);
}

/* --- tags --- */

/* Two sums of 64 bits, for speed and not against forgery: nobody but us makes
 * answers. Each step is a bijection of the sum, so that two answers that differ
 * in one place never have the same. */
static uint64_t sum_more(uint64_t sum, uint64_t word, uint64_t factor)
{
	sum = (sum ^ word) * factor;
	return sum ^ sum >> 32;
}

static void sum_both(uint64_t sums[2], uint64_t word)
{
	sums[0] = sum_more(sums[0], word, UINT64_C(0x9e3779b97f4a7c15));
	sums[1] = sum_more(sums[1], word, UINT64_C(0xd6e8feb86659fd93));
}

void kept_tag(const struct buf *body, char out[KEPT_TAG_LEN + 1])
{
	uint64_t sums[2] = {body->len, ~(uint64_t)body->len};
	size_t i = 0;
	uint64_t word;

	for (; body->len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, body->data + i, sizeof(word));
		sum_both(sums, word);
	}
	word = 0;
	if (body->len > i)
		memcpy(&word, body->data + i, body->len - i);
	sum_both(sums, word);
	out[0] = '"';
	text_hex(sums, sizeof(sums), out + 1);
	out[KEPT_TAG_LEN - 1] = '"';
	out[KEPT_TAG_LEN] = '\0';
}

/* Compared weakly: "W/" makes no difference. A tag holds no quote. */
bool kept_matches(struct http_str field, const char *tag)
{
	size_t len = strlen(tag);
	const char *p = field.p, *end = field.p + field.len;

	if (field.len == 1 && *p == '*')
		return true;
	while (p < end) {
		const char *close;

		if (*p != '"') {
			p++;
			continue;
		}
		close = memchr(p + 1, '"', (size_t)(end - p) - 1);
		if (!close)
			return false;
		if ((size_t)(close + 1 - p) == len && !memcmp(p, tag, len))
			return true;
		p = close + 1;
	}
	return false;
}
