#include "daemon/main/renew.h"

#include <stdio.h>
#include <string.h>

#include "base/cert.h"
#include "base/civil.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pki.h"
#include "daemon/sys/dir.h"

#define PEM_MAX 65536
#define NAMES_MAX 8192
#define HOSTS_MAX 64
#define LOOK_EVERY 3600
#define WARN_EVERY CIVIL_DAY
#define CA_WARN (365 * CIVIL_DAY)
#define NEXT ".next"

/* ---- the four files ---- */

enum file { CERT, KEY, CERT_NEXT, KEY_NEXT, FILES };

struct files {
	char path[FILES][MATERIAL_PATH_MAX];
	struct buf text[FILES]; /* empty: not there */
};

static void files_read(struct files *f, const struct material_from *from)
{
	static const char *const names[FILES] = {
		[CERT] = MATERIAL_SERVER_CERT,
		[KEY] = MATERIAL_SERVER_KEY,
		[CERT_NEXT] = MATERIAL_SERVER_CERT NEXT,
		[KEY_NEXT] = MATERIAL_SERVER_KEY NEXT,
	};

	for (int i = 0; i < FILES; i++) {
		material_path(from->conf, names[i], f->path[i]);
		buf_init(&f->text[i], PEM_MAX);
		if (file_read(f->path[i], &f->text[i], NULL) != RC_OK)
			buf_reset(&f->text[i]);
	}
}

static void files_free(struct files *f)
{
	for (int i = 0; i < FILES; i++)
		buf_fini(&f->text[i]);
}

static bool fit(const struct files *f, enum file cert, enum file key)
{
	return f->text[cert].len > 0 && f->text[key].len > 0 &&
	       cert_is_for(buf_cstr(&f->text[cert]), buf_cstr(&f->text[key]));
}

/* Is the pair at the usual place the one that counts, and ours to replace? */
static bool is_usual(const struct material_from *from)
{
	return !material_tls_is_given(from);
}

/* ---- after a crash ---- */

/* Which of the files is still to get its name; FILES: none helps. What is in
 * place already comes first. */
static enum file missing(const struct files *f)
{
	if (fit(f, CERT_NEXT, KEY))
		return CERT_NEXT;
	return fit(f, CERT, KEY_NEXT) ? KEY_NEXT : FILES;
}

enum rc renew_settle(const struct material_from *from, struct err *err)
{
	struct files f = {.path = {{0}}};
	enum file next;
	enum rc rc = RC_OK;

	if (!is_usual(from))
		return RC_OK;
	files_read(&f, from);
	next = fit(&f, CERT, KEY) ? FILES : missing(&f);
	if (next != FILES) {
		rc = sys_dir_rename(f.path[next], f.path[next - CERT_NEXT],
				    err);
		if (rc == RC_OK)
			log_event(LOG_LVL_INFO, "certificate-completed",
				  LOG_S("file", f.path[next - CERT_NEXT]));
	}
	if (rc == RC_OK) {
		sys_dir_unlink(f.path[KEY_NEXT]);
		sys_dir_unlink(f.path[CERT_NEXT]);
	}
	files_free(&f);
	return rc;
}

bool renew_fits(const struct material_from *from)
{
	struct files f = {.path = {{0}}};
	bool ok;

	files_read(&f, from);
	ok = fit(&f, CERT, KEY) || missing(&f) != FILES;
	files_free(&f);
	return ok;
}

/* ---- a new pair ---- */

struct names {
	struct buf text;
	const char *hosts[HOSTS_MAX];
	size_t nhosts;
};

/* Does one that the options name stand in it? */
static bool lacks_host(const struct files *f, const struct conf *conf)
{
	const char *cert = buf_cstr(&f->text[CERT]);
	bool lacks = false;

	for (unsigned i = 0; !lacks && i < conf->hosts.n; i++)
		lacks = !cert_covers(cert, conf->hosts.name[i]);
	return lacks;
}

/* The text's lines become strings: the common name, then the hosts; behind
 * them those that the options name. */
static enum rc read_names(const struct files *f, const struct conf *conf,
			  struct names *out, struct err *err)
{
	enum rc rc;
	char *p;

