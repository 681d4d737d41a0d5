/* teleconsult - the command line of the scheduling service. */
#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/crypt.h"
#include "client/client.h"
#include "client/renew.h"
#include "proto/field.h"

#define COMPLAINT_MAX (1024 * 1024)

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static struct client_env environment(int argc, char **argv)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (struct client_env){
		.argc = argc - 1,
		.argv = argv + 1,
		.home = {.config_home = getenv("XDG_CONFIG_HOME"),
			 .home = getenv("HOME")},
		.server = getenv("TELECONSULT_SERVER"),
		.profile = getenv("TELECONSULT_PROFILE"),
		.no_color = (no_color && *no_color) || !term ||
			    strcmp(term, "dumb") == 0,
		.out_tty = isatty(STDOUT_FILENO),
		.err_tty = isatty(STDERR_FILENO),
		.width = terminal_width(),
		.clock = clock_system(),
		.rnd = rnd_system(),
	};
}

static int print(const struct buf *text, FILE *to)
{
	if (text->len > 0)
		fwrite(text->data, 1, text->len, to);
	return fflush(to) != 0 || ferror(to);
}

int main(int argc, char **argv)
{
	struct client_env env = environment(argc, argv);
	struct client client;
	struct buf complaint;
	unsigned seed;
	int status;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	rnd_fill(env.rnd, &seed, sizeof(seed));
	crypt_init();
	proto_init(seed);
	if (argc < 1 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return 6;
	client_init(&client, &env);
	buf_init(&complaint, COMPLAINT_MAX);
	status = client_run(&client, &complaint);
	if (print(&client.out, stdout) && status == 0) {
		fputs("teleconsult: the output cannot be written\n", stderr);
		status = 6;
	}
	if (env.err_tty)
		(void)print(&client.note, stderr);
	(void)print(&complaint, stderr);
	buf_reset(&complaint);
	renew(&client, &complaint);
	(void)print(&complaint, stderr);
	buf_fini(&complaint);
	client_fini(&client);
	curl_global_cleanup();
	return status;
}
