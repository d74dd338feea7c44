package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// The codings in which a document is kept.
const (
	identity = iota
	gzipCoding
	brotliCoding
	codingCount
)

// Levels of gzip: for what is kept, and for what is made on demand.
const (
	gzipNone = 0 // it is packed already
	gzipFast = 4
	gzipBest = gzip.BestCompression
)

func levelOf(f format, level int) int {
	if formats[f].packed {
		return gzipNone
	}
	return level
}

// document is one resource in memory, ready to be written: its bytes in each coding, and each header value as net/http keeps it.
// It is never changed once it is finished.
type document struct {
	digest     string
	headers    []header // of a 200
	unmodified []header // of a 304
	date       time.Time
	ambiguous  bool // date may stand for an earlier text too
	bodies     [codingCount]*body
}

type header struct {
	name  string // in canonical form
	value []string
}

// body is a document in one coding. Strong ETags differ between codings (RFC 9110, 8.8.3).
type body struct {
	bytes  []byte
	etag   string
	fields []header // that only this coding has
	// head and unmodified are the header lines of a 200 and of a 304, but for the type and the length; nil before the document is finished.
	head, unmodified []byte
}

func newDocument(mediaType string, text []byte, level int) *document {
	sum := sha256.Sum256(text)
	return newNamed(base64.RawURLEncoding.EncodeToString(sum[:15]), mediaType, text, level)
}

// newNamed is newDocument with a digest that its ETags are made of.
func newNamed(digest, mediaType string, text []byte, level int) *document {
	d := &document{digest: digest}
	d.headers = append(d.headers, header{"Content-Type", []string{mediaType}}, header{"X-Content-Type-Options", []string{"nosniff"}})
	d.head("Vary", "Accept-Encoding")
	d.head("Access-Control-Allow-Origin", "*")
	d.only("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, Onward-Stale, Onward-Release, Onward-Release-Sha256")
	d.put(identity, "", text)
	if level == gzipNone {
		return d
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, level)
	if err != nil {
		panic(err) // the levels are constants of ours
	}
	_, _ = w.Write(text) // to memory
	_ = w.Close()
	d.put(gzipCoding, "gzip", zipped.Bytes())
	return d
}

// withBrotli is a copy that has Brotli too, or d itself where it has already all that it can have.
func (d *document) withBrotli() *document {
	if d.bodies[gzipCoding] == nil || d.bodies[brotliCoding] != nil {
		return d
	}
	better := *d
	var squeezed bytes.Buffer
	w := brotli.NewWriterLevel(&squeezed, brotli.BestCompression)
	_, _ = w.Write(d.bodies[identity].bytes) // to memory
	_ = w.Close()
	better.put(brotliCoding, "br", squeezed.Bytes())
	if d.bodies[identity].head != nil {
		better.write(better.bodies[brotliCoding])
	}
	return &better
}

func (d *document) put(coding int, name string, b []byte) {
	etag := `"` + d.digest + `"`
	fields := []header{{"Content-Length", []string{strconv.Itoa(len(b))}}}
	if name != "" {
		etag = `"` + d.digest + "-" + name + `"`
		fields = append(fields, header{"Content-Encoding", []string{name}})
	}
	fields = append(fields, header{"Etag", []string{etag}})
	d.bodies[coding] = &body{bytes: b, etag: etag, fields: fields}
}

// head adds a header to both a 200 and a 304.
func (d *document) head(name, value string) {
	h := header{http.CanonicalHeaderKey(name), []string{value}}
	d.headers, d.unmodified = append(d.headers, h), append(d.unmodified, h)
}

// vary replaces what the answer depends on.
func (d *document) vary(on string) {
	for _, list := range [][]header{d.headers, d.unmodified} {
		for i := range list {
			if list[i].name == "Vary" {
				list[i].value = []string{on}
			}
		}
	}
}

// only adds a header to a 200.
func (d *document) only(name, value string) {
	d.headers = append(d.headers, header{http.CanonicalHeaderKey(name), []string{value}})
}

// modified dates the document; the zero time leaves it without a date.
func (d *document) modified(t time.Time) {
	if t.IsZero() {
		return
	}
	d.date = t.UTC().Truncate(time.Second)
	d.only("Last-Modified", d.date.Format(http.TimeFormat))
}

// finish cuts spare room off the header lists, so that nobody can add to a shared one, and writes them.
func (d *document) finish() {
	d.headers, d.unmodified = d.headers[:len(d.headers):len(d.headers)], d.unmodified[:len(d.unmodified):len(d.unmodified)]
	for _, b := range d.bodies {
		if b != nil {
			d.write(b)
		}
	}
}

// write prepares the header lines of a body.
func (d *document) write(b *body) {
	b.head = lines(d.headers, b.fields)
	b.unmodified = lines(d.unmodified, b.fields[len(b.fields)-1:])
}

// lines are headers as they are sent, but for those of which net/http must know.
func lines(lists ...[]header) []byte {
	all := http.Header{}
	for _, list := range lists {
		for _, f := range list {
			all[f.name] = f.value
		}
	}
	var text bytes.Buffer
	_ = all.WriteSubset(&text, map[string]bool{"Content-Type": true, "Content-Length": true}) // to memory
	return text.Bytes()
}

// serve answers a GET or HEAD: the whole text in the best coding that the client takes, or 304 when it has that already.
func (d *document) serve(w http.ResponseWriter, r *http.Request, stale []string) {
	b := d.bodies[choose(r.Header["Accept-Encoding"], d.bodies[brotliCoding] != nil)]
	if b == nil {
		b = d.bodies[identity]
	}
	c := connectionOf(r)
	prepared := c != nil && b.head != nil && stale == nil
	switch known := d.known(r, b.etag); {
	case known && prepared:
		c.head = b.unmodified
		w.WriteHeader(http.StatusNotModified)
		return
	case known:
		setAll(w.Header(), stale, d.unmodified, b.fields[len(b.fields)-1:])
		w.WriteHeader(http.StatusNotModified)
		return
	case prepared:
		c.head = b.head
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = d.headers[0].value, b.fields[0].value
	default:
		setAll(w.Header(), stale, d.headers, b.fields)
	}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_ = writeWhole(w, c, b.bytes) // a client that went away is no fault
	}
}

// briefly is how long others keep what may be old, so that nobody is told for long that it is once it is not.
var briefly = []string{"public, max-age=10"}

// setAll sets headers. What may be old says so, and is asked for again soon.
func setAll(h http.Header, stale []string, lists ...[]header) {
	for _, list := range lists {
		for _, f := range list {
			h[f.name] = f.value
		}
	}
	if stale != nil {
		h["Onward-Stale"], h["Cache-Control"] = stale, briefly
	}
}
