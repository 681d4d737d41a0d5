#include "daemon/store/queue.h"

#include <poll.h>
#include <sched.h>

#include "base/mbox.h"

void queue_init(struct queue *queue, size_t capacity, const struct clock *clock)
{
	queue->ordinary = mbox_new(capacity);
	queue->urgent = mbox_new(capacity);
	queue->clock = clock;
	queue_turned(queue);
}

void queue_fini(struct queue *queue)
{
	mbox_free(queue->ordinary);
	mbox_free(queue->urgent);
}

void queue_turned(void *arg)
{
	struct queue *queue = arg;

	atomic_store_explicit(&queue->turned_ms, clock_mono_ms(queue->clock),
			      memory_order_relaxed);
}

static bool put(struct queue *queue, struct job *job)
{
	bool taken;

	job->put_ms = clock_mono_ms(queue->clock);
	if (atomic_fetch_add(&queue->waiting, 1) == 0)
		atomic_store(&queue->oldest_ms, job->put_ms);
	taken = mbox_put(job->urgent ? queue->urgent : queue->ordinary, job);
	if (!taken)
		atomic_fetch_sub(&queue->waiting, 1);
	return taken;
}

bool queue_put(struct queue *queue, struct job *job)
{
	bool taken;

	/* queue_close() waits for those that got past the question */
	atomic_fetch_add(&queue->putting, 1);
	taken = !atomic_load(&queue->closed) && put(queue, job);
	atomic_fetch_sub(&queue->putting, 1);
	return taken;
}

static struct job *take_from(struct queue *queue, struct mbox *lane)
{
	struct job *job = mbox_take(lane);

	if (!job)
		return NULL;
	/* Whatever still waits in this lane came after it. */
	if (lane == queue->ordinary)
		atomic_store(&queue->oldest_ms, job->put_ms);
	atomic_fetch_sub(&queue->waiting, 1);
	return job;
}

static unsigned take_all(struct queue *queue, struct mbox *lane,
			 struct job **out_jobs, unsigned n, unsigned max)
{
	while (n < max && (out_jobs[n] = take_from(queue, lane)) != NULL)
		n++;
	return n;
}

unsigned queue_take(struct queue *queue, struct job **out_jobs, unsigned max)
{
	unsigned room = queue->urgent_last ? (max + 3) / 4 : 0;
	unsigned n = take_all(queue, queue->urgent, out_jobs, 0, max - room);

	queue->urgent_last = n > 0 && !queue->urgent_last;
	if (queue->urgent_last)
		return n;
	n = take_all(queue, queue->ordinary, out_jobs, n, max);
	return take_all(queue, queue->urgent, out_jobs, n, max);
}

bool queue_is_late(const struct queue *queue, uint64_t most, int64_t ms)
{
	return atomic_load_explicit(&queue->waiting, memory_order_relaxed) >
		       most &&
	       clock_mono_ms(queue->clock) -
			       atomic_load_explicit(&queue->oldest_ms,
						    memory_order_relaxed) >
		       ms;
}

/* ---- its thread ---- */

/* Until something is put, somebody wakes it, or that time. */
static void wait_ms(const struct queue *queue, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = mbox_fd(queue->ordinary), .events = POLLIN},
		{.fd = mbox_fd(queue->urgent), .events = POLLIN},
	};

	poll(fds, 2, timeout_ms);
	if (fds[0].revents)
		mbox_rearm(queue->ordinary);
	if (fds[1].revents)
		mbox_rearm(queue->urgent);
}

static void *run(void *arg)
{
	struct queue *queue = arg;
	const struct queue_work *work = queue->work;

	pthread_setname_np(pthread_self(), work->name);
	for (;;) {
		bool last = atomic_load(&queue->closed);

		while (work->step(queue->ex) > 0)
			continue;
		if (last)
			return NULL;
		wait_ms(queue, work->pause_ms(queue->ex));
	}
}

bool queue_start(struct queue *queue, const struct queue_work *work,
		 struct executor *ex)
{
	queue->work = work;
	queue->ex = ex;
	queue->running = !pthread_create(&queue->thread, NULL, run, queue);
	return queue->running;
}

void queue_close(struct queue *queue)
{
	atomic_store(&queue->closed, true);
	while (atomic_load(&queue->putting) > 0)
		sched_yield();
}

void queue_end(struct queue *queue)
{
	if (!queue->running)
		return;
	mbox_wake(queue->ordinary);
	pthread_join(queue->thread, NULL);
	queue->running = false;
}
