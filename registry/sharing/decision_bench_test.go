package sharing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// BenchmarkDecision is the time of a decision beside the commit, among 5,000 vendors with 20,000 contracts and 1,000,000 choices of people:
// everything from the request to the entry that is to be appended, the question to the database what the person chose among it. It says the
// median and the 99th percentile.
func BenchmarkDecision(b *testing.B) {
	w := newWorld(b)
	parties := w.crowd(b, 5000)
	w.choices(b, 1_000_000)
	people := make([]string, 200)
	for i := range people {
		people[i] = fmt.Sprintf("person-%d", i)
		w.choose(b, people[i], "NEWSLETTER", sharing.OptedOut, longAgo)
	}
	at := func(p party) sharing.Request {
		r := ask(p)
		r.Subjects = []string{people[rand.IntN(len(people))]}
		return r
	}
	some := parties[:100]
	decide := func(b *testing.B, g *sharing.Gate, from []party, before func(i int)) {
		b.Helper()
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			before(i)
			r := at(from[rand.IntN(len(from))])
			begun := time.Now()
			v, err := g.DecideWhole(b.Context(), billing, "key", &r)
			took = append(took, time.Since(begun))
			if err != nil || v != sharing.Allowed {
				b.Fatal(v, err)
			}
		}
		report(b, took)
	}
	nothing := func(int) {}
	b.Run("a hundred vendors, remembered", func(b *testing.B) { decide(b, w.gate, some, nothing) })
	b.Run("all vendors at random, as many remembered as the gate does", func(b *testing.B) {
		for _, p := range parties {
			r := ask(p)
			if _, err := w.gate.DecideWhole(b.Context(), billing, "key", &r); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
		decide(b, w.gate, parties, nothing)
	})
	b.Run("every hundredth after a change of the registry", func(b *testing.B) {
		v := some[0].Vendor
		decide(b, w.gate, some, func(i int) {
			if i%100 != 0 {
				return
			}
			var err error
			v, err = w.Vendor(b.Context(), v.ID, nil)
			must(b, err)
			_, err = w.ChangeVendor(b.Context(), legal, noon, v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"notes":"` + uuid.NewString() + `"}`)})
			must(b, err)
			_, err = w.gate.Check(b.Context(), billing, noon, ask(some[1])) // the gate learns of it, as by the next share
			must(b, err)
		})
	})
	b.Run("each vendor seen for the first time", func(b *testing.B) {
		g := w.newGate()
		next := 0
		var took []time.Duration
		for b.Loop() {
			if next == len(parties) {
				g, next = w.newGate(), 0
			}
			r := at(parties[next])
			next++
			begun := time.Now()
			v, err := g.DecideWhole(b.Context(), billing, "key", &r)
			took = append(took, time.Since(begun))
			if err != nil || v != sharing.Allowed {
				b.Fatal(v, err)
			}
		}
		report(b, took)
	})
}

// report says the median and the 99th percentile.
func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/p99")
}

// crowd are so many parties with four contracts each, made of one by copying what the database keeps of it.
func (w *world) crowd(tb testing.TB, n int) []party {
	tb.Helper()
	first := w.party(tb, usual())
	for _, kind := range []string{"confidentiality_agreement", "master_services_agreement", "standard_contractual_clauses"} {
		_, err := w.CreateContract(tb.Context(), legal, w.tick(), first.ID, registry.ContractFields{
			Kind: kind, SignedOn: day(2020, 1, 1), InForceFrom: day(2020, 1, 1), Clauses: []registry.Clause{{Code: "confidentiality", Where: "5"}},
		})
		must(tb, err)
	}
	const copied = `CREATE FUNCTION pg_temp.other(id uuid, n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(id::text || n)::uuid $$;
		INSERT INTO vendors SELECT (jsonb_populate_record(v, jsonb_build_object('id', pg_temp.other(v.id, n), 'name', v.name || ' ' || n))).*
			FROM vendors v, generate_series(2, ?1) n WHERE v.id = ?0;
		INSERT INTO contracts SELECT (jsonb_populate_record(c, jsonb_build_object('id', pg_temp.other(c.id, n), 'vendor_id', pg_temp.other(c.vendor_id, n)))).*
			FROM contracts c, generate_series(2, ?1) n WHERE c.vendor_id = ?0;
		INSERT INTO record_version (kind, record_id, version, vendor_id, entry_id, actor_id, effective_at, recorded_at, reason, changed, salt, body)
			SELECT v.kind, pg_temp.other(v.record_id, n), v.version, pg_temp.other(v.vendor_id, n), v.entry_id, v.actor_id, v.effective_at, v.recorded_at, v.reason, v.changed, v.salt,
				replace(replace(replace(v.body, v.record_id::text, pg_temp.other(v.record_id, n)::text), v.vendor_id::text, pg_temp.other(v.vendor_id, n)::text),
					?2, pg_temp.other(?2::uuid, n)::text)
			FROM record_version v, generate_series(2, ?1) n WHERE v.vendor_id = ?0;
		ANALYZE record_version; ANALYZE contracts; ANALYZE vendors`
	_, err := w.db.NewRaw(copied, first.ID, n, first.engagement.ID.String()).Exec(tb.Context())
	must(tb, err)
	if got := w.count(tb, `SELECT count(*) FROM contracts`); got != 4*n {
		tb.Fatalf("%d contracts", got)
	}
	var ids []uuid.UUID
	must(tb, w.db.NewRaw(`SELECT id FROM vendors ORDER BY id`).Scan(tb.Context(), &ids))
	parties := make([]party, 0, n)
	for _, id := range ids {
		parties = append(parties, party{Vendor: registry.Vendor{ID: id}})
	}
	return parties
}

// choices are so many choices of people whom nobody asks about.
func (w *world) choices(tb testing.TB, n int) {
	tb.Helper()
	const round = 50_000 // each within the time that a statement has on a busy machine
	for first := 1; first <= n; first += round {
		_, err := w.db.NewRaw(`INSERT INTO choices (entry_id, lookup, salt, purpose, state, at, channel, recorded_at)
			SELECT gen_random_uuid(), sha256(int4send(i)), sha256(int4send(-i)), (ARRAY['NEWSLETTER', 'MARKETING', 'all'])[1 + i % 3],
				(ARRAY['opted_out', 'consented', 'withdrawn'])[1 + i % 3], ?::timestamptz + i * interval '1 minute', 'link', ?
			FROM generate_series(?::int, ?) i`, longAgo, noon, first, min(first+round-1, n)).Exec(tb.Context())
		must(tb, err)
	}
	_, err := w.db.NewRaw(`ANALYZE choices`).Exec(tb.Context())
	must(tb, err)
}
