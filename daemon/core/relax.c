#include "daemon/core/relax.h"

#include <string.h>

#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/relax_network.h"
#include "daemon/core/title.h"

static const char *title_after(const char *title, size_t steps)
{
	while (title != NULL && steps-- > 0)
		title = title_below(title);
	return title;
}

/* --- one change each --- */

static enum rc without_room(struct relax_ask *io, size_t which,
			    struct arena *arena)
{
	size_t n = io->ask.nnamed - 1;
	struct core_subject *kept = arena_array(arena, n, sizeof(*kept));

	if (n > 0 && kept == NULL)
		return RC_NOMEM;
	for (size_t i = 0, k = 0; i < io->ask.nnamed; i++)
		if (i != which)
			kept[k++] = io->ask.named[i];
	io->ask.named = kept;
	io->ask.nnamed = n;
	return RC_OK;
}

static enum rc without_language(struct relax_ask *io, size_t which,
				struct arena *arena)
{
	size_t n = io->ask.nlanguages - 1;
	const char **kept = arena_array(arena, n, sizeof(*kept));

	if (n > 0 && kept == NULL)
		return RC_NOMEM;
	for (size_t i = 0, k = 0; i < io->ask.nlanguages; i++)
		if (i != which)
			kept[k++] = io->ask.languages[i];
	io->ask.languages = kept;
	io->ask.nlanguages = n;
	return RC_OK;
}

/* --- the ask's own words --- */

static enum rc room(const struct relax_world *world, size_t which,
		    struct arena *arena, struct relax_ask *io)
{
	int64_t id = world->ask->named[which].id;

	for (size_t i = 0; i < io->ask.nnamed; i++)
		if (io->ask.named[i].id == id)
			return without_room(io, i, arena);
	return RC_NOT_FOUND;
}

static enum rc language(const struct relax_world *world, size_t which,
			struct arena *arena, struct relax_ask *io)
{
	const char *word = world->ask->languages[which];

	for (size_t i = 0; i < io->ask.nlanguages; i++)
		if (strcmp(io->ask.languages[i], word) == 0)
			return without_language(io, i, arena);
	return RC_NOT_FOUND;
}

static enum rc title(const struct relax_world *world, size_t which,
		     struct arena *arena, struct relax_ask *io)
{
	(void)arena;
	if (io->ask.title == NULL)
		return RC_NOT_FOUND;
	io->ask.title = title_after(world->ask->title, which + 1);
	return RC_OK;
}

static enum rc modality(const struct relax_world *world, size_t which,
			struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (io->ask.modality == NULL)
		return RC_NOT_FOUND;
	io->ask.modality = NULL;
	return RC_OK;
}

static enum rc surgeon(const struct relax_world *world, size_t which,
		       struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (inquiry_surgeon(&io->ask) == NULL)
		return RC_NOT_FOUND;
	io->ask.surgeon = NULL;
	return RC_OK;
}

/* Those behind a group that is gone already are one further on. */
static enum rc also(const struct relax_world *world, size_t which,
		    struct arena *arena, struct relax_ask *io)
{
	struct core_group *v = relax_own_groups(io, arena);
	size_t at = which;

	(void)world;
	if (v == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < which; i++)
		at -= io->dropped >> i & 1;
	io->dropped |= 1u << which;
	io->ask.ngroups--;
	for (size_t i = at; i < io->ask.ngroups; i++)
		v[i] = v[i + 1];
	return RC_OK;
}

static enum rc before(const struct relax_world *world, size_t which,
		      struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (io->ask.before == 0)
		return RC_NOT_FOUND;
	io->ask.before = 0;
	return RC_OK;
}

static enum rc after(const struct relax_world *world, size_t which,
		     struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (io->ask.after == 0)
		return RC_NOT_FOUND;
	io->ask.after = 0;
	return RC_OK;
}

#define STEP (CORE_GRANULE / 60)

static enum rc duration(const struct relax_world *world, size_t which,
			struct arena *arena, struct relax_ask *io)
{
	(void)arena;
	io->ask.minutes = relax_minutes(
		world, (struct relax_case){RELAX_DURATION, which});
	return RC_OK;
}

static enum rc expert(const struct relax_world *world, size_t which,
		      struct arena *arena, struct relax_ask *io)
{
	const struct core_ask *wide = world->wide;

