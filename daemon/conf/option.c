#include "daemon/conf/option.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

static bool read_int(const struct conf_option *option, const char *s,
		     size_t len, void *field, struct err *why)
{
	if (text_int(s, len, option->min, option->max, field))
		return true;
	(void)err_set(why, RC_INVALID,
		      "must be a whole number from %lld to %lld",
		      (long long)option->min, (long long)option->max);
	return false;
}

static void show_int(const void *field, struct buf *out)
{
	buf_int(out, *(const int64_t *)field);
}

static bool read_path(const struct conf_option *option, const char *s,
		      size_t len, void *field, struct err *why)
{
	struct conf_path *path = field;

	(void)option;
	if (len > CONF_PATH_MAX || (len > 0 && s[0] != '/')) {
		(void)err_set(why, RC_INVALID,
			      "must be an absolute path of at most %d bytes",
			      CONF_PATH_MAX);
		return false;
	}
	memcpy(path->s, s, len);
	path->s[len] = '\0';
	return true;
}

static void show_path(const void *field, struct buf *out)
{
	buf_str(out, ((const struct conf_path *)field)->s);
}

static const struct level_row {
	const char *name;
	enum log_level level;
} level_rows[] = {
	{"error", LOG_LVL_ERR},
	{"warning", LOG_LVL_WARN},
	{"info", LOG_LVL_INFO},
	{"debug", LOG_LVL_DEBUG},
};
#define LEVELS (sizeof(level_rows) / sizeof(level_rows[0]))

static bool read_level(const struct conf_option *option, const char *s,
		       size_t len, void *field, struct err *why)
{
	(void)option;
	for (size_t i = 0; i < LEVELS; i++)
		if (strlen(level_rows[i].name) == len &&
		    memcmp(level_rows[i].name, s, len) == 0) {
			*(enum log_level *)field = level_rows[i].level;
			return true;
		}
	(void)err_set(why, RC_INVALID, "must be error, warning, info or debug");
	return false;
}

static void show_level(const void *field, struct buf *out)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (level_rows[i].level == *(const enum log_level *)field)
			buf_str(out, level_rows[i].name);
}

/* Without its brackets; a family's own literal, nothing to be looked up. */
static bool read_literal(const char *s, size_t len, int family, char *out)
{
	unsigned char binary[sizeof(struct in6_addr)];

	if (len > CONF_ADDRESS_MAX)
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return inet_pton(family, out, binary) == 1;
}

static bool split_address(const char *s, size_t len, struct conf_address *out)
{
	const char *colon = memrchr(s, ':', len);
	size_t host = colon != NULL ? (size_t)(colon - s) : 0;
	int64_t port;

	if (host == 0 ||
	    !text_int(colon + 1, len - host - 1, 0, UINT16_MAX, &port))
		return false;
	out->port = (uint16_t)port;
	if (s[0] == '[')
		return host > 2 && s[host - 1] == ']' &&
		       read_literal(s + 1, host - 2, AF_INET6, out->host);
	return read_literal(s, host, AF_INET, out->host);
}

static bool read_address(const struct conf_option *option, const char *s,
			 size_t len, void *field, struct err *why)
{
	struct conf_address got = {.port = 0};

	(void)option;
	if (len > 0 && !split_address(s, len, &got)) {
		(void)err_set(why, RC_INVALID,
			      "must be ADDRESS:PORT, an IPv6 address in "
			      "brackets");
		return false;
	}
	*(struct conf_address *)field = got;
	return true;
}

static void show_address(const void *field, struct buf *out)
{
	const struct conf_address *address = field;
	bool six = strchr(address->host, ':') != NULL;

	if (address->host[0] == '\0')
		return;
	buf_printf(out, six ? "[%s]:%u" : "%s:%u", address->host,
		   (unsigned)address->port);
}

static bool host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

