package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"onward/app/site"
)

// FuzzLogo: what is taken as a logo has nothing that acts, as a reader of HTML sees it too.
func FuzzLogo(f *testing.F) {
	const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">`
	for _, inside := range []string{`<path d="M0 0"/>`, `<script/>`, `<g onclick="a"/>`, `<style>a{b:url(#c)}</style>`, `<use href="#a"/>`, `<![CDATA[<script>]]>`, `<!-- <script> -->`} {
		f.Add(open + inside + `</svg>`)
	}
	f.Add("\x89PNG\r\n\x1a\n")
	path := filepath.Join(f.TempDir(), "logo")
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := site.ReadLogo(path); err != nil || strings.HasPrefix(content, "\x89PNG") {
			return
		}
		tokens := html.NewTokenizer(strings.NewReader(content))
		tokens.AllowCDATA(true)
		for {
			kind := tokens.Next()
			if kind == html.ErrorToken {
				return
			}
			token := tokens.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			if strings.HasSuffix(token.Data, "script") || token.Data == "foreignobject" || token.Data == "iframe" {
				t.Errorf("a %s is taken: %q", token.Data, content)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("a handler is taken: %q", content)
				}
			}
		}
	})
}
