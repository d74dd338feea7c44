package api

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// entry is an entry of the log as it stands there.
type entry struct {
	audit.Receipt
	Type       string          `json:"type"`
	OccurredAt time.Time       `json:"occurred_at"`
	ActorID    uuid.UUID       `json:"actor_id"`
	VendorID   uuid.UUID       `json:"vendor_id,omitzero"`
	VendorSeq  int64           `json:"vendor_seq,omitzero,string"`
	Leaf       json.RawMessage `json:"leaf"`
	LeafBase64 []byte          `json:"leaf_base64"`
}

func entryOf(s audit.Stored) entry {
	return entry{s.Receipt, s.Type, s.OccurredAt, s.ActorID, s.VendorID, s.VendorSeq, s.Leaf, s.Leaf}
}

func (a *API) listEntries(c *gin.Context) error {
	q := queryOf(c, "type", "vendor_id", "actor_id", "order", "limit", "cursor")
	limit := q.limit()
	ask := audit.Query{
		After: -1, Newest: q.choice("order", "newest", "oldest") == "newest", Limit: limit + 1,
		Type: q.text("type"), VendorID: q.id("vendor_id"), ActorID: q.id("actor_id"),
	}
	if len(ask.Type) > 100 {
		q.refuse("type", "is longer than every type")
	}
	mark := entryMark(ask)
	if cursor := q.text("cursor"); cursor != "" {
		index, ours := strings.CutPrefix(cursor, mark)
		after, err := strconv.ParseInt(index, 10, 64)
		if err != nil || !ours || after < 0 {
			q.refuse("cursor", "belongs to another list")
		}
		ask.After = after
	}
	if err := q.err(); err != nil {
		return err
	}
	found, err := a.Log.Entries(c.Request.Context(), ask)
	if err != nil {
		return err
	}
	var p registry.Page[entry]
	for _, s := range found[:min(len(found), limit)] {
		p.Items = append(p.Items, entryOf(s))
	}
	if len(found) > limit {
		p.Next = mark + strconv.FormatInt(found[limit-1].Index, 10)
	}
	return page(c, p, nil)
}

// entryMark begins the cursors of one question.
func entryMark(q audit.Query) string {
	question := fmt.Sprint(q.Newest, q.Type, q.VendorID, q.ActorID)
	return fmt.Sprintf("entry-%08x-", crc32.ChecksumIEEE([]byte(question)))
}

func (a *API) readEntry(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	s, err := a.Log.Entry(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, entryOf(s))
}