static bool read_host(const char *s, size_t len, char *out)
{
	char literal[CONF_ADDRESS_MAX + 1];

	if (len > CONF_HOST_MAX)
		return false;
	if (!read_literal(s, len, AF_INET6, literal)) {
		if (s[0] == '.' || s[0] == '-')
			return false;
		for (size_t i = 0; i < len; i++)
			if (!host_char(s[i]))
				return false;
	}
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

static bool is_public(const char *s, size_t len)
{
	const char *colon = memrchr(s, ':', len);
	size_t host = colon != NULL ? (size_t)(colon - s) : 0;
	char unused[CONF_HOST_MAX + 1];
	int64_t port;

	if (host == 0 ||
	    !text_int(colon + 1, len - host - 1, 1, UINT16_MAX, &port))
		return false;
	if (s[0] == '[')
		return host > 2 && s[host - 1] == ']' &&
		       read_literal(s + 1, host - 2, AF_INET6, unused);
	return !memchr(s, ':', host) && read_host(s, host, unused);
}

static bool read_public(const struct conf_option *option, const char *s,
			size_t len, void *field, struct err *why)
{
	struct conf_public *public = field;

	(void)option;
	if (len > CONF_PUBLIC_MAX || (len > 0 && !is_public(s, len))) {
		(void)err_set(why, RC_INVALID,
			      "must be HOST:PORT, an IPv6 address in brackets");
		return false;
	}
	memcpy(public->s, s, len);
	public->s[len] = '\0';
	return true;
}

static void show_public(const void *field, struct buf *out)
{
	buf_str(out, ((const struct conf_public *)field)->s);
}

static bool read_hosts(const struct conf_option *option, const char *s,
		       size_t len, void *field, struct err *why)
{
	struct conf_hosts got = {.n = 0};
	size_t at = 0;

	(void)option;
	while (at < len) {
		size_t end = at;

		while (end < len && s[end] != ' ' && s[end] != '\t')
			end++;
		if (end > at &&
		    (got.n == CONF_HOSTS_MAX ||
		     !read_host(s + at, end - at, got.name[got.n++]))) {
			(void)err_set(why, RC_INVALID,
				      "must be at most %d host names in small "
				      "letters, with spaces between",
				      CONF_HOSTS_MAX);
			return false;
		}
		at = end + 1;
	}
	*(struct conf_hosts *)field = got;
	return true;
}

static void show_hosts(const void *field, struct buf *out)
{
	const struct conf_hosts *hosts = field;

	for (unsigned i = 0; i < hosts->n; i++) {
		if (i > 0)
			buf_chr(out, ' ');
		buf_str(out, hosts->name[i]);
	}
}

static const struct conf_type type_int = {read_int, show_int, sizeof(int64_t)};
static const struct conf_type type_path = {read_path, show_path,
					   sizeof(struct conf_path)};
static const struct conf_type type_level = {read_level, show_level,
					    sizeof(enum log_level)};
static const struct conf_type type_address = {read_address, show_address,
					      sizeof(struct conf_address)};
static const struct conf_type type_public = {read_public, show_public,
					     sizeof(struct conf_public)};
static const struct conf_type type_hosts = {read_hosts, show_hosts,
					    sizeof(struct conf_hosts)};

#define AT(field) offsetof(struct conf, field)
#define MILLISECONDS 100, 600000

static const struct conf_option table[] = {
	{"daemon", "state", &type_path, AT(state), "/var/lib/teleconsult",
	 .help = "Where the database is, and whatever key or certificate has "
		 "no path of its own below.",
	 .example = "/srv/teleconsult"},
	{"daemon", "workers", &type_int, AT(workers), "0", 0, 64,
	 .help = "Threads that serve connections; 0 stands for one a core.",
	 .example = "4"},
	{"daemon", "log_level", &type_level, AT(log_level), "info",
	 .reload = true,
	 .help = "The least important line that is logged: error, warning, "
		 "info or debug.",
	 .example = "warning"},
	{"daemon", "log_lines", &type_int, AT(log_lines), "1000", 0, 1000000,
	 .reload = true,
	 .help = "Lines of one sort (of one peer's requests with one status, "
		 "say) in ten seconds; more are counted, and one line says how "
		 "many. 0: all. Of a warning or an error twenty pass, whatever "
		 "stands here.",
	 .example = "100"},
	{"daemon", "drain_seconds", &type_int, AT(drain_seconds), "20", 0, 60,
	 .reload = true,
	 .help = "How long requests under way may still take after SIGTERM.",
	 .example = "60"},
	{"daemon", "zoneinfo", &type_path, AT(zoneinfo), "/usr/share/zoneinfo",
	 .help = "The system's time zone files.",
	 .example = "/usr/share/zoneinfo"},

	{"listen", "partners", &type_address, AT(partners), "[::]:8443",
	 .may_be_empty = true,
	 .help = "Where partners connect, each with its client certificate; "
		 "empty: nowhere. A socket that systemd hands over under the "
		 "name \"partners\" is used instead.",
	 .example = "192.0.2.1:8443"},
	{"listen", "people", &type_address, AT(people), "[::]:8444",
	 .may_be_empty = true,
	 .help = "Where people enrol, who have no client certificate yet, and "
		 "systems come with a token; empty: nowhere. Socket name for "
		 "systemd: \"people\".",
	 .example = "[2001:db8::1]:8444"},
	{"listen", "public_partners", &type_public, AT(public_partners), "",
	 .may_be_empty = true,
	 .help = "Where others reach the partners' listener, HOST:PORT, as it "
		 "stands in invitations. Empty: the first of hosts, with the "
		 "port that is listened on.",
	 .example = "teleconsult.example.org:443"},
	{"listen", "public_people", &type_public, AT(public_people), "",
	 .may_be_empty = true, .help = "The same of the people's listener.",
	 .example = "people.example.org:443"},
	{"listen", "hosts", &type_hosts, AT(hosts), "", .may_be_empty = true,
	 .help = "The host names that requests may be addressed to; empty: "
		 "any.",
	 .example = "teleconsult.example.org 192.0.2.1"},

	{"tls", "certificate", &type_path, AT(tls_certificate), "",
	 .may_be_empty = true, .reload = true,
	 .help = "The server's certificate, and those between it and its CA "
		 "(PEM). Empty: server.pem in the state directory. Its "
		 "content, too, is read again on reload.",
	 .example = "/etc/teleconsult/server.pem"},
	{"tls", "key", &type_path, AT(tls_key), "", .may_be_empty = true,
	 .reload = true,
	 .help = "The server's private key (PEM). Empty: server.key in the "
		 "state directory.",
	 .example = "/etc/teleconsult/server.key"},
	{"tls", "client_ca", &type_path, AT(tls_client_ca), "",
	 .may_be_empty = true, .reload = true,
	 .help = "The CA that signs the partners' certificates (PEM). Empty: "
		 "ca.pem in the state directory.",
	 .example = "/etc/teleconsult/ca.pem"},

	{"ca", "certificate", &type_path, AT(ca_certificate), "",
	 .may_be_empty = true,
	 .help = "The service's own CA, for the certificates that it makes "
		 "(PEM). Empty: ca.pem in the state directory.",
	 .example = "/etc/teleconsult/ca.pem"},
	{"ca", "key", &type_path, AT(ca_key), "", .may_be_empty = true,
	 .help = "The CA's private key (PEM). Empty: ca.key in the state "
		 "directory.",
	 .example = "/etc/teleconsult/ca.key"},
	{"ca", "certificate_days", &type_int, AT(certificate_days), "365", 1,
	 3650, .help = "How many days a certificate made here is valid.",
	 .example = "90"},

	{"keys", "field", &type_path, AT(field_key), "", .may_be_empty = true,
	 .help = "The keys that patients' fields are encrypted with: 64 "
		 "hexadecimal digits in a line for each, the one that "
		 "encrypts first. Empty: the systemd credential "
		 "\"field-key\" where there is one, else field.key in the "
		 "state directory.",
	 .example = "/etc/teleconsult/field.key"},

	{"limits", "connections", &type_int, AT(connections), "16384", 1,
	 1000000, .help = "Connections at once; one more is closed unanswered.",
	 .example = "5000"},
	{"limits", "connections_per_address", &type_int,
	 AT(connections_per_address), "1024", 1, 1000000,
	 .help = "The same from one address.", .example = "200"},
	{"limits", "streams", &type_int, AT(streams), "1000", 1, 100000,
	 .help = "Streams of events at once; one more is told to come again.",
	 .example = "5000"},
	{"limits", "streams_per_identity", &type_int, AT(streams_per_identity),
	 "16", 1, 100000, .help = "The same of one person or system.",
	 .example = "4"},
	{"limits", "kept_kib", &type_int, AT(kept_kib), "16384", 0, 4194304,
	 .help = "KiB of answers that each thread which serves connections "
		 "keeps; 0: none.",
	 .example = "65536"},

	{"deadlines", "handshake_ms", &type_int, AT(handshake_ms), "10000",
	 MILLISECONDS, .help = "For a TLS handshake.", .example = "5000"},
	{"deadlines", "idle_ms", &type_int, AT(idle_ms), "75000", MILLISECONDS,
	 .help = "How long a connection is kept that asks nothing.",
	 .example = "30000"},
	{"deadlines", "head_ms", &type_int, AT(head_ms), "10000", MILLISECONDS,
	 .help = "For the head of a request, from its first byte.",
	 .example = "5000"},
	{"deadlines", "body_ms", &type_int, AT(body_ms), "30000", MILLISECONDS,
	 .help = "For the body of a request.", .example = "60000"},
	{"deadlines", "body_rate", &type_int, AT(body_rate), "1024", 0, 1000000,
	 .help = "The bytes a second that a body must arrive with.",
	 .example = "4096"},
	{"deadlines", "handler_ms", &type_int, AT(handler_ms), "30000",
	 MILLISECONDS, .help = "For our own work on a request.",
	 .example = "10000"},
	{"deadlines", "write_ms", &type_int, AT(write_ms), "30000",
	 MILLISECONDS, .help = "For the peer to take an answer.",
	 .example = "60000"},
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= CONF_OPTIONS_MAX,
	       "raise CONF_OPTIONS_MAX");

const struct conf_option *conf_option_table(size_t *out_n)
{
	*out_n = sizeof(table) / sizeof(table[0]);
	return table;
}
