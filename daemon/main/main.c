/*
 * teleconsultd - reads the command line, prepares the libraries, and does what
 * was asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/version.h"
#include "daemon/core/catalogue.h"
#include "daemon/main/admit.h"
#include "daemon/main/args.h"
#include "daemon/main/check.h"
#include "daemon/main/ending.h"
#include "daemon/main/first.h"
#include "daemon/main/restore.h"
#include "daemon/main/service.h"
#include "daemon/net/net.h"
#include "daemon/store/db.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/process.h"
#include "daemon/sys/signals.h"
#include "daemon/work/report.h"
#include "proto/field.h"

#define TEXT_MAX (1u << 20)

static enum rc print(const struct buf *text, struct err *err)
{
	if (fwrite(buf_cstr(text), 1, text->len, stdout) != text->len ||
	    fflush(stdout) != 0)
		return err_set(err, RC_IO, "cannot write the answer");
	return RC_OK;
}

/* What needs nothing but the program. */
static enum rc print_made(void (*make)(struct buf *out), struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, TEXT_MAX);
	make(&text);
	rc = print(&text, err);
	buf_fini(&text);
	return rc;
}

static enum rc print_help(const struct args *args, struct err *err)
{
	(void)args;
	return print_made(args_help, err);
}

static void add_version(struct buf *out)
{
	buf_str(out, "teleconsultd " VERSION "\n");
}

static enum rc print_version(const struct args *args, struct err *err)
{
	(void)args;
	return print_made(add_version, err);
}

static enum rc print_catalogue(const struct args *args, struct err *err)
{
	(void)args;
	return print_made(catalogue_print, err);
}

static enum rc print_reports(const struct args *args, struct err *err)
{
	(void)args;
	return print_made(report_print, err);
}

/* All faults of the file, one a line, as they were found. */
static enum rc load(const char *path, struct conf *out, struct err *err)
{
	struct buf faults;
	enum rc rc;

	buf_init(&faults, CONF_FAULTS_MAX);
	rc = conf_load(path, out, &faults, err);
	if (faults.len > 0)
		fputs(buf_cstr(&faults), stderr);
	if (rc == RC_INVALID)
		(void)err_set(err, rc, "%s cannot be used", path);
	buf_fini(&faults);
	return rc;
}

static const char *config_of(const struct args *args)
{
	return args->config != NULL ? args->config : ARGS_CONFIG;
}

/* Of the file that was named; the defaults when none was. */
static enum rc print_config(const struct args *args, struct err *err)
{
	struct conf conf;
	struct buf text;
	enum rc rc = RC_OK;

	conf_init(&conf);
	if (args->config != NULL)
		rc = load(args->config, &conf, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&text, TEXT_MAX);
	conf_print(&conf, &text);
	rc = print(&text, err);
	buf_fini(&text);
	return rc;
}

/* Once, before threads. */
static enum rc prepare(struct err *err)
{
	unsigned seed;
	enum rc rc = sys_process_harden(err);

	if (rc != RC_OK)
		return rc;
	sys_signals_block();
	crypt_init();
	rnd_fill(rnd_system(), &seed, sizeof(seed));
	proto_init(seed);
	db_init();
	net_init();
	return RC_OK;
}

/* All faults on standard error, and the code that a start would end with. */
static enum rc check(const struct args *args, struct err *err)
{
	struct conf conf;
	const struct check_order order = {
		.conf = &conf,
		.credentials = getenv("CREDENTIALS_DIRECTORY"),
		.clock = clock_system(),
		.rnd = rnd_system(),
	};
	struct buf said;
	enum rc rc = load(config_of(args), &conf, err);

	if (rc == RC_OK)
		rc = prepare(err);
	if (rc != RC_OK)
		return rc;
	buf_init(&said, TEXT_MAX);
	rc = check_run(&order, &said);
	fputs(buf_cstr(&said), stderr);
	buf_fini(&said);
	return rc == RC_OK ? RC_OK
			   : err_set(err, rc, "a start would fail with this");
}

static enum rc init(const struct args *args, struct err *err)
{
	char dir[CONF_PATH_MAX + 1];
	struct buf text, invitation;
	enum rc rc = prepare(err);

	buf_init(&invitation, TEXT_MAX);
	if (rc == RC_OK)
		rc = first_make(args, clock_system(), rnd_system(), dir,
				&invitation, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&text, TEXT_MAX);
	buf_printf(
		&text,
		"%s is ready.\n"
		"Start it:\n"
		"  teleconsultd --config %s/teleconsultd.conf\n"
		"Then the first administrator types, once and within three "
		"days:\n"
		"  teleconsult enroll %s\n"
		"Keep a copy of %s/field.key apart from the backups: without "
		"it no patient's data can be read.\n",
		dir, dir, buf_cstr(&invitation), dir);
	rc = print(&text, err);
	buf_fini(&text);
	buf_fini(&invitation);
	return rc;
}

