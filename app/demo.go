package main

import (
	"cmp"
	"context"
	"flag"
	"io"

	"onward/app/demo"
	"onward/audit"
)

// demoCommand serves realistic data, marked as a demo, from a data folder of its own beside the real one, so that the two never mix. On
// a database that ONWARD_DATABASE_URL names, it refuses one that holds vendors of anybody else.
func demoCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	if err := flags(flag.NewFlagSet("demo", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	c.data += "-demo"
	c.company = cmp.Or(c.company, demo.Company)
	return serveWith(ctx, c, out, func(s *store, srv *server) error {
		var report demo.Report
		err := s.desk.AsOneRelease(ctx, clock, func() (failed error) {
			report, failed = demo.Load(ctx, s.filled(), srv.gate, audit.Program, clock())
			return failed
		})
		if err != nil {
			return explain(err)
		}
		return report.WriteText(out)
	})
}
