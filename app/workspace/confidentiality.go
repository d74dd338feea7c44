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
	Text  sharing.Confidentiality
	Parts []part
	Done  *sharing.Acknowledgement // of this version; nil where there is none
}

// part is a paragraph of the text, or a numbered list.
type part struct {
	Paragraph string
	Items     []string
}

func newPart(text string) (p part) {
	for line := range strings.SplitSeq(text, "\n") {
		if _, item, numbered := strings.Cut(line, ". "); numbered && line[0] >= '1' && line[0] <= '9' {
			p.Items = append(p.Items, item)
			continue
		}
		if last := len(p.Items) - 1; last >= 0 {
			p.Items[last] += " " + strings.TrimSpace(line)
		} else {
			p.Paragraph = strings.TrimSpace(p.Paragraph + " " + line)
		}
	}
	return p
}

// showConfidentiality shows what must be acknowledged before anything about a person is seen (P-21).
func (w *Workspace) showConfidentiality(c *gin.Context, v login.Visit) error {
	return w.confidentiality(c, v, http.StatusOK, nil)
}

func (w *Workspace) confidentiality(c *gin.Context, v login.Visit, status int, s *sent) error {
	d := &confidentialityData{frame: w.frame(c, v, "Confidentiality"), Text: sharing.CurrentConfidentiality()}
	for text := range strings.SplitSeq(strings.TrimSpace(d.Text.Text), "\n\n") {
		d.Parts = append(d.Parts, newPart(text))
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
