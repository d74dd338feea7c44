package workspace

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/audit"
)

// witness is who cosigns the log, and when last.
type witness struct {
	Name string
	At   time.Time // zero where it never did
}

var logPage = pageOf("log")

type logData struct {
	frame
	Head      audit.Head
	Published audit.Published
	Witnesses []witness
	Keys      []string // that checkpoints are verified with
	Address   string   // of the log
}

// showLog shows what the log is, how far it is published, and how anybody proves it.
func (w *Workspace) showLog(c *gin.Context, v login.Visit) error {
	ctx := c.Request.Context()
	d := &logData{frame: w.frame(c, v, "Log"), Address: w.Brand.PublicURL + "/log"}
	var err error
	if d.Head, err = w.Log.Head(ctx); err != nil {
		return err
	}
	if d.Published, err = w.Published(ctx); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.Published.CosignedAt)) {
		d.Witnesses = append(d.Witnesses, witness{name, d.Published.CosignedAt[name]})
	}
	policy, err := w.Policy()
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(policy)) {
		if key, is := strings.CutPrefix(strings.TrimSpace(line), "log "); is {
			key, _, _ = strings.Cut(key, " ")
			d.Keys = append(d.Keys, key)
		}
	}
	if w.Brand.PublicURL == "" {
		d.Address = "http://" + c.Request.Host + "/log"
	}
	return w.show(c, http.StatusOK, logPage, d)
}
