package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/app/problem"
	"onward/audit"
	"onward/registry"
)

// linkLife is how long a sign-in link can be used.
const linkLife = 15 * time.Minute

// Visit is from a signing in to the signing out.
type Visit struct {
	ID   uuid.UUID // of the entry user.signed_in
	User User
	At   time.Time
}

// errLink refuses a link without saying whether there ever was one.
var errLink = problem.Refuse(problem.Unauthorized, "The link was used, is too old, or was replaced by a newer one. Ask for a new one.")

// MakeLink makes the secret of a link by which the user signs in once, within 15 minutes; it is not kept. It replaces a link that was not used.
// Making one works while the log is frozen, and is no entry: who made the link stands in the entry of the signing in. It refuses an unknown user
// (NotFound) and a disabled one (Conflict).
func (u *Users) MakeLink(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID) (secret string, until time.Time, err error) {
	user, err := selectUser(ctx, u.db, id)
	if err != nil {
		return "", time.Time{}, err
	}
	if user.Disabled {
		return "", time.Time{}, registry.Refuse(registry.Conflict, "The user is disabled.")
	}
	secret = newSecret()
	h, _ := hash(secret)
	at = instant(at)
	until = at.Add(linkLife)
	return secret, until, replaceLink(ctx, u.db, h[:], id, by.ID, at, until)
}

// LinkWorks says whether SignIn would take the secret now. It changes nothing: programs that look into mails may follow the link.
func (u *Users) LinkWorks(ctx context.Context, at time.Time, secret string) (bool, error) {
	h, possible := hash(secret)
	if !possible {
		return false, nil
	}
	return hasLink(ctx, u.db, h[:], instant(at))
}

// SignIn uses up a link. It refuses one that is unknown, used or too old, and a user who is disabled (Unauthorized), without saying which.
// When it returns without error, the link is used up and the entry user.signed_in is durable; while the log is frozen the row is durable from
// which Tell writes that entry: somebody must be able to come in to end that.
func (u *Users) SignIn(ctx context.Context, at time.Time, secret string) (Visit, error) {
	h, possible := hash(secret)
	if !possible {
		return Visit{}, errLink
	}
	v := Visit{ID: uuid.New(), At: instant(at)}
	_, err := u.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		user, linkBy, err := takeLink(ctx, tx, h[:], v.At)
		if err != nil {
			return nil, err
		}
		v.User = user
		return []audit.Entry{signedIn(v.ID, user, linkBy, v.At)}, markSignedIn(ctx, tx, user.ID, v.At)
	})
	if errors.Is(err, audit.ErrFrozen) {
		v.User, err = takeLinkUntold(ctx, u.db, h[:], v.ID, v.At)
	}
	if err != nil {
		return Visit{}, err
	}
	return v, nil
}

// SignOut puts the end of a visit on record, by an entry user.signed_out, while the log is frozen as SignIn does. The session is the caller's
// to end.
func (u *Users) SignOut(ctx context.Context, at time.Time, v Visit) error {
	id := uuid.New()
	_, err := u.log.Change(ctx, at, func(context.Context, bun.Tx) ([]audit.Entry, error) {
		return []audit.Entry{signedOut(id, v.User, v.ID, instant(at))}, nil
	})
	if errors.Is(err, audit.ErrFrozen) {
		return insertUntold(ctx, u.db, untold{ID: id, Verb: "signed_out", UserID: v.User.ID, Role: v.User.Role, VisitID: v.ID, OccurredAt: instant(at)})
	}
	return err
}

// Visitor is the user of a session that began at since. It refuses who is disabled, was since, or is not (Unauthorized).
func (u *Users) Visitor(ctx context.Context, id uuid.UUID, since time.Time) (User, error) {
	user, err := selectUser(ctx, u.db, id)
	var refusal *registry.Refusal
	switch {
	case errors.As(err, &refusal):
		return User{}, problem.Refuse(problem.Unauthorized, "Sign in.")
	case err != nil:
		return User{}, err
	case !user.welcome(since):
		return User{}, problem.Refuse(problem.Unauthorized, "The session has ended.")
	default:
		return user, nil
	}
}

// Tell puts on record who came and went while the log was frozen; it does nothing as long as the log is.
func (u *Users) Tell(ctx context.Context, at time.Time) error {
	waiting, err := hasUntold(ctx, u.db)
	if err != nil || !waiting {
		return err
	}
	_, err = u.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		rows, err := takeUntold(ctx, tx)
		if err != nil {
			return nil, err
		}
		var entries []audit.Entry
		for _, r := range rows {
			user := User{ID: r.UserID, Role: r.Role}
			if r.Verb == "signed_out" {
				entries = append(entries, signedOut(r.ID, user, r.VisitID, r.OccurredAt))
			} else {
				entries = append(entries, signedIn(r.ID, user, *r.LinkBy, r.OccurredAt))
			}
		}
		return entries, nil
	})
	if errors.Is(err, audit.ErrFrozen) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("put on record who signed in while the log was frozen: %w", err)
	}
	return nil
}

func signedIn(id uuid.UUID, user User, linkBy uuid.UUID, at time.Time) audit.Entry {
	return user.entry(id, "user.signed_in", user.Actor(), at, audit.Object{"link_by": linkBy.String()})
}

func signedOut(id uuid.UUID, user User, visit uuid.UUID, at time.Time) audit.Entry {
	return user.entry(id, "user.signed_out", user.Actor(), at, audit.Object{"signed_in": visit.String()})
}
