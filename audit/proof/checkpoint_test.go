package proof_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"onward/audit/proof"
)

const someRoot = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func grease(tb testing.TB, name string, size int) string {
	tb.Helper()
	b := make([]byte, size)
	_, _ = rand.Read(b)
	return "— " + name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}

func TestCheckpointSignatures(t *testing.T) {
	t.Parallel()
	key, next, foreign := logKey(t, origin, 1), logKey(t, origin, 50), logKey(t, "other.test/log", 60)
	w1, w2 := witnessKey(t, "w.test/1", 2), witnessKey(t, "w.test/2", 80)
	text := origin + "\n17\n" + someRoot + "\n"
	policy, err := proof.ParsePolicy(fmt.Appendf(nil, "log %s\nlog %s\nlog %s\nwitness a %s\nwitness b %s\ngroup g any a b\nquorum g\n", key.vkey, next.vkey, foreign.vkey, w1.vkey, w2.vkey))
	if err != nil {
		t.Fatal(err)
	}
	signed := string(sign(t, text, key, w1))
	open := func(s string) (proof.Checkpoint, error) { return proof.OpenCheckpoint([]byte(s), policy) }
	t.Run("signatures of unknown keys are ignored", func(t *testing.T) {
		t.Parallel()
		head, tail, _ := strings.Cut(signed, "\n\n")
		greased := head + "\n\n" + grease(t, "unknown.test", 5) + grease(t, origin, 68) + tail + grease(t, "w.test/1", 76) + grease(t, "ünknown", 3000)
		c, err := open(greased)
		if err != nil || c.Size != 17 || c.Root.String() != someRoot || len(c.Signers) != 1 || len(c.Witnesses) != 1 || c.Extended() {
			t.Errorf("%+v, %v", c, err)
		}
	})
	t.Run("two keys of the log may sign", func(t *testing.T) {
		t.Parallel()
		if c, err := open(string(sign(t, text, key, next, w1, w2))); err != nil || len(c.Signers) != 2 || len(c.Witnesses) != 2 {
			t.Errorf("%+v, %v", c, err)
		}
	})
	t.Run("lines after the root are allowed", func(t *testing.T) {
		t.Parallel()
		if c, err := open(string(sign(t, text+"more\n", key, w1))); err != nil || !c.Extended() {
			t.Errorf("%+v, %v", c, err)
		}
	})
	for name, c := range map[string]struct {
		signed string
		kind   proof.Kind
	}{
		"no known key":                       {string(sign(t, text, logKey(t, origin, 99))), proof.SignatureBad},
		"only a witness":                     {string(sign(t, text, w1)), proof.ForeignOrigin},
		"no witness":                         {string(sign(t, text, key)), proof.QuorumNotMet},
		"a witness signs as a log's key":     {string(sign(t, text, key, logKey(t, "w.test/1", 2))), proof.QuorumNotMet},
		"another log's key":                  {string(sign(t, text, foreign, w1)), proof.ForeignOrigin},
		"another size":                       {strings.Replace(signed, "\n17\n", "\n18\n", 1), proof.SignatureBad},
		"a bad signature of a known witness": {strings.Replace(signed, "w.test/1", "w.test/2", 1) + string(sign(t, text, w2))[len(text)+1:], ""},
		"no signature":                       {text, proof.Malformed},
		"nothing":                            {"", proof.Malformed},
		"a size with a zero":                 {string(sign(t, strings.Replace(text, "17", "017", 1), key, w1)), proof.Malformed},
		"a negative size":                    {string(sign(t, strings.Replace(text, "17", "-17", 1), key, w1)), proof.Malformed},
		"a size beyond all logs":             {string(sign(t, strings.Replace(text, "17", "18446744073709551615", 1), key, w1)), proof.Malformed},
		"a root that is too short":           {string(sign(t, strings.Replace(text, someRoot, "AAAA", 1), key, w1)), proof.Malformed},
		"more than a hundred signatures":     {signed + strings.Repeat(grease(t, "x", 9), 100), proof.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(c.signed)
			if c.kind == "" { // the renamed line has the hash of another key, so that it is of nobody
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantFault(t, err, c.kind)
		})
	}
	t.Run("a bad signature with the name and hash of a known key", func(t *testing.T) {
		t.Parallel()
		other := string(sign(t, text+"x\n", w1))
		_, err := open(signed[:len(signed)-len(string(sign(t, text, w1))[len(text)+1:])] + other[len(text)+3:])
		wantFault(t, err, proof.SignatureBad)
	})
	t.Run("the zero policy accepts nothing", func(t *testing.T) {
		t.Parallel()
		_, err := proof.OpenCheckpoint([]byte(signed), proof.Policy{})
		wantFault(t, err, proof.SignatureBad)
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	key, w := logKey(f, origin, 1), witnessKey(f, "w.test/1", 2)
	text := origin + "\n17\n" + someRoot + "\n"
	f.Add(string(sign(f, text, key, w)))
	f.Add(string(sign(f, text+"more\n", key)) + grease(f, "x", 20))
	policy := keyPolicy(f, key.vkey)
	f.Fuzz(func(t *testing.T, signed string) {
		if c, err := proof.OpenCheckpoint([]byte(signed), policy); err == nil && (c.Origin != origin || c.Size != 17 || c.Root.String() != someRoot) {
			t.Errorf("a checkpoint that was never signed: %+v", c)
		}
		_, _ = proof.ParseCheckpoint([]byte(signed))
	})
}
