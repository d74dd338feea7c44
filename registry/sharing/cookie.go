package sharing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

const cookieKind = "cookie_unknown" // a cookie that was seen and stands in no inventory, or lives longer than it says

// CookieScan is what somebody saw who looked at a site (P-24).
type CookieScan struct {
	SeenAt  time.Time    `json:"seen_at" validate:"required"`
	Cookies []SeenCookie `json:"cookies" validate:"required,min=1,max=1000,dive"`
}

// SeenCookie is a cookie as it was seen; VendorID is whose it is, where that is known.
type SeenCookie struct {
	Name         string     `json:"name" validate:"required,text,max=200"`
	VendorID     *uuid.UUID `json:"vendor_id,omitempty"`
	LifetimeDays *int       `json:"lifetime_days,omitempty" validate:"omitempty,min=0,max=36500"` // whole days, rounded up; absent of a session's
}

// CookieFindings is what came of a scan.
type CookieFindings struct {
	Known       int           `json:"known"`        // cookies that the inventory has as they were seen
	Opened      []Exception   `json:"opened"`       // one for each that it has not
	AlreadyOpen int           `json:"already_open"` // of which legal was told before
	Receipt     audit.Receipt `json:"receipt"`
}

// ScanCookies holds what was seen against the inventory of the engagements that were in force then, by an entry cookies.scanned, and opens an exception for
// each cookie that it does not have, or that lives longer than it says; of one cookie of one vendor there is at most one open. It refuses
// bad fields, an instant in the future, and a vendor that does not exist (Invalid).
func (g *Gate) ScanCookies(ctx context.Context, by audit.Actor, now time.Time, s CookieScan) (CookieFindings, error) {
	if err := registry.Validate(&s); err != nil {
		return CookieFindings{}, err
	}
	if s.SeenAt.After(now.Add(skew)) || s.SeenAt.UTC().Year() < 1900 {
		return CookieFindings{}, invalidField("/seen_at", "must be in the past, after the year 1899")
	}
	var found CookieFindings
	receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		found = CookieFindings{Opened: []Exception{}}
		if err := g.log.LockHead(ctx, tx); err != nil {
			return nil, err //nolint:wrapcheck // says enough
		}
		inventory, err := readInventory(ctx, tx, s)
		if err != nil {
			return nil, err
		}
		entries := []audit.Entry{{ID: uuid.New(), Type: "cookies.scanned", Actor: by, OccurredAt: s.SeenAt}}
		for i, c := range s.Cookies {
			reason := inventory.against(c, s.SeenAt)
			if reason == "" {
				found.Known++
				continue
			}
			if c.VendorID != nil && !inventory.vendors[*c.VendorID] {
				return nil, invalidField(fmt.Sprintf("/cookies/%d/vendor_id", i), "is no vendor that the registry knows")
			}
			e := audit.Entry{ID: uuid.New(), Type: "exception.opened", Actor: by, OccurredAt: now}
			row := exceptionRow{Kind: cookieKind, EntryID: e.ID, About: c.Name, Reasons: []string{reason}, OpenedAt: now}
			if c.VendorID != nil {
				e.VendorID, row.VendorID = *c.VendorID, *c.VendorID
			}
			row.ID = exceptionID(cookieKind, e.ID)
			e.Body = audit.Object{"exception_id": row.ID.String(), "kind": cookieKind, "reason": reason}
			fresh, err := openCookie(ctx, tx, row)
			if err != nil {
				return nil, err
			}
			if !fresh {
				found.AlreadyOpen++
				continue
			}
			found.Opened = append(found.Opened, row.exception())
			entries = append(entries, e)
		}
		entries[0].Body = audit.Object{
			"cookies": strconv.Itoa(len(s.Cookies)), "known": strconv.Itoa(found.Known), "opened": strconv.Itoa(len(found.Opened)),
		}
		return entries, nil
	})
	if err != nil {
		return CookieFindings{}, refusal(err)
	}
	found.Receipt = receipts[0]
	return found, nil
}

// inventory is the cookies that engagements declare.
type inventory struct {
	vendors map[uuid.UUID]bool // those of the scan that exist
	rows    []inventoryRow
}

// against is why a cookie is not as the inventory says; empty where it is. Of several declarations of a name the longest lifetime counts.
func (i *inventory) against(seen SeenCookie, at time.Time) string {
	declared := false
	for _, row := range i.rows {
		if seen.VendorID != nil && *seen.VendorID != row.VendorID || !registry.Within(at, row.From, row.Until, time.UTC) {
			continue
		}
		for _, c := range row.Cookies {
			if !c.Names(seen.Name) {
				continue
			}
			if declared = true; lifetime(seen.LifetimeDays) <= lifetime(c.LifetimeDays) {
				return ""
			}
		}
	}
	if declared {
		return "cookie_outlives_inventory"
	}
	return "cookie_not_in_inventory"
}

// lifetime orders lifetimes: a session's cookie is gone before any other.
func lifetime(days *int) int {
	if days == nil {
		return -1
	}
	return *days
}

// idsOf are the vendors that a scan names.
func (s *CookieScan) idsOf() []uuid.UUID {
	var ids []uuid.UUID
	for _, c := range s.Cookies {
		if c.VendorID != nil {
			ids = append(ids, *c.VendorID)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(ids)
}
