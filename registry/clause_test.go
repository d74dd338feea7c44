package registry_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onward/registry/policy"
)

// keeping is what the table of the package's documentation says of a clause.
type keeping struct {
	rules, parts, tests, conversations []string
	none                               bool
}

var (
	clauseLine = regexp.MustCompile(`^\t(P-\d\d)  (.+)$`)
	clauseMore = regexp.MustCompile(`^\t {6}(\S.*)$`)
	ruleCode   = regexp.MustCompile(`^[a-z]+[a-z0-9]*(_[a-z0-9]+)+$`)
)

// readClauses reads the table.
func readClauses(t *testing.T) (table map[string]keeping, doc string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	doc = file.Doc.Text()
	texts := map[string]string{}
	last := ""
	for line := range strings.Lines(doc) {
		line = strings.TrimRight(line, "\n")
		if m := clauseLine.FindStringSubmatch(line); m != nil {
			if _, twice := texts[m[1]]; twice {
				t.Errorf("%s stands there twice", m[1])
			}
			last = m[1]
			texts[last] = m[2]
		} else if m := clauseMore.FindStringSubmatch(line); m != nil && last != "" {
			texts[last] += " " + m[1]
		} else {
			last = ""
		}
	}
	table = map[string]keeping{}
	for clause, text := range texts {
		var k keeping
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; ", r) }) {
			switch {
			case word == "none":
				k.none = true
			case strings.HasSuffix(word, ".txt"):
				k.conversations = append(k.conversations, word)
			case strings.HasPrefix(word, "Test"):
				k.tests = append(k.tests, word)
			case ruleCode.MatchString(word):
				k.rules = append(k.rules, word)
			default:
				k.parts = append(k.parts, word)
			}
		}
		table[clause] = k
	}
	return table, doc
}

// declared are the names of the program: functions, types, Type.Method, Type.Field, and each with its package before it; and of its tests.
func declared(t *testing.T) (names, tests map[string]bool) {
	t.Helper()
	names, tests = map[string]bool{}, map[string]bool{}
	for _, root := range []string{".", "../audit", "../app"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return fmt.Errorf("read %s: %w", path, err)
			}
			for _, name := range namesOf(file) {
				if strings.HasSuffix(path, "_test.go") {
					tests[name] = true
				} else {
					names[name], names[file.Name.Name+"."+name] = true, true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names, tests
}

func namesOf(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					names = append(names, s.Name.Name)
					names = append(names, fieldsOf(s)...)
				}
			}
		}
	}
	return names
}

// receiver is the type of a method with a dot after it.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "."
	}
	return "?."
}

func fieldsOf(s *ast.TypeSpec) []string {
	of, ok := s.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	var names []string
	for _, f := range of.Fields.List {
		for _, n := range f.Names {
			names = append(names, s.Name.Name+"."+n.Name)
		}
	}
	return names
}

// The table of clauses is true: it has every clause and every rule, and what it names is there.
func TestClauses(t *testing.T) {
	t.Parallel()
	table, doc := readClauses(t)
	names, tests := declared(t)
	of := map[string]string{} // the clause of each rule
	for _, r := range slices.Concat(policy.Rules(), policy.NoteRules()) {
		of[r.Code] = r.Clause
		if !slices.Contains(table[r.Clause].rules, r.Code) {
			t.Errorf("the rule %s is not in the row of its clause, %s", r.Code, r.Clause)
		}
	}
	if len(table) != 32 {
		t.Errorf("the table has %d rows", len(table))
	}
	for n := 1; n <= 32; n++ {
		clause := fmt.Sprintf("P-%02d", n)
		t.Run(clause, func(t *testing.T) {
			t.Parallel()
			k, ok := table[clause]
			switch {
			case !ok:
				t.Fatal("it has no row")
			case k.none:
				if !regexp.MustCompile(`BUG\(registry\):[^\n]*\(` + clause + `\)`).MatchString(doc) {
					t.Error("nothing keeps it, and no BUG says so")
				}
				return
			case len(k.rules)+len(k.parts) == 0 || len(k.tests) == 0 || len(k.conversations) == 0:
				t.Errorf("it has no rule, no test or no conversation: %+v", k)
			}
			for _, code := range k.rules {
				if of[code] == "" {
					t.Errorf("there is no rule %s", code)
				}
			}
			for _, name := range k.parts {
				if !names[name] {
					t.Errorf("the program has no %s", name)
				}
			}
			for _, name := range k.tests {
				if !tests[name] {
					t.Errorf("there is no %s", name)
				}
			}
			for _, name := range k.conversations {
				text, err := os.ReadFile(filepath.Join("../app/api/testdata/conversations", name))
				if err != nil {
					t.Error(err)
				} else if !strings.Contains("\n"+string(text), "\n# "+clause+": ") {
					t.Errorf("%s has no step that plays %s", name, clause)
				}
			}
		})
	}
}
