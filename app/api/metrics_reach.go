package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onward/registry/publishing"
)

var (
	contactsUnreachable = prometheus.NewDesc("onward_contacts_unreachable", "Customers' contacts to which the newest notice came back or could not be delivered.", nil, nil)
	subscribersPaused   = prometheus.NewDesc("onward_subscribers_paused", "Subscribers that are told nothing because what was sent came back.", nil, nil)
)

// reach measures who cannot be reached, so that somebody is alarmed before a customer misses its period.
type reach struct{ desk *publishing.Desk }

func (r reach) Describe(d chan<- *prometheus.Desc) {
	d <- contactsUnreachable
	d <- subscribersPaused
}

func (r reach) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if contacts, paused, err := r.desk.Unreachable(ctx); err == nil {
		metrics <- prometheus.MustNewConstMetric(contactsUnreachable, prometheus.GaugeValue, float64(contacts))
		metrics <- prometheus.MustNewConstMetric(subscribersPaused, prometheus.GaugeValue, float64(paused))
	}
}
