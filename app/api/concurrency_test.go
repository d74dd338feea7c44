package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"onward/audit"
)

// do sends a JSON request and reads the answer.
func (s *stage) do(t *testing.T, method, path, as, body string, header ...string) (int, map[string]any) {
	t.Helper()
	r := s.request(t.Context(), t, method, path, as, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := s.send(t, r, false)
	var v map[string]any
	if len(answer.body) > 0 {
		if err := json.Unmarshal(answer.body, &v); err != nil {
			t.Error(err)
		}
	}
	return answer.status, v
}

// vendor makes a vendor and returns its id.
func (s *stage) vendor(t *testing.T) string {
	t.Helper()
	status, v := s.do(t, http.MethodPost, "/v1/vendors", "legal", `{"name":"Acme","kinds":["partner"]}`)
	if status != http.StatusCreated {
		t.Fatal(status, v)
	}
	return v["id"].(string)
}

// atOnce calls do n times at once and counts the statuses.
func atOnce(n int, do func(i int) int) map[int]int {
	counts := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			status := do(i)
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	all.Wait()
	return counts
}

// Of many changes of one version, one is made; the others are told that theirs is stale.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.vendor(t)
	counts := atOnce(8, func(i int) int {
		status, _ := s.do(t, http.MethodPatch, "/v1/vendors/"+id, "legal", fmt.Sprintf(`{"owner":"%d"}`, i), "If-Match", `"1"`)
		return status
	})
	if counts[http.StatusOK] != 1 || counts[http.StatusPreconditionFailed] != 7 {
		t.Error(counts)
	}
	if err := s.log.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// Of many vendors of one name, one is made.
func TestNamesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	counts := atOnce(8, func(int) int {
		status, _ := s.do(t, http.MethodPost, "/v1/vendors", "legal", `{"name":"Acme","kinds":["partner"]}`)
		return status
	})
	if counts[http.StatusCreated] != 1 || counts[http.StatusConflict] != 7 {
		t.Error(counts)
	}
}

// Many callers with one Idempotency-Key and one share make one entry, and all get its receipt.
func TestOneKeyManyCallers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	body := fmt.Sprintf(`{"vendor_id":%q,"purpose":"INFRA","ground":"partner","categories":["CONTACT"],"countries":["DE"],
		"occurred_at":"2026-11-24T08:00:00Z","state":"occurred"}`, s.vendor(t))
	var receipts sync.Map
	counts := atOnce(50, func(int) int {
		status, v := s.do(t, http.MethodPost, "/v1/shares", "service", body, "Idempotency-Key", "one")
		if receipt, ok := v["receipt"].(map[string]any); ok {
			receipts.Store(fmt.Sprint(receipt), true)
		}
		return status
	})
	if counts[http.StatusCreated] != 50 {
		t.Error(counts)
	}
	different := 0
	receipts.Range(func(any, any) bool { different++; return true })
	if different != 1 {
		t.Errorf("%d receipts for one share", different)
	}
	entries, err := s.log.Entries(t.Context(), audit.Query{After: -1, Limit: 10, Type: "share.recorded"})
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries for one share, %v", len(entries), err)
	}
}
