/*
 * fuzz_conf - the configuration reader: a file without faults is printed to
 * one that reads to the same; faults are printable lines with a line number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/conf/conf.h"

#define TEXT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printed(const struct conf *conf)
{
	struct buf first, second, faults;
	struct conf again;

	buf_init(&first, TEXT_MAX);
	buf_init(&second, TEXT_MAX);
	buf_init(&faults, CONF_FAULTS_MAX);
	conf_print(conf, &first);
	if (conf_parse("printed", buf_cstr(&first), first.len, &again,
		       &faults) != RC_OK)
		abort();
	conf_print(&again, &second);
	if (strcmp(buf_cstr(&first), buf_cstr(&second)) != 0)
		abort();
	buf_fini(&first);
	buf_fini(&second);
	buf_fini(&faults);
}

static void check_faults(const struct buf *faults)
{
	if (!faults->failed && strncmp(buf_cstr(faults), "f:", 2) != 0)
		abort();
	if (!text_printable(buf_cstr(faults), faults->len, true))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf conf;
	struct buf faults;

	buf_init(&faults, CONF_FAULTS_MAX);
	if (conf_parse("f", (const char *)data, size, &conf, &faults) == RC_OK)
		check_printed(&conf);
	else
		check_faults(&faults);
	buf_fini(&faults);
	return 0;
}
