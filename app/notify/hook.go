package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"onward/registry/publishing"
)

// secretPrefix begins the key of a webhook as its receiver is shown it (Standard Webhooks).
const secretPrefix = "whsec_"

// ShownSecret is a webhook's key as its receiver is shown it.
func ShownSecret(secret []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

// Sign is the signature over a webhook: v1, and the HMAC-SHA-256 over id, timestamp and body, in base64 (Standard Webhooks).
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "%s.%d.", id, at.Unix())
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// hookBody is what a webhook says.
type hookBody struct {
	Type      string                    `json:"type"` // changes.announced, changes.moved, changes.withdrawn, or subscription.verify
	ID        string                    `json:"id"`   // the same each time that it is sent
	CreatedAt time.Time                 `json:"created_at"`
	Challenge string                    `json:"challenge,omitempty"` // which the answer must repeat
	NoticeID  string                    `json:"notice_id,omitempty"`
	FollowsID string                    `json:"follows_id,omitempty"` // the notice that announced them
	List      string                    `json:"list,omitempty"`
	Changes   []publishing.NoticeChange `json:"changes,omitempty"`
}

func (w *Words) hookBody(l *publishing.Letter) ([]byte, error) {
	b := hookBody{Type: "subscription.verify", ID: l.ID.String(), CreatedAt: l.CreatedAt.UTC()}
	if l.Purpose == publishing.ForConfirmation {
		b.Challenge = w.Links.Confirmation(*l.SubscriberID)
	} else {
		b.Type, b.NoticeID, b.List = "changes."+l.Notice.About, l.NoticeID.String(), w.PublicURL+"/subprocessors.json"
		if l.Notice.Follows != nil {
			b.FollowsID = l.Notice.Follows.String()
		}
		for _, c := range l.Changes {
			b.Changes = append(b.Changes, c.NoticeChange)
		}
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write a webhook: %w", err)
	}
	return text, nil
}

// answer is what the receiver of a webhook said.
type answer struct {
	status int
	body   []byte
}

// post sends a webhook. An error means that there was no answer; its text says why in general, and names no address.
func post(ctx context.Context, client *http.Client, l *publishing.Letter, body []byte, at time.Time) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Address, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the address cannot be read")
	}
	id := l.ID.String()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Onward")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", Sign(l.Subscriber.Secret, id, at, body))
	got, err := client.Do(r)
	if err != nil {
		return answer{}, reason(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, hookAnswer))
	if err != nil && got.StatusCode/100 != 2 {
		return answer{}, reason(err)
	}
	return answer{got.StatusCode, text}, nil
}

// reason is an error of the client without the address that it names.
func reason(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return errors.New("no answer in time")
		}
		err = wrapped.Err
	}
	if errors.Is(err, errPrivate) {
		return errPrivate
	}
	return fmt.Errorf("no answer: %w", err)
}

// repeats says whether an answer repeats a challenge: alone, or as the member challenge of a JSON object.
func (a answer) repeats(challenge string) bool {
	var o struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(a.body, &o) == nil && hmac.Equal([]byte(o.Challenge), []byte(challenge)) {
		return true
	}
	return hmac.Equal([]byte(strings.TrimSpace(string(a.body))), []byte(challenge))
}
