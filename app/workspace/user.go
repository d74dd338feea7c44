package workspace

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
)

// usersPath is where administrators say who may sign in.
const usersPath = "/app/users"

// user is a user as a page shows it.
type user struct {
	login.User
	Path string
	Own  bool // whoever looks at it
}

var (
	usersPage    = pageOf("users")
	userLinkPage = pageOf("userlink")
)

type usersData struct {
	frame
	Form       string // where a new user is sent
	Roles      []string
	Users      []user
	Alone      bool // nobody else may sign in
	Next, Back string
	Lost       string // what is wrong with a form that is not on the page any more
}

type userLinkData struct {
	frame
	For      login.User
	Address  string
	Until    time.Time
	Lifetime string
	Back     string
}

func (w *Workspace) showUsers(c *gin.Context, v login.Visit) error {
	return w.users(c, v, http.StatusOK, nil)
}

func (w *Workspace) users(c *gin.Context, v login.Visit, status int, s *sent) error {
	q := queryOf(c, s)
	d := &usersData{frame: w.frame(c, v, "Users"), Form: usersPath, Roles: login.UserRoles(), Back: q.encode()}
	d.Sent = s
	p, err := w.Users.List(c.Request.Context(), pageSize, q.text("cursor"))
	if err != nil {
		return err
	}
	forms := []string{usersPath}
	for _, u := range p.Items {
		shown := user{u, usersPath + "/" + u.ID.String(), u.ID == v.User.ID}
		d.Users = append(d.Users, shown)
		forms = append(forms, shown.Path+"/change")
		if u.Disabled {
			forms = append(forms, shown.Path+"/enable")
		} else {
			forms = append(forms, shown.Path+"/disable", shown.Path+"/link")
		}
	}
	d.Alone = len(d.Users) == 1 && d.Users[0].Own
	d.Lost = s.Lost(forms)
	d.Next = q.next(usersPath, p.Next)
	return w.show(c, status, usersPage, d)
}

// createUser makes a user, and leads to the beginning of the list, where it stands.
func (w *Workspace) createUser(c *gin.Context, v login.Visit) error {
	return w.change(c, usersPath, func(values url.Values) error {
		_, err := w.Users.Create(c.Request.Context(), v.User.Actor(), w.Now(),
			login.UserFields{Name: values.Get("name"), Email: values.Get("email"), Role: values.Get("role")})
		return err
	}, func(s *sent) error { return w.users(c, v, s.Problem.Status, s) })
}

func (w *Workspace) changeUser(c *gin.Context, v login.Visit) error {
	return w.patchUser(c, v, func(values url.Values) login.UserPatch {
		name, role := values.Get("name"), values.Get("role")
		return login.UserPatch{Name: &name, Role: &role}
	})
}

func (w *Workspace) disableUser(c *gin.Context, v login.Visit) error {
	disabled := true
	return w.patchUser(c, v, func(url.Values) login.UserPatch { return login.UserPatch{Disabled: &disabled} })
}

func (w *Workspace) enableUser(c *gin.Context, v login.Visit) error {
	disabled := false
	return w.patchUser(c, v, func(url.Values) login.UserPatch { return login.UserPatch{Disabled: &disabled} })
}

// patchUser changes the version of a user that was seen, and leads back to the list.
func (w *Workspace) patchUser(c *gin.Context, v login.Visit, patch func(url.Values) login.UserPatch) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	back := usersPath
	if id == v.User.ID {
		back = "/app" // the list may be closed to who changed their own role
	}
	return w.change(c, back, func(values url.Values) error {
		version, err := versionOf(values)
		if err != nil {
			return err
		}
		_, err = w.Users.Change(c.Request.Context(), v.User.Actor(), w.Now(), id, version, patch(values))
		return err
	}, func(s *sent) error { return w.users(c, v, s.Problem.Status, s) })
}

// makeUserLink answers with a link by which a user signs in once. It is in this answer alone: neither kept nor logged, and in no address.
func (w *Workspace) makeUserLink(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	values, err := readForm(c)
	if err != nil {
		return err
	}
	u, err := w.Users.Read(c.Request.Context(), id)
	if err != nil {
		return err
	}
	at := w.Now()
	secret, until, err := w.Users.MakeLink(c.Request.Context(), v.User.Actor(), at, id)
	if err != nil {
		if s, ok := refusedForm(c, values, err); ok {
			return w.users(c, v, s.Problem.Status, s)
		}
		return err
	}
	return w.show(c, http.StatusOK, userLinkPage, &userLinkData{
		frame: w.frame(c, v, "Sign-in link"), For: u, Address: w.origin(c.Request) + LinkPath(secret), Until: until,
		Lifetime: plural(int(until.Sub(at).Round(time.Minute)/time.Minute), "minute"), Back: backTo(usersPath, values),
	})
}

// origin is where people reach the workspace: as the settings say, or else as the request does.
func (w *Workspace) origin(r *http.Request) string {
	if w.Brand.PublicURL != "" {
		return w.Brand.PublicURL
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
