package proof

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Limits of a policy, so that a hostile file costs nothing. The specification asks for 32 of each.
const (
	maxPolicy  = 1 << 20
	maxMembers = 256
)

// Policy says whose signatures make a checkpoint valid: of any one of the logs, and of a quorum of witnesses (C2SP tlog-policy). The zero
// Policy accepts nothing.
type Policy struct {
	logs      []PolicyLog
	witnesses []PolicyWitness
	quorum    *group // nil: no witness is needed
}

// PolicyLog is a log key of a policy. Its name is the log's origin.
type PolicyLog struct {
	Verifier note.Verifier
	Key      string // as written in the policy
	URL      string // empty when the policy gives none
}

// PolicyWitness is a witness of a policy. Its verifier checks cosignatures.
type PolicyWitness struct {
	Name     string // within the policy alone
	Verifier note.Verifier
	Key      string // as written in the policy
	URL      string // submission prefix; empty when the policy gives none
}

// group is a witness, or a group of which at least threshold members must have signed.
type group struct {
	witness   note.Verifier
	threshold int
	members   []*group
}

// Logs are the log keys.
func (p Policy) Logs() []PolicyLog { return slices.Clone(p.logs) }

// Witnesses are all witnesses that the policy names, in its order.
func (p Policy) Witnesses() []PolicyWitness { return slices.Clone(p.witnesses) }

// NeedsWitnesses tells whether the quorum is not "none".
func (p Policy) NeedsWitnesses() bool { return p.quorum != nil }

// KeyPolicy accepts what is signed by any one of the log keys and needs no witness.
func KeyPolicy(keys ...string) (Policy, error) {
	var p Policy
	for _, key := range keys {
		if err := p.addLog(key, ""); err != nil {
			return Policy{}, err
		}
	}
	if len(p.logs) == 0 {
		return Policy{}, errors.New("a policy without a log key accepts nothing")
	}
	return p, nil
}

// ParsePolicy reads a policy in the text form of C2SP tlog-policy. A policy without a log key is accepted by the specification and
// refused here: it would accept any log.
func ParsePolicy(text []byte) (Policy, error) {
	if len(text) > maxPolicy {
		return Policy{}, errors.New("a policy of more than 1 MiB")
	}
	p := policyParser{named: make(map[string]*group), used: make(map[string]bool)}
	for i, line := range strings.Split(string(text), "\n") {
		if err := p.line(line); err != nil {
			return Policy{}, fmt.Errorf("policy, line %d: %w", i+1, err)
		}
	}
	switch {
	case !p.closed:
		return Policy{}, errors.New("policy: there is no quorum line")
	case len(p.logs) == 0:
		return Policy{}, errors.New("policy: there is no log line")
	}
	return p.Policy, nil
}

type policyParser struct {
	Policy
	named  map[string]*group
	used   map[string]bool // names that are members of a group
	closed bool            // the quorum was given
}

func (p *policyParser) line(line string) error {
	for i := range len(line) {
		if c := line[i]; c < 0x20 && c != '\t' || c == 0x7f {
			return errors.New("a control character")
		}
	}
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(fields) == 0 || fields[0][0] == '#' {
		return nil
	}
	arguments := fields[1:]
	switch keyword := fields[0]; {
	case keyword == "log" && (len(arguments) == 1 || len(arguments) == 2):
		return p.addLog(arguments[0], last(arguments[1:]))
	case keyword == "witness" && (len(arguments) == 2 || len(arguments) == 3):
		return p.addWitness(arguments[0], arguments[1], last(arguments[2:]))
	case keyword == "group" && len(arguments) >= 3:
		return p.addGroup(arguments[0], arguments[1], arguments[2:])
	case keyword == "quorum" && len(arguments) == 1:
		return p.setQuorum(arguments[0])
	case slices.Contains([]string{"log", "witness", "group", "quorum"}, keyword):
		return fmt.Errorf("%s does not take %d arguments", keyword, len(arguments))
	default:
		return fmt.Errorf("%q is not log, witness, group or quorum", keyword)
	}
}

func last(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1]
}

