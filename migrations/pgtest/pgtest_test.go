package pgtest_test

import (
	"testing"
	"time"

	"onward/migrations/pgtest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for range 10 {
		t.Run("x", func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			db := pgtest.New(t)
			t.Log(time.Since(began))
			var name, user string
			var at time.Time
			if err := db.QueryRow("SELECT current_database(), current_user, now()").Scan(&name, &user, &at); err != nil {
				t.Fatal(err)
			}
			t.Log(name, user, at, at.Location())
		})
	}
}
