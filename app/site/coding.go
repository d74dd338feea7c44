package site

import (
	"strconv"
	"strings"
)

// choose is the best coding that a client takes (RFC 9110, 12.5.3): the one with the greatest weight, and of equals the smallest text.
// A client that takes none of ours gets the plain text. Brotli is chosen only where there is some.
func choose(accept []string, brotli bool) int {
	switch len(accept) {
	case 0:
		return identity
	case 1:
		switch accept[0] { // what nearly all clients send
		case "gzip, deflate, br, zstd", "gzip, deflate, br", "br":
			if brotli {
				return brotliCoding
			}
		case "gzip", "gzip, deflate":
			return gzipCoding
		case "", "identity":
			return identity
		}
	}
	return weigh(strings.Join(accept, ","), brotli)
}

func weigh(accept string, brotli bool) int {
	weights := [codingCount]float64{-1, -1, -1} // not named
	rest := -1.0
	for part := range strings.SplitSeq(accept, ",") {
		name, weight := weighted(part)
		switch name {
		case "br":
			weights[brotliCoding] = weight
		case "gzip", "x-gzip":
			weights[gzipCoding] = weight
		case "identity":
			weights[identity] = weight
		case "*":
			rest = weight
		}
	}
	if !brotli {
		weights[brotliCoding] = 0
	}
	best := identity
	var bestWeight float64
	for _, coding := range []int{brotliCoding, gzipCoding, identity} {
		weight := weights[coding]
		if weight < 0 {
			weight = rest
		}
		if weight > bestWeight {
			best, bestWeight = coding, weight
		}
	}
	return best
}

// weighted reads "gzip;q=0.5". A weight that cannot be read counts as none given.
func weighted(part string) (name string, weight float64) {
	name, parameters, _ := strings.Cut(part, ";")
	weight = 1
	for p := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
				weight = q
			}
		}
	}
	return strings.ToLower(strings.TrimSpace(name)), weight
}