func (p *Policy) addLog(key, url string) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return fmt.Errorf("%q is not the verifier key of a log (type 1, Ed25519): %w", key, err)
	}
	if slices.ContainsFunc(p.logs, func(l PolicyLog) bool { return sameKey(l.Key, key) || same(l.Verifier, v) }) {
		return fmt.Errorf("the log key %q is there twice", key)
	}
	if len(p.logs) == maxMembers {
		return errors.New("too many logs")
	}
	p.logs = append(p.logs, PolicyLog{v, key, url})
	return nil
}

func (p *policyParser) addWitness(name, key, url string) error {
	v, err := WitnessVerifier(key)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.witnesses, func(w PolicyWitness) bool { return sameKey(w.Key, key) || same(w.Verifier, v) }) {
		return fmt.Errorf("the witness key %q is there twice", key)
	}
	if err := p.name(name, &group{witness: v}); err != nil {
		return err
	}
	p.witnesses = append(p.witnesses, PolicyWitness{name, v, key, url})
	return nil
}

func (p *policyParser) addGroup(name, threshold string, members []string) error {
	g := &group{}
	for _, m := range members {
		member, ok := p.named[m]
		switch {
		case !ok:
			return fmt.Errorf("%q is not defined before", m)
		case p.used[m]:
			return fmt.Errorf("%q is a member of a group already", m)
		}
		p.used[m] = true
		g.members = append(g.members, member)
	}
	switch threshold {
	case "any":
		g.threshold = 1
	case "all":
		g.threshold = len(members)
	default:
		k, err := strconv.Atoi(threshold)
		if err != nil || k < 1 || k > len(members) || strconv.Itoa(k) != threshold {
			return fmt.Errorf("%q is not any, all or a number from 1 to %d", threshold, len(members))
		}
		g.threshold = k
	}
	return p.name(name, g)
}

func (p *policyParser) name(name string, g *group) error {
	if _, ok := p.named[name]; ok || name == "none" {
		return fmt.Errorf("the name %q is taken", name)
	}
	if len(p.named) == maxMembers {
		return errors.New("too many witnesses and groups")
	}
	p.named[name] = g
	return nil
}

func (p *policyParser) setQuorum(name string) error {
	if p.closed {
		return errors.New("there is a second quorum line")
	}
	p.closed = true
	if name == "none" {
		return nil
	}
	g, ok := p.named[name]
	if !ok {
		return fmt.Errorf("%q is not defined before", name)
	}
	p.quorum = g
	return nil
}

// met tells whether those who signed are a quorum.
func (g *group) met(signed func(note.Verifier) bool) bool {
	if g.witness != nil {
		return signed(g.witness)
	}
	n := 0
	for _, m := range g.members {
		if m.met(signed) {
			n++
		}
	}
	return n >= g.threshold
}

// WitnessVerifier reads the verifier key of a witness (C2SP tlog-cosignature: type 4 with Ed25519, type 6 with ML-DSA-44).
func WitnessVerifier(key string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(key, "+")
	hash, material, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(material)
	if err != nil || len(raw) == 0 || raw[0] != 4 && raw[0] != 6 {
		return nil, fmt.Errorf("%q is not the verifier key of a witness (type 4 or 6)", key)
	}
	v, err := cosignature.NewVerifierForCosignatureV1(key)
	if err != nil {
		return nil, fmt.Errorf("%q is not the verifier key of a witness: %w", key, err)
	}
	if v.Name() != name || fmt.Sprintf("%08x", v.KeyHash()) != hash {
		return nil, fmt.Errorf("the verifier key %q does not have its own hash", key)
	}
	return v, nil
}

func same(a, b note.Verifier) bool { return a.Name() == b.Name() && a.KeyHash() == b.KeyHash() }

// sameKey tells whether two verifier keys hold the same public key under whatever name.
func sameKey(a, b string) bool {
	material := func(key string) string {
		raw, err := base64.StdEncoding.DecodeString(key[strings.LastIndexByte(key, '+')+1:])
		if err != nil || len(raw) == 0 {
			return key
		}
		return string(raw[1:])
	}
	return material(a) == material(b)
}
