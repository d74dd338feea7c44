package audit

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// laneSettings keep the planner from planning each statement anew for the very arrays that it is given, which takes longer than the statement,
	// and from planning once for all to read the whole of a table that is small now.
	laneSettings = `SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET default_transaction_isolation = 'read committed'`
	resetLane    = `RESET plan_cache_mode; RESET enable_seqscan; RESET default_transaction_isolation`
)

// laneStatements are all that a lane sends.
var laneStatements = []string{
	standInLine, lockHead, selectSeqs, selectTail, selectRoots,
	appendEntries, appendEntry, insertDetails, insertLookups, insertLinks, insertTiles,
}

// statement is one that the log sends, with its arguments.
type statement struct {
	sql  string
	args []any
}

// lane is a connection on which a committer's transactions follow each other without a pause: the next can be sent while the server is busy
// with the one before. Each is a part of the pipeline up to a Sync, which commits it; when a statement fails, the server undoes it and passes
// over the rest of it. Only the log's own statements take part.
type lane struct {
	conn     *pgx.Conn
	pipe     *pgconn.Pipeline
	prepared map[string]*pgconn.StatementDescription
	air      []*flight // those that are on their way, oldest first
	arrived  time.Time // when the last one landed
	lone     bool      // the last one had one entry
	until    time.Time // as long as the server is waited for
	room     []byte    // of the arguments of statements that are being queued
}

// onLane runs f on a lane of a connection of its own. Where there is none to be had, f is not run.
func (l *Log) onLane(f func(*lane)) {
	const tries = 3
	for range tries {
		if ran, err := l.onLaneOnce(f); ran || !isConnectionLost(err) {
			return
		}
	}
}

func (l *Log) onLaneOnce(f func(*lane)) (ran bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	err = onPgx(conn, func(conn *pgx.Conn) error {
		lane, err := openLane(ctx, conn)
		if err != nil {
			return err
		}
		ran = true
		f(lane)
		return lane.close() //nolint:contextcheck // it has a time of its own
	})
	return ran, err
}

// openLane prepares all statements before it sets what nobody else should find who gets the connection: where setting fails, the connection ends.
func openLane(ctx context.Context, conn *pgx.Conn) (*lane, error) {
	l := &lane{conn: conn, prepared: make(map[string]*pgconn.StatementDescription, len(laneStatements))}
	for _, s := range laneStatements {
		d, err := conn.Prepare(ctx, s, s)
		if err != nil {
			return nil, fmt.Errorf("prepare a statement of the log: %w", err)
		}
		l.prepared[s] = d
	}
	if err := conn.PgConn().Exec(ctx, laneSettings).Close(); err != nil {
		return nil, fmt.Errorf("set up a lane: %w: %w", driver.ErrBadConn, err)
	}
	l.pipe = conn.PgConn().StartPipeline(context.Background()) //nolint:contextcheck // ctx is for the opening; later deadlines are the connection's
	return l, nil
}

