package witness_test

import (
	"bytes"
	"testing"

	"onward/app/witness"
)

func FuzzRequest(f *testing.F) {
	key := makeKey(f, origin)
	log := makeHistory(f, words(20, 99)...)
	f.Add(log.request(f, 7, 20, key).Marshal())
	f.Add(log.request(f, 0, 20, key).Marshal())
	h := startHost(f, key.verifier)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := witness.ParseRequest(body)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Marshal(), body) || r.OldSize < 0 || len(r.Consistency) > 63 {
			t.Errorf("%q is read as %+v", body, r)
		}
		if line, err := h.Add(body); err == nil && !bytes.Contains(body, []byte(log.text(t, 20))) {
			t.Errorf("what the log never said was signed: %q", line)
		}
	})
}
