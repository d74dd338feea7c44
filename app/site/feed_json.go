package site

import (
	"bytes"
)

// jsonDocument is a feed by JSON Feed 1.1.
type jsonDocument struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Home        string       `json:"home_page_url,omitempty"`
	Feed        string       `json:"feed_url,omitempty"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors,omitempty"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID        string `json:"id"`
	Address   string `json:"url,omitempty"`
	Title     string `json:"title"`
	Content   string `json:"content_html"`
	Published string `json:"date_published"`
	Modified  string `json:"date_modified,omitempty"`
}

// writeJSONFeed writes the newest events as JSON Feed. It has addresses only where the public one is known: they must be whole.
func (s *Site) writeJSONFeed(w *bytes.Buffer, v view) error {
	l, public := v.language, s.options.Brand.PublicURL
	whole := func(path string) string {
		if public == "" {
			return ""
		}
		return public + path
	}
	feed := jsonDocument{
		Version: "https://jsonfeed.org/version/1.1", Title: s.feedTitle(l), Description: l.Say("changes.lede"), Language: l.Code,
		Home: whole(s.addressOf(changesPage, question{}, l)), Feed: whole(s.addressOf(jsonFeed, question{}, l)), Items: []jsonItem{},
	}
	if s.options.Company != "" {
		feed.Authors = []jsonAuthor{{s.options.Company}}
	}
	events, _ := s.feedEvents(v)
	for _, e := range events {
		text, err := e.content()
		if err != nil {
			return err
		}
		item := jsonItem{ID: e.ID.URN(), Address: whole(e.Address), Title: e.Title, Content: text, Published: feedTime(e.At)}
		if e.Updated.After(e.At) {
			item.Modified = feedTime(e.Updated)
		}
		feed.Items = append(feed.Items, item)
	}
	return writeJSON(w, feed)
}
