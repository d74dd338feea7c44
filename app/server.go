package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/api"
	"onward/app/login"
	"onward/app/notify"
	"onward/app/problem"
	"onward/app/site"
	"onward/app/workspace"
	"onward/audit"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// The committer's room: entries that may wait, and how many commit together.
const (
	queued    = 8192
	committed = 1024
)

// server is everything that serves, and what must end with it.
type server struct {
	http      *http.Server
	gate      *sharing.Gate
	committer *audit.Committer
	publisher *audit.Publisher
	prepared  chan struct{}      // closed when the records are what they are to be before anybody sees them
	end       context.CancelFunc // of what runs beside the requests
	ended     []chan struct{}
}

// newServer wires the rooms together. What it starts ends with close. It does not look at the public list, which would release it, until prepared
// is closed.
func newServer(ctx context.Context, c config, s *store) (*server, error) {
	key, err := subjectKey(c)
	if err != nil {
		return nil, err
	}
	publisher, err := openPublisher(ctx, c, s.log)
	if err != nil {
		return nil, err
	}
	if err := compare(ctx, publisher); err != nil {
		return nil, err
	}
	links, err := linksOf(c)
	if err != nil {
		return nil, err
	}
	desk := s.desk
	var list *site.Site
	courier := newCourier(c, desk, links, func() { list.Changed() })
	committer := s.log.NewCommitter(queued, committed, clock)
	gate := sharing.New(s.db, s.log, committer, sharing.Settings{SubjectKey: key, HomeCountry: c.home})
	list = site.New(site.Options{
		Build: desk.AsOf, Current: desk.Current, History: desk.History, Release: desk.Release,
		Epoch: func(ctx context.Context) (int64, error) {
			h, err := s.log.Head(ctx)
			return h.Epoch, err
		},
		Company: c.company, Contact: c.contact, Brand: c.brand, Languages: c.languages, Desk: desk, Links: links, Subscribed: courier.Wake,
		ShowSecret: notify.ShownSecret, Now: clock, Logger: slog.Default(),
	})
	problems := problem.NewWriter(slog.Default())
	users, keys := login.NewUsers(s.db, s.log), login.NewKeys(s.db, s.log)
	metrics := api.NewMetrics(s.log, publisher, desk, clock)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if err := engine.SetTrustedProxies(c.proxies); err != nil {
		return nil, err
	}
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.NoRoute(problems.NotFound)
	engine.NoMethod(problems.NotAllowed)
	engine.Use(metrics.Measure, problems.Recover, tellOf(list))
	api.New(api.Options{
		DB: s.db, Log: s.log, Registry: s.registry, Gate: gate, Desk: desk, Keys: keys, Users: users,
		Policy: func() ([]byte, error) { return logPolicy(c, s.log.Origin()) }, Metrics: metrics,
		Problems: problems, Now: clock, Zone: time.UTC, Faults: slog.Default(), MailAway: mailAway(c, courier),
	}).Mount(engine)
	list.Mount(engine)
	work := workspace.New(workspace.Options{
		DB: s.db, Log: s.log, Published: publisher.Published, Registry: s.registry, Gate: gate, Desk: desk, Users: users, Keys: keys,
		Policy: func() ([]byte, error) { return logPolicy(c, s.log.Origin()) }, Problems: problems, Now: clock, Company: c.company, Brand: c.brand,
		Stale: list.Stale, MailAway: mailAway(c, courier), CheckpointAge: oldCheckpoint, WitnessAge: oldWitness,
	})
	work.Mount(engine)
	beside, end := context.WithCancel(context.WithoutCancel(ctx))
	srv := &server{gate: gate, committer: committer, publisher: publisher, prepared: make(chan struct{}), end: end, http: &http.Server{
		Handler: engine, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ConnContext: site.WithConnection,
		ErrorLog:    slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
	srv.beside(func() {
		select {
		case <-srv.prepared:
			list.Run(beside)
		case <-beside.Done():
		}
	})
	srv.beside(func() { publisher.Run(beside) })
	srv.beside(func() { applyChanges(beside, desk, list) })
	srv.beside(func() { openFallen(beside, gate) })
	srv.beside(func() { courier.Run(beside) })
	srv.beside(func() { keepMonths(beside, s.log) })
	srv.beside(func() { keepVisits(beside, users, work.Sessions()) })
	if c.keepMonths > 0 {
		srv.beside(func() { pruneDaily(beside, s.log, c.keepMonths) })
	}
	return srv, nil
}

// linksOf signs the links of notices.
func linksOf(c config) (publishing.Links, error) {
	key, err := linkKey(c)
	if err != nil {
		return publishing.Links{}, err
	}
	return publishing.NewLinks(key)
}

// tellOf tells the public list of every change that this instance has made, before the change is answered.
func tellOf(list *site.Site) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Next()
		switch c.Request.Method {
		case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
			if !strings.HasPrefix(c.FullPath(), "/v1/shares") {
				list.Changed()
			}
		}
	}
}

// applyChanges lets planned changes of the list take effect when their day comes: every second it looks for such.
func applyChanges(ctx context.Context, desk *publishing.Desk, list *site.Site) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n, err := desk.ApplyDue(ctx, clock())
		if n > 0 {
			list.Changed()
		}
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told: // once, not every second
			told = err.Error()
			slog.Error("applying the changes that are due", "error", err)
		}
	}
}

// openFallen puts transfers before legal whose mechanism has fallen: as it starts, and every ten minutes.
func openFallen(ctx context.Context, gate *sharing.Gate) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		if _, err := gate.OpenFallen(ctx, clock()); err != nil && ctx.Err() == nil {
			slog.Error("looking for transfers whose mechanism fell", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keepMonths makes the log's partitions ahead of time, once a day; one that is missing makes every append fail.
func keepMonths(ctx context.Context, log *audit.Log) {
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := log.AddMonths(ctx, clock(), 3); err != nil && ctx.Err() == nil {
				slog.Error("making the log's next months", "error", err)
			}
		}
	}
}

// beside runs f until close.
func (s *server) beside(f func()) {
	done := make(chan struct{})
	s.ended = append(s.ended, done)
	go func() {
		defer close(done)
		f()
	}()
}

// close commits what is queued, publishes a checkpoint of it, and ends what runs beside the requests.
func (s *server) close(ctx context.Context) error {
	err := s.committer.Close(ctx)
	_, _ = s.publisher.Publish(ctx) // it says itself what goes wrong; the next start goes on from there
	s.end()
	for _, done := range s.ended {
		select {
		case <-done:
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
	return err
}
