package publishing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// beginHold begins a hold after the release that may be in the making, and sweeps away those that ended by themselves.
func beginHold(ctx context.Context, db bun.IDB, id uuid.UUID) error {
	if _, err := db.NewRaw(`DELETE FROM release_holds WHERE ends_at <= clock_timestamp()`).Exec(ctx); err != nil {
		return wrap("sweep away holds of releases", err)
	}
	_, err := db.NewRaw(`INSERT INTO release_holds (id, begun_at, ends_at) SELECT ?, clock_timestamp(), clock_timestamp() + ? * interval '1 second'
		FROM (SELECT pg_advisory_xact_lock(hashtext('release_list'))::text AS waited OFFSET 0) l WHERE l.waited IS NOT NULL`,
		id, holdLife.Seconds()).Exec(ctx)
	return wrap("hold releases", err)
}

// prolongHold moves the end of a hold on, up to the longest that there is.
func prolongHold(ctx context.Context, db bun.IDB, id uuid.UUID) error {
	_, err := db.NewRaw(`UPDATE release_holds SET ends_at = least(clock_timestamp() + ? * interval '1 second', begun_at + ? * interval '1 second')
		WHERE id = ?`, holdLife.Seconds(), holdMost.Seconds(), id).Exec(ctx)
	return wrap("hold releases for longer", err)
}

func deleteHold(ctx context.Context, db bun.IDB, id uuid.UUID) error {
	_, err := db.NewRaw(`DELETE FROM release_holds WHERE id = ?`, id).Exec(ctx)
	return wrap("give a hold of releases back", err)
}

// releasesHeld tells whether somebody is at work on what becomes one release.
func releasesHeld(ctx context.Context, db bun.IDB) (held bool, err error) {
	err = db.NewRaw(`SELECT EXISTS (SELECT FROM release_holds WHERE ends_at > clock_timestamp())`).Scan(ctx, &held)
	return held, wrap("look for holds of releases", err)
}
