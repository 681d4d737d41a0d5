/*
 * queue - the jobs that wait for one thread, in two lanes.
 *
 * What is urgent goes first. A batch of nothing but urgent work is settled by
 * itself, so that it waits for nobody's rows; the batch after one takes from
 * both lanes, a quarter of it from the ordinary one, so that this is not kept
 * out for good, however much is called urgent.
 *
 * Many put, one takes. How long things wait is known by when the oldest came;
 * it is told to within one batch. The queue owns no job: who puts one keeps it
 * until it is taken.
 */
#ifndef DAEMON_STORE_QUEUE_H
#define DAEMON_STORE_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/store/executor.h"

struct queue {
	struct mbox *ordinary, *urgent;
	atomic_uint_fast64_t waiting;
	atomic_int_fast64_t oldest_ms; /* of what waits: when it came */
	atomic_int_fast64_t turned_ms; /* its thread's last sign of life */
	const struct clock *clock;
	bool urgent_last; /* the last batch was nothing else; the taker's */
	pthread_t thread;
	bool running;
};

/* capacity: of each lane. */
void queue_init(struct queue *queue, size_t capacity,
		const struct clock *clock);
void queue_fini(struct queue *queue); /* must be empty */

/* Any thread. False: its lane is full, the job stays the caller's. */
bool queue_put(struct queue *queue, struct job *job);
/* The next batch, up to max; 0: nothing waits. */
unsigned queue_take(struct queue *queue, struct job **out_jobs, unsigned max);
/* Any thread: do more than `most` wait, and the oldest for longer than that? */
bool queue_is_late(const struct queue *queue, uint64_t most, int64_t ms);
/* Until something is put, somebody wakes it, or that time (-1: none). */
void queue_wait(const struct queue *queue, int timeout_ms);
void queue_wake(struct queue *queue);
/* arg: a queue, whose thread shows that it moves; as the engine calls it. */
void queue_turned(void *arg);

#endif
