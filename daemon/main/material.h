/*
 * material - the files that keys and certificates are read from.
 *
 * An option that is left empty stands for the usual name in the state
 * directory; for a private key first for the service manager's credential,
 * where there is one. What is read is wiped when it is freed.
 */
#ifndef DAEMON_MAIN_MATERIAL_H
#define DAEMON_MAIN_MATERIAL_H

#include "daemon/conf/conf.h"
#include "daemon/store/tx.h"

#define MATERIAL_DATABASE "teleconsult.db"
#define MATERIAL_DATABASE_LEAST 512 /* bytes: the smallest page of any */
#define MATERIAL_SERVER_CERT "server.pem"
#define MATERIAL_SERVER_KEY "server.key"
#define MATERIAL_CA_CERT "ca.pem"
#define MATERIAL_CA_KEY "ca.key"
#define MATERIAL_FIELD_KEY "field.key"

/* In $CREDENTIALS_DIRECTORY. */
#define MATERIAL_CREDENTIAL_TLS "tls-key"
#define MATERIAL_CREDENTIAL_CA "ca-key"
#define MATERIAL_CREDENTIAL_FIELD "field-key"

#define MATERIAL_PATH_MAX (CONF_PATH_MAX + 32)

struct material_from {
	const struct conf *conf;
	const char *credentials; /* $CREDENTIALS_DIRECTORY, or NULL */
};

/* PEM texts; tls_client_ca is who signs partners' certificates. */
struct material {
	struct buf tls_certificate, tls_key, tls_client_ca;
	struct buf ca_certificate, ca_key;
};

/* Frees nothing of out on failure: material_fini() is always called. */
void material_init(struct material *out);
void material_fini(struct material *material);
__attribute__((warn_unused_result)) enum rc
material_read_tls(struct material *out, const struct material_from *from,
		  struct err *err);
/* Signs with them once, so that what does not fit together is found at once. */
__attribute__((warn_unused_result)) enum rc
material_read_ca(struct material *out, const struct material_from *from,
		 const struct clock *clock, const struct rnd *rnd,
		 struct err *err);

/* The CA's certificate alone. */
__attribute__((warn_unused_result)) enum rc
material_read_ca_certificate(const struct material_from *from, struct buf *out,
			     struct err *err);

/* Is the server's certificate or its key not at the usual place in the state
 * directory, but where an option or the service manager says? */
bool material_tls_is_given(const struct material_from *from);

/* The path of a file in the state directory. */
void material_path(const struct conf *conf, const char *name,
		   char out[MATERIAL_PATH_MAX]);

/* The store's keys out of those that are kept: 64 hexadecimal digits and a line
 * end for each, the one that seals first. out_path: where they were looked for.
 */
__attribute__((warn_unused_result)) enum rc
material_read_keys(const struct material_from *from, struct store_keys *out,
		   char out_path[MATERIAL_PATH_MAX], struct err *err);
/* What stands in such a file for a key. */
void material_show_key(const struct crypt_key *key, struct buf *out);

#endif
