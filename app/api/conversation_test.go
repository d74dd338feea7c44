package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The conversations are the specification of the interface over HTTP; together they have every answer that it describes.
func TestConversations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no conversations", err)
	}
	c := loadContract(t)
	t.Cleanup(func() {
		if missing := c.unseen(); len(missing) > 0 && !t.Failed() {
			t.Errorf("described, but in no conversation:\n%s", strings.Join(missing, "\n"))
		}
	})
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			play(t, c, file)
		})
	}
}

// player plays one conversation.
type player struct {
	*stage
	contract *contract
	memory   memory
}

func play(t *testing.T, c *contract, file string) {
	t.Helper()
	p := &player{stage: newStage(t), contract: c, memory: memory{}}
	for name, id := range p.ids {
		p.memory["key of "+name] = id
	}
	lost := false
	for _, s := range readScript(t, file) {
		failed := t.Failed()
		switch {
		case s.clock != "":
			at, err := time.Parse(time.RFC3339, s.clock)
			if err != nil {
				t.Fatal(err)
			}
			p.clock.set(at)
		case s.publish:
			p.publish(t)
		case s.lose:
			lost = true
			p.loseDatabase(t)
		case s.freeze:
			p.press.freeze(t)
		case s.change != nil:
			p.announce(t, s.change)
		case s.due:
			p.applyDue(t)
		case s.fallen:
			p.openFallen(t)
		case s.tell:
			p.tell(t)
		case s.tokens != nil:
			p.tokens(t, s.tokens)
		case s.every != "":
			p.every(t, s)
		default:
			p.exchange(t, s)
		}
		if t.Failed() && !failed {
			t.Fatalf("%s:%d: %s", file, s.line, s.title)
		}
		if text := p.faults.take(); text != "" && !lost {
			t.Fatalf("%s:%d: %s: the server is at fault: %s", file, s.line, s.title, text)
		}
	}
	if !lost {
		if err := p.log.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// selections are what EVERY can stand before.
var selections = map[string]func(o operation, as string) bool{
	"operation that needs a key": func(o operation, _ string) bool { return o.keyed },
	"operation that does not serve the role": func(o operation, as string) bool {
		return o.keyed && !slices.Contains(o.roles, as)
	},
	"operation on something that is not":  func(o operation, _ string) bool { return o.keyed && strings.Contains(o.path, "{") },
	"operation with an unknown parameter": func(o operation, _ string) bool { return o.keyed },
	"operation with a JSON body":          func(o operation, _ string) bool { return o.keyed && slices.Contains(o.body, "application/json") },
	"operation with a body":               func(o operation, _ string) bool { return o.keyed && len(o.body) > 0 },
	"operation that needs If-Match":       func(o operation, _ string) bool { return o.conditional },
}

// every plays a step with each operation that it selects.
func (p *player) every(t *testing.T, s step) {
	t.Helper()
	selects, known := selections[s.every]
	if !known {
		t.Fatalf("nothing is known of EVERY %s", s.every)
	}
	count := 0
	for _, o := range p.contract.operations {
		if !selects(o, s.as) {
			continue
		}
		count++
		id, n := uuid.Nil.String(), "000"
		if s.every == "operation on something that is not" {
			id, n = "something-that-is-not", "something-that-is-not"
		}
		one := s
		one.method = o.method
		one.path = strings.NewReplacer("{id}", id, "{entry_id}", id, "{name}", id, "{n}", n).Replace(o.path)
		if s.every == "operation with an unknown parameter" {
			one.path += "?nonsense=1"
		}
		if !slices.ContainsFunc(s.header, func(h [2]string) bool { return h[0] == "Content-Type" }) && len(o.body) > 0 && s.body != nil {
			one.header = append(slices.Clone(s.header), [2]string{"Content-Type", strings.Replace(o.body[0], "*/*", "application/pdf", 1)})
		}
		p.exchange(t, one)
	}
	if count == 0 {
		t.Errorf("EVERY %s selects none", s.every)
	}
}

// exchange sends a request and compares the answer.
func (p *player) exchange(t *testing.T, s step) {
	t.Helper()
	p.clock.add(time.Second)
	sent := []byte(p.memory.fill(string(s.body)))
	var body io.Reader
	if len(sent) > 0 {
		body = bytes.NewReader(sent)
	}
	r := p.request(t.Context(), t, s.method, p.memory.fill(s.path), p.memory.fill(s.as), body)
	if len(sent) > 0 && (sent[0] == '{' || sent[0] == '[') {
		r.Header.Set("Content-Type", map[bool]string{true: "application/merge-patch+json", false: "application/json"}[s.method == http.MethodPatch])
	}
	for _, h := range s.header {
		r.Header.Set(h[0], p.memory.fill(h[1]))
	}
	answer := p.send(t, r, s.broken)
	got := answer.body
	what := fmt.Sprintf("%s %s as %s", s.method, s.path, s.as)
	if answer.status != s.status {
		t.Errorf("%s: got %d, want %d: %s", what, answer.status, s.status, got)
		return
	}
	p.contract.check(t, r, sent, answer)
	for _, h := range s.answer {
		if err := p.memory.text(h[1], answer.header.Get(h[0])); err != nil {
			t.Errorf("%s: header %s: %v", what, h[0], err)
		}
	}
	if err := p.compare(s, answer, string(got)); err != nil {
		t.Errorf("%s: %v\n%s", what, err, got)
	}
}

func (p *player) compare(s step, answer reply, got string) error {
	if len(s.expects) == 0 {
		return nil
	}
	if strings.HasPrefix(answer.header.Get("Content-Type"), "application/x-ndjson") {
		lines := strings.Split(strings.TrimSpace(got), "\n")
		if len(lines) != len(s.expects) {
			return fmt.Errorf("got %d lines, want %d", len(lines), len(s.expects))
		}
		for i, want := range s.expects {
			if err := p.memory.json(want, lines[i]); err != nil {
				return fmt.Errorf("line %d: %w", i+1, err)
			}
		}
		return nil
	}
	if text, ok := strings.CutPrefix(s.expects[0], "@text "); ok {
		return p.memory.text(text, got)
	}
	if strings.HasPrefix(s.expects[0], "@contains ") {
		for _, line := range s.expects {
			if text := p.memory.fill(strings.TrimPrefix(line, "@contains ")); !strings.Contains(got, text) {
				return fmt.Errorf("does not contain %q", text)
			}
		}
		return nil
	}
	return p.memory.json(strings.Join(s.expects, "\n"), got)
}
