package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Users are the people of one database, whose changes and visits are entries of its log.
type Users struct {
	db  *bun.DB
	log *audit.Log
}

// NewUsers returns the users kept in db.
func NewUsers(db *bun.DB, log *audit.Log) *Users { return &Users{db: db, log: log} }

// Create makes a user, who signs in by a link. It refuses bad fields (Invalid) and an address that is another's (Conflict). When it returns
// without error, the user and its entry user.created are durable.
func (u *Users) Create(ctx context.Context, by audit.Actor, at time.Time, f UserFields) (User, error) {
	if err := f.check(); err != nil {
		return User{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, fmt.Errorf("make a user's id: %w", err)
	}
	at = instant(at)
	user := User{
		ID: id, Version: 1, Name: f.Name, Email: f.Email, Role: f.Role, CreatedAt: at, CreatedBy: by.ID, UpdatedAt: at, SessionsFrom: at,
	}
	_, err = u.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := insertUser(ctx, tx, &user); err != nil {
			return nil, err
		}
		return []audit.Entry{user.entry(uuid.New(), "user.created", by, at, nil)}, nil
	})
	if err != nil {
		return User{}, err
	}
	return user, nil
}

// Change changes the version of a user that the caller saw. Whoever is disabled is signed out at once, everywhere, and stays so when enabled
// again. It refuses an unknown user (NotFound), another version (Stale), bad fields (Invalid), and (Conflict) to disable the last administrator who
// is not, or to give that one another role; a patch that changes nothing writes nothing.
func (u *Users) Change(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, p UserPatch) (User, error) {
	at = instant(at)
	var user User
	_, err := u.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		var administrators []uuid.UUID
		var err error
		if p.dismisses() {
			if administrators, err = lockAdministrators(ctx, tx, id); err != nil {
				return nil, err
			}
		}
		before, err := lockUser(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if before.Version != version {
			return nil, registry.Refuse(registry.Stale, "The user was changed since version %d was read; it is now at version %d.", version, before.Version)
		}
		after, changed, err := before.patched(p, at)
		if err != nil {
			return nil, err
		}
		if len(changed) == 0 {
			user = before
			return nil, nil
		}
		if err := before.replaced(after, administrators); err != nil {
			return nil, err
		}
		if err := updateUser(ctx, tx, &after); err != nil {
			return nil, err
		}
		user = after
		return []audit.Entry{after.entry(uuid.New(), "user.changed", by, at, after.change(changed))}, nil
	})
	if err != nil {
		return User{}, err
	}
	return user, nil
}

// Read reads a user; NotFound where there is none.
func (u *Users) Read(ctx context.Context, id uuid.UUID) (User, error) {
	return selectUser(ctx, u.db, id)
}

// ByEmail reads the user with an address, written in any case; NotFound where there is none.
func (u *Users) ByEmail(ctx context.Context, email string) (User, error) {
	return selectUserByEmail(ctx, u.db, email)
}

// List lists users, newest first, disabled ones too; limit is 1..200. It refuses a cursor that is not its own (Invalid).
func (u *Users) List(ctx context.Context, limit int, cursor string) (registry.Page[User], error) {
	read := func(before uuid.UUID, n int) ([]User, error) { return selectUsers(ctx, u.db, before, n) }
	return pageOf(limit, cursor, "user-", read, func(x User) uuid.UUID { return x.ID })
}

// administrator is the first user; the address leads nowhere and stands for nobody.
var administrator = UserFields{Name: "Administrator", Email: "administrator@onward.invalid", Role: Admin}

// Administrator is the user for whom a program that starts may print a link: it makes one where there is no user at all. It is not needed
// (false) once somebody else has signed in, or the administrator is disabled.
func (u *Users) Administrator(ctx context.Context, at time.Time) (User, bool, error) {
	users, visitors, err := crowd(ctx, u.db, administrator.Email)
	if err != nil || visitors > 0 {
		return User{}, false, err
	}
	var refusal *registry.Refusal
	if users == 0 {
		user, err := u.Create(ctx, audit.Program, at, administrator)
		if !errors.As(err, &refusal) { // another instance may start at the same moment
			return user, err == nil, err
		}
	}
	user, err := u.ByEmail(ctx, administrator.Email)
	if errors.As(err, &refusal) && refusal.Kind == registry.NotFound {
		return User{}, false, nil
	}
	return user, err == nil && !user.Disabled, err
}

// instant is t as the database keeps it.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
