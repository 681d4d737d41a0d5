#include "daemon/store/stamps.h"

#include <stdatomic.h>

#include "base/mem.h"

/* The first subjects are the network's, the many after them its patients: by
 * the number's last bits no two of the network's share one. Sites come from
 * the other end. */
#define SLOTS ((size_t)1 << 16)
#define DUE_MAX 4096 /* of a batch; more than that, and it is all of them */

struct stamps {
	atomic_uint_fast64_t all;
	atomic_uint_fast64_t published;
	atomic_uint_fast64_t slots[SLOTS];
	/* The writer's own. */
	bool all_due;
	size_t ndue;
	uint32_t due[DUE_MAX];
	uint64_t seen;	  /* stamps_all_of() a writing tx */
	uint64_t job_saw; /* as the job began */
};

static size_t slot_of_subject(int64_t id)
{
	return (uint64_t)id % SLOTS;
}

static size_t slot_of_site(int64_t id)
{
	return ~(uint64_t)id % SLOTS;
}

struct stamps *stamps_new(void)
{
	struct stamps *s = mem_alloc(sizeof(*s));

	atomic_init(&s->all, 1);
	atomic_init(&s->published, 1);
	for (size_t i = 0; i < SLOTS; i++)
		atomic_init(&s->slots[i], 1);
	s->seen = 1;
	return s;
}

void stamps_free(struct stamps *s)
{
	mem_free(s);
}

uint64_t stamps_all(const struct stamps *s)
{
	return atomic_load_explicit(&s->all, memory_order_acquire);
}

uint64_t stamps_subject(const struct stamps *s, int64_t subject)
{
	return atomic_load_explicit(&s->slots[slot_of_subject(subject)],
				    memory_order_acquire);
}

uint64_t stamps_site(const struct stamps *s, int64_t site)
{
	return atomic_load_explicit(&s->slots[slot_of_site(site)],
				    memory_order_acquire);
}

uint64_t stamps_published(const struct stamps *s)
{
	return atomic_load_explicit(&s->published, memory_order_acquire);
}

uint64_t stamps_all_of(const struct tx *tx)
{
	const struct stamps *s = tx->env->stamps;

	if (!s)
		return 0;
	return tx->write ? s->seen : stamps_all(s);
}

static void touch(struct tx *tx, size_t slot)
{
	struct stamps *s = tx->env->stamps;

	if (!s)
		return;
	if (s->ndue < DUE_MAX)
		s->due[s->ndue] = (uint32_t)slot;
	s->ndue++;
}

void stamps_touch_subject(struct tx *tx, int64_t subject)
{
	touch(tx, slot_of_subject(subject));
}

void stamps_touch_site(struct tx *tx, int64_t site)
{
	touch(tx, slot_of_site(site));
}

void stamps_touch_all(struct tx *tx)
{
	struct stamps *s = tx->env->stamps;

	if (!s)
		return;
	s->all_due = true;
	s->seen++;
}

void stamps_job_begins(struct stamps *s)
{
	if (s)
		s->job_saw = s->seen;
}

void stamps_job_undone(struct stamps *s)
{
	/* what the writer kept of it was never true */
	if (s && s->seen != s->job_saw)
		s->seen++;
}

static void change(atomic_uint_fast64_t *stamp)
{
	atomic_fetch_add_explicit(stamp, 1, memory_order_release);
}

void stamps_publish(struct stamps *s)
{
	if (!s)
		return;
	if (s->ndue > 0 || s->all_due)
		change(&s->published);
	for (size_t i = 0; i < s->ndue && s->ndue <= DUE_MAX; i++)
		change(&s->slots[s->due[i]]);
	for (size_t i = 0; i < SLOTS && s->ndue > DUE_MAX; i++)
		change(&s->slots[i]);
	if (s->all_due) {
		change(&s->all);
		s->seen++; /* what was lost with its batch was never true */
	}
	s->ndue = 0;
	s->all_due = false;
}
