package api

import (
	"context"
	"net/http"
	"strconv"
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
}

// NewMetrics starts to measure; the size of log and how far it is published are read when the measurements are.
func NewMetrics(log *audit.Log, publisher *audit.Publisher, desk *publishing.Desk, now func() time.Time) *Metrics {
	m := &Metrics{
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
	m.requests.WithLabelValues(method, route, strconv.Itoa(c.Writer.Status())).Inc()
	m.seconds.WithLabelValues(method, route).Observe(time.Since(began).Seconds())
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
