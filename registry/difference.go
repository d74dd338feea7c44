package registry

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Difference is one field that changed, by JSON pointer; Before is absent when it was added and After when it was removed.
type Difference struct {
	Pointer string `json:"pointer"`
	Before  any    `json:"before,omitempty"`
	After   any    `json:"after,omitempty"`
}

// compare lists the differences of two records written as JSON, in the order of their pointers. Objects are compared member by member. A
// list of plain values (kinds, purposes, countries) is one value: read whole, it says what is permitted. A list of objects (contacts,
// clauses) is compared item by item, after what is the same at its two ends is left out: an added item has its place in the later
// list, a removed one its place in the earlier. What every version changes (version, updated_at) is left out.
func compare(earlier, later []byte) ([]Difference, error) {
	var sides [2]map[string]any
	for i, text := range [][]byte{earlier, later} {
		d := stdjson.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&sides[i]); err != nil {
			return nil, fmt.Errorf("read a version: %w", err)
		}
		for _, name := range bookkeeping {
			delete(sides[i], name)
		}
	}
	all := []Difference{}
	compareObjects(&all, "", sides[0], sides[1])
	return all, nil
}

func compareObjects(all *[]Difference, at string, a, b map[string]any) {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		compareValues(all, at+"/"+escapePointer(name), a[name], b[name])
	}
}

func compareValues(all *[]Difference, at string, a, b any) {
	if reflect.DeepEqual(a, b) {
		return
	}
	objectA, okA := a.(map[string]any)
	objectB, okB := b.(map[string]any)
	if (okA || a == nil) && (okB || b == nil) {
		compareObjects(all, at, objectA, objectB)
		return
	}
	listA, okA := objects(a)
	listB, okB := objects(b)
	if okA && okB {
		compareLists(all, at, listA, listB)
		return
	}
	*all = append(*all, Difference{Pointer: at, Before: a, After: b})
}

// objects is v as a list of objects; a list that is absent or empty may be one.
func objects(v any) ([]any, bool) {
	list, ok := v.([]any)
	if v == nil {
		return nil, true
	}
	for _, item := range list {
		if _, object := item.(map[string]any); !object {
			return nil, false
		}
	}
	return list, ok && len(list) > 0
}

func compareLists(all *[]Difference, at string, a, b []any) {
	start := 0
	for start < min(len(a), len(b)) && reflect.DeepEqual(a[start], b[start]) {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && reflect.DeepEqual(a[len(a)-1-end], b[len(b)-1-end]) {
		end++
	}
	midA, midB := a[start:len(a)-end], b[start:len(b)-end]
	if len(midA) == len(midB) {
		for i := range midA {
			compareValues(all, at+"/"+strconv.Itoa(start+i), midA[i], midB[i])
		}
		return
	}
	for i, item := range midA {
		*all = append(*all, Difference{Pointer: at + "/" + strconv.Itoa(start+i), Before: item})
	}
	for i, item := range midB {
		*all = append(*all, Difference{Pointer: at + "/" + strconv.Itoa(start+i), After: item})
	}
}

// topLevel is the first part of a pointer.
func topLevel(pointer string) string {
	if i := strings.IndexByte(pointer[1:], '/'); i >= 0 {
		return pointer[:i+1]
	}
	return pointer
}