	(void)which, (void)arena;
	io->ask.experts = wide->experts;
	io->ask.nexperts = wide->nexperts;
	io->ask.order = wide->order;
	io->ask.rank = wide->rank;
	io->ask.lead_rooms = wide->lead_rooms;
	io->ask.nlead_rooms = wide->nlead_rooms;
	io->ask.transfers = wide->transfers;
	io->ask.ntransfers = wide->ntransfers;
	return RC_OK;
}

/* --- when, and under what --- */

static enum rc later(const struct relax_world *world, size_t which,
		     struct arena *arena, struct relax_ask *io)
{
	(void)which, (void)arena;
	io->window.from = world->window.to;
	io->window.to = world->window.to + world->beyond;
	io->at = io->window.from;
	return RC_OK;
}

static enum rc earlier(const struct relax_world *world, size_t which,
		       struct arena *arena, struct relax_ask *io)
{
	(void)which, (void)arena;
	if (world->window.from <= io->ask.now)
		return RC_NOT_FOUND;
	io->window.to = world->window.from;
	io->window.from = world->window.from - world->beyond;
	io->at = io->window.to;
	return RC_OK;
}

static enum rc agreement(const struct relax_world *world, size_t which,
			 struct arena *arena, struct relax_ask *io)
{
	(void)arena;
	io->ask = world->others[which];
	io->agreement = *io->ask.agreement;
	io->ask.agreement = &io->agreement;
	return RC_OK;
}

static enum rc beyond_end(const struct relax_world *world, size_t which,
			  struct arena *arena, struct relax_ask *io)
{
	const struct core_agreement *a = &io->agreement;

	(void)world, (void)which, (void)arena;
	if (a->last_day >= local_day(a->lead_zone, io->window.to))
		return RC_NOT_FOUND;
	io->agreement.last_day = CORE_NO_DAY;
	return RC_OK;
}

/* Places that are kept for other partners are given away. */
static enum rc share(const struct relax_world *world, size_t which,
		     struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (io->ask.shares == NULL)
		return RC_NOT_FOUND;
	io->ask.shares = NULL;
	return RC_OK;
}

static enum rc overbook(const struct relax_world *world, size_t which,
			struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which, (void)arena;
	if (io->agreement.terms.overbook_most == 0 ||
	    kind_row(io->ask.kind)->how != KIND_DIRECT ||
	    io->ask.overbook != CORE_PLACES_ONLY)
		return RC_NOT_FOUND;
	io->ask.overbook = CORE_OVERBOOK_LEAD;
	return RC_OK;
}

static bool is_spent(const struct core_ask *ask, int64_t quota)
{
	for (size_t i = 0; i < ask->nmonths; i++)
		if (ask->months[i].used == quota)
			return true;
	return quota == 0;
}

static enum rc quota(const struct relax_world *world, size_t which,
		     struct arena *arena, struct relax_ask *io)
{
	int64_t *most = &io->agreement.quota[io->ask.kind];

	(void)world, (void)which, (void)arena;
	if (*most < 0 || !is_spent(&io->ask, *most))
		return RC_NOT_FOUND;
	*most += 1;
	return RC_OK;
}

/* --- how many there are of a sort --- */

static size_t count_rooms(const struct relax_world *world)
{
	return world->ask->nnamed;
}

static size_t count_languages(const struct relax_world *world)
{
	return world->ask->nlanguages;
}

static size_t count_groups(const struct relax_world *world)
{
	return world->ask->ngroups;
}

/* Every lower one, and at last any. */
static size_t count_titles(const struct relax_world *world)
{
	const char *t = world->ask->title;
	size_t n = 0;

	for (; t != NULL; t = title_below(t))
		n++;
	return n;
}

/* Nothing is done in less than half of what its kind takes. */
static size_t count_durations(const struct relax_world *world)
{
	const struct kind_row *kind = kind_row(world->ask->kind);
	int64_t least = (kind->default_minutes + 1) / 2;

	least = (least + STEP - 1) / STEP * STEP;
	if (kind->places || least < STEP || world->ask->minutes <= least)
		return 0;
	return (size_t)((world->ask->minutes - least + STEP - 1) / STEP);
}

static size_t count_wide(const struct relax_world *world)
{
	return world->wide != NULL;
}

static size_t count_others(const struct relax_world *world)
{
	return world->nothers;
}

/* --- the table --- */

