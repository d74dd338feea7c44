package problem

import (
	"net/http"

	"onward/registry"
)

// Kind is a sort of refusal that HTTP knows and the registry does not.
type Kind int

// The kinds of refusal of HTTP itself.
const (
	Unauthorized    Kind = iota + 1 // no key, or one that is not valid
	Unconditional                   // a change that does not say what it was made from
	NotAllowed                      // a method that the path does not have
	TooLarge                        // a body over the limit
	UnsupportedType                 // a body of a type that is not read here
	TooMany                         // too many requests from this caller
)

// form is what all problems of one kind have in common.
type form struct {
	status int
	name   string // the last part of the type
	title  string
	means  string // a paragraph for the page that documents the type
	header [2]string
}

var ofRegistry = map[registry.Kind]form{
	registry.NotFound:       {http.StatusNotFound, "not-found", "There is no such thing", "The path names nothing that exists, or nothing that this key may know of.", [2]string{}},
	registry.Malformed:      {http.StatusBadRequest, "malformed", "The body cannot be read", "The body is not JSON in UTF-8, is nested too deeply, names a member twice, or something follows after its end.", [2]string{}},
	registry.Invalid:        {http.StatusUnprocessableEntity, "invalid", "Something is wrong with what was sent", "The member errors names every bad field by JSON pointer, and every bad parameter or header by name.", [2]string{}},
	registry.Conflict:       {http.StatusConflict, "conflict", "It contradicts something that exists", "Read what exists, decide anew, and ask again.", [2]string{}},
	registry.Stale:          {http.StatusPreconditionFailed, "stale", "It was changed since it was read", "Somebody changed the record in the meantime. Read it again and repeat the change with the new ETag.", [2]string{}},
	registry.Forbidden:      {http.StatusForbidden, "forbidden", "This key may not", "The role of the key, or the rule that two people must take part, does not permit it.", [2]string{}},
	registry.Denied:         {http.StatusForbidden, "denied", "The policy forbids this share", "The share must not happen. The member reasons gives every rule against it. The attempt is on record.", [2]string{}},
	registry.Unacknowledged: {http.StatusForbidden, "acknowledgement-missing", "Confidentiality is not acknowledged", "Whoever sees rows about persons acknowledges confidentiality first: read GET /v1/confidentiality and send its version by POST /v1/acknowledgements. A new version of the text is acknowledged anew.", [2]string{}},
	registry.Busy:           {http.StatusServiceUnavailable, "busy", "Not now", "Nothing that can be relied on was done. The same request, with the same Idempotency-Key if it has one, can succeed later.", [2]string{"Retry-After", "1"}},
}

var ofHTTP = map[Kind]form{
	Unauthorized:    {http.StatusUnauthorized, "unauthorized", "A valid key is needed", "Send Authorization: Bearer and a key that is known, not expired and not revoked.", [2]string{"WWW-Authenticate", "Bearer"}},
	Unconditional:   {http.StatusPreconditionRequired, "unconditional", "Say what the change was made from", "Send If-Match with the ETag that the record had when it was read.", [2]string{}},
	NotAllowed:      {http.StatusMethodNotAllowed, "not-allowed", "This path does not have that method", "The header Allow lists those that it has.", [2]string{}},
	TooLarge:        {http.StatusRequestEntityTooLarge, "too-large", "The body is too large", "A JSON body may have 1 MiB, a line of a batch 1 MiB, a document 20 MiB.", [2]string{}},
	UnsupportedType: {http.StatusUnsupportedMediaType, "unsupported-type", "The body has a type that is not read here", "The header Content-Type must be one of those that the operation describes.", [2]string{}},
	TooMany:         {http.StatusTooManyRequests, "too-many", "Too many requests", "Wait for as many seconds as the header Retry-After says.", [2]string{"Retry-After", "1"}},
}

// ofFault is what is said of every fault: nothing.
var ofFault = form{http.StatusInternalServerError, "fault", "The program is at fault", "It is not due to the request. The member instance finds it in our own log.", [2]string{}}

// Meaning is what the type of a problem says, for a page.
type Meaning struct {
	Name, Title, Means string
	Status             int
}

// Meanings finds a type by the last part of its name.
func Meanings(name string) (Meaning, bool) {
	for _, f := range forms() {
		if f.name == name {
			return Meaning{f.name, f.title, f.means, f.status}, true
		}
	}
	return Meaning{}, false
}

func forms() []form {
	all := []form{ofFault}
	for _, f := range ofRegistry {
		all = append(all, f)
	}
	for _, f := range ofHTTP {
		all = append(all, f)
	}
	return all
}
