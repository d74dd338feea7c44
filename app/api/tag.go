package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"onward/app/problem"
	"onward/registry"
)

// tagOf is the ETag of a version of a record. What else the answer depends on stands after the version.
func tagOf(version int64, also ...string) string {
	tag := strconv.FormatInt(version, 10)
	for _, a := range also {
		tag += "-" + a
	}
	return `"` + tag + `"`
}

// change calls do with the version that If-Match names, and where it names several, with each until one is current. It refuses a
// request without one (Unconditional): * would change what the caller has not seen. A tag that can never match is Stale.
func change[T any](c *gin.Context, do func(version int64) (T, error)) (T, error) {
	var zero T
	field := strings.Join(c.Request.Header.Values("If-Match"), ",")
	tags := tagsIn(field)
	switch {
	case field == "" || strings.TrimSpace(field) == "*":
		return zero, problem.Refuse(problem.Unconditional, "send If-Match with the ETag of what was read")
	case tags == nil:
		return zero, problem.Bad{problem.Header("If-Match", `must be an ETag such as "3"`)}
	}
	err := error(registry.Refuse(registry.Stale, "it was changed since it was read"))
	for _, tag := range tags {
		version, ok := versionIn(tag)
		if !ok {
			continue
		}
		var result T
		if result, err = do(version); !isStale(err) {
			return result, err
		}
	}
	return zero, err
}

func isStale(err error) bool {
	var refusal *registry.Refusal
	return errors.As(err, &refusal) && refusal.Kind == registry.Stale
}

// versionIn is the version that a strong tag names; a weak one matches nothing.
func versionIn(tag string) (int64, bool) {
	if strings.HasPrefix(tag, "W/") {
		return 0, false
	}
	digits, _, _ := strings.Cut(strings.Trim(tag, `"`), "-")
	version, err := strconv.ParseInt(digits, 10, 64)
	return version, err == nil && version > 0
}

// maxTags bounds how often one change is tried.
const maxTags = 8

// tagsIn are the entity tags of a list (RFC 9110, section 8.8.3); nil where it is none, or has too many.
func tagsIn(field string) []string {
	var tags []string
	for rest := strings.Trim(field, " \t,"); rest != ""; rest = strings.TrimLeft(rest, " \t,") {
		start := 0
		if strings.HasPrefix(rest, "W/") {
			start = 2
		}
		if !strings.HasPrefix(rest[start:], `"`) {
			return nil
		}
		end := strings.IndexByte(rest[start+1:], '"')
		if end < 0 {
			return nil
		}
		end += start + 2
		if tags = append(tags, rest[:end]); len(tags) > maxTags {
			return nil
		}
		if rest = rest[end:]; rest != "" && !strings.ContainsRune(" \t,", rune(rest[0])) {
			return nil
		}
	}
	return tags
}

// unchanged sets the ETag and says whether If-None-Match names it: then 304 was answered.
func unchanged(c *gin.Context, tag string) bool {
	c.Header("ETag", tag)
	field := strings.Join(c.Request.Header.Values("If-None-Match"), ",")
	if field == "" {
		return false
	}
	match := strings.TrimSpace(field) == "*"
	for _, t := range tagsIn(field) {
		match = match || strings.TrimPrefix(t, "W/") == tag
	}
	if match {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
	}
	return match
}
