package sharing

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// errNoShare means that an entry is there, but no share that may be read.
var errNoShare = fmt.Errorf("%w: it is no share that may be read", audit.ErrNotFound)

// readShare is a share as the log has it, and who recorded it.
type readShare struct {
	Recorded
	actor uuid.UUID
	reads []reading
}

// leafWord are the reasons or notes of one code.
type leafWord struct {
	Code   string   `json:"code"`
	Clause string   `json:"clause"`
	On     []string `json:"on"`
}

// leaf is what is read back from a leaf.
type leaf struct {
	Body struct {
		Verdict      Verdict        `json:"verdict"`
		Reasons      []leafWord     `json:"reasons"`
		Notes        []leafWord     `json:"notes"`
		EngagementID *uuid.UUID     `json:"engagement_id"`
		ContractIDs  []uuid.UUID    `json:"contract_ids"`
		Policy       string         `json:"policy"`
		System       string         `json:"system"`
		DeleteBy     *registry.Date `json:"delete_by"`
		Corrects     *uuid.UUID     `json:"corrects"`
		JudgedBy     []struct {
			Kind    string    `json:"kind"`
			ID      uuid.UUID `json:"id"`
			Version int64     `json:"version,string"`
		} `json:"judged_by"`
	} `json:"body"`
}

// read reads the decision of an entry back from its leaf: what was answered then is answered again. It returns the system whose key
// recorded it.
func (g *Gate) read(ctx context.Context, entry uuid.UUID) (readShare, string, error) {
	stored, err := g.log.Entry(ctx, entry)
	if err != nil {
		return readShare{}, "", fmt.Errorf("read share %s: %w", entry, err)
	}
	if stored.Type != entryType && stored.Type != correctionType {
		return readShare{}, "", errNoShare
	}
	var l leaf
	r := readShare{actor: stored.ActorID}
	if err := json.Unmarshal(stored.Leaf, &l); err != nil {
		return readShare{}, "", fmt.Errorf("read the leaf of share %s: %w", entry, err)
	}
	if err := json.Unmarshal(stored.Leaf, &r.Leaf); err != nil {
		return readShare{}, "", fmt.Errorf("read the leaf of share %s: %w", entry, err)
	}
	r.OccurredAt, r.Corrects = stored.OccurredAt.UTC(), l.Body.Corrects
	r.Decision = Decision{
		Verdict: l.Body.Verdict, Reasons: reasonsOf(l.Body.Reasons), VendorID: stored.VendorID, EngagementID: l.Body.EngagementID,
		ContractIDs: l.Body.ContractIDs, Policy: l.Body.Policy, DeleteBy: l.Body.DeleteBy, Receipt: &stored.Receipt,
	}
	for _, v := range l.Body.JudgedBy {
		r.reads = append(r.reads, reading{v.Kind, v.ID, v.Version})
	}
	if len(l.Body.Notes) > 0 {
		r.Notes = reasonsOf(l.Body.Notes)
		r.NoMarketing = noMarketing(r.Notes)
	}
	return r, l.Body.System, nil
}

// explain adds what a share was judged by; records are not for services.
func (g *Gate) explain(ctx context.Context, by audit.Actor, r *readShare) (err error) {
	if by.Role == "service" {
		return nil
	}
	if r.Facts, err = g.readFacts(ctx, r.reads); err != nil {
		return refusal(err)
	}
	return nil
}

// readFacts reads the versions that a share was judged by.
func (g *Gate) readFacts(ctx context.Context, reads []reading) ([]Fact, error) {
	facts := make([]Fact, 0, len(reads))
	for _, r := range reads {
		v, err := registry.ReadVersion(ctx, g.db, r.kind, r.id, r.version)
		if err != nil {
			return nil, fmt.Errorf("read version %d of %s %s: %w", r.version, r.kind, r.id, err)
		}
		facts = append(facts, Fact{Kind: r.kind, ID: r.id, Version: r.version, EffectiveAt: v.EffectiveAt, RecordedAt: v.RecordedAt, Record: v.Value})
	}
	return facts, nil
}

func reasonsOf(words []leafWord) []policy.Reason {
	reasons := []policy.Reason{}
	for _, r := range words {
		about := r.On
		if len(about) == 0 {
			about = []string{""}
		}
		for _, on := range about {
			reasons = append(reasons, policy.Reason{Code: r.Code, Clause: r.Clause, On: on, Sentence: policy.Sentence(r.Code, on)})
		}
	}
	return reasons
}
