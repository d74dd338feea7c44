package registry_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"onward/registry"
)

func TestVendors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := func(t *testing.T, q registry.VendorQuery) []string {
		t.Helper()
		var all []string
		for {
			page, err := w.Vendors(t.Context(), q)
			if err != nil {
				t.Fatal(said(err))
			}
			for _, v := range page.Items {
				all = append(all, v.Name)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return all
			}
		}
	}

	group := w.vendor(t, registry.VendorFields{Name: "Société Générale", Kinds: []string{"affiliate"}, Country: "FR", LEI: "O2RNE8IBXP4R0TD8PU41"})
	w.vendor(t, registry.VendorFields{
		Name: "Cloudflare", LegalName: "Cloudflare, Inc.", Kinds: []string{"subprocessor"}, Country: "US", Address: "101 Townsend St", Website: "https://www.cloudflare.com/privacy",
		OtherNames: []registry.OtherName{{Name: "100%_Edge", Kind: "brand"}}, Identifiers: []registry.Identifier{{Scheme: "company_number", Value: "HRB 12345"}},
	})
	w.vendor(t, registry.VendorFields{Name: "CoreWeave", Kinds: []string{"subprocessor", "contractor"}, Country: "US", ParentID: &group.ID})
	zeta := w.vendor(t, registry.VendorFields{Name: "zeta", Kinds: []string{"reseller"}, Notes: "cloudflare"})
	w.move(t, zeta, registry.Approved)
	all := []string{"Cloudflare", "CoreWeave", "Société Générale", "zeta"}

	for _, c := range []struct {
		rule string
		q    registry.VendorQuery
		want []string
	}{
		{"all, by name without regard to case", registry.VendorQuery{}, all},
		{"backwards", registry.VendorQuery{Sort: "-name", Limit: 1}, []string{"zeta", "Société Générale", "CoreWeave", "Cloudflare"}},
		{"newest first, page by page", registry.VendorQuery{Sort: "-created_at", Limit: 1}, []string{"zeta", "CoreWeave", "Cloudflare", "Société Générale"}},
		{"oldest change first", registry.VendorQuery{Sort: "updated_at", Limit: 3}, []string{"Société Générale", "Cloudflare", "CoreWeave", "zeta"}},
		{"every word must be found", registry.VendorQuery{Text: "cloud fl"}, []string{"Cloudflare"}},
		{"and one that is not finds nothing", registry.VendorQuery{Text: "cloud azure"}, nil},
		{"accents and case do not count", registry.VendorQuery{Text: "SOCIETE"}, []string{"Société Générale"}},
		{"width does not count", registry.VendorQuery{Text: "ｃｌｏｕｄ"}, []string{"Cloudflare"}},
		{"other names are searched, and a percent sign is itself", registry.VendorQuery{Text: "100%_"}, []string{"Cloudflare"}},
		{"a percent sign is no wildcard", registry.VendorQuery{Text: "c%e"}, nil},
		{"nor is an underscore", registry.VendorQuery{Text: "clou_flare"}, nil},
		{"a backslash is itself", registry.VendorQuery{Text: `\`}, nil},
		{"identifiers are searched", registry.VendorQuery{Text: "hrb 123"}, []string{"Cloudflare"}},
		{"so is the LEI", registry.VendorQuery{Text: "o2rne8"}, []string{"Société Générale"}},
		{"the address", registry.VendorQuery{Text: "townsend"}, []string{"Cloudflare"}},
		{"and the website's host, without its path", registry.VendorQuery{Text: "www.cloudflare.com"}, []string{"Cloudflare"}},
		{"notes are not", registry.VendorQuery{Text: "cloudflare"}, []string{"Cloudflare"}},
		{"only spaces select all", registry.VendorQuery{Text: "  "}, all},
		{"by state", registry.VendorQuery{State: "approved"}, []string{"zeta"}},
		{"by kind", registry.VendorQuery{Kind: "contractor"}, []string{"CoreWeave"}},
		{"by country", registry.VendorQuery{Country: "US"}, []string{"Cloudflare", "CoreWeave"}},
		{"by parent", registry.VendorQuery{Parent: group.ID}, []string{"CoreWeave"}},
		{"by all of it", registry.VendorQuery{Text: "weave", Country: "US", Kind: "subprocessor", State: "proposed"}, []string{"CoreWeave"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := names(t, c.q); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}

	t.Run("what cannot be asked is named, all of it", func(t *testing.T) {
		t.Parallel()
		_, err := w.Vendors(t.Context(), registry.VendorQuery{Text: "\x00", State: "x", Kind: "x", Country: "UK", Sort: "size", Limit: 201})
		refused(t, err, registry.Invalid, "/text", "/state", "/kind", "/country", "/sort", "/limit")
		_, err = w.Vendors(t.Context(), registry.VendorQuery{Limit: -1})
		refused(t, err, registry.Invalid, "/limit")
	})

	t.Run("a cursor belongs to its own query", func(t *testing.T) {
		t.Parallel()
		page, err := w.Vendors(t.Context(), registry.VendorQuery{Limit: 1})
		if err != nil || page.Next == "" {
			t.Fatal(page, err)
		}
		forged := base64.RawURLEncoding.EncodeToString([]byte(`{"q":"x","k":"'; DROP","i":"01890a5d-ac96-774b-bcce-b302099a8057"}`))
		for _, q := range []registry.VendorQuery{
			{Country: "US", Cursor: page.Next}, {Sort: "-name", Cursor: page.Next}, {Text: "x", Cursor: page.Next}, {Cursor: "x"}, {Cursor: "%%"}, {Cursor: forged},
		} {
			_, err := w.Vendors(t.Context(), q)
			refused(t, err, registry.Invalid, "/cursor")
		}
		if _, err := w.Vendors(t.Context(), registry.VendorQuery{Limit: 2, Cursor: page.Next}); err != nil {
			t.Errorf("another limit: %v", err)
		}
	})

	t.Run("a cursor with a key of another sort is refused", func(t *testing.T) {
		t.Parallel()
		page, err := w.Vendors(t.Context(), registry.VendorQuery{Limit: 1, Sort: "created_at"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := base64.RawURLEncoding.DecodeString(page.Next)
		if err != nil {
			t.Fatal(err)
		}
		forged := strings.Replace(string(text), `"k":"2026`, `"k":"x2026`, 1)
		_, err = w.Vendors(t.Context(), registry.VendorQuery{Sort: "created_at", Cursor: base64.RawURLEncoding.EncodeToString([]byte(forged))})
		refused(t, err, registry.Invalid, "/cursor")
	})
}

// BenchmarkSearch looks for a word that one of 5,000 vendors has.
func BenchmarkSearch(b *testing.B) {
	w := newWorld(b)
	_, err := w.db.ExecContext(b.Context(), `
		INSERT INTO vendors SELECT gen_random_uuid(), 1, now(), now(), gen_random_uuid(), 'active', now(), 'Vendor ' || n, 'Vendor ' || n || ' Limited',
			'{subprocessor}', 'US', '', '', '', '', '[]', '[]', '[]', '{}', '', NULL, '', repeat('x', 500), NULL, '', '',
			'vendor ' || n || E'\nvendor ' || n || E' limited\n1 long street, some town\nwww.vendor' || n || '.example'
		FROM generate_series(1, 5000) n`)
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{"", "vendor limited", "4711 limited", "nobody"} {
		b.Run(fmt.Sprintf("%q", text), func(b *testing.B) {
			for b.Loop() {
				if _, err := w.Vendors(b.Context(), registry.VendorQuery{Text: text}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
