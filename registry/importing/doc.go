// Package importing brings a file of vendors into the registry.
//
// # What it reads
//
// Read tells the format by content. It takes three shapes, in UTF-8 or, with a byte order mark, UTF-16:
//
//   - Onward's own JSON: a list of vendors, or an object whose "vendors" is one. A vendor has the members of registry.VendorFields and
//     "engagements"; an engagement has those of registry.EngagementFields and "locations"; a location has those of
//     registry.LocationFields. testdata/vendors.json is an example.
//   - A published list in JSON: an object whose "rows" are engagements, with the members of published.
//   - CSV as spreadsheets write it, separated by comma, semicolon or tab, with a line of headings. The headings are those of columns,
//     whatever their case, spaces and underscores. Cells that take several values separate them by ";", "|" or a line break.
//     Days are written YYYY-MM-DD. A location is a country's English name or two-letter code, EEA, EU, GLOBAL or
//     UNSPECIFIED, and may have a detail in parentheses: "Germany (Frankfurt)".
//
// Nothing is dropped silently: a heading that is not known refuses the file, a member or cell that cannot be kept refuses its row, by name.
//
// # What is one vendor
//
// Rows speak of one vendor when they give the same external id, the same LEI or the same name (compared without case). A vendor of the
// registry is found by external id, LEI, the external id of the row's engagement, or name, in this order. Where these contradict each other
// the row is refused. "Microsoft" and "Microsoft (Azure)" stay two vendors: nothing is merged by guess.
//
// An engagement is found by its external id; one without, by vendor, service and products. A location is found by its engagement,
// place, what it applies to and detail.
//
// # What it changes
//
// What a file states replaces what the registry holds, and what it does not state is left alone. The report names every field with its
// value before and after. Sets that describe the vendor (kinds, other names, identifiers, contacts, certifications) only grow, and no record is ended
// because a file does not mention it. Where two rows state different things about one vendor or engagement, the first is taken and the
// report says what the later one stated.
//
// A row with a fault of its own is refused whole, with every reason. What contradicts the registry is refused with all that hangs on it: a
// vendor with its engagements, an engagement with its locations. What is refused never stops the other rows.
//
// A new engagement is listed when its vendor is a subprocessor or affiliate, unless the row says otherwise.
//
// A row that is marked as removed on a day ends its engagement on the day before, and keeps the removal among the earlier changes. Where
// every engagement of a vendor is over, the vendor is not left active: it is moved on to winding down, since nothing proves that it
// deleted what it held.
package importing