static const struct row {
	enum rc (*apply)(const struct relax_world *world, size_t which,
			 struct arena *arena, struct relax_ask *io);
	size_t (*count)(const struct relax_world *world); /* NULL: one */
	enum role grants;
} rows[RELAX_COUNT] = {
	[RELAX_ROOM] = {room, count_rooms, ROLE_SITE_COORDINATOR},
	[RELAX_AFTER] = {after, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_BEFORE] = {before, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_EXPERT] = {expert, count_wide, ROLE_SITE_COORDINATOR},
	[RELAX_TITLE] = {title, count_titles, ROLE_SITE_COORDINATOR},
	[RELAX_LANGUAGE] = {language, count_languages, ROLE_SITE_COORDINATOR},
	[RELAX_MODALITY] = {modality, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_SURGEON] = {surgeon, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_ALSO] = {also, count_groups, ROLE_SITE_COORDINATOR},
	[RELAX_DURATION] = {duration, count_durations, ROLE_SITE_COORDINATOR},
	[RELAX_LATER] = {later, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_EARLIER] = {earlier, NULL, ROLE_SITE_COORDINATOR},
	[RELAX_AGREEMENT] = {agreement, count_others, ROLE_SITE_COORDINATOR},
	[RELAX_PARTNER_HOLIDAY] = {relax_partner_holiday, NULL,
				   ROLE_SITE_COORDINATOR},
	[RELAX_PARTNER_HOURS] = {relax_partner_hours, NULL,
				 ROLE_SITE_COORDINATOR},
	[RELAX_LEAD_HOLIDAY] = {relax_lead_holiday, NULL,
				ROLE_LEAD_COORDINATOR},
	[RELAX_LEAD_HOURS] = {relax_lead_hours, NULL, ROLE_LEAD_COORDINATOR},
	[RELAX_SHARE] = {share, NULL, ROLE_LEAD_COORDINATOR},
	[RELAX_OVERBOOK] = {overbook, NULL, ROLE_LEAD_COORDINATOR},
	[RELAX_SECONDED] = {relax_seconded, NULL, ROLE_LEAD_COORDINATOR},
	[RELAX_BEYOND] = {beyond_end, NULL, ROLE_LEAD_COORDINATOR},
	[RELAX_DAY_CAP] = {relax_day_cap, NULL, ROLE_ADMINISTRATOR},
	[RELAX_QUOTA] = {quota, NULL, ROLE_ADMINISTRATOR},
};

void relax_begin(const struct relax_world *world, struct relax_ask *out)
{
	out->ask = *world->ask;
	out->agreement = *world->ask->agreement;
	out->ask.agreement = &out->agreement;
	out->window = world->window;
	out->at = world->window.from;
	out->dropped = 0;
}

enum rc relax_apply(const struct relax_world *world, struct relax_case change,
		    struct arena *arena, struct relax_ask *io)
{
	return rows[change.what].apply(world, change.which, arena, io);
}

size_t relax_count(const struct relax_world *world, enum relax what)
{
	return rows[what].count != NULL ? rows[what].count(world) : 1;
}

enum role relax_grants(const struct relax_world *world, enum relax what)
{
	if ((what == RELAX_EXPERT || what == RELAX_ALSO) && world->assigned)
		return ROLE_LEAD_COORDINATOR;
	return rows[what].grants;
}

/* Who was asked for by name, or what for. */
static const char *name_group(const struct core_group *group)
{
	if (group->specialty != NULL)
		return group->specialty;
	return group->nexperts == 1 ? group->experts[0].subject.slug
				    : group->modality;
}

const char *relax_value(const struct relax_world *world,
			struct relax_case change)
{
	switch (change.what) {
	case RELAX_ROOM:
		return world->ask->named[change.which].slug;
	case RELAX_LANGUAGE:
		return world->ask->languages[change.which];
	case RELAX_TITLE:
		return title_after(world->ask->title, change.which + 1);
	case RELAX_MODALITY:
		return world->ask->modality;
	case RELAX_SURGEON:
		return world->ask->surgeon->slug;
	case RELAX_ALSO:
		return name_group(&world->ask->groups[change.which]);
	case RELAX_AGREEMENT:
		return world->others[change.which].agreement->slug;
	default:
		return NULL;
	}
}

int64_t relax_minutes(const struct relax_world *world, struct relax_case change)
{
	int64_t minutes = world->ask->minutes;

	if (change.what != RELAX_DURATION)
		return 0;
	return (minutes - 1) / STEP * STEP - (int64_t)change.which * STEP;
}
