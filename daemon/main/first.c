#include "daemon/main/first.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pki.h"
#include "daemon/main/admit.h"
#include "daemon/main/material.h"
#include "daemon/store/lock.h"
#include "daemon/sys/dir.h"

#define CA_DAYS 3650
#define SERVER_DAYS 825
#define TEXT_MAX 65536

struct first {
	const struct args *args;
	const struct clock *clock;
	const struct rnd *rnd;
	struct conf conf;	    /* as it will be run */
	char dir[PATH_MAX];	    /* where all goes in the end */
	char work[PATH_MAX + 32];   /* where it is built */
	struct buf ca_cert, ca_key; /* PEM */
	struct crypt_key field_key;
	struct admit admit; /* the administrator */
};

static enum rc put(const struct first *f, const char *name,
		   const struct buf *text, unsigned mode, struct err *err)
{
	char path[sizeof(f->work) + 32];

	if (text->failed)
		return err_set(err, RC_NOMEM, "no memory to make %s", name);
	snprintf(path, sizeof(path), "%s/%s", f->work, name);
	return file_write_new(path, text->data, text->len, mode, err);
}

/* ---- the parts ---- */

static enum rc make_ca(struct first *f, struct err *err)
{
	enum rc rc = pki_key_new(&f->ca_key, err);

	if (rc == RC_OK)
		rc = pki_ca_new(buf_cstr(&f->ca_key), f->args->name,
				clock_now(f->clock), CA_DAYS, f->rnd,
				&f->ca_cert, err);
	if (rc == RC_OK)
		rc = put(f, MATERIAL_CA_CERT, &f->ca_cert, 0644, err);
	if (rc == RC_OK)
		rc = put(f, MATERIAL_CA_KEY, &f->ca_key, 0600, err);
	return rc;
}

/* A new key and a certificate of our CA for it. */
static enum rc make_pair(struct first *f, struct pki_order *order,
			 struct buf *out_key, struct buf *out_cert,
			 struct err *err)
{
	struct buf csr;
	uint8_t id[PKI_ID_LEN];
	int64_t not_after;
	enum rc rc = pki_key_new(out_key, err);

	buf_init(&csr, TEXT_MAX);
	if (rc == RC_OK)
		rc = pki_csr_new(buf_cstr(out_key), order->name, &csr, err);
	if (rc == RC_OK) {
		order->csr_pem = buf_cstr(&csr);
		order->now = clock_now(f->clock);
		rc = pki_sign(buf_cstr(&f->ca_cert), buf_cstr(&f->ca_key),
			      order, f->rnd, out_cert, id, &not_after, err);
	}
	buf_fini(&csr);
	return rc;
}

static enum rc put_pair(struct first *f, struct pki_order *order,
			const char *key_name, const char *cert_name,
			struct buf *out_cert, struct err *err)
{
	struct buf key;
	enum rc rc;

	buf_init(&key, TEXT_MAX);
	rc = make_pair(f, order, &key, out_cert, err);
	if (rc == RC_OK)
		rc = put(f, key_name, &key, 0600, err);
	if (rc == RC_OK)
		rc = put(f, cert_name, out_cert, 0644, err);
	buf_fini(&key);
	return rc;
}

static enum rc make_server(struct first *f, struct err *err)
{
	struct pki_order order = {.name = f->args->hosts[0],
				  .usage = PKI_SERVER,
				  .hosts = f->args->hosts,
				  .nhosts = f->args->nhosts,
				  .days = SERVER_DAYS};
	struct buf cert;
	enum rc rc;

	if (strlen(order.name) > 64) /* the bound of a common name */
		order.name = f->args->name;
	buf_init(&cert, TEXT_MAX);
	rc = put_pair(f, &order, MATERIAL_SERVER_KEY, MATERIAL_SERVER_CERT,
		      &cert, err);
	buf_fini(&cert);
	return rc;
}

static enum rc make_field_key(struct first *f, struct err *err)
{
	struct buf text;
	enum rc rc;

	rnd_fill(f->rnd, f->field_key.bytes, sizeof(f->field_key.bytes));
	buf_init(&text, TEXT_MAX);
	material_show_key(&f->field_key, &text);
	rc = put(f, MATERIAL_FIELD_KEY, &text, 0400, err);
	buf_fini(&text);
	return rc;
}

