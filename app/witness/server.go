package witness

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"onward/audit/proof"
)

// Options are what a witness is made of.
type Options struct {
	Key   Key
	State *State
	// Logs are the verifier keys of the logs that it signs for; the name of a key is its log's origin, and a log may have several keys.
	Logs []string
	// Now is the clock whose time is in the signatures.
	Now func() time.Time
	// Faults is told what the caller is not.
	Faults *slog.Logger
}

// Server answers add-checkpoint.
type Server struct {
	Options
	policies map[string]proof.Policy // by origin
	one      sync.Mutex              // one checkpoint at a time: the state is one file
}

// NewServer makes a witness for the logs.
func NewServer(o Options) (*Server, error) {
	keys := make(map[string][]string)
	for _, key := range o.Logs {
		origin, _, _ := strings.Cut(key, "+")
		keys[origin] = append(keys[origin], key)
	}
	s := &Server{Options: o, policies: make(map[string]proof.Policy)}
	for origin, keys := range keys {
		p, err := proof.KeyPolicy(keys...)
		if err != nil {
			return nil, err
		}
		s.policies[origin] = p
	}
	return s, nil
}

// Handler serves the witness under its submission prefix "/".
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", s.addCheckpoint)
	return mux
}

// refusal is an answer that is not a signature.
type refusal struct {
	status int
	body   string
	size   bool // the body is the size that the witness knows
}

func (r *refusal) Error() string { return r.body }

func refuse(status int, why string) error { return &refusal{status: status, body: why + "\n"} }

func conflict(size int64) error {
	return &refusal{http.StatusConflict, fmt.Sprintf("%d\n", size), true}
}

func (s *Server) addCheckpoint(w http.ResponseWriter, r *http.Request) {
	lines, err := s.read(http.MaxBytesReader(w, r.Body, maxBody))
	var no *refusal
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(lines)
		return
	case !errors.As(err, &no):
		s.Faults.Error("a checkpoint was not signed", "error", err)
		no = &refusal{http.StatusInternalServerError, "the witness failed\n", false}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if no.size {
		w.Header().Set("Content-Type", "text/x.tlog.size")
	}
	w.WriteHeader(no.status)
	_, _ = io.WriteString(w, no.body)
}

func (s *Server) read(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, refuse(http.StatusRequestEntityTooLarge, "the request is too long")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the request cannot be read")
	}
	return s.Add(text)
}

// Add judges the body of a request and returns the signature line. What it signs is on disk before it returns.
func (s *Server) Add(body []byte) ([]byte, error) {
	r, err := ParseRequest(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err.Error())
	}
	origin, _, _ := bytes.Cut(r.Checkpoint, []byte("\n"))
	policy, ok := s.policies[string(origin)]
	if !ok {
		return nil, refuse(http.StatusNotFound, "the log is not known here")
	}
	c, err := proof.OpenCheckpoint(r.Checkpoint, policy)
	var fault *proof.Fault
	switch {
	case errors.As(err, &fault) && (fault.Kind == proof.SignatureBad || fault.Kind == proof.ForeignOrigin):
		return nil, refuse(http.StatusForbidden, fault.What)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, err.Error())
	case c.Extended():
		return nil, refuse(http.StatusBadRequest, "the checkpoint has lines after its root; this witness does not sign what it does not know")
	case r.OldSize > c.Size:
		return nil, refuse(http.StatusBadRequest, "the old size is larger than the checkpoint's")
	}
	s.one.Lock()
	defer s.one.Unlock()
	if err := s.goesOn(r, c); err != nil {
		return nil, err
	}
	line, err := s.Key.Cosign(c.Text, s.Now())
	if err != nil {
		return nil, err
	}
	if known, ok := s.State.seen[c.Origin]; !ok || known.Size != c.Size {
		if err := s.State.put(c.Origin, Seen{c.Size, c.Root}); err != nil {
			return nil, fmt.Errorf("keep what is signed: %w", err)
		}
	}
	return line, nil
}

// goesOn checks that the checkpoint is a continuation of the last one that was signed.
func (s *Server) goesOn(r Request, c proof.Checkpoint) error {
	known := s.State.seen[c.Origin] // the zero value where there is none: nothing was signed
	switch {
	case r.OldSize != known.Size:
		return conflict(known.Size)
	case c.Size == 0 && c.Root != emptyRoot:
		return refuse(http.StatusUnprocessableEntity, "a log of no entries has another root")
	case r.OldSize == c.Size && c.Size > 0 && c.Root != known.Root:
		return conflict(known.Size)
	case (r.OldSize == 0 || r.OldSize == c.Size) && len(r.Consistency) > 0:
		return refuse(http.StatusUnprocessableEntity, "there is nothing to prove, and the proof must be empty")
	case r.OldSize == 0 || r.OldSize == c.Size:
		return nil
	}
	if err := tlog.CheckTree(r.Consistency, c.Size, c.Root, known.Size, known.Root); err != nil {
		return refuse(http.StatusUnprocessableEntity, "the proof does not show that the log only grew")
	}
	return nil
}

// emptyRoot is the RFC 6962 root of no entries.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))
