package api_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

// fill appends shares to the log behind its back, as the superuser: a report only reads leaves. It cannot be verified any more.
func (s *stage) fill(tb testing.TB, n int) {
	tb.Helper()
	// The columns and leaf of a share in realistic length; what differs is the index.
	super := pgtest.Superuser(tb, s.db)
	for from := 0; from < n; from += 50_000 { // a statement may take a minute
		if _, err := super.ExecContext(context.Background(), fillShares, from, min(from+50_000, n)-1); err != nil {
			tb.Fatal(err)
		}
	}
	head, err := s.log.Head(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	edge := make([]byte, 32*bits.OnesCount64(uint64(head.Size)+uint64(n)))
	var root tlog.Hash
	for range len(edge)/32 - 1 {
		root = tlog.NodeHash(tlog.Hash{}, root)
	}
	if _, err := super.ExecContext(context.Background(), `UPDATE log_head SET size = size + ?, edge = ?, root = ?`, n, edge, root[:]); err != nil {
		tb.Fatal(err)
	}
}

// fillShares appends shares from the log's size on.
const fillShares = `
WITH head AS (SELECT size FROM log_head), made AS (
	SELECT h.size + g AS idx, gen_random_uuid() AS id, ('00000000-0000-4000-8000-' || lpad(to_hex(g % 50), 12, '0'))::uuid AS vendor, g
	FROM head h, generate_series(?::bigint, ?::bigint) g
)
	INSERT INTO log_entry (month, recorded_at, idx, entry_id, type, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf)
	SELECT '2026-11-01', '2026-11-24T09:00:00Z', idx, id, 'share.recorded', '2026-11-24T09:00:00Z', '33333333-3333-4333-8333-333333333333', vendor, g / 50 + 1,
		sha256(uuid_send(id)), convert_to(
		'{"actor":{"id":"33333333-3333-4333-8333-333333333333","kind":"key","role":"service"},"body":{"categories":["CONTACT","DEVICE_NET"],"contract_ids":["0197aaaa-0000-7000-8000-000000000001"],'
		|| '"countries":["' || (ARRAY['DE','US','FR'])[g % 3 + 1] || '"],"engagement_id":"0197aaaa-0000-7000-8000-000000000003","ground":"service_provider","judged_by":[{"id":"0197aaaa-0000-7000-8000-000000000004","kind":"vendor","version":"3"},'
		|| '{"id":"0197aaaa-0000-7000-8000-000000000003","kind":"engagement","version":"1"},{"id":"0197aaaa-0000-7000-8000-000000000005","kind":"location","version":"1"},{"id":"0197aaaa-0000-7000-8000-000000000001","kind":"contract","version":"2"}],'
		|| '"origin":"DE","policy":"2018-10-26","pseudonymised":false,"purpose":"INFRA","reasons":[],"rules":"1","state":"intended","subject_count":"1","system":"crm","vendor_kinds":["subprocessor"],"vendor_name":"Vendor ' || g % 50
		|| ', \"Inc.\"","verdict":"allowed"},"commitment":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","entry_id":"' || id || '","log":"onward.example/test","occurred_at":"2026-11-24T09:00:00.000000Z","recorded_at":"2026-11-24T09:00:00.000000Z",'
		|| '"type":"share.recorded","v":"1","vendor_id":"' || vendor || '","vendor_seq":"' || lpad((g / 50 + 1)::text, 12, '0') || '"}', 'UTF8')
	FROM made`

// ask begins a report.
func (s *stage) ask(ctx context.Context, t *testing.T, path string) *http.Response {
	t.Helper()
	answer, err := s.server.Client().Do(s.request(ctx, t, http.MethodGet, path, "auditor", nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("got %s: %s", answer.Status, s.faults.take())
	}
	return answer
}

// ended waits for the entry that says how a report ended.
func (s *stage) ended(t *testing.T, id string) map[string]any {
	t.Helper()
	for range 200 {
		found, err := s.log.Entries(context.Background(), audit.Query{After: -1, Newest: true, Limit: 10, Type: "report.ended"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			var leaf struct {
				Body map[string]any `json:"body"`
			}
			if err := json.Unmarshal(e.Leaf, &leaf); err != nil {
				t.Fatal(err)
			}
			if leaf.Body["report_id"] == id {
				return leaf.Body
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the report has no end in the log")
	return nil
}

func TestReportsStream(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const rows = 20_000
	s.fill(t, rows)

	t.Run("the trailers and the log have the number of rows and the hash of the bytes", func(t *testing.T) {
		t.Parallel()
		for format, count := range map[string]func([]byte) (int, error){
			"csv": func(b []byte) (int, error) {
				all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
				return len(all) - 1, err
			},
			"ndjson": func(b []byte) (int, error) { return bytes.Count(b, []byte("\n")), nil },
			"json": func(b []byte) (int, error) {
				var r struct{ Shares []json.RawMessage }
				err := json.Unmarshal(b, &r)
				return len(r.Shares), err
			},
		} {
			answer := s.ask(t.Context(), t, "/v1/reports/shares?format="+format) //nolint:bodyclose // ask closes it
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(body)
			if n, err := count(body); err != nil || n != rows {
				t.Errorf("%s: %d rows: %v", format, n, err)
			}
			ended := s.ended(t, answer.Header.Get("Report-Id"))
			for _, got := range []any{answer.Trailer.Get("Report-Sha256"), ended["sha256"]} {
				if got != hex.EncodeToString(sum[:]) {
					t.Errorf("%s: hash %v, want %x", format, got, sum)
				}
			}
			for _, got := range []any{answer.Trailer.Get("Report-Rows"), ended["rows"]} {
				if got != strconv.Itoa(rows) {
					t.Errorf("%s: %v rows", format, got)
				}
			}
			if ended["complete"] != true {
				t.Errorf("%s: %v", format, ended)
			}
		}
	})
	t.Run("a client that hangs up has not got it all, and the log says so", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		answer := s.ask(ctx, t, "/v1/reports/shares?format=csv") //nolint:bodyclose // ask closes it
		if _, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		cancel()
		ended := s.ended(t, answer.Header.Get("Report-Id"))
		n, err := strconv.Atoi(ended["rows"].(string))
		if ended["complete"] != false || err != nil || n >= rows {
			t.Errorf("got %v", ended)
		}
	})
	t.Run("it is on record before the first byte", func(t *testing.T) {
		t.Parallel()
		answer := s.ask(t.Context(), t, "/v1/reports/shares") //nolint:bodyclose // ask closes it
		if r := s.send(t, s.request(t.Context(), t, http.MethodGet, "/v1/audit/entries/"+answer.Header.Get("Report-Id"), "auditor", nil), false); r.status != 200 {
			t.Errorf("got %d", r.status)
		}
	})
	t.Run("what cannot be read is no report: the connection is cut, the log says so, and nothing of the fault is shown", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.fill(t, 2000)
		_, err := pgtest.Superuser(t, s.db).ExecContext(t.Context(), `ALTER TABLE log_entry_2026_11 DISABLE TRIGGER ALL;
			UPDATE log_entry SET leaf = '\x7b7d7d' WHERE idx = 1500`)
		if err != nil {
			t.Fatal(err)
		}
		answer := s.ask(t.Context(), t, "/v1/reports/shares?format=csv") //nolint:bodyclose // ask closes it
		body, err := io.ReadAll(answer.Body)
		if !errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(string(body), "canonical") || answer.Trailer.Get("Report-Sha256") != "" {
			t.Errorf("%v %v", err, answer.Trailer)
		}
		if ended := s.ended(t, answer.Header.Get("Report-Id")); ended["complete"] != false {
			t.Errorf("got %v", ended)
		}
		if text := s.faults.take(); !strings.Contains(text, "entry 1500") {
			t.Errorf("logged %q", text)
		}
	})
}
