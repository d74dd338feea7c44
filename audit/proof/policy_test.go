package proof_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"onward/audit/proof"
)

func TestPolicyRefuses(t *testing.T) {
	t.Parallel()
	key, w := logKey(t, origin, 1).vkey, witnessKey(t, "w.test/1", 2).vkey
	plain, _ := note.NewVerifier(key)
	good := "log " + key + " https://log.test/\n\n # a comment\n\twitness w1  " + w + " https://w.test/ \ngroup g any w1\nquorum g\n"
	if p, err := proof.ParsePolicy([]byte(good)); err != nil || len(p.Logs()) != 1 || len(p.Witnesses()) != 1 || !p.NeedsWitnesses() ||
		p.Witnesses()[0].URL != "https://w.test/" || p.Logs()[0].Verifier.KeyHash() != plain.KeyHash() {
		t.Fatalf("%+v, %v", p, err)
	}
	for name, change := range map[string][2]string{
		"no quorum":                    {"quorum g\n", ""},
		"two quorums":                  {"quorum g", "quorum g\nquorum none"},
		"no log":                       {"log ", "# "},
		"a log twice":                  {"\n\n", "\nlog " + key + "\n"},
		"a witness twice":              {"group", "witness w2 " + w + "\ngroup"},
		"a name twice":                 {"group g", "group w1"},
		"a member that is not defined": {"any w1", "any w9"},
		"a quorum that is not defined": {"quorum g", "quorum h"},
		"a member twice":               {"any w1", "any w1 w1"},
		"a member of two groups":       {"quorum", "group h any w1\nquorum"},
		"the threshold 0":              {"any", "0"},
		"a threshold above":            {"any", "2"},
		"a threshold with a zero":      {"any", "01"},
		"a group without members":      {"any w1", "any"},
		"the name none":                {"witness w1", "witness none"},
		"an unknown keyword":           {"quorum", "foo x\nquorum"},
		"a control character":          {"# a", "# \r"},
		"a log key as a witness's":     {w, key},
		"a witness's key as a log's":   {"log " + key, "log " + w},
		"a key with another hash":      {"+" + strings.Split(w, "+")[1], "+00000000"},
		"a key that is none":           {key, "x"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := proof.ParsePolicy([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// The quorum agrees with that of an independent implementation.
func TestQuorumAgreesWithAnotherImplementation(t *testing.T) {
	t.Parallel()
	key := logKey(t, origin, 1)
	var witnesses []signer
	for i := range 5 {
		witnesses = append(witnesses, witnessKey(t, fmt.Sprintf("w.test/%d", i), byte(40*i+3)))
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, 7, strings.Repeat("A", 43)+"=")
	rapid.Check(t, func(r *rapid.T) {
		var policy strings.Builder
		fmt.Fprintf(&policy, "log %s\n", key.vkey)
		free := []string{}
		for i, w := range witnesses {
			fmt.Fprintf(&policy, "witness w%d %s https://w%d.test/\n", i, w.vkey, i)
			free = append(free, fmt.Sprintf("w%d", i))
		}
		for g := range rapid.IntRange(0, 3).Draw(r, "groups") {
			members := free[:rapid.IntRange(1, len(free)).Draw(r, "members")]
			fmt.Fprintf(&policy, "group g%d %d %s\n", g, rapid.IntRange(1, len(members)).Draw(r, "threshold"), strings.Join(members, " "))
			free = append(free[len(members):], fmt.Sprintf("g%d", g))
		}
		fmt.Fprintf(&policy, "quorum %s\n", rapid.SampledFrom(append(free, "none")).Draw(r, "quorum"))
		signers := []signer{key}
		for i, w := range witnesses {
			if rapid.Bool().Draw(r, fmt.Sprintf("w%d signs", i)) {
				signers = append(signers, w)
			}
		}
		signed := sign(t, text, signers...)
		p, err := proof.ParsePolicy([]byte(policy.String()))
		if err != nil {
			r.Fatal(err)
		}
		group, err := witness.ParsePolicy([]byte(policy.String()))
		if err != nil {
			r.Fatal(err)
		}
		c, err := proof.OpenCheckpoint(signed, p)
		if (err == nil) != group.Satisfied(signed) {
			r.Fatalf("%s\nsigned by %d: %v", &policy, len(signers)-1, err)
		}
		if err == nil && len(c.Witnesses) != len(signers)-1 {
			r.Fatalf("%d witnesses of %d", len(c.Witnesses), len(signers)-1)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	key, w := logKey(f, origin, 1).vkey, witnessKey(f, "w.test/1", 2).vkey
	f.Add("log " + key + "\nwitness a " + w + "\ngroup g all a\nquorum g\n")
	f.Add("log " + key + "\nquorum none\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := proof.ParsePolicy([]byte(text))
		if err == nil && len(p.Logs()) == 0 {
			t.Error("a policy that accepts every log")
		}
	})
}
