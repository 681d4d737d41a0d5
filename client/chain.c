/* chain - see chain.h. */
#include "client/chain.h"

#include <curl/curl.h>
#include <string.h>

#include "base/pki.h"
#include "client/reach.h"

#define CONNECT_TIMEOUT_S 10L

/* "Cert:-----BEGIN CERTIFICATE-----..." is the line that holds the PEM. */
static const char *pem_of(const struct curl_slist *lines)
{
	static const char label[] = "Cert:";

	for (; lines; lines = lines->next)
		if (strncmp(lines->data, label, sizeof(label) - 1) == 0)
			return lines->data + sizeof(label) - 1;
	return NULL;
}

static bool take(const struct curl_certinfo *info, const uint8_t *hash,
		 struct buf *out)
{
	uint8_t got[PKI_ID_LEN];

	for (int i = 0; info && i < info->num_of_certs; i++) {
		const char *pem = pem_of(info->certinfo[i]);

		if (!pem || pki_cert_hash(pem, got, NULL) != RC_OK ||
		    memcmp(got, hash, sizeof(got)) != 0)
			continue;
		buf_str(out, pem);
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			buf_chr(out, '\n');
		return !out->failed;
	}
	return false;
}

static enum rc look(CURL *c, const char *server, const uint8_t *hash,
		    struct buf *out, struct err *err)
{
	struct curl_certinfo *info = NULL;
	char text[CURL_ERROR_SIZE] = "";
	struct reach reach = {
		.text = text, .server = server, .whose_ca = "the invitation"};

	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, text);
	reach.curl = (int)curl_easy_perform(c);
	if (reach.curl != CURLE_OK)
		return reach_explain(&reach, err);
	curl_easy_getinfo(c, CURLINFO_CERTINFO, &info);
	if (take(info, hash, out))
		return RC_OK;
	return err_set(err, RC_UNREACHABLE,
		       "%s is not the service that the invitation is from: its "
		       "CA is another one. Nothing was sent; ask whoever "
		       "invited you",
		       server);
}

enum rc chain_find(const char *server, const uint8_t hash[CHAIN_HASH_LEN],
		   struct buf *out_pem, struct err *err)
{
	CURL *c = curl_easy_init();
	enum rc rc;

	if (!c)
		return err_set(err, RC_NOMEM, "libcurl cannot be started");
	curl_easy_setopt(c, CURLOPT_URL, server);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, CONNECT_TIMEOUT_S);
	/* only to look: what is found here is judged by its hash alone */
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	rc = look(c, server, hash, out_pem, err);
	curl_easy_cleanup(c);
	return rc;
}