// close gives the connection back as it was, or ends it.
func (l *lane) close() error {
	if l.extend() != nil || l.pipe.Close() != nil {
		return driver.ErrBadConn
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := l.conn.PgConn().Conn().SetDeadline(time.Time{})
	if err != nil || l.conn.PgConn().Exec(ctx, resetLane).Close() != nil {
		return driver.ErrBadConn
	}
	return nil
}

// extend gives the server patience from now on, and at most half as much more: to set a deadline costs more than to look at the clock.
func (l *lane) extend() error {
	now := tick()
	if l.until.Sub(now) >= patience {
		return nil
	}
	l.until = now.Add(patience + patience/2)
	return l.conn.PgConn().Conn().SetDeadline(l.until)
}

// tick is for how long something takes or may take; nothing of it is recorded.
func tick() time.Time { return time.Now() } //nolint:forbidigo // a stopwatch, not the clock

// flying is how many entries are on their way.
func (l *lane) flying() (n int) {
	for _, f := range l.air {
		n += len(f.batch)
	}
	return n
}

// inBinaryForm is how everything travels.
var inBinaryForm = []int16{pgx.BinaryFormatCode}

// queue puts statements into the pipeline. When it fails, none is in it.
func (l *lane) queue(statements ...statement) error {
	l.room = l.room[:0] // the pipeline has copied what was in it
	values := make([][][]byte, len(statements))
	for i, s := range statements {
		d := l.prepared[s.sql]
		values[i] = make([][]byte, len(s.args))
		for k, arg := range s.args {
			var err error
			if values[i][k], err = l.encode(d.ParamOIDs[k], arg); err != nil {
				return fmt.Errorf("encode what is sent to the log: %w", err)
			}
		}
	}
	for i, s := range statements { // not as SendQueryStatement: after an error pgx 5.12 reads its answers as another statement's
		l.pipe.SendQueryPrepared(l.prepared[s.sql].Name, values[i], inBinaryForm, inBinaryForm)
	}
	return nil
}

// encode writes an argument behind the others. One that is null has no value.
func (l *lane) encode(oid uint32, arg any) (value []byte, err error) {
	room, known := appendColumn(l.room, arg)
	if !known {
		if room, err = l.conn.TypeMap().Encode(oid, pgx.BinaryFormatCode, arg, l.room); err != nil || room == nil {
			return nil, err
		}
	}
	value, l.room = room[len(l.room):], room
	return value, nil
}

// next is the answer to the oldest statement that was not answered.
func (l *lane) next() (pgx.Rows, error) {
	results, err := l.pipe.GetResults()
	if err != nil {
		return nil, err
	}
	r, ok := results.(*pgconn.ResultReader)
	if !ok {
		return nil, fmt.Errorf("the server answered with %T", results)
	}
	return pgx.RowsFromResultReader(l.conn.TypeMap(), r), nil
}

// ask sends one statement of a transaction that goes on, while nothing else is on its way.
func (l *lane) ask(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := l.queue(statement{sql, args}); err != nil {
		return nil, err
	}
	l.pipe.SendFlushRequest()
	if err := errors.Join(l.extend(), l.pipe.Flush()); err != nil {
		return nil, err
	}
	return l.next()
}

// lock begins a transaction, while nothing else is on its way: it locks the head, in line where a crowd wants it, and reads what is needed to
// append f.
func (l *lane) lock(f *flight, at time.Time, crowd bool) error {
	g, _, vendors := newGrowth(f.log.origin, f.drafts())
	statements := []statement{{lockHead, nil}}
	if crowd {
		statements = []statement{{standInLine, nil}, {lockHead, nil}}
	}
	if len(vendors) > 0 {
		statements = append(statements, statement{selectSeqs, []any{vendors}})
	}
	if err := l.queue(statements...); err != nil {
		return err
	}
	l.pipe.SendFlushRequest()
	err := errors.Join(l.extend(), l.pipe.Flush())
	for _, s := range statements {
		if err == nil {
			err = l.scan(s, g)
		}
	}
	if err == nil {
		err = g.startAt(at)
	}
	if err != nil {
		l.abandon()
		return fmt.Errorf("lock the log's head: %w", err)
	}
	f.growth = g
	return nil
}

func (l *lane) scan(s statement, g *growth) error {
	rows, err := l.next()
	if err != nil {
		return err
	}
	defer rows.Close()
	switch s.sql {
	case standInLine:
		rows.Close()
		return rows.Err()
	case selectSeqs:
		return g.scanSeqs(rows)
	}
	if !rows.Next() {
		return errors.Join(errors.New("the head is missing"), rows.Err())
	}
	if err := g.scanHead(rows); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// abandon ends a transaction in which nothing was written. While others are on their way, there is none.
func (l *lane) abandon() {
	if len(l.air) > 0 {
		return
	}
	l.air = append(l.air, new(flight))
	if l.sync() == nil {
		l.land()
	}
	l.air = nil
}

func (l *lane) sync() error { return errors.Join(l.extend(), l.pipe.Sync()) }

// send writes and commits f. What becomes of it shows when it lands.
func (l *lane) send(ctx context.Context, f *flight) error {
	if err := f.growth.completeTiles(ctx, l.ask); err != nil {
		return err
	}
	if err := l.queue(f.growth.statements(f.growth.head.epoch)...); err != nil {
		return err
	}
	l.air = append(l.air, f)
	f.err = l.sync() // land says so
	f.sent = tick()
	return nil
}

// land waits for the oldest flight, and notes in it what became of it.
func (l *lane) land() *flight {
	f := l.air[0]
	l.air = l.air[1:]
	if f.err == nil {
		f.err = l.extend()
	}
	for {
		results, err := l.pipe.GetResults()
		var refused *pgconn.PgError
		switch _, synced := results.(*pgconn.PipelineSync); {
		case errors.As(err, &refused) && refused.SeverityUnlocalized == "ERROR":
			if f.err == nil {
				f.err = err
			}
			continue
		case err != nil:
			f.err = errors.Join(f.err, err)
		case results == nil:
			f.err = errors.Join(f.err, pgconn.ErrConnClosed)
		case !synced:
			continue
		}
		now := tick()
		l.lone = len(f.batch) == 1
		f.took = now.Sub(f.sent)
		if f.sent.Before(l.arrived) {
			f.took = now.Sub(l.arrived) // the server was busy with the one before until then
		}
		l.arrived = now
		return f
	}
}
