package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/sheet"
	"onward/registry/sharing"
)

// shape is how a report is written.
type shape struct {
	media, suffix string
	write         func(*stream, *sharing.Report) shareWriter
}

// shareWriter is called in this order.
type shareWriter struct {
	begin func() error
	row   func(*sharing.Row) error
	end   func() error
}

var shapes = map[string]shape{
	"json":   {jsonType, ".json", sharesAsJSON},
	"ndjson": {linesType, ".ndjson", sharesAsLines},
	"csv":    {"text/csv; charset=utf-8; header=present", ".csv", sharesAsTable},
	"bundle": {media: "application/zip"}, // see bundleShares
}

func (a *API) reportShares(c *gin.Context) error {
	q := queryOf(c, "format", "vendor_id", "merged", "vendor_kind", "occurred_from", "occurred_until", "recorded_from", "recorded_until", "purpose", "ground",
		"category", "country", "verdict", "system", "data_origin", "source_vendor_id", "text")
	format := q.choice("format", "json", "ndjson", "csv", "bundle")
	f := sharing.Filter{
		VendorID: q.id("vendor_id"), WithMerged: q.choice("merged", "false", "true") == "true", VendorKind: q.some("vendor_kind"),
		OccurredFrom: q.from("occurred_from", a.Zone), OccurredUntil: q.until("occurred_until", a.Zone),
		RecordedFrom: q.from("recorded_from", a.Zone), RecordedUntil: q.until("recorded_until", a.Zone),
		Purpose: q.some("purpose"), Ground: q.some("ground"), Category: q.some("category"), Country: q.some("country"),
		Verdict: q.some("verdict"), System: q.some("system"), DataOrigin: q.some("data_origin"), SourceVendorID: q.id("source_vendor_id"),
		Text: q.some("text"),
	}
	if err := q.also(f.Check()); err != nil {
		return err
	}
	if c.Request.Method == http.MethodHead { // no row leaves, so there is nothing to record
		c.Header("Content-Type", shapes[format].media)
		c.Status(http.StatusOK)
		return nil
	}
	report, err := a.Gate.BeginReport(c.Request.Context(), login.Actor(c), a.Now(), format, f)
	if err != nil {
		return parameters(err, nil)
	}
	if format == "bundle" {
		return a.bundleShares(c, report)
	}
	s := newStream(c, report.ID.String(), shapes[format].media)
	c.Header("Content-Disposition", `attachment; filename="shares-`+report.ID.String()+shapes[format].suffix+`"`)
	w := shapes[format].write(s, report)
	err = w.begin()
	if err == nil {
		err = report.Rows(c.Request.Context(), func(r *sharing.Row) error {
			s.rows++
			return w.row(r)
		})
	}
	if err == nil {
		err = w.end()
	}
	return s.end(err, func(ctx context.Context, complete bool) error {
		return report.End(ctx, a.Now(), s.rows, [32]byte(s.sum.Sum(nil)), complete)
	})
}

// reported is what a report in one JSON object says before its rows.
type reported struct {
	ReportID string         `json:"report_id"`
	Log      string         `json:"log"`
	Before   int64          `json:"before,string"`
	Filter   sharing.Filter `json:"filter"`
	TextKey  string         `json:"text_key,omitempty"`
}

func sharesAsJSON(s *stream, r *sharing.Report) shareWriter {
	line := encoder(s)
	return shareWriter{
		begin: func() error {
			head := reported{ReportID: r.ID.String(), Log: r.Begun.Log, Before: r.Begun.Index, Filter: r.Filter}
			if r.Filter.Text != "" {
				head.TextKey = hex.EncodeToString(r.TextKey[:])
			}
			return openList(s, head, "shares")
		},
		row: func(r *sharing.Row) error { return listed(s, line, r) },
		end: func() error {
			_, err := fmt.Fprintf(s, `],"rows":"%d"}`+"\n", s.rows)
			return err
		},
	}
}

// openList writes an object that goes on with a list.
func openList(s *stream, head any, name string) error {
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encode a report: %w", err)
	}
	_, err = fmt.Fprintf(s, "%s,%q:[\n", text[:len(text)-1], name)
	return err
}

// listed writes an element of a list; the first is row 1.
func listed(s *stream, line *json.Encoder, v any) error {
	if s.rows > 1 {
		if err := s.WriteByte(','); err != nil {
			return err
		}
	}
	return line.Encode(v)
}

func encoder(s *stream) *json.Encoder {
	e := json.NewEncoder(s)
	e.SetEscapeHTML(false)
	return e
}

func nothing() error { return nil }

func sharesAsLines(s *stream, _ *sharing.Report) shareWriter {
	line := encoder(s)
	return shareWriter{begin: nothing, row: func(r *sharing.Row) error { return line.Encode(r) }, end: nothing}
}

func sharesAsTable(s *stream, _ *sharing.Report) shareWriter {
	table := sheet.NewWriter(s)
	var cells []string
	return shareWriter{
		begin: func() error { return table.Write(append(sharing.Columns(), sharing.ColumnsNow()...)) },
		row: func(r *sharing.Row) error {
			cells = r.CellsNow(r.Cells(cells[:0]))
			return table.Write(cells)
		},
		end: table.Flush,
	}
}
