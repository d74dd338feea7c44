package workspace

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// names finds what ids stand for while one page is made, each once.
type names struct {
	w     *Workspace
	known map[uuid.UUID]string
}

func (w *Workspace) names() *names { return &names{w, map[uuid.UUID]string{}} }

// find is the name that read finds, or else the id itself: a name that is gone breaks no page.
func (n *names) find(id uuid.UUID, read func() (string, error)) (string, error) {
	if name, known := n.known[id]; known {
		return name, nil
	}
	name, err := read()
	var refusal *registry.Refusal
	switch {
	case errors.As(err, &refusal):
		name = id.String()
	case err != nil:
		return "", err
	}
	n.known[id] = name
	return name, nil
}

// actor is who did something: a user, a key or the program.
func (n *names) actor(ctx context.Context, id uuid.UUID) (string, error) {
	return n.find(id, func() (string, error) {
		if id == audit.Program.ID {
			return "the program", nil
		}
		u, err := n.w.Users.Read(ctx, id)
		var refusal *registry.Refusal
		if !errors.As(err, &refusal) {
			return u.Name, err
		}
		k, err := n.w.Keys.Read(ctx, id)
		return "key “" + k.Name + "”", err
	})
}

func (n *names) vendor(ctx context.Context, id uuid.UUID) (string, error) {
	return n.find(id, func() (string, error) {
		v, err := n.w.Registry.Vendor(ctx, id, nil)
		return v.Name, err
	})
}

func (n *names) customer(ctx context.Context, id uuid.UUID) (string, error) {
	return n.find(id, func() (string, error) {
		c, err := n.w.Desk.Customer(ctx, id, nil)
		return c.Name, err
	})
}
