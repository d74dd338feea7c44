package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

func (a *API) reportSubject(c *gin.Context) error {
	var q sharing.SubjectQuestion
	if err := decodeOnly(c, &q); err != nil {
		return err
	}
	report, err := a.Gate.BeginSubjectReport(c.Request.Context(), login.Actor(c), a.Now(), q)
	if err != nil {
		return err
	}
	s := newStream(c, report.ID.String(), jsonType)
	err = a.writeSubject(c.Request.Context(), s, report)
	return s.end(err, func(ctx context.Context, complete bool) error { return report.End(ctx, a.Now(), complete) })
}

func (a *API) writeSubject(ctx context.Context, s *stream, report *sharing.SubjectReport) error {
	line := encoder(s)
	if err := openList(s, map[string]string{"report_id": report.ID.String()}, "shares"); err != nil {
		return err
	}
	err := report.Shares(ctx, func(share *sharing.SubjectShare) error {
		s.rows++
		return listed(s, line, share)
	})
	if err != nil {
		return err
	}
	if _, err := s.WriteString(`],"recipients":`); err != nil {
		return err
	}
	if err := line.Encode(report.Recipients()); err != nil {
		return err
	}
	collectors, err := report.Collectors(ctx)
	if err != nil {
		return err
	}
	if _, err := s.WriteString(`,"collects_directly":`); err != nil {
		return err
	}
	if err := line.Encode(collectors); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s, `,"rows":"%d"}`+"\n", s.rows)
	return err
}

func (a *API) eraseSubject(c *gin.Context) error {
	var e sharing.Erasure
	if err := decodeOnly(c, &e); err != nil {
		return err
	}
	done, err := a.Gate.Erase(c.Request.Context(), login.Actor(c), a.Now(), e)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, done)
}
