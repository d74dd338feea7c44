package registry

import "strings"

// Cookie is a cookie that a vendor sets for us (P-24).
type Cookie struct {
	Name string `json:"name" validate:"required,text,max=200"` // a * at its end stands for anything
	// Purpose is what it is for; LifetimeDays how long it stays, absent where it goes with the session.
	Purpose      string `json:"purpose" validate:"required,purpose"`
	LifetimeDays *int   `json:"lifetime_days,omitempty" validate:"omitempty,min=1,max=36500"`
}

// Names tells whether the declaration is of a cookie of that name. Names are compared as they are: browsers tell A from a.
func (c Cookie) Names(name string) bool {
	if prefix, ok := strings.CutSuffix(c.Name, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return c.Name == name
}
