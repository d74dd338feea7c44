package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// deniedShare is the problem document of a share that the gate denied.
type deniedShare struct {
	problem.Document
	sharing.Decision
}

func (a *API) share(c *gin.Context) error {
	var r sharing.Request
	if err := decodeOnly(c, &r); err != nil {
		return err
	}
	d, err := a.Gate.Share(c.Request.Context(), login.Actor(c), a.Now(), c.GetHeader("Idempotency-Key"), r)
	if err != nil {
		return err
	}
	withReasons(&d)
	c.Header("Location", "/v1/shares/"+d.Receipt.EntryID.String())
	if d.Receipt.Replayed {
		c.Header("Idempotency-Replayed", "true")
	}
	if d.Verdict != sharing.Denied {
		return answerDecision(c, http.StatusCreated, &d)
	}
	document, _ := a.Problems.Document(c, registry.Refuse(registry.Denied, "The share must not happen: see reasons."))
	problem.Send(c, document.Status, deniedShare{document, d})
	return nil
}

func (a *API) checkShare(c *gin.Context) error {
	q := queryOf(c, "at")
	at := q.instant("at", a.Zone)
	if err := q.err(); err != nil {
		return err
	}
	var r sharing.Request
	if err := decode(c, &r); err != nil {
		return err
	}
	var d sharing.Decision
	var err error
	if at == nil {
		d, err = a.Gate.Check(c.Request.Context(), login.Actor(c), a.Now(), r)
	} else {
		d, err = a.Gate.CheckAt(c.Request.Context(), login.Actor(c), a.Now(), *at, r)
	}
	if err != nil {
		return err
	}
	withReasons(&d)
	return answerDecision(c, http.StatusOK, &d)
}

func (a *API) readShare(c *gin.Context) error {
	r, err := a.recorded(c)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, r)
}

func (a *API) readReceipt(c *gin.Context) error {
	r, err := a.recorded(c, "format")
	if err != nil {
		return err
	}
	return a.receipt(c, "share", *r.Receipt)
}

// recorded is the share in the path; the query may have those parameters.
func (a *API) recorded(c *gin.Context, parameters ...string) (sharing.Recorded, error) {
	id, err := idOf(c, "entry_id")
	if err != nil {
		return sharing.Recorded{}, err
	}
	if err := queryOf(c, parameters...).err(); err != nil {
		return sharing.Recorded{}, err
	}
	r, err := a.Gate.Recorded(c.Request.Context(), login.Actor(c), id)
	withReasons(&r.Decision)
	return r, err
}

// withReasons makes no reasons an empty list.
func withReasons(d *sharing.Decision) {
	if d.Reasons == nil {
		d.Reasons = []policy.Reason{}
	}
}
