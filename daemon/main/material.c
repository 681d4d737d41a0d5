#include "daemon/main/material.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/pki.h"
#include "base/text.h"
#include "daemon/sys/dir.h"

#define PEM_MAX 65536
#define KEY_TEXT_LEN (2 * CRYPT_KEY_LEN)

void material_init(struct material *out)
{
	buf_init(&out->tls_certificate, PEM_MAX);
	buf_init(&out->tls_key, PEM_MAX);
	buf_init(&out->tls_client_ca, PEM_MAX);
	buf_init(&out->ca_certificate, PEM_MAX);
	buf_init(&out->ca_key, PEM_MAX);
}

void material_fini(struct material *material)
{
	buf_fini(&material->tls_certificate);
	buf_fini(&material->tls_key);
	buf_fini(&material->tls_client_ca);
	buf_fini(&material->ca_certificate);
	buf_fini(&material->ca_key);
}

void material_path(const struct conf *conf, const char *name,
		   char out[MATERIAL_PATH_MAX])
{
	snprintf(out, MATERIAL_PATH_MAX, "%s/%s", conf->state.s, name);
}

/* Where a file is: as the option says, or the service manager's credential, or
 * the usual one in the state directory. */
static void find_file(const struct material_from *from,
		      const struct conf_path *given, const char *credential,
		      const char *usual, char out[MATERIAL_PATH_MAX])
{
	int n = -1;

	if (given->s[0] != '\0') {
		snprintf(out, MATERIAL_PATH_MAX, "%s", given->s);
		return;
	}
	if (from->credentials != NULL && credential != NULL)
		n = snprintf(out, MATERIAL_PATH_MAX, "%s/%s", from->credentials,
			     credential);
	if (n < 0 || n >= MATERIAL_PATH_MAX || !sys_dir_has(out))
		material_path(from->conf, usual, out);
}

static enum rc read_pem(const struct material_from *from,
			const struct conf_path *given, const char *credential,
			const char *usual, struct buf *out, struct err *err)
{
	char path[MATERIAL_PATH_MAX];

	find_file(from, given, credential, usual, path);
	return file_read(path, out, err);
}

enum rc material_read_tls(struct material *out,
			  const struct material_from *from, struct err *err)
{
	const struct conf *conf = from->conf;
	enum rc rc = read_pem(from, &conf->tls_certificate, NULL,
			      MATERIAL_SERVER_CERT, &out->tls_certificate, err);

	if (rc == RC_OK)
		rc = read_pem(from, &conf->tls_key, MATERIAL_CREDENTIAL_TLS,
			      MATERIAL_SERVER_KEY, &out->tls_key, err);
	if (rc == RC_OK)
		rc = read_pem(from, &conf->tls_client_ca, NULL,
			      MATERIAL_CA_CERT, &out->tls_client_ca, err);
	return rc;
}

bool material_tls_is_given(const struct material_from *from)
{
	char found[MATERIAL_PATH_MAX], usual[MATERIAL_PATH_MAX];

	find_file(from, &from->conf->tls_key, MATERIAL_CREDENTIAL_TLS,
		  MATERIAL_SERVER_KEY, found);
	material_path(from->conf, MATERIAL_SERVER_KEY, usual);
	return from->conf->tls_certificate.s[0] != '\0' ||
	       strcmp(found, usual) != 0;
}

static enum rc try_ca(const struct material *m, const struct clock *clock,
		      const struct rnd *rnd, struct err *err)
{
	const char *cert = buf_cstr(&m->ca_certificate);
	const char *key = buf_cstr(&m->ca_key);
	struct pki_order order = {.name = "trial",
				  .usage = PKI_CLIENT,
				  .now = clock_now(clock),
				  .days = 1};
	struct buf csr, trial;
	uint8_t id[PKI_ID_LEN];
	int64_t not_after;
	enum rc rc;

	buf_init(&csr, PEM_MAX);
	buf_init(&trial, PEM_MAX);
	rc = pki_csr_new(key, order.name, &csr, err);
	order.csr_pem = buf_cstr(&csr);
	if (rc == RC_OK)
		rc = pki_sign(cert, key, &order, rnd, &trial, id, &not_after,
			      err);
	buf_fini(&csr);
	buf_fini(&trial);
	return rc;
}

enum rc material_read_ca_certificate(const struct material_from *from,
				     struct buf *out, struct err *err)
{
	return read_pem(from, &from->conf->ca_certificate, NULL,
			MATERIAL_CA_CERT, out, err);
}

enum rc material_read_ca(struct material *out, const struct material_from *from,
			 const struct clock *clock, const struct rnd *rnd,
			 struct err *err)
{
	struct err why = ERR_INIT;
	enum rc rc =
		material_read_ca_certificate(from, &out->ca_certificate, err);

	if (rc == RC_OK)
		rc = read_pem(from, &from->conf->ca_key, MATERIAL_CREDENTIAL_CA,
			      MATERIAL_CA_KEY, &out->ca_key, err);
	if (rc != RC_OK)
		return rc;
	rc = try_ca(out, clock, rnd, &why);
	return rc == RC_OK ? RC_OK
			   : err_set(err, rc, "the CA's certificate or key: %s",
				     why.text);
}

void material_show_key(const struct crypt_key *key, struct buf *out)
{
	buf_hex(out, key->bytes, sizeof(key->bytes));
	buf_chr(out, '\n');
}

/* A line to the keys, of which `have` are there already. */
static enum rc read_key(const char *path, const char *line, size_t len,
			unsigned have, struct store_keys *out, struct err *err)
{
	struct crypt_key key;
	bool ok = len == KEY_TEXT_LEN &&
		  text_unhex(line, len, key.bytes, sizeof(key.bytes));
	bool new = true;

	if (ok && have == 0)
		keys_init(out, &key);
	else if (ok)
		new = keys_add(out, &key) >= 0;
	mem_wipe(&key, sizeof(key));
	if (!ok)
		return err_set(err, RC_INVALID,
			       "%s is no key: it must hold %d hexadecimal "
			       "digits in one line, for each key",
			       path, KEY_TEXT_LEN);
	return new ? RC_OK
		   : err_set(err, RC_INVALID,
			     "%s holds one key twice, or more than %d", path,
			     STORE_KEYS_MAX);
}

static enum rc read_lines(const char *path, const char *text,
			  struct store_keys *out, struct err *err)
{
	unsigned have = 0;
	enum rc rc;

	do {
		size_t len = strcspn(text, "\n");

		rc = read_key(path, text, len, have++, out, err);
		text += len + (text[len] == '\n');
	} while (rc == RC_OK && *text != '\0');
	return rc;
}

enum rc material_read_keys(const struct material_from *from,
			   struct store_keys *out,
			   char out_path[MATERIAL_PATH_MAX], struct err *err)
{
	struct buf text;
	enum rc rc;

	find_file(from, &from->conf->field_key, MATERIAL_CREDENTIAL_FIELD,
		  MATERIAL_FIELD_KEY, out_path);
	buf_init(&text, (STORE_KEYS_MAX + 1) * (KEY_TEXT_LEN + 1));
	rc = file_read(out_path, &text, err);
	if (rc == RC_OK)
		rc = read_lines(out_path, buf_cstr(&text), out, err);
	buf_fini(&text);
	return rc;
}
