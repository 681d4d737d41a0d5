/*
 * ending - how the daemon ends: exit codes, and the one line that says why.
 *
 * The codes are those of sysexits(3), but 2 for wrong usage. docs/man and
 * systemd/teleconsultd.service (RestartPreventExitStatus=) name them too.
 */
#ifndef DAEMON_MAIN_ENDING_H
#define DAEMON_MAIN_ENDING_H

#include "base/err.h"

enum ending {
	ENDING_DONE = 0,
	ENDING_USAGE = 2,
	ENDING_DAMAGED = 65,  /* the database is no sound one of ours */
	ENDING_MISSING = 66,  /* a file that is needed is not there */
	ENDING_TAKEN = 69,    /* another process has the database, the port */
	ENDING_SOFTWARE = 70, /* a fault of this program */
	ENDING_EXISTS = 73,   /* init: the directory is not empty */
	ENDING_IO = 74,	      /* the storage failed */
	ENDING_LATER = 75,    /* the disk or the memory is full */
	ENDING_DENIED = 77,   /* a file may not be used, a key does not fit */
	ENDING_CONFIG = 78,   /* the configuration is wrong */
};

enum ending ending_of(enum rc rc);
/* "teleconsultd: TEXT" on standard error; text is one line. */
void ending_say(const char *text);

#endif