	buf_init(&out->text, NAMES_MAX);
	out->nhosts = 0;
	rc = cert_names(buf_cstr(&f->text[CERT]), &out->text, err);
	if (rc != RC_OK)
		return rc;
	(void)buf_cstr(&out->text);
	p = out->text.data;
	while ((p = strchr(p, '\n')) != NULL && out->nhosts < HOSTS_MAX) {
		*p++ = '\0';
		out->hosts[out->nhosts++] = p;
	}
	for (unsigned i = 0; i < conf->hosts.n && out->nhosts < HOSTS_MAX; i++)
		if (!cert_covers(buf_cstr(&f->text[CERT]), conf->hosts.name[i]))
			out->hosts[out->nhosts++] = conf->hosts.name[i];
	return out->nhosts > 0 && p == NULL
		       ? RC_OK
		       : err_set(err, RC_INVALID,
				 "it has no host name, or too many");
}

static enum rc sign(const struct renew *r, const struct names *names,
		    const struct buf *key, struct buf *out_cert,
		    struct err *err)
{
	struct pki_order order = {.name = names->text.data,
				  .usage = PKI_SERVER,
				  .hosts = names->hosts,
				  .nhosts = names->nhosts,
				  .now = clock_now(r->clock),
				  .days = RENEW_SERVER_DAYS};
	uint8_t id[PKI_ID_LEN];
	int64_t not_after;
	struct buf csr;
	enum rc rc;

	buf_init(&csr, PEM_MAX);
	rc = pki_csr_new(buf_cstr(key), order.name, &csr, err);
	order.csr_pem = buf_cstr(&csr);
	if (rc == RC_OK)
		rc = pki_sign(buf_cstr(&r->material->ca_certificate),
			      buf_cstr(&r->material->ca_key), &order, r->rnd,
			      out_cert, id, &not_after, err);
	buf_fini(&csr);
	return rc;
}

/* Both beside their places; then the key, then the certificate. */
static enum rc put(const struct files *f, const struct buf *key,
		   const struct buf *cert, struct err *err)
{
	enum rc rc = file_replace(f->path[CERT_NEXT], cert->data, cert->len,
				  0644, err);

	if (rc == RC_OK)
		rc = file_replace(f->path[KEY_NEXT], key->data, key->len, 0600,
				  err);
	if (rc == RC_OK)
		rc = sys_dir_rename(f->path[KEY_NEXT], f->path[KEY], err);
	if (rc == RC_OK)
		rc = sys_dir_rename(f->path[CERT_NEXT], f->path[CERT], err);
	return rc;
}

static enum rc make_pair(const struct renew *r, const struct files *f,
			 const struct conf *conf, struct err *err)
{
	struct names names;
	struct buf key, cert;
	enum rc rc = read_names(f, conf, &names, err);

	buf_init(&key, PEM_MAX);
	buf_init(&cert, PEM_MAX);
	if (rc == RC_OK)
		rc = pki_key_new(&key, err);
	if (rc == RC_OK)
		rc = sign(r, &names, &key, &cert, err);
	if (rc == RC_OK)
		rc = put(f, &key, &cert, err);
	buf_fini(&cert);
	buf_fini(&key);
	buf_fini(&names.text);
	return rc;
}

/* ---- when ---- */

/* Negative when it is over. */
static int64_t days_until(const struct renew *r, int64_t end)
{
	return civil_day_of(end - clock_now(r->clock));
}

/* The end of the CA's certificate, which nothing outlives. */
static int64_t look_at_ca(const struct renew *r, bool warn)
{
	int64_t from, to = INT64_MAX;

	if (cert_life(buf_cstr(&r->material->ca_certificate), &from, &to,
		      NULL) != RC_OK)
		return INT64_MAX;
	if (warn && to - clock_now(r->clock) < CA_WARN)
		log_event(LOG_LVL_WARN, "ca-certificate-ends",
			  LOG_N("days", days_until(r, to)),
			  LOG_DO("sign the CA's certificate anew, as "
				 "teleconsultd(8) says: nothing that it signs "
				 "outlives it"));
	return to;
}

