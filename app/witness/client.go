package witness

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit/proof"
)

const (
	patience  = 10 * time.Second // for one answer
	maxAnswer = 64 << 10
)

// Conflict tells that the witness knows another size than it was asked to go on from.
type Conflict struct{ Size int64 }

func (c *Conflict) Error() string { return fmt.Sprintf("the witness knows the log at size %d", c.Size) }

// Ask asks a witness to cosign a checkpoint that goes on from oldSize, and returns its signature lines: valid ones of its key alone, each
// ending in a newline. A *Conflict tells the size that it knows instead.
type Ask func(ctx context.Context, oldSize int64, consistency []tlog.Hash, checkpoint []byte) (lines []byte, err error)

// New makes the client of the witness with that submission prefix and verifier key (type 4 or 6). It follows no redirect, waits ten
// seconds at most, and reads no more than an answer has. Keep it: it reuses connections.
func New(prefix, verifierKey string) (Ask, error) {
	u, err := url.Parse(prefix)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a witness", prefix)
	}
	verifier, err := proof.WitnessVerifier(verifierKey)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	address := u.JoinPath("add-checkpoint").String()
	return func(ctx context.Context, oldSize int64, consistency []tlog.Hash, checkpoint []byte) ([]byte, error) {
		body := Request{oldSize, consistency, checkpoint}.Marshal()
		status, kind, answer, err := post(ctx, client, address, body)
		switch {
		case err != nil:
			return nil, fmt.Errorf("witness %s: %w", verifier.Name(), err)
		case status == http.StatusConflict && kind == "text/x.tlog.size":
			size, err := strconv.ParseInt(strings.TrimSuffix(string(answer), "\n"), 10, 64)
			if err != nil || size < 0 {
				return nil, fmt.Errorf("witness %s: it knows another size and does not say which", verifier.Name())
			}
			return nil, &Conflict{size}
		case status != http.StatusOK:
			return nil, fmt.Errorf("witness %s: it answered with status %d", verifier.Name(), status)
		}
		lines, err := own(checkpoint, answer, verifier)
		if err != nil {
			return nil, fmt.Errorf("witness %s: %w", verifier.Name(), err)
		}
		return lines, nil
	}, nil
}

func post(ctx context.Context, client *http.Client, address string, body []byte) (status int, kind string, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("it answered with more than %d bytes", maxAnswer)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), answer, err
}

// own are the lines of an answer that are valid signatures of the witness on the checkpoint; others are none of our business.
func own(checkpoint, answer []byte, verifier note.Verifier) ([]byte, error) {
	c, err := proof.ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	n, err := note.Open([]byte(c.Text+"\n"+string(answer)), note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("it did not cosign: %w", err)
	}
	var lines []byte
	for _, s := range n.Sigs {
		lines = fmt.Appendf(lines, "— %s %s\n", s.Name, s.Base64)
	}
	return lines, nil
}
