package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"onward/audit/proof"
)

// errNotProved ends verify with status 1 after it has said why.
var errNotProved = errors.New("not proved")

// reportSelector says what the filter of a report selects. Without it the rows of a bundle cannot be proved.
var reportSelector proof.Selector

// verifyCommand proves a bundle, a receipt or a log, and prints what it proved. It fails when anything was not.
func verifyCommand(ctx context.Context, _ config, args []string, out io.Writer) error {
	v, asJSON, thing, err := readVerify(args)
	if err != nil {
		return err
	}
	f := v.thing(ctx, thing)
	write := f.writeText
	if asJSON {
		write = f.writeJSON
	}
	if err := write(out); err != nil {
		return err
	}
	var usage usageError
	switch {
	case errors.As(f.err, &usage):
		return usage
	case !f.Proved:
		return errNotProved
	}
	return nil
}

// verifier is what whoever verifies brings along.
type verifier struct {
	policy   *proof.Policy // nil: none was given
	keysOnly bool          // the policy was made of keys
	previous []byte
	apiKey   string
}

func readVerify(args []string) (v verifier, asJSON bool, thing string, err error) {
	set := flag.NewFlagSet("verify", flag.ContinueOnError)
	var keys []string
	set.Func("key", "", func(s string) error {
		keys = append(keys, s)
		return nil
	})
	policyFile := set.String("policy", "", "")
	previousFile := set.String("previous", "", "")
	set.StringVar(&v.apiKey, "api-key", "", "")
	set.BoolVar(&asJSON, "json", false, "")
	if err := flags(set, args, 1); err != nil {
		return v, false, "", err
	}
	if v.policy, err = givenPolicy(keys, *policyFile); err != nil {
		return v, false, "", usageError{err}
	}
	v.keysOnly = len(keys) > 0
	if *previousFile != "" {
		if v.previous, err = readSmall(*previousFile, 1<<20); err != nil {
			return v, false, "", usageError{err}
		}
	}
	return v, asJSON, set.Arg(0), nil
}

func givenPolicy(keys []string, file string) (*proof.Policy, error) {
	switch {
	case len(keys) > 0 && file != "":
		return nil, errors.New("it takes --key or --policy, not both: a policy names the log's key itself")
	case len(keys) > 0:
		p, err := proof.KeyPolicy(keys...)
		return &p, err
	case file == "":
		return nil, nil //nolint:nilnil // none was given
	}
	text, err := readSmall(file, 1<<20)
	if err != nil {
		return nil, err
	}
	p, err := proof.ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &p, nil
}

// thing proves whatever it is.
func (v *verifier) thing(ctx context.Context, thing string) *findings {
	if strings.HasPrefix(thing, "http://") || strings.HasPrefix(thing, "https://") {
		return v.log(ctx, thing)
	}
	f, err := os.Open(thing) //nolint:gosec // a file that its user names
	if err != nil {
		return failed("file", usageError{err})
	}
	defer f.Close()
	var head [64]byte
	n, _ := io.ReadFull(f, head[:])
	info, err := f.Stat()
	switch {
	case err != nil:
		return failed("file", err)
	case bytes.HasPrefix(head[:n], []byte("c2sp.org/tlog-proof@")):
		return v.receipt(thing)
	default:
		return v.bundle(ctx, f, info.Size())
	}
}

func (v *verifier) receipt(file string) *findings {
	switch {
	case v.policy == nil:
		return failed("receipt", usageError{errNoKey})
	case v.previous != nil:
		return failed("receipt", usageError{errors.New("a receipt is of one entry and cannot be compared with a previous checkpoint; a bundle or the log can")})
	}
	text, err := readSmall(file, 4<<20)
	if err != nil {
		return failed("receipt", err)
	}
	r, err := proof.CheckReceipt(text, *v.policy)
	if err != nil {
		return failed("receipt", err)
	}
	f := found("receipt", r.Checkpoint, *v.policy)
	f.Entries, f.FirstIndex, f.LastIndex = 1, r.Index, r.Index
	f.Entry = &entryFound{ID: r.Leaf.EntryID, Type: r.Leaf.Type, RecordedAt: r.Leaf.RecordedAt, VendorID: r.Leaf.VendorID, VendorSeq: r.Leaf.VendorSeq, LeafHash: r.LeafHash.String()}
	if !r.Leaf.Known {
		f.UnknownVersions = 1
	}
	return f
}

var errNoKey = errors.New("whose log is it? Give its verifier key with --key, or a policy with --policy, from another source than what is verified")

func (v *verifier) bundle(ctx context.Context, file io.ReaderAt, size int64) *findings {
	b, err := proof.OpenBundle(file, size)
	if err != nil {
		return failed("bundle", err)
	}
	own, ownErr := proof.ParsePolicy(b.Policy)
	policy := v.policy
	if policy == nil {
		if ownErr != nil {
			return failed("bundle", ownErr)
		}
		policy = &own
	}
	proved, err := b.Check(ctx, *policy, proof.BundleOptions{Previous: v.previous, Selector: reportSelector})
	if err != nil {
		return failed("bundle", err)
	}
	f := found("bundle", proved.Checkpoint, *policy)
	f.add(proved)
	f.report(b, proved)
	if v.keysOnly && ownErr == nil {
		f.unvouched(b.Checkpoint, own)
	}
	if v.policy == nil {
		f.TrustedKey = false
		f.doubt("Not proved: whose log it is. The key came with the bundle, and whoever made the bundle could have made the key: give the one that you got in another way with --key or --policy.")
	}
	return f
}

func (v *verifier) log(ctx context.Context, address string) *findings {
	if v.policy == nil {
		return failed("log", usageError{errNoKey})
	}
	proved, err := proof.Follow(ctx, fetchLog(address, v.apiKey), *v.policy, proof.FollowOptions{Previous: v.previous, HashesOnly: v.apiKey == ""})
	if err != nil {
		return failed("log", err)
	}
	f := found("log", proved.Checkpoint, *v.policy)
	f.add(proved)
	f.Complete = "the whole log"
	return f
}

func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // a file that its user names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s is too long", path)
	}
	return text, err
}