/* The configuration that lies in the directory, unless another is named; what
 * counts of it is where the field key is. */
static enum rc load_for(const struct args *args, struct conf *out,
			struct err *err)
{
	char dir[PATH_MAX], path[PATH_MAX + 32];
	enum rc rc = sys_dir_absolute(args->state, dir, err);

	if (rc != RC_OK)
		return rc;
	snprintf(path, sizeof(path), "%s/teleconsultd.conf", dir);
	if (args->config != NULL)
		snprintf(path, sizeof(path), "%s", args->config);
	conf_init(out);
	if (args->config != NULL || sys_dir_has(path))
		rc = load(path, out, err);
	return rc == RC_OK ? conf_set(out, "daemon", "state", dir, err) : rc;
}

static enum rc restore(const struct args *args, struct err *err)
{
	struct conf conf;
	struct restore_order order = {
		.conf = &conf,
		.credentials = getenv("CREDENTIALS_DIRECTORY"),
		.from = args->from,
		.clock = clock_system(),
		.rnd = rnd_system(),
	};
	struct buf text;
	enum rc rc = load_for(args, &conf, err);

	if (rc == RC_OK)
		rc = prepare(err);
	if (rc != RC_OK)
		return rc;
	buf_init(&text, TEXT_MAX);
	rc = restore_run(&order, &text, err);
	if (rc == RC_OK)
		rc = print(&text, err);
	buf_fini(&text);
	return rc;
}

static enum rc invite(const struct args *args, struct err *err)
{
	struct conf conf;
	const struct admit_order order = {
		.conf = &conf,
		.name = args->admin,
		.clock = clock_system(),
		.rnd = rnd_system(),
	};
	struct buf text;
	enum rc rc = load(config_of(args), &conf, err);

	if (rc == RC_OK)
		rc = prepare(err);
	if (rc != RC_OK)
		return rc;
	buf_init(&text, TEXT_MAX);
	buf_str(&text, "Start the service; then the administrator types, once "
		       "and within three days:\n  teleconsult enroll ");
	rc = admit_run(&order, &text, err);
	buf_chr(&text, '\n');
	if (rc == RC_OK)
		rc = print(&text, err);
	buf_fini(&text);
	return rc;
}

static struct service_env environment(void)
{
	return (struct service_env){
		.credentials = getenv("CREDENTIALS_DIRECTORY"),
		.notify = getenv("NOTIFY_SOCKET"),
		.watchdog_usec = getenv("WATCHDOG_USEC"),
		.watchdog_pid = getenv("WATCHDOG_PID"),
		.handover = {.pid = getenv("LISTEN_PID"),
			     .fds = getenv("LISTEN_FDS"),
			     .names = getenv("LISTEN_FDNAMES"),
			     .first = SYS_HANDOVER_FIRST},
		.clock = clock_system(),
		.rnd = rnd_system(),
	};
}

static enum rc run(const struct args *args, struct err *err)
{
	const struct service_env env = environment();
	struct conf conf;
	enum rc rc = load(config_of(args), &conf, err);

	if (rc != RC_OK)
		return rc;
	/* $JOURNAL_STREAM is there when the journal reads our errors */
	log_init(STDERR_FILENO, conf.log_level,
		 getenv("JOURNAL_STREAM") != NULL);
	log_limit(clock_system());
	log_set_lines((uint64_t)conf.log_lines);
	rc = prepare(err);
	if (rc == RC_OK)
		rc = service_run(config_of(args), &conf, &env, err);
	log_last();
	return rc;
}

static enum rc (*const commands[])(const struct args *args, struct err *err) = {
	[ARGS_SERVE] = run,
	[ARGS_CHECK] = check,
	[ARGS_PRINT] = print_config,
	[ARGS_INIT] = init,
	[ARGS_RESTORE] = restore,
	[ARGS_INVITE] = invite,
	[ARGS_HELP] = print_help,
	[ARGS_VERSION] = print_version,
	[ARGS_CATALOGUE] = print_catalogue,
	[ARGS_REPORTS] = print_reports,
};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct args args;
	enum rc rc = args_read(argc, argv, &args, &err);

	if (rc == RC_OK)
		rc = commands[args.command](&args, &err);
	if (rc != RC_OK)
		ending_say(err.text);
	return ending_of(rc);
}
