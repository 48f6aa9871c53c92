// Package pgtest gives tests a real PostGIS. DB is a fresh migrated database for each test, copied from a
// template on one server that all test processes of the repository share; Filled is one with data in it, loaded once for
// all tests of a process; Server is a server of one test's own, which it may kill.
//
// Nothing has to be started or stopped by hand. The first test process that needs the shared server
// starts a watchdog: its own program again, detached, which runs the private PostGIS in memory, or under the
// folder for temporary files where memory is small or TMPDIR is set. Every test process holds a shared lock on a
// file there for as long as it lives; when the watchdog has found the file unlocked for a while, it locks it
// itself, stops the server and ends. A cluster on a disk stays, so that the next run starts in a moment; it holds
// nothing of value and runs without fsync.
//
// TESTING_DATABASE_URL names another server to make the databases on, as a role that may create
// databases and the PostGIS extension. Without any database a test fails; none is skipped.
package pgtest
