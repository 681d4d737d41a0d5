#include "tests/support/netfile.h"

void netfile_write(const struct parts *parts, struct buf *out)
{
	const struct {
		const char *name, *text;
		char open, close;
	} rows[] = {
		{"sites", parts->sites, '[', ']'},
		{"limit_sets", parts->limits, '{', '}'},
		{"agreements", parts->agreements, '[', ']'},
		{"resources", parts->resources, '[', ']'},
		{"experts", parts->experts, '[', ']'},
		{"availability", parts->availability, '[', ']'},
		{"secondments", parts->secondments, '[', ']'},
		{"leave", parts->leave, '[', ']'},
		{"transfers", parts->transfers, '[', ']'},
		{"calendars", parts->calendars, '{', '}'},
	};

	buf_init(out, NETFILE_MAX);
	buf_str(out, "{'version':1");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		buf_printf(out, ",'%s':%c%s%c", rows[i].name, rows[i].open,
			   rows[i].text ? rows[i].text : "", rows[i].close);
	buf_chr(out, '}');
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] == '\'')
			out->data[i] = '"';
}
