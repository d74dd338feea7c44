package importing

import (
	"context"
	"slices"
	"time"

	"onward/audit"
	"onward/registry"
)

// Options say how rows are imported.
type Options struct {
	// State is where vendors that are new are moved: Approved or Active. Empty and Proposed leave them proposed, for somebody to
	// approve. A vendor that this actor proposed in an earlier import, and that never got that far, is moved too.
	State registry.VendorState
}

// Plan says what Apply would do now with the same arguments, and writes nothing.
func Plan(ctx context.Context, reg *registry.Registry, by audit.Actor, at time.Time, rows []Row, o Options) (Report, error) {
	return run(ctx, reg, by, at, rows, o, true)
}

// Apply brings the rows into the registry as by, at the instant at. What it reports as created or changed is durable when it returns. A row
// that is refused, by itself or by the registry, is in the report and stops nothing. Applying the same rows again changes nothing; after
// a fault, it does what is still to be done. With a fault the report says how far it came.
func Apply(ctx context.Context, reg *registry.Registry, by audit.Actor, at time.Time, rows []Row, o Options) (Report, error) {
	return run(ctx, reg, by, at, rows, o, false)
}

func run(ctx context.Context, reg *registry.Registry, by audit.Actor, at time.Time, rows []Row, o Options, dry bool) (Report, error) {
	switch o.State {
	case "", registry.Proposed, registry.Approved, registry.Active:
	case registry.WindingDown, registry.Ended:
		return Report{}, registry.Refuse(registry.Invalid, "an import leaves vendors proposed, approved or active, not %s", o.State)
	default:
		return Report{}, registry.Refuse(registry.Invalid, "%q is no state of a vendor", o.State)
	}
	codes, err := reg.Codes(ctx)
	if err != nil {
		return Report{}, err
	}
	said, err := gather(rows, codes)
	if err != nil {
		return Report{}, err
	}
	report := Report{DryRun: dry, Rows: len(rows)}
	k, err := load(ctx, reg)
	if err != nil {
		return report, err
	}
	p := &pass{reg: reg, codes: codes, known: k, by: by, at: at, today: registry.DateOf(at.UTC()), dry: dry, state: o.State}
	for _, v := range said.vendors {
		if err = p.vendor(ctx, v); err != nil {
			break
		}
	}
	for _, l := range append(said.lines, p.moves...) {
		if l.Outcome != "" {
			report.Lines = append(report.Lines, l)
		}
	}
	slices.SortStableFunc(report.Lines, func(a, b *Line) int { return a.order - b.order })
	report.count()
	return report, err
}
