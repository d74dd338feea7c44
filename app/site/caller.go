package site

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one caller may ask for a subscription: so many at once, and then one each half minute. All callers together have a bound too, so that
// nobody has the program mail strangers from many addresses.
const (
	callerBurst = 10
	callerEvery = 30 * time.Second
	allBurst    = 200
	allEvery    = time.Second
	callersKept = 10_000
)

// callers are who asked lately.
type callers struct {
	mu   sync.Mutex
	all  *rate.Limiter
	each map[string]*rate.Limiter
}

func newCallers() *callers {
	return &callers{all: rate.NewLimiter(rate.Every(allEvery), allBurst), each: map[string]*rate.Limiter{}}
}

// allow says whether a caller may ask at now.
func (k *callers) allow(address string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := network(address)
	l, known := k.each[key]
	if !known {
		if len(k.each) >= callersKept {
			k.sweep(now)
		}
		l = rate.NewLimiter(rate.Every(callerEvery), callerBurst)
		k.each[key] = l
	}
	return l.AllowN(now, 1) && k.all.AllowN(now, 1)
}

// sweep forgets whoever may ask as if for the first time; where that is nobody, all.
func (k *callers) sweep(now time.Time) {
	for key, l := range k.each {
		if l.TokensAt(now) >= callerBurst {
			delete(k.each, key)
		}
	}
	if len(k.each) >= callersKept {
		clear(k.each)
	}
}

// network is whose an address is: of IPv6, one household has a whole /64.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
