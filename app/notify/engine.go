package notify

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"onward/registry/publishing"
)

// How many are at work in one instance, how many deliveries they take at once, and for how long.
const (
	mailWorkers = 4
	hookWorkers = 16
	handful     = 64
	lease       = 5 * time.Minute
)

// How often what there is to do is looked for.
const (
	lookEvery   = time.Second
	forgetEvery = time.Hour
	idle        = 10 * time.Second // after which a connection to the mail server is closed
)

// Options is what the engine needs to know.
type Options struct {
	Desk         *publishing.Desk
	Words        Words
	Mail         *Mail  // nil where no mail can be sent: it stays queued
	PrivateHooks bool   // webhooks may go to addresses that are not public
	Announced    func() // told when changes were announced; may be nil
	Now          func() time.Time
	Logger       *slog.Logger
	// MailTLS is for tests: how the mail server's certificate is checked.
	MailTLS *tls.Config
}

// Engine freezes notices and delivers them.
type Engine struct {
	Options
	hooks *http.Client
	wake  chan struct{}
	pause pause // while the mail server is away
}

// New makes an engine, which does nothing until Run.
func New(o Options) *Engine {
	return &Engine{Options: o, hooks: newHookClient(o.PrivateHooks), wake: make(chan struct{}, 2)}
}

// Wake says that there is something to deliver: it goes out at once, not at the next look.
func (e *Engine) Wake() {
	for range cap(e.wake) {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
}

// Away is why mail cannot be sent now; empty where it can, or none had to be.
func (e *Engine) Away() string { return e.pause.why() }

// Run works until ctx ends; what is being sent then is finished.
func (e *Engine) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { e.tell(ctx) })
	all.Go(func() { e.forget(ctx) })
	if e.Mail != nil {
		all.Go(func() { e.work(ctx, publishing.ByEmail, mailWorkers, e.mailing) })
	}
	all.Go(func() { e.work(ctx, publishing.ByWebhook, hookWorkers, e.calling) })
	all.Wait()
}

// tell freezes notices that are due.
func (e *Engine) tell(ctx context.Context) {
	said := once{log: e.Logger, what: "telling of changes"}
	for sleep(ctx, lookEvery, nil) {
		n, err := e.Desk.TellDue(ctx, e.Now())
		if n > 0 {
			e.Wake()
			if e.Announced != nil {
				e.Announced()
			}
		}
		said.error(ctx, err)
	}
}

// forget forgets who asked and did not confirm.
func (e *Engine) forget(ctx context.Context) {
	said := once{log: e.Logger, what: "forgetting who did not confirm"}
	for {
		said.error(ctx, e.Desk.ForgetUnconfirmed(ctx, e.Now()))
		if !sleep(ctx, forgetEvery, nil) {
			return
		}
	}
}

// work takes deliveries of a channel, a handful at a time, and hands them to workers.
func (e *Engine) work(ctx context.Context, channel string, workers int, worker func(context.Context, <-chan *publishing.Letter)) {
	jobs := make(chan *publishing.Letter)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { worker(context.WithoutCancel(ctx), jobs) })
	}
	defer all.Wait()
	defer close(jobs)
	said := once{log: e.Logger, what: "taking deliveries"}
	for ctx.Err() == nil {
		if rest := e.rest(channel); rest > 0 {
			sleep(ctx, min(rest, lookEvery), nil)
			continue
		}
		letters, err := e.take(ctx, channel)
		said.error(ctx, err)
		if len(letters) == 0 {
			sleep(ctx, lookEvery, e.wake)
			continue
		}
		for i := range letters {
			select {
			case jobs <- &letters[i]:
			case <-ctx.Done():
				e.release(ctx, letters[i:])
				return
			}
		}
	}
}

// rest is how long a channel rests.
func (e *Engine) rest(channel string) time.Duration {
	if channel != publishing.ByEmail {
		return 0
	}
	return e.pause.left()
}

// take takes what is due, with all that it says. What cannot be read is due again when the lease is over.
func (e *Engine) take(ctx context.Context, channel string) ([]publishing.Letter, error) {
	taken, err := e.Desk.TakeDeliveries(ctx, e.Now(), channel, handful, lease)
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	return e.Desk.Letters(ctx, e.Now(), taken)
}

// release gives back what was not tried.
func (e *Engine) release(ctx context.Context, letters []publishing.Letter) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var taken []publishing.Delivery
	for i := range letters {
		taken = append(taken, letters[i].Delivery)
	}
	if err := e.Desk.ReleaseDeliveries(ctx, e.Now(), taken); err != nil {
		e.Logger.Warn("giving back deliveries; they are due again when their lease is over", "error", err)
	}
}

// held says whether a letter is still ours for as long as trying it can take.
func (e *Engine) held(l *publishing.Letter, most time.Duration) bool {
	return l.TakenUntil != nil && e.Now().Add(most).Before(*l.TakenUntil)
}

// end writes down what came of an attempt. Where that fails, the delivery is tried again after its lease: it may come twice, under the same id.
func (e *Engine) end(ctx context.Context, l *publishing.Letter, a publishing.Attempt) bool {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := e.Desk.EndAttempt(ctx, e.Now(), l.Delivery, a); err != nil {
		e.Logger.Error("writing down what came of a delivery", "delivery", l.ID, "error", err)
		return false
	}
	return true
}

// pause is how long nothing is tried, longer each time, until something succeeds.
type pause struct {
	mu     sync.Mutex
	until  time.Time
	length time.Duration
	reason string
}

func (p *pause) begin(reason string) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first = p.reason == ""
	if time.Now().Before(p.until) {
		return first // another worker found out too
	}
	p.length = min(max(2*p.length, time.Second), time.Minute)
	p.until, p.reason = time.Now().Add(p.length), reason
	return first
}

func (p *pause) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until, p.length, p.reason = time.Time{}, 0, ""
}

func (p *pause) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.until)
}

func (p *pause) why() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

// sleep waits for d, or until woken; false when ctx has ended.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-woken:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// once logs an error when it first comes, and again only after another or none.
type once struct {
	log  *slog.Logger
	what string
	told string
}

func (o *once) error(ctx context.Context, err error) {
	switch {
	case err == nil:
		o.told = ""
	case ctx.Err() == nil && err.Error() != o.told:
		o.told = err.Error()
		o.log.ErrorContext(ctx, o.what, "error", err)
	}
}
