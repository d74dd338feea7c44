package audit_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"onward/audit"
)

// records are a copy of checkpoints of some sizes.
func records(keys *audit.Keys, sizes ...int64) []byte {
	var text []byte
	for _, size := range sizes {
		text = append(append(text, audit.Signed(origin, keys, size, tlog.Hash{byte(size)})...), '\n')
	}
	return text
}

func TestCopy(t *testing.T) {
	t.Parallel()
	secret, _, err := audit.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	keys := keysOf(t, secret)
	t.Run("what is cut off at any byte is a copy of the records before, without a fault", func(t *testing.T) {
		t.Parallel()
		sizes := []int64{1, 2, 300, 300, 70_000}
		text := records(keys, sizes...)
		for cut := range text {
			whole, n := 0, 0
			for i := range sizes {
				if end := len(records(keys, sizes[:i+1]...)); end <= cut {
					whole, n = end, i+1
				}
			}
			want := audit.Copied{Whole: int64(whole)}
			if n > 0 {
				want.Size = sizes[n-1]
			}
			if got := audit.ReadCopy(origin, keys, text[:cut]); got != want {
				t.Fatalf("cut at %d: %+v, want %+v", cut, got, want)
			}
		}
	})
	t.Run("a byte that is changed anywhere but in what was not ended is a fault", func(t *testing.T) {
		t.Parallel()
		text := records(keys, 1, 2, 3)
		rapid.Check(t, func(t *rapid.T) {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			changed := bytes.Clone(text)
			changed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "with"))
			if got := audit.ReadCopy(origin, keys, changed); got.Fault == "" && got.Whole == int64(len(text)) {
				t.Fatalf("nobody sees it: %+v", got)
			}
		})
	})
	t.Run("a checkpoint of another log is a fault", func(t *testing.T) {
		t.Parallel()
		text := append(audit.Signed("onward.test/other", keys, 1, tlog.Hash{}), '\n')
		if got := audit.ReadCopy(origin, keys, text); !strings.Contains(got.Fault, "not a checkpoint of this log") {
			t.Fatal(got)
		}
	})
}

// FuzzCopy holds the reader to what must be true of every text.
func FuzzCopy(f *testing.F) {
	secret, _, err := audit.NewKey(origin)
	if err != nil {
		f.Fatal(err)
	}
	keys := keysOf(f, secret)
	text := records(keys, 1, 2, 300)
	f.Add(text)
	f.Add(text[:len(text)-1])
	f.Add(bytes.Repeat([]byte("\n"), 100))
	f.Add([]byte("— \n\n— \n\n"))
	f.Add([]byte("onward log break v1\n" + origin + "\n1\n\n\n\n— x AAAAAAAA\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := audit.ReadCopy(origin, keys, text)
		if got.Whole < 0 || got.Whole > int64(len(text)) {
			t.Fatalf("%d bytes of %d are whole", got.Whole, len(text))
		}
		if again := audit.ReadCopy(origin, keys, text[:got.Whole]); again != got {
			t.Fatalf("without its rest it is %+v, not %+v", again, got)
		}
		if got.Size > 0 && !bytes.Contains(text, []byte(origin)) {
			t.Fatalf("it has a checkpoint that nobody signed: %+v", got)
		}
		if got.Whole > 0 && got.Fault == "" && got.Size == 0 {
			t.Fatalf("records without a checkpoint and without a fault")
		}
		more := append(bytes.Clone(text[:got.Whole]), records(keys, 1<<40)...)
		if after := audit.ReadCopy(origin, keys, more); after.Whole != int64(len(more)) || after.Fault != got.Fault {
			t.Fatalf("one record more makes it %+v", after)
		}
	})
}
