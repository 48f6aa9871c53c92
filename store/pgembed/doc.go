// Package pgembed runs a private PostgreSQL with PostGIS out of the programs installed on the machine,
// for a Yizhan that is given no DATABASE_URL.
//
// The cluster lives under one data folder and is reached by a unix socket only. The server runs as an
// unprivileged account, since PostgreSQL refuses root; it is watched, and started again when it dies;
// and it ends with the process that called Start, even when that process is killed with SIGKILL. One
// process owns a data folder at a time. A server that an earlier owner left behind is stopped before a
// new one starts, so that a server that answers is always a child of the process that reports it ready.
//
// The data folder holds:
//
//	cluster/   the PostgreSQL data directory; cluster.new/ while it is being made
//	log/       what the server says, bounded in size
//	run/       the socket; a short folder elsewhere when this path is too long for a socket
//	lock       held by the owner, with its process number
//
// It runs on Linux: it relies on parent-death signals and on /proc. It does not install PostgreSQL, take
// backups, upgrade a cluster between major versions, or know the schema.
package pgembed
