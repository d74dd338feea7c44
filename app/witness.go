package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"onward/app/witness"
)

// witnessCommand runs a witness until ctx ends: for an auditor, on a machine that is not ours. It prints its verifier key and address.
func witnessCommand(ctx context.Context, _ config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("witness", flag.ContinueOnError)
	keyFile := set.String("key", "", "")
	name := set.String("name", "", "")
	address := set.String("listen", "", "")
	stateFile := set.String("state", "", "")
	var logs []string
	set.Func("log", "", func(v string) error {
		logs = append(logs, v)
		return nil
	})
	if err := flags(set, args, 0); err != nil {
		return err
	}
	for flagName, value := range map[string]string{"--key": *keyFile, "--listen": *address, "--state": *stateFile} {
		if value == "" {
			return usageError{fmt.Errorf("%s is missing", flagName)}
		}
	}
	if len(logs) == 0 {
		return usageError{errors.New("--log is missing: the verifier key of the log to sign for, NAME+HASH+KEY")}
	}
	key, err := witnessKey(*keyFile, *stateFile, *name)
	if err != nil {
		return err
	}
	state, err := witness.OpenState(*stateFile)
	if err != nil {
		return explainState(err)
	}
	w, err := witness.NewServer(witness.Options{Key: key, State: state, Logs: logs, Now: clock, Faults: slog.Default()})
	if err != nil {
		return errors.Join(usageError{err}, state.Close())
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", *address)
	if err != nil {
		return errors.Join(err, state.Close())
	}
	fmt.Fprintf(out, "verifier key  %s\naddress       http://%s/\n", key.Verifier(), ln.Addr())
	return errors.Join(serveWitness(ctx, ln, w.Handler()), state.Close())
}

// witnessKey reads the key, or makes it where there is neither key nor state. A key without its state has signed something and no
// longer knows what: it must not sign again.
func witnessKey(keyFile, stateFile, name string) (witness.Key, error) {
	text, err := os.ReadFile(keyFile)
	if err == nil {
		key, err := witness.ParseKey(text)
		if err != nil {
			return key, fmt.Errorf("%s: %w", keyFile, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return witness.Key{}, err
	}
	key, err := witness.NewKey(name, rand.Reader)
	if err != nil {
		return key, usageError{err}
	}
	// The state comes first: when the program is killed in between, there is a state without a key, and nothing was signed.
	if err := witness.CreateState(stateFile); err != nil && !errors.Is(err, fs.ErrExist) {
		return key, err
	}
	return key, witness.WriteFile(keyFile, []byte(key.Private()))
}

func explainState(err error) error {
	switch {
	case errors.Is(err, witness.ErrNoState):
		return fmt.Errorf("%w: without it the witness does not know what its key has signed; bring it back, or start a new witness with a new key", err)
	case errors.Is(err, witness.ErrDamaged):
		return fmt.Errorf("%w: bring back a whole copy of its newest version, or start a new witness with a new key; an older version would let the log be rewritten", err)
	default:
		return err
	}
}

func serveWitness(ctx context.Context, ln net.Listener, h http.Handler) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	return s.Shutdown(end)
}
