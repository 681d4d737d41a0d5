#include "daemon/main/figures.h"

#include "base/pki.h"
#include "base/version.h"
#include "daemon/stat/stat.h"
#include "daemon/store/db.h"

#define STORE_THREADS 3 /* main, writer, reports */

void figures_begin(const struct clock *clock, unsigned workers)
{
	stat_set_build(VERSION, db_schema_version());
	stat_set_threads(STORE_THREADS + workers);
	stat_set(STAT_PROCESS_START, 0, 0, clock_now(clock));
}

static void show(enum stat_certificate which, const struct buf *pem)
{
	uint8_t issuer[PKI_ID_LEN], key[PKI_ID_LEN];
	int64_t not_after;

	if (pki_cert_id(buf_cstr(pem), issuer, key, &not_after, NULL) != RC_OK)
		not_after = STAT_UNKNOWN;
	stat_set(STAT_CERTIFICATE_EXPIRY, which, 0, not_after);
}

void figures_server(const struct material *material)
{
	show(STAT_CERTIFICATE_SERVER, &material->tls_certificate);
}

void figures_ca(const struct material *material)
{
	show(STAT_CERTIFICATE_CA, &material->ca_certificate);
}
