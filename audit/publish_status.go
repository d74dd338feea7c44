package audit

import (
	"context"
	"errors"
	"time"
)

// Published is how far publication is.
type Published struct {
	Size     int64     // of the newest checkpoint; 0 while there is none
	SignedAt time.Time // its signer's clock
	Frozen   string    // a sentence that says why the log is frozen; empty when it is not
	// CosignedAt is when each witness, by the name of its key, cosigned last, by its own clock; it is zero for one that never did.
	CosignedAt map[string]time.Time
}

// Published reads how far publication is.
func (p *Publisher) Published(ctx context.Context) (Published, error) {
	now, err := p.log.readPublished(ctx)
	if err != nil {
		return Published{}, err
	}
	s := Published{Frozen: now.frozen, CosignedAt: make(map[string]time.Time)}
	c, err := p.log.readSigned(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Published{}, err
	}
	s.Size, s.SignedAt = c.Size, c.SignedAt
	for _, w := range p.options.Witnesses {
		last, err := p.log.readCosigned(ctx, w.Key)
		if err != nil {
			return Published{}, err
		}
		s.CosignedAt[w.Key.Name()] = last.at
	}
	return s, nil
}
