package login

import (
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
		scheme, secret, _ := strings.Cut(c.GetHeader("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" {
			return problem.Refuse(problem.Unauthorized, "send a key as Authorization: Bearer")
		}
		actor, err := k.Authenticate(c.Request.Context(), now(), strings.TrimSpace(secret))
		if err != nil {
			return err
		}
		c.Set(actorKey{}, actor)
		return nil
	}
}

// Only is the handler that refuses actors of other roles (Forbidden).
func Only(roles ...string) problem.Handler {
	return func(c *gin.Context) error {
		if !slices.Contains(roles, Actor(c).Role) {
			return registry.Refuse(registry.Forbidden, "this needs a key with the role %s", strings.Join(roles, " or "))
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
