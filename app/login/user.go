package login

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// UserRoles are the roles of people: a service is none.
func UserRoles() []string { return []string{Admin, Legal, Approver, Auditor} }

// User is somebody who may sign in to the workspace.
type User struct {
	bun.BaseModel `bun:"table:app_users" json:"-"`

	ID         uuid.UUID  `bun:"id,pk,type:uuid" json:"id"`
	Version    int64      `bun:"version" json:"version"`
	Name       string     `bun:"name" json:"name"`
	Email      string     `bun:"email" json:"email"`
	Role       string     `bun:"role" json:"role"`
	Disabled   bool       `bun:"disabled" json:"disabled"`
	CreatedAt  time.Time  `bun:"created_at" json:"created_at"`
	CreatedBy  uuid.UUID  `bun:"created_by,type:uuid" json:"created_by"`
	UpdatedAt  time.Time  `bun:"updated_at" json:"updated_at"`
	SignedInAt *time.Time `bun:"signed_in_at" json:"signed_in_at,omitempty"` // last
	// SessionsFrom ends the sessions that began before.
	SessionsFrom time.Time `bun:"sessions_from" json:"-"`
}

// UserFields is what is said of a user when it is created.
type UserFields struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// UserPatch changes what is not nil.
type UserPatch struct {
	Name     *string `json:"name,omitempty"`
	Role     *string `json:"role,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// Actor is who the user is in the log.
func (u User) Actor() audit.Actor { return audit.Actor{Kind: "user", ID: u.ID, Role: u.Role} }

// administers says whether the user may sign in and administer.
func (u User) administers() bool { return u.Role == Admin && !u.Disabled }

// dismisses says whether the patch can take an administrator away.
func (p UserPatch) dismisses() bool {
	return p.Role != nil && *p.Role != Admin || p.Disabled != nil && *p.Disabled
}

// replaced refuses (Conflict) that u becomes after where nobody else administers.
func (u User) replaced(after User, administrators []uuid.UUID) error {
	if !u.administers() || after.administers() || slices.ContainsFunc(administrators, func(id uuid.UUID) bool { return id != u.ID }) {
		return nil
	}
	return registry.Refuse(registry.Conflict, "This is the last administrator who is not disabled. Make another user an administrator first.")
}

// welcome says whether a session that began at since still is one.
func (u User) welcome(since time.Time) bool { return !u.Disabled && !since.Before(u.SessionsFrom) }

// body is what an entry says of a user: never name or address.
func (u User) body(more audit.Object) audit.Object {
	o := audit.Object{"user_id": u.ID.String(), "role": u.Role}
	for name, value := range more {
		o[name] = value
	}
	return o
}

// entry is the entry of what was done to the user.
func (u User) entry(id uuid.UUID, kind string, by audit.Actor, at time.Time, more audit.Object) audit.Entry {
	return audit.Entry{ID: id, Type: kind, Actor: by, OccurredAt: at, Body: u.body(more)}
}

// check refuses bad fields (Invalid), naming every one.
func (f UserFields) check() error {
	bad := badNameAndRole(f.Name, f.Role)
	address, err := mail.ParseAddress(f.Email)
	if err != nil || address.Address != f.Email || len(f.Email) > 254 || !readable(f.Email) {
		bad = append(bad, registry.Field{Pointer: "/email", Sentence: "must be an e-mail address, without a name before it"})
	}
	return badUser(bad)
}

// patched is the user as p leaves it, and the pointers of what differs.
func (u User) patched(p UserPatch, at time.Time) (after User, changed []string, err error) {
	after = u
	if p.Name != nil && *p.Name != u.Name {
		after.Name, changed = *p.Name, append(changed, "/name")
	}
	if p.Role != nil && *p.Role != u.Role {
		after.Role, changed = *p.Role, append(changed, "/role")
	}
	if p.Disabled != nil && *p.Disabled != u.Disabled {
		after.Disabled, changed = *p.Disabled, append(changed, "/disabled")
	}
	if after.Disabled && !u.Disabled {
		after.SessionsFrom = at
	}
	after.Version, after.UpdatedAt = u.Version+1, at
	return after, changed, badUser(badNameAndRole(after.Name, after.Role))
}

func (u User) change(changed []string) audit.Object {
	return audit.Object{"version": strconv.FormatInt(u.Version, 10), "changed": changed, "disabled": u.Disabled}
}

func badNameAndRole(name, role string) (bad []registry.Field) {
	if !readable(name) {
		bad = append(bad, registry.Field{Pointer: "/name", Sentence: "must have 1 to 200 printable characters"})
	}
	if !slices.Contains(UserRoles(), role) {
		bad = append(bad, registry.Field{Pointer: "/role", Sentence: "must be one of " + strings.Join(UserRoles(), ", ")})
	}
	return bad
}

func badUser(bad []registry.Field) error {
	if bad == nil {
		return nil
	}
	return &registry.Refusal{Kind: registry.Invalid, Sentence: "The user has bad fields.", Fields: bad}
}
