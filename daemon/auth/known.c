#include "daemon/auth/known.h"

#include <string.h>

/* Its texts live in the arena. */
struct place {
	uint64_t all;
	struct principal who;
	struct arena arena;
};

struct known {
	const struct stamps *stamps;
	struct place *places[KNOWN_PLACES];
};

struct known *known_new(const struct stamps *stamps)
{
	struct known *known = mem_alloc(sizeof(*known));

	known->stamps = stamps;
	return known;
}

static void empty(struct place **place)
{
	if (!*place)
		return;
	arena_fini(&(*place)->arena);
	mem_free(*place);
	*place = NULL;
}

void known_free(struct known *known)
{
	if (!known)
		return;
	for (size_t i = 0; i < KNOWN_PLACES; i++)
		empty(&known->places[i]);
	mem_free(known);
}

/* By the hash, which nobody chooses who is let in. */
static struct place **place_of(struct known *known,
			       const struct principal_proof *proof)
{
	uint64_t number;

	memcpy(&number, proof->hash, sizeof(number));
	return &known->places[number % KNOWN_PLACES];
}

static bool is_same(const struct principal_proof *a,
		    const struct principal_proof *b)
{
	return a->token == b->token &&
	       !memcmp(a->issuer, b->issuer, sizeof(a->issuer)) &&
	       !memcmp(a->hash, b->hash, sizeof(a->hash));
}

const struct principal *known_find(struct known *known,
				   const struct principal_proof *proof,
				   int64_t now)
{
	const struct place *place = *place_of(known, proof);

	if (!place || !is_same(&place->who.proof, proof) ||
	    place->all != stamps_all(known->stamps) ||
	    place->who.not_after <= now)
		return NULL;
	return &place->who;
}

#define BLOCK 64 /* at most, what an arena has about what is in it */
#define ALIGN 16

/* As large as its texts: left to itself an arena begins with far more. */
static size_t bytes_of(const struct principal *who)
{
	const char *const texts[] = {who->name, who->site_slug, who->site_name,
				     who->time_zone, who->expert_slug};
	size_t n = BLOCK;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		n += texts[i] ? strlen(texts[i]) + ALIGN : 0;
	return n;
}

void known_keep(struct known *known, const struct principal *who, uint64_t all)
{
	struct place **place = place_of(known, &who->proof);
	struct place *made;

	empty(place);
	made = known->stamps ? mem_try(sizeof(*made)) : NULL;
	if (!made)
		return;
	made->all = all;
	arena_init(&made->arena, bytes_of(who));
	*place = made;
	if (!principal_copy(who, &made->arena, &made->who))
		empty(place);
}
