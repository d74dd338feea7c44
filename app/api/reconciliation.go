package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/app/sheet"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// reconcile compares the log, the registry and the public list.
func (a *API) reconcile(c *gin.Context) error {
	q := queryOf(c, "format", "unused_months")
	format := q.choice("format", "json", "csv")
	months := 12
	if n := q.number("unused_months", 1); n > 0 {
		months = int(min(n, 1000))
	}
	if err := q.err(); err != nil {
		return err
	}
	media := map[string]string{"json": jsonType, "csv": shapes["csv"].media}[format]
	if c.Request.Method == http.MethodHead { // no row leaves, so there is nothing to record
		c.Header("Content-Type", media)
		c.Status(http.StatusOK)
		return nil
	}
	now := a.Now()
	list, err := publishing.Build(c.Request.Context(), a.DB, now)
	if err != nil {
		return err
	}
	listedNow := make([]uuid.UUID, 0, len(list.Entries))
	for _, e := range list.Entries {
		id, err := uuid.Parse(e.ID)
		if err != nil {
			return fmt.Errorf("a line of the public list: %w", err)
		}
		listedNow = append(listedNow, id)
	}
	r, err := a.Gate.BeginReconciliation(c.Request.Context(), login.Actor(c), now, format, months, listedNow)
	if err != nil {
		return parameters(err, nil)
	}
	s := newStream(c, r.ID.String(), media)
	c.Header("Content-Disposition", `attachment; filename="reconciliation-`+r.ID.String()+`.`+format+`"`)
	if format == "csv" {
		err = findingsAsTable(c, s, r)
	} else {
		err = findingsAsJSON(c, s, r)
	}
	return s.end(err, func(ctx context.Context, complete bool) error {
		return r.End(ctx, a.Now(), s.rows, [32]byte(s.sum.Sum(nil)), complete)
	})
}

func findingsAsJSON(c *gin.Context, s *stream, r *sharing.Reconciliation) error {
	head := struct {
		ReportID string `json:"report_id"`
		Log      string `json:"log"`
		Before   int64  `json:"before,string"`
	}{r.ID.String(), r.Begun.Log, r.Begun.Index}
	if err := openList(s, head, "findings"); err != nil {
		return err
	}
	line := encoder(s)
	err := r.Findings(c.Request.Context(), func(f *sharing.Finding) error {
		s.rows++
		return listed(s, line, f)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s, `],"rows":"%d"}`+"\n", s.rows)
	return err
}

func findingsAsTable(c *gin.Context, s *stream, r *sharing.Reconciliation) error {
	table := sheet.NewWriter(s)
	if err := table.Write(sharing.FindingColumns()); err != nil {
		return err
	}
	err := r.Findings(c.Request.Context(), func(f *sharing.Finding) error {
		s.rows++
		return table.Write(f.Cells())
	})
	if err != nil {
		return err
	}
	return table.Flush()
}
