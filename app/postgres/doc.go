// Package postgres finds, starts and stops a private PostgreSQL in a data folder, and opens connections to any.
//
// A [Cluster] speaks on a Unix socket only, in a directory nobody else may enter, and asks for a password even there.
// One process at a time owns it: the one that holds the lock in the data folder. A second process on the same folder
// joins the running cluster, and takes it over, under the same addresses, when the owner ends first.
//
// Nothing here deletes or alters a data folder that holds a cluster. What cannot be done is answered with one sentence
// that names the folder, the reason and what to do.
//
// Layout of a data folder:
//
//	lock                 held by the owner, holds its process id
//	pg/                  the cluster itself; pg.new/ while it is being made
//	run/                 the socket, unless its path would be too long
//	superuser.password   for migrations and repairs
//	app.password         for the role onward_app, which may not change the schema
//	postgres.log         what the server said
package postgres
