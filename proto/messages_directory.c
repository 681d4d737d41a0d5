#include "proto/messages_directory.h"

#include "proto/rows.h"

#define DIRECTORY_MAX 200
#define ID_MAX 129 /* two slugs and the stroke between them */

MESSAGE(directory_query, "DirectoryQuery", "Which of them",
	SLUG(directory_query, site, OPTIONAL, "of this site"),
	STR(directory_query, prefix, OPTIONAL, 1, ID_MAX, "whose id begins so"),
	INT(directory_query, limit, OPTIONAL, 1, DIRECTORY_MAX,
	    "how many a page; absent: 50"),
	STR(directory_query, cursor, OPTIONAL, 1, 256,
	    "where the last page ended"));

MESSAGE(listed, "Listed", "A site, an expert or a resource",
	STR(listed, id, REQUIRED, 1, ID_MAX,
	    "what it is called in other messages"),
	STR(listed, name, REQUIRED, 1, 200, "what it is called by people"),
	SLUG(listed, site, OPTIONAL, "where it belongs; absent for a site"),
	WORD(listed, type, OPTIONAL, subject, SUBJECT,
	     "what it is; absent for a site"),
	STR(listed, time_zone, OPTIONAL, 1, 64, "of a site: its IANA zone"));

MESSAGE(directory, "Directory", "Sites, experts or resources, by id",
	OBJECTS(directory, items, REQUIRED, listed, DIRECTORY_MAX,
		"a page of them"),
	STR(directory, next, OPTIONAL, 1, 256, "the cursor of the next page"));
