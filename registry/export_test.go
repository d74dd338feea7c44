package registry

import (
	"maps"
	"slices"
)

// SentenceTags are the tags that have a sentence.
func SentenceTags() []string { return slices.Collect(maps.Keys(sentences)) }
