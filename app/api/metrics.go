package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"onward/audit"
	"onward/registry/publishing"
)

// Metrics are the measurements of this process, by route template: never by who asked for what.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	handler  http.Handler

	mu    sync.RWMutex
	known map[labels]measured
}

// labels are what a request is measured under.
type labels struct {
	method, route string
	status        int
}

// measured are the measurements of one set of labels, which take longer to find than to change.
type measured struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// NewMetrics starts to measure; the size of log and how far it is published are read when the measurements are.
func NewMetrics(log *audit.Log, publisher *audit.Publisher, desk *publishing.Desk, now func() time.Time) *Metrics {
	m := &Metrics{
		known: make(map[labels]measured),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "onward_http_requests_total", Help: "Requests by method, route template and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "onward_http_request_seconds", Help: "Time from the headers of a request to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	r := prometheus.NewRegistry()
	r.MustRegister(m.requests, m.seconds, logSize{log}, publication{publisher, now}, reach{desk},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(r, promhttp.HandlerOpts{})
	return m
}

// Measure is middleware that counts and times what is behind it.
func (m *Metrics) Measure(c *gin.Context) {
	began := time.Now()
	c.Next()
	method, route := c.Request.Method, c.FullPath()
	if route == "" {
		method, route = "other", "other" // made-up paths and methods must not make measurements of their own
	}
	of := m.of(labels{method, route, c.Writer.Status()})
	of.requests.Inc()
	of.seconds.Observe(time.Since(began).Seconds())
}

func (m *Metrics) of(l labels) measured {
	m.mu.RLock()
	of, ok := m.known[l]
	m.mu.RUnlock()
	if ok {
		return of
	}
	of = measured{m.requests.WithLabelValues(l.method, l.route, strconv.Itoa(l.status)), m.seconds.WithLabelValues(l.method, l.route)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[l] = of
	return of
}

func (a *API) readMetrics(c *gin.Context) error {
	a.Metrics.handler.ServeHTTP(c.Writer, c.Request)
	return nil
}

var logEntries = prometheus.NewDesc("onward_log_entries", "Entries in the audit log.", nil, nil)

// logSize measures the log when it can be read within a second.
type logSize struct{ log *audit.Log }

func (l logSize) Describe(d chan<- *prometheus.Desc) { d <- logEntries }

func (l logSize) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if head, err := l.log.Head(ctx); err == nil {
		metrics <- prometheus.MustNewConstMetric(logEntries, prometheus.GaugeValue, float64(head.Size))
	}
}
