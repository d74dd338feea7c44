package policy

// vendorNotActive: data goes to vendors that were approved and made active, and to none that is winding down or ended (P-07).
func vendorNotActive(_ *Share, f *Facts) []string {
	return objectIf(f.Vendor.State != "active", f.Vendor.State)
}

// vendorMerged: a company that became a part of another receives nothing as itself from that day on: whoever holds the data is named (P-07).
func vendorMerged(_ *Share, f *Facts) []string {
	return objectIf(f.Vendor.MergedInto != "", f.Vendor.MergedInto)
}
