package workspace

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/app/problem"
	"onward/app/site"
)

//go:embed templates/workspace.css
var sheet string

//go:embed templates/*.html
var files embed.FS

// pageOf is the frame with a page in it.
func pageOf(name string) *template.Template {
	return template.Must(template.New(name).Funcs(words).ParseFS(files, "templates/frame.html", "templates/parts.html", "templates/"+name+".html"))
}

// frame is what every page has.
type frame struct {
	Title   string
	Company string
	Logo    *site.Logo
	Style   template.CSS
	User    *login.User // nil while nobody is signed in
	Rooms   []link
	Alarms  []alarm
	Sent    *sent // what a form sent and was refused for; nil where none was
	now     time.Time
}

type link struct {
	Text, Address string
	Current       bool
}

// framed is what the handlers of pages hand over.
type framed interface{ base() *frame }

func (f *frame) base() *frame { return f }

// May says whether the role of who is signed in is one of those.
func (f *frame) May(roles ...string) bool {
	for _, r := range roles {
		if f.User != nil && f.User.Role == r {
			return true
		}
	}
	return false
}

// mainRooms are the pages that every page leads to; administrators are led to the users too.
var mainRooms = []link{
	{Text: "Next", Address: "/app"},
	{Text: "Tasks", Address: "/app/tasks"},
	{Text: "Exceptions", Address: "/app/exceptions"},
	{Text: "Changes", Address: "/app/changes"},
	{Text: "Vendors", Address: "/app/vendors"},
	{Text: "Log", Address: "/app/log"},
}

// frame is that of a page for whoever is signed in.
func (w *Workspace) frame(c *gin.Context, v login.Visit, title string) frame {
	f := frame{Title: title, Company: w.Company, Logo: w.Brand.Logo, Style: w.style, now: w.Now()}
	if v.User.ID != (login.User{}).ID {
		f.User = &v.User
		rooms := mainRooms
		if f.May(admins...) {
			rooms = append(rooms[:len(rooms):len(rooms)], link{Text: "Users", Address: usersPath})
		}
		for _, room := range rooms {
			room.Current = c.Request.URL.Path == room.Address || room.Address != "/app" && strings.HasPrefix(c.Request.URL.Path, room.Address+"/")
			f.Rooms = append(f.Rooms, room)
		}
	}
	f.Alarms = w.alarms(c.Request.Context(), f.now)
	return f
}

// show answers with a page.
func (w *Workspace) show(c *gin.Context, status int, page *template.Template, data framed) error {
	var text bytes.Buffer
	if err := page.ExecuteTemplate(&text, "frame", data); err != nil {
		return err
	}
	w.head(c)
	c.Data(status, "text/html; charset=utf-8", text.Bytes())
	return nil
}

// head sets the headers of every answer. Forms are told from those of other sites by their origin, which the referrer policy must leave in.
func (w *Workspace) head(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", w.policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
}

var problemPage = pageOf("problem")

type problemData struct {
	frame
	Problem problem.Document
}

// refuse answers with a problem.
func (w *Workspace) refuse(c *gin.Context, v login.Visit, err error) {
	c.Abort()
	told, header := w.Problems.Document(c, err)
	if header[0] != "" && told.Status != http.StatusUnauthorized {
		c.Header(header[0], header[1])
	}
	d := &problemData{frame: w.frame(c, v, told.Title), Problem: told}
	if told.Detail == "" && len(told.Errors) == 0 {
		d.Problem.Detail = "The program is at fault. It is logged under " + told.Instance + "."
	}
	if err := w.show(c, told.Status, problemPage, d); err != nil {
		w.Problems.Write(c, errors.Join(err, errors.New("show a problem")))
	}
}
