package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the description and the pages' templates are part of the program
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-yaml"

	"onward/app/problem"
	"onward/registry"
)

// description is a copy of openapi.yaml, which stands at the root of the module; a test holds both equal.
//
//go:embed openapi.yaml
var description []byte

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsStyle string

var docsPage = template.Must(template.New("docs").Funcs(template.FuncMap{"spans": spans}).Parse(docsText))

// span is a piece of a text; what stood between backticks is code.
type span struct {
	Text string
	Code bool
}

func spans(text string) []span {
	var all []span
	for i, piece := range strings.Split(text, "`") {
		if piece != "" {
			all = append(all, span{piece, i%2 == 1})
		}
	}
	return all
}

// docsPolicy lets a page use its own style and nothing else.
var docsPolicy = func() string {
	sum := sha256.Sum256([]byte(docsStyle))
	return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

func (a *API) readOpenapi(c *gin.Context) error {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Data(http.StatusOK, "application/yaml", a.description)
	return nil
}

func (a *API) readDocs(c *gin.Context) error {
	c.Header("Content-Security-Policy", docsPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", a.docs)
	return nil
}

func (a *API) readProblem(c *gin.Context) error {
	meaning, ok := problem.Meanings(c.Param("name"))
	if !ok {
		return registry.Refuse(registry.NotFound, "There is no such type of problem.")
	}
	var text bytes.Buffer
	if err := docsPage.Execute(&text, docs{Style: template.CSS(docsStyle), Title: meaning.Title, Problem: &meaning}); err != nil { //nolint:gosec // our own file
		return fmt.Errorf("render the page of a problem: %w", err)
	}
	c.Header("Content-Security-Policy", docsPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", text.Bytes())
	return nil
}

// docs is the page that the description makes.
type docs struct {
	Style       template.CSS
	Title       string
	Paragraphs  []string
	Nouns       []docsNoun
	Problem     *problem.Meaning
	Description string
}

// docsNoun is a tag of the description and its operations.
type docsNoun struct {
	Name, Description string
	Operations        []docsOperation
}

// docsOperation is one operation, as a line and what unfolds from it.
type docsOperation struct {
	ID, Method, Path, Summary, Description string
	Roles                                  string
	Statuses                               []string
}

// renderDocs makes the page from the description.
func renderDocs(description []byte) []byte {
	var d struct {
		Info struct{ Title, Summary, Description string }
		Tags []struct{ Name, Description string }
		// A path's item has its operations and, under parameters, a list.
		Paths yaml.MapSlice
	}
	if err := yaml.UnmarshalWithOptions(description, &d, yaml.UseOrderedMap()); err != nil {
		panic(fmt.Errorf("read the description: %w", err))
	}
	p := docs{Style: template.CSS(docsStyle), Title: d.Info.Title, Description: d.Info.Summary} //nolint:gosec // our own file
	p.Paragraphs = strings.Split(strings.TrimSpace(d.Info.Description), "\n\n")
	operations := docsOperations(d.Paths)
	for _, tag := range d.Tags {
		p.Nouns = append(p.Nouns, docsNoun{tag.Name, tag.Description, operations[tag.Name]})
	}
	var text bytes.Buffer
	if err := docsPage.Execute(&text, p); err != nil {
		panic(fmt.Errorf("render the description: %w", err))
	}
	return text.Bytes()
}

// docsOperations are the operations of each tag, in the order of the description.
func docsOperations(paths yaml.MapSlice) map[string][]docsOperation {
	operations := make(map[string][]docsOperation)
	for _, path := range paths {
		item, _ := path.Value.(yaml.MapSlice)
		for _, method := range item {
			o, ok := method.Value.(yaml.MapSlice)
			if !ok {
				continue
			}
			m := o.ToMap()
			operation := docsOperation{
				ID: words(m["operationId"]), Method: strings.ToUpper(words(method.Key)), Path: words(path.Key),
				Summary: words(m["summary"]), Description: words(m["description"]), Roles: words(m["x-roles"]),
			}
			if responses, ok := m["responses"].(yaml.MapSlice); ok {
				for _, r := range responses {
					operation.Statuses = append(operation.Statuses, words(r.Key))
				}
			}
			tag := words(m["tags"])
			operations[tag] = append(operations[tag], operation)
		}
	}
	return operations
}

// words writes a text or a list of texts.
func words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		all := make([]string, len(v))
		for i := range v {
			all[i] = words(v[i])
		}
		return strings.Join(slices.Compact(all), ", ")
	default:
		return strings.TrimSpace(fmt.Sprint(v))
	}
}
