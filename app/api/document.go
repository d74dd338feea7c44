package api

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/registry"
)

func (a *API) attachDocument(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	media, name, err := documentHeaders(c)
	if err != nil {
		return err
	}
	if c.Request.ContentLength > registry.MaxDocument {
		return &http.MaxBytesError{Limit: registry.MaxDocument}
	}
	content := sync.OnceValues(func() ([]byte, error) {
		return io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, registry.MaxDocument))
	})
	k, err := change(c, func(version int64) (registry.Contract, error) {
		document, err := content()
		if err != nil {
			return registry.Contract{}, unread(err)
		}
		return a.Registry.AttachDocument(c.Request.Context(), login.Actor(c), a.Now(), id, version, name, media, bytes.NewReader(document))
	})
	if err != nil {
		return err
	}
	return changed(c, contractTag(k), k)
}

// documentHeaders are the media type and the name of a document that is sent. A path in the name is cut off.
func documentHeaders(c *gin.Context) (media, name string, err error) {
	media = c.GetHeader("Content-Type")
	if _, _, err := mime.ParseMediaType(media); err != nil || len(media) > 200 {
		return "", "", problem.Refuse(problem.UnsupportedType, "send the document's media type as Content-Type")
	}
	if err := checkEncoding(c); err != nil {
		return "", "", err
	}
	if disposition := c.GetHeader("Content-Disposition"); disposition != "" {
		_, parameters, err := mime.ParseMediaType(disposition)
		if err != nil {
			return "", "", problem.Bad{problem.Header("Content-Disposition", "cannot be read")}
		}
		if name = parameters["filename"]; name != "" {
			name = path.Base(strings.ReplaceAll(name, `\`, "/"))
		}
	}
	return media, name, nil
}

func (a *API) readDocument(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	d, content, err := a.Registry.DocumentContent(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if unchanged(c, `"`+d.SHA256+`"`) {
		return nil
	}
	c.Header("Content-Disposition", attachment(d.Name))
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	c.Data(http.StatusOK, d.MediaType, content)
	return nil
}

// attachment makes a browser save a document instead of showing it.
func attachment(name string) string {
	if name == "" {
		return "attachment"
	}
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}
