package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry"
)

// comparison is how a later version of a record differs from an earlier one.
type comparison struct {
	Earlier int64                 `json:"earlier"`
	Later   int64                 `json:"later"`
	Changes []registry.Difference `json:"changes"`
}

// history is the handler of the versions of records of a kind.
func (a *API) history(kind string) problem.Handler {
	return func(c *gin.Context) error {
		id, err := idOf(c, "id")
		if err != nil {
			return err
		}
		if c.Request.URL.Query().Has("compare") {
			return compareWith(c, func(earlier, later int64) ([]registry.Difference, error) {
				return a.Registry.Compare(c.Request.Context(), kind, id, earlier, later)
			})
		}
		return versionsWith(c, func(limit int, cursor string) (registry.Page[registry.Version], error) {
			return a.Registry.History(c.Request.Context(), kind, id, limit, cursor)
		})
	}
}

// versionsWith answers with the page of versions that list lists.
func versionsWith(c *gin.Context, list func(limit int, cursor string) (registry.Page[registry.Version], error)) error {
	q := queryOf(c, "limit", "cursor")
	limit, cursor := q.limit(), q.text("cursor")
	if err := q.err(); err != nil {
		return err
	}
	p, err := list(limit, cursor)
	for i := range p.Items {
		if p.Items[i].Changes == nil {
			p.Items[i].Changes = []registry.Difference{}
		}
	}
	return page(c, p, err)
}

// compareWith answers with how two versions differ, as compare says.
func compareWith(c *gin.Context, compare func(earlier, later int64) ([]registry.Difference, error)) error {
	q := queryOf(c, "compare")
	earlier, later, err := versionsIn(q.text("compare"))
	if err != nil {
		q.refuse("compare", "%s", err)
	}
	if err := q.err(); err != nil {
		return err
	}
	changes, err := compare(earlier, later)
	if err != nil {
		return parameters(err, nil)
	}
	if changes == nil {
		changes = []registry.Difference{}
	}
	return answer(c, http.StatusOK, comparison{earlier, later, changes})
}

// versionsIn reads 1..3.
func versionsIn(text string) (earlier, later int64, err error) {
	first, second, _ := strings.Cut(text, "..")
	earlier, err1 := strconv.ParseInt(first, 10, 64)
	later, err2 := strconv.ParseInt(second, 10, 64)
	if err1 != nil || err2 != nil || earlier < 1 || later <= earlier {
		return 0, 0, errors.New("must be two versions, the earlier first, such as 1..3")
	}
	return earlier, later, nil
}
