package audit_test

import (
	"strings"
	"testing"

	signed "golang.org/x/mod/sumdb/note"

	"onward/audit"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	secret, verifier, err := audit.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	other, otherVerifier, err := audit.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := audit.NewKey("onward.test/another")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a key's verifier key is the one that was made with it", func(t *testing.T) {
		t.Parallel()
		if got := keysOf(t, secret).Active(); len(got) != 1 || got[0] != verifier {
			t.Fatal(got, verifier)
		}
	})
	t.Run("several keys are separated by commas or lines; only private ones sign", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{secret + "," + other, secret + "\n" + other + "\n", " " + secret + ", " + other} {
			if got := keysOf(t, text).Active(); len(got) != 2 || got[0] != verifier || got[1] != otherVerifier {
				t.Errorf("%v", got)
			}
		}
		keys := keysOf(t, secret+","+otherVerifier)
		if got := keys.Active(); len(got) != 1 {
			t.Errorf("%v", got)
		}
		for _, key := range []string{verifier, otherVerifier} {
			v, err := signed.NewVerifier(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := keys.Verifier(v.Name(), v.KeyHash()); err != nil {
				t.Error(err)
			}
		}
	})
	for name, c := range map[string]struct{ text, want string }{
		"no key":                                     {" ,\n", "no private key"},
		"a key of another log":                       {foreign, "the key is of the log onward.test/another, and this is the log onward.test/log"},
		"a verifier key first":                       {verifier + "," + other, "the first key"},
		"a key twice":                                {secret + "," + secret, "twice"},
		"a key and its verifier key":                 {secret + "," + verifier, "twice"},
		"rubbish":                                    {"hunter2", "neither"},
		"a private key that was cut":                 {secret[:len(secret)-5], "not of the form"},
		"a private key whose name was changed":       {strings.Replace(secret, "log+", "lot+", 1), "not of the form"},
		"a private key of another kind of algorithm": {"PRIVATE+KEY+" + origin + "+00000000+BAAA", "not of the form"},
	} {
		t.Run(name+" is refused, without telling it", func(t *testing.T) {
			t.Parallel()
			_, err := audit.ParseKeys(origin, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatal(err)
			}
			if key := strings.SplitN(secret, "+", 5)[4]; strings.Contains(err.Error(), key[:len(key)-5]) || strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("the error tells the secret: %v", err)
			}
		})
	}
}