static void warn_of_end(const struct renew *r, int64_t to, const char *why)
{
	log_event(LOG_LVL_WARN, "server-certificate-ends",
		  LOG_N("days", days_until(r, to)),
		  LOG_S("why-not-renewed", why),
		  LOG_DO("put a new certificate and key in place and reload"));
}

static const char *why_not(const struct renew *r,
			   const struct material_from *from,
			   const struct files *f)
{
	if (!is_usual(from))
		return "its files are named by an option or a credential";
	if (cert_fits(buf_cstr(&f->text[CERT]), buf_cstr(&f->text[KEY]),
		      buf_cstr(&r->material->ca_certificate), NULL) != RC_OK)
		return "it is not from this service's CA";
	return NULL;
}

static bool renew(struct renew *r, const struct files *f,
		  const struct conf *conf, int64_t to)
{
	struct err err = ERR_INIT;
	enum rc rc = make_pair(r, f, conf, &err);

	r->half = rc != RC_OK;
	if (rc == RC_OK) {
		log_event(LOG_LVL_INFO, "server-certificate-renewed",
			  LOG_N("days-left-of-the-old", days_until(r, to)));
		return true;
	}
	log_event(LOG_LVL_ERR, "server-certificate-not-renewed",
		  LOG_N("days", days_until(r, to)), LOG_S("why", err.text),
		  LOG_DO("mend what stands in the way: it is tried again every "
			 "hour"));
	return false;
}

/* A try that failed may have left one new file and one old. */
static bool settle(const struct material_from *from)
{
	struct err err = ERR_INIT;

	if (renew_settle(from, &err) == RC_OK)
		return true;
	log_event(LOG_LVL_ERR, "server-certificate-not-completed",
		  LOG_S("why", err.text),
		  LOG_DO("mend what stands in the way: it is tried again every "
			 "hour"));
	return false;
}

/* Not due yet. After a try that failed it is the pair of that try, which came
 * to its place all the same, and is in nobody's use yet. */
static bool leave(struct renew *r, int64_t due)
{
	bool fresh = r->half;

	r->half = false;
	if (due < r->look_at)
		r->look_at = due;
	return fresh;
}

/* The material in use, wherever it is from. */
static enum rc life_of(const struct material_from *from, int64_t *out_from,
		       int64_t *out_to)
{
	struct material m;
	enum rc rc;

	material_init(&m);
	rc = material_read_tls(&m, from, NULL);
	if (rc == RC_OK)
		rc = cert_life(buf_cstr(&m.tls_certificate), out_from, out_to,
			       NULL);
	material_fini(&m);
	return rc;
}

void renew_init(struct renew *renew, const struct material *material,
		const struct clock *clock, const struct rnd *rnd)
{
	*renew = (struct renew){
		.material = material, .clock = clock, .rnd = rnd};
}

static bool look(struct renew *r, const struct material_from *from, bool warn)
{
	int64_t ca_to = look_at_ca(r, warn), begin, to, due;
	struct files f = {.path = {{0}}};
	const char *why;
	bool lacks, done = false;

	if ((r->half && !settle(from)) || life_of(from, &begin, &to) != RC_OK)
		return false; /* a reload has said why */
	due = to - (to - begin) / 3;
	files_read(&f, from);
	why = why_not(r, from, &f);
	lacks = why == NULL && lacks_host(&f, from->conf);
	/* one that ends with its CA is not made better by another */
	if (why == NULL && !lacks && to >= ca_to)
		why = "it ends with its CA";
	if (!lacks && clock_now(r->clock) < due)
		done = leave(r, due);
	else if (why == NULL)
		done = renew(r, &f, from->conf, to);
	else if (warn)
		warn_of_end(r, to, why);
	files_free(&f);
	return done;
}

bool renew_turn(struct renew *r, const struct material_from *from)
{
	int64_t now = clock_now(r->clock);
	bool warn;

	if (now < r->look_at)
		return false;
	warn = now >= r->warn_at;
	r->look_at = now + LOOK_EVERY;
	if (warn)
		r->warn_at = now + WARN_EVERY;
	return look(r, from, warn);
}
