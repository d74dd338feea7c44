package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"onward/app/login"
)

// Every operation serves the roles that its description names, and no other. An unknown parameter keeps those that it serves from doing
// anything.
func TestRolesAreTheDescription(t *testing.T) {
	t.Parallel()
	c, s := loadContract(t), newStage(t)
	for _, o := range c.operations {
		if !o.keyed {
			continue
		}
		for _, role := range login.Roles() {
			path := strings.NewReplacer("{", "", "}", "").Replace(o.path) + "?nonsense=1"
			status := s.send(t, s.request(t.Context(), t, o.method, path, role, nil), false).status
			if refused := status == http.StatusForbidden; refused == slices.Contains(o.roles, role) {
				t.Errorf("%s as %s: got %d; it is described for %v", o.name, role, status, o.roles)
			}
		}
	}
}
