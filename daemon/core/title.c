#include "daemon/core/title.h"

#include <stddef.h>
#include <string.h>

/* The highest first. */
static const char *const titles[] = {
	"chief-physician",
	"associate-chief-physician",
	"attending",
	"resident",
};
#define NTITLES (sizeof(titles) / sizeof(titles[0]))

static size_t rank(const char *title)
{
	size_t i = 0;

	while (i < NTITLES && strcmp(titles[i], title) != 0)
		i++;
	return i;
}

bool title_serves(const char *has, const char *asked)
{
	if (has == NULL)
		return false;
	if (rank(asked) == NTITLES)
		return strcmp(asked, has) == 0;
	return rank(has) <= rank(asked);
}

const char *title_below(const char *title)
{
	size_t next = rank(title) + 1;

	return next < NTITLES ? titles[next] : NULL;
}
