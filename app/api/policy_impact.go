package api

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/registry/sharing"
)

// impactPage is a part of what a version would put in breach, compared with the one before it.
type impactPage struct {
	From  string           `json:"from"`
	To    string           `json:"to"`
	At    time.Time        `json:"at"`
	Items []sharing.Impact `json:"items"`
	Next  string           `json:"next,omitempty"`
}

func (a *API) listPolicyImpact(c *gin.Context) error {
	q := queryOf(c, "at", "limit", "cursor")
	limit, at := q.limit(), q.instant("at", a.Zone)
	mark := fmt.Sprintf("impact-%08x-", crc32.ChecksumIEEE([]byte(c.Param("name")+"\x00"+q.text("at"))))
	place, ours := impactPlace(q.text("cursor"), mark)
	if !ours {
		q.refuse("cursor", "belongs to another list")
	}
	if err := q.err(); err != nil {
		return err
	}
	after, err := a.Registry.Policy(c.Request.Context(), a.Now(), c.Param("name"))
	if err != nil {
		return err
	}
	before, err := a.Registry.PolicyBefore(c.Request.Context(), after)
	if err != nil {
		return err
	}
	p := impactPage{To: after.Name, At: a.Now().UTC()}
	if before != nil {
		p.From = before.Name
	}
	if begins, ok := after.Begins(); ok && begins.After(p.At) {
		p.At = begins
	}
	if at != nil {
		p.At = at.UTC()
	}
	if p.Items, err = a.Gate.Impacts(c.Request.Context(), before, &after.Version, p.At, place, limit+1); err != nil {
		return err
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		last := p.Items[limit-1]
		p.Next = mark + last.VendorID.String() + "." + last.EngagementID.String()
	}
	return answer(c, http.StatusOK, p)
}

// impactPlace is where a cursor goes on; false where it is one of another list.
func impactPlace(cursor, mark string) (sharing.ImpactPlace, bool) {
	if cursor == "" {
		return sharing.ImpactPlace{}, true
	}
	text, ours := strings.CutPrefix(cursor, mark)
	vendor, engagement, _ := strings.Cut(text, ".")
	v, errV := uuid.Parse(vendor)
	e, errE := uuid.Parse(engagement)
	return sharing.ImpactPlace{VendorID: v, EngagementID: e}, ours && errV == nil && errE == nil
}
