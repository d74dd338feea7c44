package sharing

import "strings"

// isHost tells whether text is a host name and nothing more: no scheme, path, query or port (P-16).
func isHost(text string) bool {
	if len(text) > 253 || !strings.Contains(text, ".") {
		return false
	}
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || len(part) > 63 || part[0] == '-' || part[len(part)-1] == '-' {
			return false
		}
		for i := range len(part) {
			c := part[i] | 0x20
			if (c < 'a' || c > 'z') && (part[i] < '0' || part[i] > '9') && part[i] != '-' {
				return false
			}
		}
	}
	return true
}
