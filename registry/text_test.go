package registry_test

import (
	"bytes"
	"encoding/base64"
)

func contains(text []byte, s string) bool { return bytes.Contains(text, []byte(s)) }

// encoded is bytes as a leaf writes them.
func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
