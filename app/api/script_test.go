package api_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A conversation is a text file of steps, one a paragraph:
//
//	# What is shown
//	POST /v1/vendors as legal
//	If-Match: "1"
//	{"name": "Acme"}
//	-> 201
//	Location: /v1/vendors/{{vendor}}
//	{"state": "proposed"}
//
// The answer has at least the headers and members that stand there; lists are compared whole. {{name}} is any text when it first stands in an
// answer, and that text ever after; {{any}} is any value, {{absent}} none. A body can also be made: @hex, @deep N, @large N, @broken, or
// @text. What an answer's body contains follows after @contains. "clock INSTANT" moves the clock, "checkpoint" publishes one of the
// log as it is, "announced VENDOR CUSTOMER CHANGE TOKEN" announces a change
// of the vendor to the customer, and names it and the link of its notice, "told" freezes the notice that waits and delivers it, "due" lets changes take effect whose day has come, "fallen" puts before legal which transfers' mechanisms have fallen, "asked CONFIRM
// LEAVE" names the links of who asked last to subscribe, "no database" takes the database away, "frozen" freezes the log.
// "EVERY …" stands for every operation of the description that it fits.
type step struct {
	line    int
	title   string
	clock   string   // or
	publish bool     // or
	lose    bool     // or
	freeze  bool     // or
	due     bool     // or
	fallen  bool     // or
	tell    bool     // or
	tokens  []string // names of the links of the newest subscriber, or
	change  []string // that is announced: vendor, customer, and the names of the change and of the link, or
	method  string
	every   string // instead of method and path
	path    string
	as      string
	header  [][2]string
	body    []byte
	broken  bool
	status  int
	answer  [][2]string
	expects []string // lines of the body
}

var requestLine = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE) (.+?)(?: as (.+))?$`)

func readScript(t *testing.T, file string) []step {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	line := 1
	for _, paragraph := range strings.Split(string(text), "\n\n") {
		s, err := readStep(strings.Split(strings.Trim(paragraph, "\n"), "\n"))
		if err != nil {
			t.Fatalf("%s:%d: %v", file, line, err)
		}
		s.line = line
		line += strings.Count(paragraph, "\n") + 2
		if s.method != "" || s.every != "" || s.clock != "" || s.publish || s.lose || s.freeze || s.due || s.fallen || s.tell || s.tokens != nil || s.change != nil {
			steps = append(steps, s)
		}
	}
	return steps
}

func readStep(lines []string) (s step, err error) {
	for len(lines) > 0 && (strings.HasPrefix(lines[0], "#") || lines[0] == "") {
		s.title = strings.TrimSpace(strings.TrimLeft(lines[0], "#"))
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return s, nil
	}
	first := lines[0]
	lines = lines[1:]
	switch m := requestLine.FindStringSubmatch(first); {
	case m != nil:
		s.method, s.path, s.as = m[1], m[2], m[3]
	case strings.HasPrefix(first, "EVERY "):
		s.every, s.as, _ = strings.Cut(strings.TrimPrefix(first, "EVERY "), " as ")
	case strings.HasPrefix(first, "clock "):
		s.clock = strings.TrimPrefix(first, "clock ")
	case strings.HasPrefix(first, "announced "):
		s.change = strings.Fields(first)[1:]
	case strings.HasPrefix(first, "asked "):
		s.tokens = strings.Fields(first)[1:]
	case first == "told":
		s.tell = true
	case first == "checkpoint":
		s.publish = true
	case first == "no database":
		s.lose = true
	case first == "frozen":
		s.freeze = true
	case first == "fallen":
		s.fallen = true
	case first == "due":
		s.due = true
	default:
		return s, fmt.Errorf("%q is no request", first)
	}
	s.header, lines = readHeader(lines)
	for len(lines) > 0 && !strings.HasPrefix(lines[0], "-> ") {
		if err := s.addBody(lines[0]); err != nil {
			return s, err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return s, nil
	}
	if s.status, err = strconv.Atoi(strings.TrimPrefix(lines[0], "-> ")); err != nil {
		return s, err
	}
	s.answer, s.expects = readHeader(lines[1:])
	return s, nil
}

var headerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]*): (.*)$`)

func readHeader(lines []string) (header [][2]string, rest []string) {
	for len(lines) > 0 {
		m := headerLine.FindStringSubmatch(lines[0])
		if m == nil {
			break
		}
		header = append(header, [2]string{m[1], m[2]})
		lines = lines[1:]
	}
	return header, lines
}

func (s *step) addBody(line string) error {
	word, argument, _ := strings.Cut(line, " ")
	n, _ := strconv.Atoi(argument)
	switch word {
	case "@hex":
		b, err := hex.DecodeString(argument)
		s.body = append(s.body, b...)
		return err
	case "@deep":
		s.body = fmt.Appendf(s.body, `{"name":%s%s}`, strings.Repeat("[", n), strings.Repeat("]", n))
	case "@large":
		s.body = fmt.Appendf(s.body, `{"name":"%s"}`, bytes.Repeat([]byte("x"), n))
	case "@broken":
		s.broken = true
	case "@text":
		s.body = append(s.body, argument...)
	default:
		if len(s.body) > 0 {
			s.body = append(s.body, '\n')
		}
		s.body = append(s.body, line...)
	}
	return nil
}
