/*
 * replay - feeds the files of a folder to a fuzz target, once each.
 *
 * A target that finds something wrong aborts, so that to come to the end is to
 * pass. usage: fuzz_THING FOLDER
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPLAY_MAX (1u << 20)

static void replay_file(const char *path)
{
	uint8_t *data = malloc(REPLAY_MAX);
	FILE *f = fopen(path, "rb");
	size_t size;

	if (data == NULL || f == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(data, 1, REPLAY_MAX, f);
	(void)fclose(f);
	/* Just as long as the file is, so that reading on is seen. */
	data = realloc(data, size + (size == 0));
	if (data == NULL)
		abort();
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	char path[4096];
	int n = 0;

	if (dir == NULL) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1],
			       entry->d_name);
		replay_file(path);
		n++;
	}
	(void)closedir(dir);
	(void)printf("%d passed, 0 failed\n", n);
	return n == 0;
}
