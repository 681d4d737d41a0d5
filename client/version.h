/*
 * version - what `teleconsult --version` says and the server logs.
 */
#ifndef CLIENT_VERSION_H
#define CLIENT_VERSION_H

#define CLIENT_VERSION "0.1.0"

#endif
