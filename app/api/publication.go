package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onward/audit"
)

var (
	checkpointSize = prometheus.NewDesc("onward_log_checkpoint_size", "Entries under the newest checkpoint.", nil, nil)
	checkpointAge  = prometheus.NewDesc("onward_log_checkpoint_age_seconds", "Since the newest checkpoint was signed. It grows while the log does not.", nil, nil)
	cosignatureAge = prometheus.NewDesc("onward_log_cosignature_age_seconds", "Since a witness cosigned last, by its clock.", []string{"witness"}, nil)
	frozen         = prometheus.NewDesc("onward_log_frozen", "1 while the log is frozen, else 0.", nil, nil)
)

// publication measures how far the log is published, when that can be read within a second.
type publication struct {
	publisher *audit.Publisher
	now       func() time.Time
}

func (p publication) Describe(d chan<- *prometheus.Desc) {
	d <- checkpointSize
	d <- checkpointAge
	d <- cosignatureAge
	d <- frozen
}

func (p publication) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	is, err := p.publisher.Published(ctx)
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	isFrozen := 0.0
	if is.Frozen != "" {
		isFrozen = 1
	}
	gauge(frozen, isFrozen)
	gauge(checkpointSize, float64(is.Size))
	if is.Size > 0 {
		gauge(checkpointAge, p.now().Sub(is.SignedAt).Seconds())
	}
	for witness, at := range is.CosignedAt {
		if !at.IsZero() {
			gauge(cosignatureAge, p.now().Sub(at).Seconds(), witness)
		}
	}
}
