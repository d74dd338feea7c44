package registry_test

import "bytes"

func contains(text []byte, s string) bool { return bytes.Contains(text, []byte(s)) }
