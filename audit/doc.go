// Package audit is the record: an append-only Merkle log (RFC 6962) in PostgreSQL, whose entries commit in the same transaction as
// what they tell of. It knows nothing of vendors.
package audit
