package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"onward/audit"
)

// keyFile is where the log's keys are kept when ONWARD_LOG_KEY does not hold them: one a line, as audit.ParseKeys reads them.
func keyFile(c config) string { return filepath.Join(c.data, "log.key") }

// logKeys reads the log's keys: from the settings, or from the data folder. It refuses a file that other accounts can read.
func logKeys(c config, origin string) (*audit.Keys, error) {
	if c.logKey != "" {
		keys, err := audit.ParseKeys(origin, c.logKey)
		if err != nil {
			return nil, fmt.Errorf("ONWARD_LOG_KEY: %w", err)
		}
		return keys, nil
	}
	text, err := readSecret(keyFile(c))
	if err != nil {
		return nil, err
	}
	keys, err := audit.ParseKeys(origin, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyFile(c), err)
	}
	return keys, nil
}

// makeLogKey makes the log's key where there is none. It refuses to make another one for a log that was signed already.
func makeLogKey(ctx context.Context, c config, log *audit.Log) error {
	if c.logKey != "" {
		return nil
	}
	if _, err := os.Stat(keyFile(c)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	_, err := log.Checkpoint(ctx)
	if err == nil {
		return fmt.Errorf("the log %s was signed with a key that is not here: put it into %s, or set ONWARD_LOG_KEY", log.Origin(), keyFile(c))
	}
	if !errors.Is(err, audit.ErrNotFound) {
		return err
	}
	private, _, err := audit.NewKey(log.Origin())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return fmt.Errorf("keep the log's key: %w", err)
	}
	err = writeOnce(keyFile(c), []byte(private+"\n"))
	if errors.Is(err, os.ErrExist) {
		return nil // another process made it at the same moment
	}
	return err
}

// readSecret reads a file that no other account may read.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the log's key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read the log's key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by other accounts (its mode is %04o): make it 0600, and replace the key if somebody may have read it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the log's key: %w", err)
	}
	return string(text), nil
}

// addKey puts a new private key before those in the data folder; it signs from the next checkpoint on, together with them.
func addKey(c config, private string) error {
	text, err := readSecret(keyFile(c))
	if err != nil {
		return err
	}
	return writeAnew(keyFile(c), []byte(private+"\n"+text))
}

// retireKey puts the verifier key in the place of the private one in the data folder: it signs no more, and what it signed can be checked.
func retireKey(c config, origin, verifier string) error {
	text, err := readSecret(keyFile(c))
	if err != nil {
		return err
	}
	lines := strings.Fields(text)
	for i, line := range lines {
		if one, err := audit.ParseKeys(origin, line); err == nil && one.Active()[0] == verifier {
			lines[i] = verifier
		}
	}
	return writeAnew(keyFile(c), []byte(strings.Join(lines, "\n")+"\n"))
}
