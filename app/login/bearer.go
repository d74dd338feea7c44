package login

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/audit"
	"onward/registry"
)

type actorKey struct{}

// Bearer is the handler that goes before all that want a key: it reads Authorization: Bearer and keeps the actor for Actor. It refuses a
// request without a valid key (Unauthorized).
func (k *Keys) Bearer(now func() time.Time) problem.Handler {
	return func(c *gin.Context) error {
		actor, err := k.Authorized(c.Request.Context(), now(), c.GetHeader("Authorization"))
		if err != nil {
			return err
		}
		c.Set(actorKey{}, actor)
		return nil
	}
}

// Authorized is who an Authorization header speaks for at now. It refuses one that is not Bearer and a valid key (Unauthorized).
func (k *Keys) Authorized(ctx context.Context, now time.Time, header string) (audit.Actor, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return audit.Actor{}, problem.Refuse(problem.Unauthorized, "Send a key as Authorization: Bearer.")
	}
	return k.Authenticate(ctx, now, strings.TrimSpace(secret))
}

// Only is the handler that refuses actors of other roles (Forbidden).
func Only(roles ...string) problem.Handler {
	return func(c *gin.Context) error {
		if !slices.Contains(roles, Actor(c).Role) {
			return registry.Refuse(registry.Forbidden, "This needs a key with the role %s.", strings.Join(roles, " or "))
		}
		return nil
	}
}

// Actor is who sent the request, behind Bearer.
func Actor(c *gin.Context) audit.Actor {
	actor, ok := c.Get(actorKey{})
	if !ok {
		panic("a handler that needs an actor is mounted without one")
	}
	return actor.(audit.Actor)
}
