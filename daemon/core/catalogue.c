#include "daemon/core/catalogue.h"

#include <string.h>

#include "daemon/core/kind.h"

static const char intro[] =
	"# The service catalogue\n\n"
	"Every kind of service that two hospitals can agree on, as the "
	"table of the program has it\n(`daemon/core/kind.c`). "
	"`teleconsultd --print-catalogue` prints this page.\n\n"
	"- **booked**: how it comes about. *By request*: a partner asks, "
	"the lead accepts, then a time is booked. *By event*: a session\n"
	"  with seats. *Direct*: by the partner, within its quota. *At "
	"once*: somebody is called now, papers come later. *By the lead*:\n"
	"  entered by its coordinator.\n"
	"- **where**: who comes to whom. *Remote*: nobody travels.\n"
	"- **claims**: what is taken for its time, each with its own "
	"interval; what has a star is taken for the whole operation about "
	"the\n  session. Of \"a studio\" any free one of that site's does. "
	"Resources that are asked for by name come besides.\n"
	"- **minutes**: its length where none is asked for, the longest "
	"that may be asked for, and the reserve behind it for an overrun.\n"
	"- **takes**: what is needed before it begins, and what follows it. "
	"An agreement can set some of it otherwise\n  ([agreements.md]"
	"(agreements.md)).\n"
	"- **offered**: *by default* where a rule of an expert names no "
	"kinds; *if named* only where a rule names it.\n\n"
	"| kind | 中文 | booked | where | claims | minutes | takes | "
	"offered | served |\n"
	"|---|---|---|---|---|---|---|---|---|\n";

static const char *const hows[] = {
	[KIND_BY_REQUEST] = "by request", [KIND_BY_EVENT] = "by event",
	[KIND_DIRECT] = "direct",	  [KIND_AT_ONCE] = "at once",
	[KIND_BY_LEAD] = "by the lead",
};
static const char *const wheres[] = {
	[KIND_REMOTE] = "remote",
	[KIND_AT_EITHER] = "at either",
	[KIND_AT_PARTNER] = "at the partner",
	[KIND_AT_LEAD] = "at the lead",
};

static const struct {
	enum kind_part part;
	const char *text;
} parts[] = {
	{KIND_PART_EXPERT, "the expert"},
	{KIND_PART_LEAD_STUDIO, "a studio of the lead's"},
	{KIND_PART_SURGEON, "the partner's surgeon*"},
	{KIND_PART_PATIENT, "the patient*"},
};

/* A cell of several things: what stands before the next one. */
static const char *comma(bool *begun)
{
	const char *before = *begun ? ", " : "";

	*begun = true;
	return before;
}

static const char *side(unsigned sides)
{
	if (sides == (KIND_LEAD | KIND_PARTNER))
		return "either's";
	return sides == KIND_LEAD ? "the lead's" : "the partner's";
}

static void print_claims(struct buf *out, const struct kind_row *row)
{
	bool begun = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (row->parts & parts[i].part) {
			/* A star where there is no operation says nothing. */
			int len = (int)strcspn(parts[i].text, "*");

			buf_printf(out, "%s%.*s%s", comma(&begun), len,
				   parts[i].text,
				   row->operation && parts[i].text[len] ? "*"
									: "");
		}
	for (size_t i = 0; i < row->npools; i++) {
		const struct kind_pool *p = &row->pools[i];

		const char *type = words_name(&words_subject, (int)p->type);

		buf_printf(out, "%s%s %s%s%s of %s%s%s%s", comma(&begun),
			   strchr("aeiou", type[0]) ? "an" : "a", type,
			   p->or_type ? " or " : "",
			   p->or_type
				   ? words_name(&words_subject, (int)p->or_type)
				   : "",
			   side(p->sides), p->operation ? "*" : "",
			   p->optional ? " if one is free" : "",
			   p->apart ? ", independent of another" : "");
	}
	if (row->places)
		buf_printf(out, "%sa place of the session", comma(&begun));
	if (row->beds)
		buf_printf(out, "%sor a bed for days", comma(&begun));
}

static void print_minutes(struct buf *out, const struct kind_row *row)
{
	bool begun = false;

	if (row->places)
		buf_printf(out, "%sthe place's", comma(&begun));
	if (row->default_minutes)
		buf_printf(out, "%s%d", comma(&begun), row->default_minutes);
	if (row->longest_minutes)
		buf_printf(out, "%sat most %d", comma(&begun),
			   row->longest_minutes);
	if (row->overrun_minutes)
		buf_printf(out, "%sreserve %d", comma(&begun),
			   row->overrun_minutes);
	if (!begun)
		buf_str(out, "as asked");
}

static void print_takes(struct buf *out, const struct kind_row *row)
{
	bool begun = false;

	for (int c = 0; c < CONSENT_COUNT; c++)
		if (row->consents >> c & 1)
			buf_printf(out, "%sconsent to %s", comma(&begun),
				   words_name(&words_consent, c));
	if (row->fallback)
		buf_printf(out, "%sa fallback surgeon", comma(&begun));
	if (row->checks)
		buf_printf(out, "%schecks at both ends", comma(&begun));
	if (row->opinion)
		buf_printf(out, "%san opinion", comma(&begun));
	if (!begun)
		buf_str(out, "nothing");
}

static void print_row(struct buf *out, int kind)
{
	const struct kind_row *row = kind_row((enum kind)kind);

	buf_printf(out, "| `%s` | %s | %s | %s | ",
		   words_name(&words_kind, kind), row->zh, hows[row->how],
		   wheres[row->where]);
	print_claims(out, row);
	buf_str(out, " | ");
	print_minutes(out, row);
	buf_str(out, " | ");
	print_takes(out, row);
	buf_printf(out, " | %s | %s |\n",
		   row->named ? "if named" : "by default",
		   row->served ? "yes" : "not yet");
}

void catalogue_print(struct buf *out)
{
	buf_str(out, intro);
	for (int k = 0; k < KIND_COUNT; k++)
		print_row(out, k);
}
