#include "daemon/store/keep.h"

#include <string.h>

#include "daemon/store/stamps.h"

#define BUCKETS ((size_t)1 << 14)
/* A network of 400 sites and 1,400 experts is 3 MiB of facts. With more than
 * this nothing more is kept; a network of 10,000 experts is below it. */
#define FACTS_MAX ((size_t)32 << 20)
#define FACTS_HARD ((size_t)64 << 20) /* the last one may be a large one */
#define BLOCKS_MAX ((size_t)16 << 20)

struct fact {
	struct fact *chain;
	struct keep_key key;
	const void *fact;
};

struct keep {
	const struct stamps *stamps;
	uint64_t all;	    /* of the facts */
	uint64_t published; /* before this transaction began */
	uint64_t turn;
	struct arena arena;
	bool full;
	size_t bytes; /* of the blocks */
	struct keep_block *oldest, *newest;
	struct keep_block *gone; /* to be freed when this transaction ends */
	struct fact *facts[BUCKETS];
	struct keep_block *blocks[BUCKETS];
};

struct keep *keep_new(const struct store_env *env)
{
	struct keep *k = env->stamps ? mem_try(sizeof(*k)) : NULL;

	if (!k)
		return NULL;
	k->stamps = env->stamps;
	arena_init(&k->arena, FACTS_HARD);
	return k;
}

static void unlink_block(struct keep *k, struct keep_block *b)
{
	*(b->older ? &b->older->newer : &k->oldest) = b->newer;
	*(b->newer ? &b->newer->older : &k->newest) = b->older;
}

static void link_newest(struct keep *k, struct keep_block *b)
{
	b->older = k->newest;
	b->newer = NULL;
	*(k->newest ? &k->newest->newer : &k->oldest) = b;
	k->newest = b;
	b->turn = k->turn;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static size_t bucket_of(const struct keep_key *key)
{
	uint64_t h = mix((uint64_t)key->sort, (uint64_t)key->a);

	h = mix(mix(mix(h, (uint64_t)key->b), (uint64_t)key->c),
		(uint64_t)key->d);
	for (const char *s = key->s; s && *s; s++)
		h = mix(h, (unsigned char)*s);
	return h % BUCKETS;
}

static bool is_same(const struct keep_key *x, const struct keep_key *y)
{
	return x->sort == y->sort && x->a == y->a && x->b == y->b &&
	       x->c == y->c && x->d == y->d && !x->s == !y->s &&
	       (!x->s || !strcmp(x->s, y->s));
}

static void detach(struct keep *k, struct keep_block *b)
{
	struct keep_block **at = &k->blocks[bucket_of(&b->key)];

	while (*at != b)
		at = &(*at)->chain;
	*at = b->chain;
	unlink_block(k, b);
	k->bytes -= b->bytes;
}

static void drop(struct keep *k, struct keep_block *b)
{
	detach(k, b);
	b->free(b);
}

static void free_gone(struct keep *k)
{
	while (k->gone) {
		struct keep_block *b = k->gone;

		k->gone = b->chain;
		b->free(b);
	}
}

static void drop_all(struct keep *k)
{
	while (k->oldest)
		drop(k, k->oldest);
	arena_fini(&k->arena);
	memset(k->facts, 0, sizeof(k->facts));
	k->full = false;
}

void keep_free(struct keep *k)
{
	if (!k)
		return;
	free_gone(k);
	drop_all(k);
	mem_free(k);
}

void keep_begin(struct keep *k, const struct tx *tx)
{
	if (!k)
		return;
	uint64_t published = stamps_published(k->stamps);
	uint64_t all = tx ? stamps_all_of(tx) : stamps_all(k->stamps);

	free_gone(k);
	if (all != k->all || k->full)
		drop_all(k);
	k->all = all;
	k->published = published;
	k->turn++;
}

/* --- facts --- */

const void *keep_find(const struct tx *tx, const struct keep_key *key)
{
	const struct fact *f =
		tx->keep ? tx->keep->facts[bucket_of(key)] : NULL;

	while (f && !is_same(&f->key, key))
		f = f->chain;
	return f ? f->fact : NULL;
}

struct arena *keep_arena(const struct tx *tx, struct arena *other)
{
	struct keep *k = tx->keep;

	if (k && k->arena.used > FACTS_MAX)
		k->full = true;
	return k && !k->full ? &k->arena : other;
}

const void *keep_add(const struct tx *tx, const struct arena *arena,
		     const struct keep_key *key, const void *fact)
{
	struct keep *k = tx->keep;

	if (!k || arena != &k->arena)
		return fact;
	struct fact *f = arena_alloc(&k->arena, sizeof(*f));

	if (!f)
		return fact;
	f->key = *key;
	f->fact = fact;
	if (key->s)
		f->key.s = arena_strndup(&k->arena, key->s, strlen(key->s));
	if (key->s && !f->key.s)
		return fact;
	struct fact **bucket = &k->facts[bucket_of(key)];

	f->chain = *bucket;
	*bucket = f;
	return fact;
}

/* --- blocks --- */

bool keep_blocks(const struct tx *tx)
{
	return tx->keep && !tx->write;
}

uint64_t keep_stamp(const struct tx *tx, int64_t subject)
{
	uint64_t stamp = stamps_subject(tx->keep->stamps, subject);

	/* What is published is told before it is stamped: a stamp that came
	 * after this transaction's beginning is seen by this. */
	return stamps_published(tx->keep->stamps) == tx->keep->published ? stamp
									 : 0;
}

bool keep_stands(const struct tx *tx, int64_t subject, uint64_t stamp)
{
	return stamp != 0 && stamps_subject(tx->keep->stamps, subject) == stamp;
}

struct keep_block *keep_find_block(const struct tx *tx,
				   const struct keep_key *key)
{
	struct keep *k = tx->keep;
	struct keep_block *b = k->blocks[bucket_of(key)];

	while (b && !is_same(&b->key, key))
		b = b->chain;
	if (b && b != k->newest) {
		unlink_block(k, b);
		link_newest(k, b);
	}
	if (b)
		b->turn = k->turn;
	return b;
}

bool keep_room(const struct tx *tx, size_t bytes)
{
	struct keep *k = tx->keep;

	while (k->oldest && k->bytes + bytes > BLOCKS_MAX &&
	       k->oldest->turn != k->turn)
		drop(k, k->oldest);
	return bytes <= BLOCKS_MAX && k->bytes <= BLOCKS_MAX - bytes;
}

void keep_add_block_take(const struct tx *tx, struct keep_block *b)
{
	struct keep *k = tx->keep;
	struct keep_block **bucket = &k->blocks[bucket_of(&b->key)];

	b->chain = *bucket;
	*bucket = b;
	link_newest(k, b);
	k->bytes += b->bytes;
}

void keep_drop_block(const struct tx *tx, struct keep_block *b)
{
	detach(tx->keep, b);
	b->chain = tx->keep->gone;
	tx->keep->gone = b;
}
