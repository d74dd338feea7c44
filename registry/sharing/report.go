package sharing

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Report is a report of shares whose beginning is in the log. It has the shares and corrections that its filter selects among the entries
// before its own beginning: so the same report can be made again, and where the filter names a vendor, the beginning's own vendor_seq says
// how many entries about that vendor there were.
type Report struct {
	ID     uuid.UUID // and of the entry report.begun
	Filter Filter
	Format string
	Begun  audit.Receipt
	// TextKey opens the filter's text_hash in the entry: it is HMAC-SHA-256(TextKey, text). It is this report's own.
	TextKey [32]byte

	gate *Gate
	by   audit.Actor
}

// BeginReport records that somebody takes a report out. When it returns without error, the entry report.begun, about the filter's vendor if
// it names one, is durable: only then may the first byte leave. It refuses a filter that nothing could match (Invalid), naming every bad
// field by the filter's JSON names.
func (g *Gate) BeginReport(ctx context.Context, by audit.Actor, now time.Time, format string, f Filter) (*Report, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if f.VendorID != uuid.Nil {
		if _, _, err := g.remembered(ctx, f.VendorID); err != nil {
			return nil, refusal(err)
		}
	}
	if f.SourceVendorID != uuid.Nil {
		if err := sourceKnown(f.SourceVendorID, g.lately(ctx)); err != nil {
			return nil, refusal(err)
		}
	}
	if err := g.resolve(ctx, &f); err != nil {
		return nil, err
	}
	r := &Report{ID: uuid.New(), Filter: f, Format: format, gate: g, by: by}
	r.TextKey = g.keyed("onward/report/text/v1\x00", r.ID.String())
	var err error
	r.Begun, err = g.append(ctx, now, audit.Entry{
		ID: r.ID, Type: "report.begun", Actor: by, OccurredAt: now, VendorID: f.VendorID,
		Body: audit.Object{"report": "shares", "report_id": r.ID.String(), "format": format, "filter": f.object(mac(r.TextKey, f.Text))},
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// resolve fills the vendors that are a part of those that the filter names.
func (g *Gate) resolve(ctx context.Context, f *Filter) (err error) {
	if f.WithMerged && f.VendorID != uuid.Nil {
		if f.Merged, err = registry.ReadMerged(ctx, g.db, f.VendorID); err != nil {
			return err
		}
	}
	if f.WithMerged && f.SourceVendorID != uuid.Nil {
		f.SourceMerged, err = registry.ReadMerged(ctx, g.db, f.SourceVendorID)
	}
	return err
}

// End records how a report ended: how many rows left, the SHA-256 of all bytes, and whether they were all. Somebody who hung up may have
// seen some of them.
func (r *Report) End(ctx context.Context, now time.Time, rows int64, sum [32]byte, complete bool) error {
	_, err := r.gate.append(ctx, now, audit.Entry{
		ID: uuid.New(), Type: "report.ended", Actor: r.by, OccurredAt: now, VendorID: r.Filter.VendorID,
		Body: audit.Object{
			"report": "shares", "report_id": r.ID.String(), "rows": strconv.FormatInt(rows, 10), "sha256": hex.EncodeToString(sum[:]),
			"complete": complete,
		},
	})
	return err
}

// append records what is no change of anything but the log.
func (g *Gate) append(ctx context.Context, now time.Time, e audit.Entry) (audit.Receipt, error) {
	receipts, err := g.change(ctx, now, func(context.Context, bun.Tx) ([]audit.Entry, error) { return []audit.Entry{e}, nil })
	if err != nil {
		return audit.Receipt{}, refusal(fmt.Errorf("record %s: %w", e.Type, err))
	}
	return receipts[0], nil
}

// Rows calls each with every row of the report, in the order of the index; the row is lent until each returns. It reads one snapshot of the
// database in pages, the next while the last is being worked on, so that memory does not grow with the rows. It stops when each returns an
// error, or ctx ends, and returns that.
func (r *Report) Rows(ctx context.Context, each func(*Row) error) error {
	ctx, cancel := context.WithCancel(ctx)
	pages := newPages()
	ended := make(chan error, 1)
	go func() {
		defer close(pages.full)
		ended <- r.gate.log.Read(ctx, func(ctx context.Context, reading *audit.Reading) error { return r.fetch(ctx, reading, pages) })
	}()
	err := r.work(pages, each)
	told := context.Cause(ctx) // before the end that is ours
	cancel()
	for range pages.full { // the connection is free again when this returns
		continue
	}
	if fetch := <-ended; err == nil && fetch != nil {
		err = fetch
		if told != nil { // whatever of the connection broke first
			err = told
		}
	}
	if err != nil {
		return fmt.Errorf("report shares: %w", err)
	}
	return nil
}

// work calls each with what the filter selects of the pages.
func (r *Report) work(pages *pages, each func(*Row) error) error {
	s := r.Filter.selector()
	var row Row
	for p := range pages.full {
		for i := range p.index {
			ok, err := row.read(p.leaf(i))
			if err != nil {
				return fmt.Errorf("entry %d: %w", p.index[i], err)
			}
			if !ok || !s.selects(&row) {
				continue
			}
			row.Index = p.index[i]
			if id, err := uuid.Parse(row.VendorID); err == nil {
				now := p.now[id]
				row.VendorIDNow, row.VendorNameNow = now.ID.String(), now.Name
			}
			if by, ok := p.corrected[row.Index]; ok {
				row.CorrectedBy = by.String()
			}
			if err := each(&row); err != nil {
				return err
			}
		}
		pages.empty <- p
	}
	return nil
}

// fetch reads page after page.
func (r *Report) fetch(ctx context.Context, reading *audit.Reading, pages *pages) error {
	corrected, err := anyCorrection(ctx, reading.Tx())
	if err != nil {
		return err
	}
	now, err := registry.ReadStandings(ctx, reading.Tx())
	if err != nil {
		return err
	}
	q := audit.Range{
		Until: r.Begun.Index, Types: []string{entryType, correctionType}, VendorID: r.Filter.alone(),
		RecordedFrom: r.Filter.RecordedFrom, RecordedUntil: r.Filter.RecordedUntil,
	}
	for {
		var p *page
		select {
		case p = <-pages.empty:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		p.clear()
		p.now = now
		n, err := reading.Leaves(ctx, q, pageRows, p.add)
		if err != nil {
			return err
		}
		if n > 0 && corrected {
			if p.corrected, err = correctedBy(ctx, reading.Tx(), p.index[0], p.index[n-1], r.Begun.Index); err != nil {
				return err
			}
		}
		select {
		case pages.full <- p:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if n < pageRows {
			return nil
		}
		q.From = p.index[n-1] + 1
	}
}
