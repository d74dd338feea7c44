package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"onward/app/sheet"
	"onward/audit"
	"onward/audit/proof"
	"onward/registry/sharing"
)

func TestBundles(t *testing.T) {
	t.Parallel()

	t.Run("a bundle that no checkpoint covers in time is refused, and the log says that nothing left", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		got := s.send(t, s.request(t.Context(), t, http.MethodGet, "/v1/reports/shares?format=bundle", "auditor", nil), false)
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
			t.Errorf("got %d: %s", got.status, got.body)
		}
		ended, err := s.log.Entries(t.Context(), audit.Query{After: -1, Type: "report.ended"})
		if err != nil || len(ended) != 1 || !strings.Contains(string(ended[0].Leaf), `"complete":false`) || !strings.Contains(string(ended[0].Leaf), `"rows":"0"`) {
			t.Errorf("%v %v", err, ended)
		}
	})
	t.Run("a bundle is proved by its leaves alone, and what is changed in it is found", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		vendor := s.vendor(t)
		in, next := s.openBatch(t)
		for _, key := range []string{"a", "b", "c"} {
			if _, err := in.Write([]byte(batchLine(vendor, key))); err != nil {
				t.Fatal(err)
			}
			next()
		}
		closeAll(t, in)
		answers := make(chan reply)
		go func() {
			answers <- s.send(t, s.request(t.Context(), t, http.MethodGet, "/v1/reports/shares?format=bundle&vendor_id="+vendor+"&text=infra", "auditor", nil), false)
		}()
		var got reply
		for got.status == 0 {
			select {
			case got = <-answers:
			case <-time.After(100 * time.Millisecond):
				s.publish(t)
			}
		}
		policy, err := proof.KeyPolicy(s.press.public)
		if err != nil {
			t.Fatal(err)
		}
		b, err := proof.OpenBundle(bytes.NewReader(got.body), int64(len(got.body)))
		if err != nil {
			t.Fatalf("%d: %v", got.status, err)
		}
		proved, err := b.Check(t.Context(), policy, proof.BundleOptions{Selector: func(filter json.RawMessage, begun proof.Leaf) (proof.Selection, error) {
			selection, err := sharing.SelectBundle(filter, begun)
			row := selection.Row
			selection.Row = func(index int64, leaf []byte) ([]string, bool, error) {
				cells, ok, err := row(index, leaf)
				sheet.Harmless(cells)
				return cells, ok, err
			}
			return selection, err
		}})
		if err != nil || proved.Rows != 3 {
			t.Errorf("%v: %+v", err, proved)
		}
		for _, other := range []string{
			strings.Replace(string(b.Manifest.Filter), `"infra"`, `"other"`, 1), strings.Replace(string(b.Manifest.Filter), `"text_key":"`, `"text_key":"0`, 1),
			`{}`, `{"colour":"red"}`,
		} {
			b.Manifest.Filter = json.RawMessage(other)
			if _, err := b.Check(t.Context(), policy, proof.BundleOptions{Selector: sharing.SelectBundle}); err == nil {
				t.Errorf("the filter %s is proved", other)
			}
		}
	})
}
