package site

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	tags "golang.org/x/text/language"
)

// The shipped languages. More are read from a folder of the operator's.
//
//go:embed languages/*.json
var shippedFiles embed.FS

// firstLanguage is the language of readers whose own is not there.
const firstLanguage = "en"

var shipped = sync.OnceValue(func() []*Language {
	all, err := readFiles(shippedFiles, "languages", nil)
	if err != nil {
		panic(err) // a test reads them
	}
	return all
})

// english is the shipped English, which every other language is held against.
func english() *Language { return shipped()[0] }

// ReadLanguages are the shipped languages and those of every .json file in folder, which may be empty for none; a file for a shipped language
// takes its place. It refuses a file that lacks a text that English has, has one that it has not, or lacks something in braces.
func ReadLanguages(folder string) ([]*Language, error) {
	all := slices.Clone(shipped())
	if folder == "" {
		return all, nil
	}
	own, err := readFiles(os.DirFS(folder), ".", english())
	if err != nil {
		return nil, err
	}
	for _, l := range own {
		if at := slices.IndexFunc(all, func(s *Language) bool { return s.Code == l.Code }); at >= 0 {
			all[at] = l
		} else {
			all = append(all, l)
		}
	}
	return all, nil
}

// readFiles reads the languages of a folder, the first language first. Where like is nil the first is the one that the others are held against.
func readFiles(files fs.FS, folder string, like *Language) ([]*Language, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there is no .json file in this folder")
	}
	var all []*Language
	var bad []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		l, err := readLanguage(text)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", path.Base(name), err))
			continue
		}
		all = append(all, l)
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	slices.SortStableFunc(all, func(x, y *Language) int {
		switch firstLanguage {
		case x.Code:
			return -1
		case y.Code:
			return 1
		}
		return strings.Compare(x.Code, y.Code)
	})
	if like == nil {
		like = all[0]
	}
	for _, l := range all {
		if err := l.check(like); err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", l.Code, err))
		}
	}
	return all, errors.Join(bad...)
}

func readLanguage(text []byte) (*Language, error) {
	var l Language
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	var err error
	if l.tag, err = tags.Parse(l.Code); err != nil || l.tag.String() != l.Code {
		return nil, fmt.Errorf("its code %q is not written as BCP 47 has it, such as en or pt-BR", l.Code)
	}
	switch {
	case l.Name == "":
		return nil, errors.New("it has no name")
	case l.Direction != "ltr" && l.Direction != "rtl":
		return nil, errors.New("its direction is neither ltr nor rtl")
	case len(l.Months) != 12:
		return nil, fmt.Errorf("it has %d months", len(l.Months))
	}
	return &l, nil
}

// check refuses a language whose keys are not those of like, or whose texts lack what like's have in braces.
func (l *Language) check(like *Language) error {
	own, model := l.flat(), like.flat()
	var missing, unknown, unlike []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		text, ok := own[key]
		switch {
		case !ok || text == "":
			missing = append(missing, key)
		case !strings.HasPrefix(key, "counts.") && !slices.Equal(braces(text), braces(model[key])):
			unlike = append(unlike, key)
		}
	}
	for key := range own {
		if _, ok := model[key]; !ok {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	var bad []error
	for what, keys := range map[string][]string{"it lacks": missing, "it has what is not used:": unknown, "other braces than in English:": unlike} {
		if len(keys) > 0 {
			bad = append(bad, fmt.Errorf("%s %s", what, strings.Join(keys, ", ")))
		}
	}
	return errors.Join(bad...)
}

// flat is every text under a path. Of the plural forms only "other" is there: which others a language has is its own affair.
func (l *Language) flat() map[string]string {
	all := map[string]string{"day": l.Day}
	for name, texts := range map[string]map[string]string{
		"texts": l.Texts, "changes": l.Changes, "fields": l.Fields, "uses": l.Uses, "transfers": l.Transfers, "roles": l.Roles, "categories": l.Categories, "places": l.Places,
	} {
		for key, text := range texts {
			all[name+"."+key] = text
		}
	}
	for key, forms := range l.Counts {
		all["counts."+key] = forms["other"]
	}
	for code, k := range l.Kinds {
		for field, text := range map[string]string{"one": k.One, "many": k.Many, "also": k.Also, "note": k.Note} {
			all["kinds."+code+"."+field] = text
		}
	}
	for code, p := range l.Purposes {
		all["purposes."+code+".label"], all["purposes."+code+".means"] = p.Label, p.Means
	}
	return all
}

// braces are the names in braces in a text, in order of the alphabet.
func braces(text string) []string {
	var names []string
	for _, part := range strings.Split(text, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