static enum rc make_invitation(struct first *f, struct err *err)
{
	return admit_make(&f->conf, buf_cstr(&f->ca_cert), f->rnd, &f->admit,
			  err);
}

static enum rc make_conf(struct first *f, struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, TEXT_MAX);
	conf_print(&f->conf, &text);
	rc = put(f, "teleconsultd.conf", &text, 0644, err);
	buf_fini(&text);
	return rc;
}

/* ---- the database ---- */

static enum rc make_database(struct first *f, struct err *err)
{
	char path[sizeof(f->work) + 32];
	struct store_env env = {.path = path, .clock = f->clock, .rnd = f->rnd};
	struct lock *lock;
	enum rc rc;

	snprintf(path, sizeof(path), "%s/" MATERIAL_DATABASE, f->work);
	rc = lock_take(path, &lock, err);
	if (rc != RC_OK)
		return rc;
	keys_init(&env.keys, &f->field_key);
	env.zones = tz_store_new(f->conf.zoneinfo.s);
	rc = admit_store(&f->admit, &env, err);
	tz_store_free(env.zones);
	lock_drop(lock);
	mem_wipe(&env.keys, sizeof(env.keys));
	return rc;
}

static enum rc (*const parts[])(struct first *f, struct err *err) = {
	make_ca,	 make_server,	make_field_key,
	make_invitation, make_database, make_conf,
};

/* ---- the whole ---- */

/* The configuration that these arguments make: its readers judge them. */
static enum rc configure(struct first *f, struct err *err)
{
	const struct args *a = f->args;
	struct buf hosts;
	enum rc rc = admit_check_name("--name", a->name, err);

	if (rc == RC_OK)
		rc = admit_check_name("--admin", f->admit.name, err);
	if (rc != RC_OK)
		return rc;
	conf_init(&f->conf);
	buf_init(&hosts, TEXT_MAX);
	for (unsigned i = 0; i < a->nhosts; i++)
		buf_printf(&hosts, "%s%s", i > 0 ? " " : "", a->hosts[i]);
	rc = conf_set(&f->conf, "daemon", "state", f->dir, err);
	if (rc == RC_OK)
		rc = conf_set(&f->conf, "listen", "hosts", buf_cstr(&hosts),
			      err);
	if (rc == RC_OK && a->partners != NULL)
		rc = conf_set(&f->conf, "listen", "partners", a->partners, err);
	if (rc == RC_OK && a->people != NULL)
		rc = conf_set(&f->conf, "listen", "people", a->people, err);
	buf_fini(&hosts);
	return rc;
}

static enum rc build(struct first *f, struct err *err)
{
	enum rc rc = sys_dir_make(f->work, 0700, err);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; rc == RC_OK && i < sizeof(parts) / sizeof(parts[0]);
	     i++)
		rc = parts[i](f, err);
	if (rc == RC_OK)
		rc = sys_dir_place(f->work, f->dir, err);
	if (rc != RC_OK)
		sys_dir_remove(f->work);
	return rc;
}

enum rc first_make(const struct args *args, const struct clock *clock,
		   const struct rnd *rnd, char out_dir[CONF_PATH_MAX + 1],
		   struct buf *out_invitation, struct err *err)
{
	struct first f = {
		.args = args,
		.clock = clock,
		.rnd = rnd,
		.admit = {.name = args->admin ? args->admin : ADMIT_NAME,
			  .verb = VERB_INIT},
	};
	enum rc rc = sys_dir_absolute(args->state, f.dir, err);

	if (rc == RC_OK)
		rc = sys_dir_vacant(f.dir, err);
	if (rc == RC_OK)
		rc = configure(&f, err);
	if (rc != RC_OK)
		return rc;
	snprintf(f.work, sizeof(f.work), "%s.new-%ld", f.dir, (long)getpid());
	buf_init(&f.ca_cert, TEXT_MAX);
	buf_init(&f.ca_key, TEXT_MAX);
	rc = build(&f, err);
	if (rc == RC_OK) {
		memcpy(out_dir, f.conf.state.s, sizeof(f.conf.state.s));
		invite_write(&f.admit.invite, out_invitation);
	}
	buf_fini(&f.ca_cert);
	buf_fini(&f.ca_key);
	mem_wipe(&f, sizeof(f));
	return rc;
}
