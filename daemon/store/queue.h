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
 * until it is taken. Life: init, (start), close, (end), taken until it is
 * empty, fini.
 */
#ifndef DAEMON_STORE_QUEUE_H
#define DAEMON_STORE_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/store/executor.h"

/* What its thread does: steps until one has done nothing, then a pause. */
struct queue_work {
	const char *name;
	unsigned (*step)(struct executor *ex);
	int (*pause_ms)(const struct executor *ex); /* -1: until it is woken */
};

struct queue {
	struct mbox *ordinary, *urgent;
	atomic_uint_fast64_t waiting;
	atomic_int_fast64_t oldest_ms; /* of what waits: when it came */
	atomic_int_fast64_t turned_ms; /* its thread's last sign of life */
	const struct clock *clock;
	bool urgent_last;   /* the last batch was nothing else; the taker's */
	atomic_int putting; /* callers inside a put */
	atomic_bool closed;
	const struct queue_work *work;
	struct executor *ex;
	pthread_t thread;
	bool running;
};

/* capacity: of each lane. */
void queue_init(struct queue *queue, size_t capacity,
		const struct clock *clock);
void queue_fini(struct queue *queue); /* must be empty */

/* Any thread. False: its lane is full, or it is closed; the job stays the
 * caller's. */
bool queue_put(struct queue *queue, struct job *job);
/* The next batch, up to max; 0: nothing waits. */
unsigned queue_take(struct queue *queue, struct job **out_jobs, unsigned max);
/* Any thread: do more than `most` wait, and the oldest for longer than that? */
bool queue_is_late(const struct queue *queue, uint64_t most, int64_t ms);
/* Starts its thread; false where there is none to be had. */
bool queue_start(struct queue *queue, const struct queue_work *work,
		 struct executor *ex);
/* Nothing is taken any more, and nobody is inside a put. */
void queue_close(struct queue *queue);
/* Waits until the thread of a closed one has done what was put, and ends. */
void queue_end(struct queue *queue);
/* arg: a queue, whose thread shows that it moves; as the engine calls it. */
void queue_turned(void *arg);

#endif
