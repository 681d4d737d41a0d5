#include "daemon/api/health.h"

#include "base/log.h"
#include "daemon/api/call.h"
#include "daemon/store/probe.h"

void health_init(struct health *health, const struct api_config *config)
{
	*health = (struct health){.config = config};
	atomic_init(&health->main_ms, clock_mono_ms(config->clock));
}

static enum rc check_writer(const struct health *health, struct err *err)
{
	const struct api_config *config = health->config;
	struct executor_figures writer;
	enum rc rc = executor_failed(config->executor);

	if (rc != RC_OK)
		return err_set(err, rc, "the writer has stopped: %s",
			       rc_row(rc)->title);
	executor_figures(config->executor, &writer);
	if (writer.doubted != RC_OK)
		return err_set(err, writer.doubted,
			       "the last changes could not be stored: %s",
			       rc_row(writer.doubted)->title);
	if (clock_mono_ms(config->clock) - writer.write_turned_ms >
	    HEALTH_WRITER_MS)
		return err_set(err, RC_BUSY, "the writer does not answer");
	return RC_OK;
}

enum rc health_ready(struct health *health, struct tx *tx, struct err *err)
{
	enum rc rc;

	if (atomic_load(&health->draining))
		return err_set(err, RC_BUSY, "the daemon is stopping");
	rc = check_writer(health, err);
	if (rc == RC_OK)
		rc = probe_read(tx, err);
	if (rc == RC_OK)
		rc = probe_clock(tx, err);
	return rc;
}

static void say(struct health *health, bool ready, const char *why)
{
	if (atomic_exchange(&health->unready, !ready) == !ready)
		return;
	if (ready)
		log_event(LOG_LVL_NOTICE, "ready-again");
	else
		log_event(LOG_LVL_WARN, "unready", LOG_S("why", why),
			  LOG_DO("see why: the disk, the clock, or a stop that "
				 "was asked for"));
}

void health_reply_alive(struct http_reply *reply)
{
	const struct msg_health m = {.status = "ok"};

	http_reply_init(reply, 200);
	reply->content_type = "application/json";
	proto_encode(&msg_health_table, &m, &reply->body);
}

void health_reply_ready(struct health *health, struct reader *reader,
			const char *request_id, struct http_reply *reply)
{
	struct err err = ERR_INIT;
	struct tx tx;
	enum rc rc = reader_begin(reader, &tx, &err);

	if (rc == RC_OK) {
		rc = health_ready(health, &tx, &err);
		reader_end(reader);
	}
	say(health, rc == RC_OK, err.text);
	if (rc == RC_OK)
		health_reply_alive(reply);
	else
		problem_reply(&(struct problem){.rc = RC_BUSY,
						.request_id = request_id},
			      reply);
}
