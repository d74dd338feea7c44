package site

import (
	"sync"
	"sync/atomic"

	"onward/registry/publishing"
)

// shelf holds the documents of one list: each format in each of its languages, made when it is first wanted and then kept.
type shelf struct {
	slots [formatCount][]slot
	make  func(f format, language int) (*document, error)
}

type slot struct {
	made   atomic.Pointer[document]
	making sync.Mutex
}

// newShelf is a shelf for list and its history. Its Last-Modified may stand for an earlier list too where ambiguous says so.
func (s *Site) newShelf(list publishing.List, past history, ambiguous bool) *shelf {
	all := &shelf{make: func(f format, language int) (*document, error) {
		v := view{list: list, whole: list, history: past, language: s.languages[language]}
		text, err := s.body(f, v)
		if err != nil {
			return nil, err
		}
		d := newDocument(formats[f].mediaType, text, levelOf(f, gzipBest))
		d.head("Cache-Control", "public, max-age=60, stale-while-revalidate=600")
		s.decorate(d, f, v)
		if !formats[f].history {
			d.modified(list.Updated)
			d.ambiguous = ambiguous
		}
		d.finish()
		return d, nil
	}}
	for f := range formats {
		count := 1
		if formats[f].worded {
			count = len(s.languages)
		}
		all.slots[f] = make([]slot, count)
	}
	return all
}

// document is the list in one format; language counts only where the format is worded. Of several that want a new one, one makes it.
func (s *shelf) document(f format, language int) (*document, error) {
	if !formats[f].worded {
		language = 0
	}
	place := &s.slots[f][language]
	if d := place.made.Load(); d != nil {
		return d, nil
	}
	place.making.Lock()
	defer place.making.Unlock()
	if d := place.made.Load(); d != nil {
		return d, nil
	}
	d, err := s.make(f, language)
	if err == nil {
		place.made.Store(d)
	}
	return d, err
}

// squeeze gives a document its best compression. One that cannot be made is left to whoever asks for it.
func (s *shelf) squeeze(f format, language int) {
	if d, err := s.document(f, language); err == nil {
		s.slots[f][language].made.Store(d.withBrotli())
	}
}
