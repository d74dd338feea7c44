package api_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// operation is one operation of openapi.yaml.
type operation struct {
	method, path, name string
	roles              []string
	keyed, conditional bool
	tail               string   // the parameter at the end of the path that may have slashes
	body               []string // media types
	statuses           []string
}

// contract is openapi.yaml, and which of its answers have been seen.
type contract struct {
	model      *v3.Document
	operations []operation
	mu         sync.Mutex
	validator  validator.Validator
	seen       map[string]bool // name status
}

var theContract = sync.OnceValues(func() (*contract, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return nil, err
	}
	c := &contract{model: &model.Model, seen: map[string]bool{}}
	c.validator = validator.NewValidatorFromV3Model(&model.Model, config.WithFormatAssertions())
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, o := range item.GetOperations().FromOldest() {
			c.operations = append(c.operations, readOperation(path, method, item, o))
		}
	}
	return c, nil
})

func readOperation(path, method string, item *v3.PathItem, o *v3.Operation) operation {
	op := operation{method: strings.ToUpper(method), path: path, name: o.OperationId, keyed: o.Security == nil}
	if node, ok := o.Extensions.Get("x-roles"); ok {
		for _, n := range node.Content {
			op.roles = append(op.roles, n.Value)
		}
	}
	if node, ok := o.Extensions.Get("x-tail"); ok {
		op.tail = node.Value
	}
	for _, p := range append(slices.Clone(item.Parameters), o.Parameters...) {
		op.conditional = op.conditional || p.Name == "If-Match" && p.Required != nil && *p.Required
	}
	if o.RequestBody != nil {
		for media := range o.RequestBody.Content.FromOldest() {
			op.body = append(op.body, media)
		}
	}
	for status := range o.Responses.Codes.FromOldest() {
		op.statuses = append(op.statuses, status)
	}
	if o.Responses.Default != nil {
		op.statuses = append(op.statuses, "default")
	}
	return op
}

func loadContract(t *testing.T) *contract {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// find is the operation that a path belongs to.
func (c *contract) find(method, path string) (operation, bool) {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	best, fixed := operation{}, -1
	for _, o := range c.operations {
		template, parts := strings.Split(o.path, "/"), parts
		if o.tail != "" && len(parts) > len(template) {
			parts = parts[:len(template)]
		}
		if o.method != method || len(template) != len(parts) {
			continue
		}
		same, fits := 0, true
		for i, p := range template {
			if !strings.HasPrefix(p, "{") {
				same++
				fits = fits && p == parts[i]
			}
		}
		if fits && same > fixed {
			best, fixed = o, same
		}
	}
	return best, fixed >= 0
}

// check holds an answer against the description: its status must be declared, and its body fit; so must the body of a request that was taken.
func (c *contract) check(t *testing.T, r *http.Request, sent []byte, answer reply) {
	t.Helper()
	o, known := c.find(r.Method, r.URL.Path)
	if !known {
		return // no path of ours: 404 or 405
	}
	status, body := strconv.Itoa(answer.status), answer.body
	if !slices.Contains(o.statuses, status) {
		t.Errorf("%s does not declare the answer %s: %s", o.name, status, body)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[o.name+" "+status] = true
	if o.tail != "" { // the validator knows of no slashes in a parameter
		r = r.Clone(r.Context())
		r.URL.Path = strings.ReplaceAll(strings.ReplaceAll(o.path, "{level}", "0"), "{"+o.tail+"}", "000")
	}
	// The validator does not know of lines.
	if strings.HasPrefix(answer.header.Get("Content-Type"), "application/x-ndjson") {
		return
	}
	again := &http.Response{StatusCode: answer.status, Header: answer.header, Request: r, Body: io.NopCloser(bytes.NewReader(body))}
	if ok, errs := c.validator.ValidateHttpResponse(r, again); !ok {
		for _, e := range errs {
			t.Errorf("%s %s: %s: %s %v\n%s", o.name, status, e.Message, e.Reason, e.SchemaValidationErrors, body)
		}
	}
	if answer.status < 300 && o.name != "shareBatch" && o.name != "attachDocument" {
		asked := r.Clone(r.Context())
		asked.Body = io.NopCloser(bytes.NewReader(sent))
		if ok, errs := c.validator.ValidateHttpRequest(asked); !ok {
			for _, e := range errs {
				t.Errorf("%s was taken, but: %s: %s %v\n%s", o.name, e.Message, e.Reason, e.SchemaValidationErrors, sent)
			}
		}
	}
}

// unseen are the answers that no conversation had.
func (c *contract) unseen() []string {
	var missing []string
	for _, o := range c.operations {
		for _, status := range o.statuses {
			if !c.seen[o.name+" "+status] {
				missing = append(missing, o.name+" "+status)
			}
		}
	}
	return missing
}

// The copy that is served is the one at the root of the module.
func TestDescriptionIsOneText(t *testing.T) {
	t.Parallel()
	here, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(here, root) {
		t.Error("app/api/openapi.yaml differs from openapi.yaml: copy it")
	}
}

// No operation hides its answers behind a default, and each has an id of its own.
func TestDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	names := map[string]bool{}
	for _, o := range c.operations {
		if slices.Contains(o.statuses, "default") {
			t.Errorf("%s has a default answer", o.name)
		}
		if o.name == "" || names[o.name] {
			t.Errorf("%s %s needs an operationId of its own", o.method, o.path)
		}
		names[o.name] = true
		apart := strings.HasPrefix(o.path, "/v1/") || o.path == "/log/tile/entries/{n}" // where C2SP wants it
		if o.keyed != (len(o.roles) > 0) || o.keyed != apart {
			t.Errorf("%s %s: what wants a key says whom it serves, and is under /v1", o.method, o.path)
		}
	}
}

// The routes of the server are the operations of the description.
func TestRoutesAreTheDescription(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	s := newStage(t)
	var described, routed []string
	for _, o := range c.operations {
		path := strings.ReplaceAll(o.path, "{"+o.tail+"}", "*"+o.tail)
		described = append(described, o.method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path))
	}
	for _, r := range s.engine.Routes() {
		if r.Method == http.MethodHead || r.Method == http.MethodOptions {
			continue // HEAD is GET without the body, OPTIONS what a browser asks before it
		}
		routed = append(routed, r.Method+" "+r.Path)
	}
	slices.Sort(described)
	slices.Sort(routed)
	for _, d := range described {
		if !slices.Contains(routed, d) {
			t.Errorf("%s is described and not routed", d)
		}
	}
	for _, r := range routed {
		if !slices.Contains(described, r) {
			t.Errorf("%s is routed and not described", r)
		}
	}
}
