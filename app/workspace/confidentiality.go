package workspace

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

var confidentialityPage = pageOf("confidentiality")

type confidentialityData struct {
	frame
	Text       sharing.Confidentiality
	Paragraphs []string
	Done       *sharing.Acknowledgement // of this version; nil where there is none
}

// showConfidentiality shows what must be acknowledged before anything about a person is seen (P-21).
func (w *Workspace) showConfidentiality(c *gin.Context, v login.Visit) error {
	return w.confidentiality(c, v, http.StatusOK, nil)
}

func (w *Workspace) confidentiality(c *gin.Context, v login.Visit, status int, s *sent) error {
	d := &confidentialityData{frame: w.frame(c, v, "Confidentiality"), Text: sharing.CurrentConfidentiality()}
	for part := range strings.SplitSeq(d.Text.Text, "\n\n") {
		d.Paragraphs = append(d.Paragraphs, part)
	}
	done, is, err := w.Gate.Acknowledged(c.Request.Context(), v.User.Actor())
	if err != nil {
		return err
	}
	if is {
		d.Done = &done
	}
	d.Sent = s
	return w.show(c, status, confidentialityPage, d)
}

// acknowledgeConfidentiality records that the text was read, in the version that was shown.
func (w *Workspace) acknowledgeConfidentiality(c *gin.Context, v login.Visit) error {
	return w.change(c, "/app/confidentiality", func(values url.Values) error {
		_, _, err := w.Gate.Acknowledge(c.Request.Context(), v.User.Actor(), w.Now(), sharing.AcknowledgementFields{Version: values.Get("version")})
		return err
	}, func(s *sent) error { return w.confidentiality(c, v, s.Problem.Status, s) })
}
