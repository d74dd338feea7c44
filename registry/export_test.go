package registry

import (
	"maps"
	"slices"
)

// SentenceTags are the tags that have a sentence.
func SentenceTags() []string { return slices.Collect(maps.Keys(sentences)) }

// Surely tells whether a glance finds a struct good, as it does before the validator is asked.
func Surely(v any) bool { return surely(v) }

// Validator is what the validator alone says.
func Validator(v any) error { return checker().Struct(v) }
